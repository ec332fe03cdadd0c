//===- IndexMath.h - i64 arithmetic that folds what is known --------------===//
//
// Offsets are sums of positions times strides. Most strides and extents are constants, and
// zeros and ones are frequent, so that folding while building keeps the code small:
//
//   add(mul(i, 1), mul(j, 0))  is  i
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_INDEXMATH_H
#define TLC_COMPILER_CODEGEN_CPU_INDEXMATH_H

#include "dialects/Mlir.h"

#include <optional>

namespace tlc::codegen {

/// The value of an integer constant.
std::optional<int64_t> known(Value value);
inline bool isKnown(Value value, int64_t number) { return known(value) == number; }

class IndexMath {
public:
  IndexMath(OpBuilder &builder, Location loc) : builder(builder), loc(loc) {}

  Value constant(int64_t number);
  Value add(Value lhs, Value rhs);
  Value sub(Value lhs, Value rhs);
  Value mul(Value lhs, Value rhs);
  Value min(Value lhs, Value rhs);
  Value max(Value lhs, Value rhs);
  /// Towards zero; both at least 0, the divisor not 0.
  Value div(Value lhs, Value rhs);
  Value rem(Value lhs, Value rhs);
  /// Of any number by a positive constant, towards negative infinity.
  Value floorDiv(Value lhs, int64_t divisor);
  Value ceilDiv(Value lhs, int64_t divisor);
  /// i1.
  Value isLess(Value lhs, Value rhs);
  Value isEqual(Value lhs, Value rhs);
  Value both(Value lhs, Value rhs);
  /// Between index and i64.
  Value toI64(Value index);
  Value toIndex(Value number);
  /// The value of an affine expression of i64 values.
  Value evaluate(AffineExpr expr, ArrayRef<Value> dims, ArrayRef<Value> symbols);

private:
  OpBuilder &builder;
  Location loc;
};

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_INDEXMATH_H
