//===- MatrixVector.h - products of a matrix and a vector -----------------===//
//
// Each element of the matrix is used once, so that memory decides. There are two forms, by where
// the neighbours in the matrix are:
//
//   dot    y[i] = sum over k of A[i,k] x[k]     along k: lanes are partial sums, four rows at a
//   time axpy   y[i] = sum over k of A[k,i] x[k]     along i: eight terms are added to a block of y
//   that
//                                               stays in the first cache
//
// Both read a few long runs of the matrix side by side and ask for their next lines ahead.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_MATRIXVECTOR_H
#define TLC_COMPILER_CODEGEN_CPU_MATRIXVECTOR_H

#include "compiler/codegen/cpu/ContractionGroups.h"

namespace tlc::codegen {

struct MatrixVectorPlan {
  /// Which of the two inputs is the matrix, which the vector.
  unsigned matrix = 0, vector = 1;
  /// Along which neighbours in the matrix lie: a dimension of the result or one that is summed.
  unsigned vectorDim = 0;
  bool isDot = false;
  unsigned lanes = 1;
};

/// A plan if one input has no dimension of its own in the result, and the other one that has
/// neighbours along a dimension.
std::optional<MatrixVectorPlan> planMatrixVector(const Nest &nest, const ContractionGroups &groups,
                                                 const Target &target);

/// Emits the nest, a contraction of two inputs with a reduction, as planned.
void emitMatrixVector(OpBuilder &builder, Location loc, const Target &target, const Nest &nest,
                      const ContractionGroups &groups, const MatrixVectorPlan &plan);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_MATRIXVECTOR_H
