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

#include "compiler/codegen/cpu/Target.h"
#include "dialects/Mlir.h"

namespace tlc::codegen {

/// Elements at pointer + sum over d of x_d * strides[d], for an iteration point x.
struct StridedOperand {
  Value pointer; // !llvm.ptr
  /// One i64 for each iteration dimension, in elements; a constant 0 where the dimension does
  /// not occur. Constants where they are known: a unit stride is only seen as a constant 1.
  SmallVector<Value> strides;
  Type elementType;
};

/// result[batch, m, n] = sum over k of lhs[batch, m, k] * rhs[batch, k, n].
struct PackedContraction {
  SmallVector<Value> extents;         // i64 for each iteration dimension, any value >= 0
  SmallVector<int64_t> staticExtents; // the same, ShapedType::kDynamic where not constant
  StridedOperand lhs, rhs, result;
  /// The iteration dimensions of each group. Strides are free: negative, zero, or such that
  /// two dimensions of an operand overlap, as `x + dx` does; only the result's positions have
  /// to be distinct.
  SmallVector<unsigned> batch, m, n, k;
};

/// Whether packing pays: the element type is f32 or f64 throughout, both m and n are wide
/// enough, and there is enough work. Dynamic extents are taken to be large.
bool isPackedContractionProfitable(const PackedContraction &contraction, const Target &target);

/// Emits the contraction at the builder's insertion point, for any extents (a sum over
/// nothing is 0). `context` is the tlrt_context pointer. Parallel parts are one-dimensional
/// `scf.parallel` operations, from 0 in steps of 1. The shared kernels are added to the module
/// around the insertion point, so the caller must be working on the whole module.
///
/// Returns an i1: true if scratch memory could not be had. The error is then recorded in
/// the context and the result incomplete.
Value emitPackedContraction(OpBuilder &builder, Location loc, Value context,
                            const PackedContraction &contraction, const Target &target);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_PACKEDCONTRACTION_H
