//===- Lapack.h - LAPACK and BLAS, where the machine has them -------------===//

#ifndef TLC_COMPILER_PLANNER_LOWRANK_LAPACK_H
#define TLC_COMPILER_PLANNER_LOWRANK_LAPACK_H

#include "compiler/planner/lowrank/Linear.h"

namespace tlc::lowrank {

/// The singular value decomposition of a matrix with no more rows than columns. Nothing without
/// LAPACK, and where it does not converge.
template <typename T> std::optional<Svd<T>> lapackSvd(Matrix<T> a);

/// Sets `result` to a product; false without BLAS.
bool blasMultiply(const Matrix<double> &a, const Matrix<double> &b, Matrix<double> &result);
bool blasMultiply(const Matrix<std::complex<double>> &a, const Matrix<std::complex<double>> &b,
                  Matrix<std::complex<double>> &result);

} // namespace tlc::lowrank

#endif // TLC_COMPILER_PLANNER_LOWRANK_LAPACK_H
