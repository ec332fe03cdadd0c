//===- Blas.cpp - the library that we compare with ------------------------===//

#include "bench/Blas.h"

#ifdef TLC_HAVE_OPENBLAS
#include <cblas.h>

namespace tlc::bench {

const char *blasName() {
  openblas_set_num_threads(1);
  return openblas_get_config();
}

void blasProduct(int64_t m, int64_t n, int64_t k, const float *a, const float *b, float *c) {
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a, k, b, n, 0, c, n);
}

void blasProduct(int64_t m, int64_t n, int64_t k, const double *a, const double *b, double *c) {
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a, k, b, n, 0, c, n);
}

} // namespace tlc::bench

#else

namespace tlc::bench {

const char *blasName() { return ""; }
void blasProduct(int64_t, int64_t, int64_t, const float *, const float *, float *) {}
void blasProduct(int64_t, int64_t, int64_t, const double *, const double *, double *) {}

} // namespace tlc::bench

#endif
