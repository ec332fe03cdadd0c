//===- ContractionGroups.h - a contraction seen as a matrix product -------===//
//
// Every dimension of a contraction of two tensors belongs to one of four groups:
//
//   C[b,i,j] = sum over k of A[b,i,k] * B[b,k,j]
//
//   batch   in all three tensors       b        m   in A and C     i
//   n       in B and C                 j        k   in A and B     k, which is summed
//
// Each group may have any number of dimensions, none included.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_CONTRACTIONGROUPS_H
#define TLC_COMPILER_CODEGEN_CPU_CONTRACTIONGROUPS_H

#include "compiler/codegen/cpu/Nest.h"

namespace tlc::codegen {

/// The numbers of the iteration dimensions of each group.
struct ContractionGroups {
  SmallVector<unsigned> batch, m, n, k;
};

/// The groups of a contraction with these maps; none if a dimension is summed over that only one
/// operand has.
std::optional<ContractionGroups> groupDimensions(AffineMap lhs, AffineMap rhs, AffineMap result);

/// Makes one dimension of two of a group that lie in all tensors as one does, such as the rows and
/// columns of a matrix that is read as a whole. Dimensions of extent 1 leave the groups.
void mergeDimensions(OpBuilder &builder, Location loc, Nest &nest, ContractionGroups &groups);

/// Converts `sums`, with the dimensions of the nest, to the nest's result, and applies finish().
void finishSums(OpBuilder &builder, Location loc, const Target &target, const Nest &nest,
                const Access &sums);

/// Applies the nest's finish(), if it has one, to the sums that are in its result, whose elements
/// are of the type of the sums.
void finishInPlace(OpBuilder &builder, Location loc, const Target &target, const Nest &nest);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_CONTRACTIONGROUPS_H
