//===- PackedContraction.h - dense contractions at the speed of the FMA units ===//
//
// A contraction of two strided tensors is a matrix product once its dimensions are put
// into groups: batch (in all three tensors), m (lhs and result), n (rhs and result) and
// k (lhs and rhs, summed):
//
//   C[a,b,i,j] = sum over e,f of A[a,e,i,f] * B[f,b,j,e]     m = (a,i)  n = (b,j)  k = (e,f)
//
// No transposed copy of a tensor is made. Blocks of both operands are copied into
// panels that fit the caches, whatever their strides are, and one kernel with its
// accumulators in registers multiplies panels and writes the result where it belongs.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_PACKEDCONTRACTION_H
#define TLC_COMPILER_CODEGEN_CPU_PACKEDCONTRACTION_H

#include "compiler/codegen/cpu/ContractionGroups.h"
#include "compiler/codegen/cpu/TileArithmetic.h"

namespace tlc::codegen {

/// Emits the sums of products of the nest's two inputs, as `arithmetic` has them, at the builder's
/// insertion point, for any extents (a sum over nothing is the neutral element). The result's
/// elements are of the type that the arithmetic gives. Strides are free: negative, zero, or
/// such that two dimensions of an operand overlap, as `x + dx` does. `context` is the tlrt_context
/// pointer. Parallel parts are one-dimensional `scf.parallel` operations, from 0 in steps of 1. The
/// shared kernels are added to the module around the insertion point, so the caller must be working
/// on the whole module.
///
/// Returns an i1: true if scratch memory could not be had. The error is then recorded in
/// the context and the result incomplete.
Value emitPackedContraction(OpBuilder &builder, Location loc, Value context, const Nest &nest,
                            const ContractionGroups &groups, const Target &target,
                            const TileArithmeticRef &arithmetic);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_PACKEDCONTRACTION_H
