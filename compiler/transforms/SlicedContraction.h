//===- SlicedContraction.h - a contraction in a loop over slices ----------===//
//
// Where a contraction's intermediates are too large, loops fix the values of some dimensions:
//
//   %r = ein.contract "ij,jk,kl,li->" (%a, %b, %c, %d)         becomes, with k sliced,
//
//   %r = ein.loop %k = %c0 to %n (%sum = %zero) : tensor<f32> {
//     %bk = ein.gather %b at (d0)[s0] -> (d0, s0) symbols(%k)
//     %ck = ein.gather %c at (d0)[s0] -> (s0, d0) symbols(%k)
//     ..                                                        "ij,j,l,li->"
//     ein.scatter add %part into %sum
//   }
//
// Turns of a summed dimension are added up, those of one that the result has go to their places.
// Law needed: the sum is associative and commutative, which it is in every semiring.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_TRANSFORMS_SLICEDCONTRACTION_H
#define TLC_COMPILER_TRANSFORMS_SLICEDCONTRACTION_H

#include "compiler/transforms/IterationSpace.h"

namespace tlc {

/// The operand without the sliced dimensions, at their values `at`.
PlacedOperand sliceOperand(OpBuilder &builder, Location loc, const PlacedOperand &operand,
                           ArrayRef<unsigned> sliced, ValueRange at);

/// Loops over the dimensions `sliced`, whose extents are known, around what `buildTurn` makes: the
/// contraction for the values that it is given, with the dimensions `result` of the whole result
/// that are not sliced, accumulated. Gives the whole result, accumulated.
Value buildSlicedLoops(OpBuilder &builder, ein::ContractOp op, ArrayRef<unsigned> sliced,
                       ArrayRef<unsigned> result,
                       llvm::function_ref<Value(OpBuilder &, ValueRange at)> buildTurn);

} // namespace tlc

#endif // TLC_COMPILER_TRANSFORMS_SLICEDCONTRACTION_H
