//===- RegisterTranspose.h - squares of vectors, rows to columns ----------===//
//
// n vectors of n elements are transposed in log2 n rounds of shuffles: first inside of 16-byte
// lanes, where a round is an unpack instruction, then lanes as wholes:
//
//   a0 a1    ->    a0 b0
//   b0 b1          a1 b1
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_REGISTERTRANSPOSE_H
#define TLC_COMPILER_CODEGEN_CPU_REGISTERTRANSPOSE_H

#include "compiler/codegen/cpu/IndexBuilder.h"

namespace tlc::codegen {

/// The columns of a square of `rows`, whose number is a power of two.
SmallVector<Value> transposeInRegisters(IndexBuilder &b, SmallVector<Value> rows,
                                        unsigned elementBytes);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_REGISTERTRANSPOSE_H
