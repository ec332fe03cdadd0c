//===- Xsmm.h - libxsmm, which compiles small products --------------------===//

#ifndef TLC_BENCH_XSMM_H
#define TLC_BENCH_XSMM_H

#include <cstdint>
#include <string>

namespace tlc::bench {

/// Debian packages libxsmm as an archive only; the build makes a shared library of it, which is
/// opened like the other peers.
class Xsmm {
public:
  explicit Xsmm(const std::string &library);

  explicit operator bool() const { return dispatchF32 && dispatchF64; }
  const std::string &description() const { return text; }

  /// The code for c = a b of row-major n x n matrices; null if there is none.
  template <typename T> using Kernel = void (*)(const T *, const T *, T *, ...);
  template <typename T> Kernel<T> squareProduct(int n) const;

private:
  template <typename T>
  using Dispatch = Kernel<T> (*)(int m, int n, int k, const int *strideA, const int *strideB,
                                 const int *strideC, const T *alpha, const T *beta,
                                 const int *flags, const int *prefetch);
  Dispatch<float> dispatchF32 = nullptr;
  Dispatch<double> dispatchF64 = nullptr;
  std::string text;
};

} // namespace tlc::bench

#endif // TLC_BENCH_XSMM_H
