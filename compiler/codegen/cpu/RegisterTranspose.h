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

/// The columns of a square in memory. Pieces of 16 bytes are loaded into their place, so that half
/// as many shuffles are left as between registers. It reads each row several times: rows whose
/// addresses meet in the first cache are better copied before.
SmallVector<Value> loadTransposed(IndexBuilder &b, ArrayRef<Value> rows, Type element,
                                  unsigned elementBytes);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_REGISTERTRANSPOSE_H
