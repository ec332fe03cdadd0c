//===- UnrolledContraction.h - a line of code for each nonzero ------------===//
//
//   out[b,c,k] = C[i,j,k] x[b,c,i] y[b,j]      C a constant with few elements that are not zero
//
// becomes, with lanes along b or c,
//
//   for b, c
//     p0 = x[b,c,0] y[b,1];  out[b,c,0] = 0.7 p0 + ..;  out[b,c,2] = -0.5 p0 + ..
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_UNROLLEDCONTRACTION_H
#define TLC_COMPILER_CODEGEN_CPU_UNROLLEDCONTRACTION_H

#include "compiler/codegen/cpu/Nest.h"

namespace tlc::codegen {

/// Emits the nest of a sum of products with the constant of input number `constant` written out.
/// All positions are single dimensions, and those that the constant does not have are not reduced.
/// Returns false where the constant's elements are not known.
bool emitUnrolledContraction(OpBuilder &builder, Location loc, const Target &target,
                             const Nest &nest, ein::ContractOp op, unsigned constant);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_UNROLLEDCONTRACTION_H
