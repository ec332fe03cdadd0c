//===- Lapack.cpp - LAPACK and BLAS, where the machine has them -----------===//
//
// Opened when a constant is factorized, not linked: OpenBLAS takes longer to start than tlc takes
// to run a program that it has compiled before. One thread, for the same bits whatever else runs.
// TLC_LAPACK=0 in the environment does without, for tests.
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/lowrank/Lapack.h"

#include <cstdlib>
#include <dlfcn.h>

namespace tlc::lowrank {
namespace {

using Complex = std::complex<double>;
constexpr int rowMajor = 101, asItIs = 111;

template <typename T>
using Gesdd = int (*)(int layout, char job, int m, int n, T *a, int lda, double *s, T *u, int ldu,
                      T *vt, int ldvt);
using Dgemm = void (*)(int layout, int transA, int transB, int m, int n, int k, double alpha,
                       const double *a, int lda, const double *b, int ldb, double beta, double *c,
                       int ldc);
using Zgemm = void (*)(int layout, int transA, int transB, int m, int n, int k, const void *alpha,
                       const void *a, int lda, const void *b, int ldb, const void *beta, void *c,
                       int ldc);

struct Library {
  Gesdd<double> dgesdd = nullptr;
  Gesdd<Complex> zgesdd = nullptr;
  Dgemm dgemm = nullptr;
  Zgemm zgemm = nullptr;

  Library() {
    const char *wanted = std::getenv("TLC_LAPACK");
    if (wanted && std::string_view(wanted) == "0")
      return;
    void *handle = dlopen("liblapacke.so.3", RTLD_NOW | RTLD_LOCAL);
    if (!handle)
      return;
    find(handle, "LAPACKE_dgesdd", dgesdd);
    find(handle, "LAPACKE_zgesdd", zgesdd);
    find(handle, "cblas_dgemm", dgemm);
    find(handle, "cblas_zgemm", zgemm);
    void (*setThreads)(int) = nullptr;
    find(handle, "openblas_set_num_threads", setThreads);
    if (setThreads)
      setThreads(1);
  }

  template <typename Function>
  static void find(void *handle, const char *name, Function &function) {
    function = reinterpret_cast<Function>(dlsym(handle, name));
  }
};

const Library &library() {
  static const Library found;
  return found;
}

template <typename T> Gesdd<T> gesdd() {
  if constexpr (std::is_same_v<T, double>)
    return library().dgesdd;
  else
    return library().zgesdd;
}

} // namespace

template <typename T> std::optional<Svd<T>> lapackSvd(Matrix<T> a) {
  Gesdd<T> decompose = gesdd<T>();
  if (!decompose)
    return std::nullopt;
  Svd<T> result;
  result.u = Matrix<T>(a.rows, a.rows);
  result.v = Matrix<T>(a.rows, a.columns);
  result.s.resize(static_cast<size_t>(a.rows));
  int rows = static_cast<int>(a.rows), columns = static_cast<int>(a.columns);
  if (decompose(rowMajor, 'S', rows, columns, a.values.data(), columns, result.s.data(),
                result.u.values.data(), rows, result.v.values.data(), columns) != 0)
    return std::nullopt;
  return result;
}

bool blasMultiply(const Matrix<double> &a, const Matrix<double> &b, Matrix<double> &result) {
  if (!library().dgemm)
    return false;
  library().dgemm(rowMajor, asItIs, asItIs, int(a.rows), int(b.columns), int(a.columns), 1,
                  a.values.data(), int(a.columns), b.values.data(), int(b.columns), 0,
                  result.values.data(), int(b.columns));
  return true;
}

bool blasMultiply(const Matrix<Complex> &a, const Matrix<Complex> &b, Matrix<Complex> &result) {
  if (!library().zgemm)
    return false;
  Complex one = 1, zero = 0;
  library().zgemm(rowMajor, asItIs, asItIs, int(a.rows), int(b.columns), int(a.columns), &one,
                  a.values.data(), int(a.columns), b.values.data(), int(b.columns), &zero,
                  result.values.data(), int(b.columns));
  return true;
}

template std::optional<Svd<double>> lapackSvd(Matrix<double>);
template std::optional<Svd<Complex>> lapackSvd(Matrix<Complex>);

} // namespace tlc::lowrank
