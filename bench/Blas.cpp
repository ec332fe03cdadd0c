//===- Blas.cpp - the libraries that multiply matrices --------------------===//

#include "bench/Blas.h"
#include "bench/SharedLibrary.h"

#include <fmt/format.h>

#include <cstdlib>

namespace tlc::bench {
namespace {

/// Of the C interface to BLAS.
enum { kRowMajor = 101, kAsIs = 111, kTransposed = 112 };

template <typename T>
using Gemm = void (*)(int order, int opA, int opB, int m, int n, int k, T alpha, const T *a,
                      int strideA, const T *b, int strideB, T beta, T *c, int strideC);
template <typename T>
using Gemv = void (*)(int order, int op, int rows, int columns, T alpha, const T *a, int stride,
                      const T *x, int strideX, T beta, T *y, int strideY);

template <typename T> Blas::Multiply<T> byGemm(Gemm<T> gemm) {
  if (!gemm)
    return {};
  return [gemm](const Product &p, const T *a, const T *b, T *c) {
    gemm(kRowMajor, p.transposeA ? kTransposed : kAsIs, p.transposeB ? kTransposed : kAsIs,
         int(p.m), int(p.n), int(p.k), 1, a, int(p.transposeA ? p.m : p.k), b,
         int(p.transposeB ? p.k : p.n), 0, c, int(p.n));
  };
}

/// x B is B^T x; a row and a column of the same numbers lie the same in memory.
template <typename T> Blas::Multiply<T> byGemv(Gemv<T> gemv) {
  if (!gemv)
    return {};
  return [gemv](const Product &p, const T *a, const T *b, T *c) {
    if (p.n == 1)
      gemv(kRowMajor, p.transposeA ? kTransposed : kAsIs, int(p.transposeA ? p.k : p.m),
           int(p.transposeA ? p.m : p.k), 1, a, int(p.transposeA ? p.m : p.k), b, 1, 0, c, 1);
    else
      gemv(kRowMajor, p.transposeB ? kAsIs : kTransposed, int(p.transposeB ? p.n : p.k),
           int(p.transposeB ? p.k : p.n), 1, b, int(p.transposeB ? p.k : p.n), a, 1, 0, c, 1);
  };
}

void fillIn(Blas &blas, const SharedLibrary &library) {
  blas.multiplyF32 = byGemm(library.function<Gemm<float>>("cblas_sgemm"));
  blas.multiplyF64 = byGemm(library.function<Gemm<double>>("cblas_dgemm"));
  blas.multiplyVectorF32 = byGemv(library.function<Gemv<float>>("cblas_sgemv"));
  blas.multiplyVectorF64 = byGemv(library.function<Gemv<double>>("cblas_dgemv"));
}

/// What this processor deserves, in the words of OpenBLAS and of BLIS; "" to let them choose.
struct Kernels {
  const char *openBlas = "";
  const char *blis = "";
};
Kernels kernelsFor() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq"))
    return {"SkylakeX", "skx"};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_is("amd"))
    return {"Zen", "zen3"};
  if (__builtin_cpu_supports("avx2"))
    return {"Haswell", "haswell"};
#endif
  return {};
}

void setDefault(const char *variable, const char *value) {
  if (*value)
    setenv(variable, value, /*overwrite=*/0);
}

Blas openOpenBlas() {
  Blas blas{"OpenBLAS"};
  setDefault("OPENBLAS_CORETYPE", kernelsFor().openBlas);
  SharedLibrary library("libopenblas.so.0");
  auto config = library.function<char *(*)()>("openblas_get_config");
  auto core = library.function<char *(*)()>("openblas_get_corename");
  blas.setThreads = library.function<void (*)(int)>("openblas_set_num_threads");
  if (!config || !core || !blas.setThreads)
    return blas;
  blas.description = fmt::format("{}, runs kernels for {}", config(), core());
  fillIn(blas, library);
  return blas;
}

Blas openBlis() {
  Blas blas{"BLIS"};
  SharedLibrary library("libblis.so.4");
  auto init = library.function<void (*)()>("bli_init");
  auto version = library.function<const char *(*)()>("bli_info_get_version_str");
  auto kernels = library.function<int (*)()>("bli_arch_query_id");
  auto nameOf = library.function<const char *(*)(int)>("bli_arch_string");
  // Its integers are of 64 bits.
  auto setThreads = library.function<void (*)(int64_t)>("bli_thread_set_num_threads");
  if (!init || !version || !kernels || !nameOf || !setThreads)
    return blas;
  // The variable holds a number, which differs between versions. It is read when BLIS starts.
  for (int id = 0; id < 20; ++id)
    if (std::string(kernelsFor().blis) == nameOf(id))
      setDefault("BLIS_ARCH_TYPE", std::to_string(id).c_str());
  init();
  blas.setThreads = setThreads;
  blas.description = fmt::format("BLIS {}, runs kernels for {}", version(), nameOf(kernels()));
  fillIn(blas, library);
  return blas;
}

struct DnnlVersion {
  int major, minor, patch;
};

/// oneDNN has a row-major product of f32 beside its graph of primitives.
Blas openOneDnn() {
  Blas blas{"oneDNN"};
  SharedLibrary library("libdnnl.so.2"), openMp("libgomp.so.1");
  auto version = library.function<const DnnlVersion *(*)()>("dnnl_version");
  auto isa = library.function<int (*)()>("dnnl_get_effective_cpu_isa");
  blas.setThreads = openMp.function<void (*)(int)>("omp_set_num_threads");
  auto gemm =
      library.function<int (*)(char, char, int64_t, int64_t, int64_t, float, const float *, int64_t,
                               const float *, int64_t, float, float *, int64_t)>("dnnl_sgemm");
  if (!version || !isa || !blas.setThreads || !gemm)
    return blas;
  blas.description = fmt::format("oneDNN {}.{}.{}, instruction set {:#x}", version()->major,
                                 version()->minor, version()->patch, isa());
  blas.multiplyF32 = [gemm](const Product &p, const float *a, const float *b, float *c) {
    gemm(p.transposeA ? 'T' : 'N', p.transposeB ? 'T' : 'N', p.m, p.n, p.k, 1, a,
         p.transposeA ? p.m : p.k, b, p.transposeB ? p.k : p.n, 0, c, p.n);
  };
  return blas;
}

} // namespace

std::vector<Blas> openBlas() {
  std::vector<Blas> found;
  for (Blas (*open)() : {openOpenBlas, openBlis, openOneDnn}) {
    Blas blas = open();
    if (blas.description.empty()) {
      fmt::print(stderr, "tlc-bench: {} is not installed; the tables do without\n", blas.name);
      continue;
    }
    found.push_back(std::move(blas));
  }
  return found;
}

} // namespace tlc::bench
