//===- ScalarCode.h - code of the elementwise functions [E9] --------------===//
//
// Emits arith, math and complex operations on single elements, for the bodies of maps.
// Elements of f16 and bf16 tensors arrive here as f32.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CONVERSION_SCALARCODE_H
#define TLC_COMPILER_CONVERSION_SCALARCODE_H

#include "dialects/tl/TlDialect.h"

namespace tlc {

class ScalarCode {
public:
  ScalarCode(OpBuilder &builder, Location loc) : builder(builder), loc(loc) {}

  /// The number in an element type: rounded to an integer type towards zero, `> 0` as a Boolean.
  Value number(double value, Type type);

  /// From Booleans to one and zero of the semiring, to Booleans by `> 0` [R2], else by value.
  Value convert(Value value, Type type, ein::SemiringKind semiring);

  Value add(ein::SemiringKind semiring, Value lhs, Value rhs);
  Value multiply(ein::SemiringKind semiring, Value lhs, Value rhs);
  Value combine(ein::CombineKind kind, Value lhs, Value rhs) {
    return ein::buildCombine(builder, loc, kind, lhs, rhs);
  }

  Value compare(tl::Comparison kind, Value lhs, Value rhs);
  Value select(Value condition, Value ifTrue, Value ifFalse);

  Value apply(tl::Function function, ValueRange arguments);
  /// base ^ exponent, by multiplications where the exponent is a small integer.
  Value power(Value base, double exponent);

  /// The value of an affine expression, where `dim` gives the value of each dimension.
  Value affine(AffineExpr expr, function_ref<Value(unsigned)> dim);

private:
  Value applyFloat(tl::Function function, ValueRange arguments);
  Value applyInteger(tl::Function function, ValueRange arguments);
  Value applyBool(tl::Function function, ValueRange arguments);
  Value applyComplex(tl::Function function, ValueRange arguments);

  Value negate(Value value);
  Value subtract(Value lhs, Value rhs);
  Value divide(Value lhs, Value rhs);
  /// Rounds down; zero where the divisor is zero, as NumPy has it.
  Value floorDivide(Value lhs, Value rhs);
  Value sigmoid(Value value);
  /// 1 / (1 + exp(-(x - 1/2) / T)), at T = 0 the test x > 1/2.
  Value temperedSigmoid(Value value, Value temperature);
  Value convertReal(Value value, Type type);
  Value realPart(Value value);
  Value makeComplex(Value real, Type type);

  OpBuilder &builder;
  Location loc;
};

} // namespace tlc

#endif // TLC_COMPILER_CONVERSION_SCALARCODE_H
