//===- Blas.h - the libraries that multiply matrices ----------------------===//
//
// OpenBLAS, BLIS and oneDNN, all in one process although two of them define the same functions:
// each is opened at run time with its symbols to itself, and called through pointers. What is not
// installed is left out.
//
// Left to themselves the packaged libraries take many a processor for an older one, so each is
// told what this one deserves, unless the environment says it already.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_BENCH_BLAS_H
#define TLC_BENCH_BLAS_H

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tlc::bench {

/// c = op(a) op(b), row-major without gaps: op(a) is m x k, op(b) is k x n, and op transposes
/// what is stored as k x m or n x k.
struct Product {
  int64_t m = 0;
  int64_t n = 0;
  int64_t k = 0;
  bool transposeA = false;
  bool transposeB = false;
};

struct Blas {
  template <typename T>
  using Multiply = std::function<void(const Product &, const T *a, const T *b, T *c)>;

  std::string name;        ///< "OpenBLAS"
  std::string description; ///< with version and kernel, as the library itself says
  std::function<void(int)> setThreads;
  Multiply<float> multiplyF32;
  Multiply<double> multiplyF64; ///< empty where the library has none
  /// The same for m or n of 1, through the function for a matrix and a vector.
  Multiply<float> multiplyVectorF32;
  Multiply<double> multiplyVectorF64;

  template <typename T> const Multiply<T> &multiply() const {
    if constexpr (sizeof(T) == 4)
      return multiplyF32;
    else
      return multiplyF64;
  }
  template <typename T> const Multiply<T> &multiplyVector() const {
    if constexpr (sizeof(T) == 4)
      return multiplyVectorF32;
    else
      return multiplyVectorF64;
  }
};

/// Those that are installed; says on the standard error which are not.
std::vector<Blas> openBlas();

} // namespace tlc::bench

#endif // TLC_BENCH_BLAS_H
