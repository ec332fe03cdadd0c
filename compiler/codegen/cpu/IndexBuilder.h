//===- IndexBuilder.h - short names for address arithmetic ----------------===//
//
// Code that computes with positions reads better as `b.add(b.mul(i, stride), j)`. All integers
// are i64 and never overflow (they are positions in memory), so additions and products carry
// `nsw`; constants fold at once.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_INDEXBUILDER_H
#define TLC_COMPILER_CODEGEN_CPU_INDEXBUILDER_H

#include "dialects/Mlir.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace tlc::codegen {

class IndexBuilder {
public:
  using Body = function_ref<void(IndexBuilder &, Value)>;
  using CarryBody = function_ref<SmallVector<Value>(IndexBuilder &, Value, ValueRange)>;
  using Condition = function_ref<Value(IndexBuilder &)>;
  using Branch = function_ref<void(IndexBuilder &)>;

  IndexBuilder(OpBuilder &builder, Location loc) : builder(builder), loc(loc) {}

  OpBuilder &builder;
  Location loc;

  Value constant(int64_t value);
  Value add(Value lhs, Value rhs);
  Value sub(Value lhs, Value rhs);
  Value mul(Value lhs, Value rhs);
  Value mul(Value lhs, int64_t rhs) { return mul(lhs, constant(rhs)); }
  /// Division of numbers >= 0.
  Value div(Value lhs, Value rhs);
  Value rem(Value lhs, Value rhs);
  Value min(Value lhs, Value rhs);
  Value max(Value lhs, Value rhs);
  Value ceilDiv(Value lhs, Value rhs);
  Value roundUp(Value value, int64_t multiple);
  Value less(Value lhs, Value rhs);
  Value lessEqual(Value lhs, Value rhs);
  Value select(Value condition, Value ifTrue, Value ifFalse);

  /// pointer + index elements of `type`.
  Value offset(Value pointer, Value index, Type type);
  Value offset(Value pointer, int64_t index, Type type);
  /// An access to memory that is aligned as one element is, whether `type` is a vector or not.
  Value load(Type type, Value pointer);
  void store(Value value, Value pointer);

  /// for i = lower; i < upper; i += step
  void loop(Value lower, Value upper, int64_t step, Body body);
  void loop(Value lower, Value upper, Value step, Body body);
  SmallVector<Value> loop(Value lower, Value upper, Value step, ValueRange carried, CarryBody body);
  /// Tasks 0 .. count - 1 in any order, maybe at once.
  void parallel(Value count, Body body);
  void branch(Value condition, Branch ifTrue, Branch ifFalse = {});
  /// first || second(), with `second` computed only if needed.
  Value either(Value first, Condition second);
};

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_INDEXBUILDER_H
