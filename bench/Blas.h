//===- Blas.h - the library that we compare with --------------------------===//

#ifndef TLC_BENCH_BLAS_H
#define TLC_BENCH_BLAS_H

#include <cstdint>

namespace tlc::bench {

/// "OpenBLAS ..." with its version and kernel, or "" if the program was built without it.
const char *blasName();

/// c = a b for row-major matrices of m x k, k x n and m x n, on one thread.
void blasProduct(int64_t m, int64_t n, int64_t k, const float *a, const float *b, float *c);
void blasProduct(int64_t m, int64_t n, int64_t k, const double *a, const double *b, double *c);

} // namespace tlc::bench

#endif // TLC_BENCH_BLAS_H
