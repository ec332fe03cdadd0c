//===- StreamingSoftmax.h - softmax of rows that come from memory ---------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_STREAMINGSOFTMAX_H
#define TLC_COMPILER_CODEGEN_CPU_STREAMINGSOFTMAX_H

#include "compiler/codegen/cpu/IndexBuilder.h"
#include "compiler/codegen/cpu/Target.h"

namespace tlc::codegen {

/// Rows that lie one after the other in memory. `length` is a multiple of a vector's lanes, and
/// `result` is aligned to a vector.
struct SoftmaxRows {
  Type type;
  Value input, result, length, count;
};

/// Elements of scratch memory, aligned to a vector, for rows of `length`.
Value streamingSoftmaxScratch(IndexBuilder &b, const Target &target, Type type, Value length);

/// Emits the softmax of at least one row; the result is written past the cache.
void emitStreamingSoftmax(IndexBuilder &b, const Target &target, const SoftmaxRows &rows,
                          Value scratch);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_STREAMINGSOFTMAX_H
