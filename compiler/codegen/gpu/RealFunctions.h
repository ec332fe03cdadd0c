//===- RealFunctions.h - exp, log, sin and others in f64 arithmetic -------===//
//
// Code for functions of one or two f64 numbers, out of additions, products and bits: nothing of
// it needs a library. Errors are a few units in the last place, but for the power, whose error
// grows with its exponent (as |y ln x| units), and for sine and cosine beyond 2^31.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_GPU_REALFUNCTIONS_H
#define TLC_COMPILER_CODEGEN_GPU_REALFUNCTIONS_H

#include "dialects/Mlir.h"

namespace tlc::codegen {

class RealFunctions {
public:
  RealFunctions(OpBuilder &builder, Location loc) : builder(builder), loc(loc) {}

  Value exp(Value x);
  Value expm1(Value x);
  Value log(Value x);
  Value log2(Value x);
  Value log10(Value x);
  Value log1p(Value x);
  Value tanh(Value x);
  Value erf(Value x);
  Value sin(Value x);
  Value cos(Value x);
  Value power(Value x, Value y);
  Value atan2(Value y, Value x);

private:
  // Arithmetic of f64.
  Value number(double value);
  Value add(Value a, Value b);
  Value sub(Value a, Value b);
  Value mul(Value a, Value b);
  Value div(Value a, Value b);
  Value fma(Value a, Value b, Value c);
  Value abs(Value x);
  Value select(Value condition, Value a, Value b);
  Value isLess(Value a, Value b);
  Value isEqual(Value a, Value b);
  Value isNan(Value x);
  Value withSignOf(Value magnitude, Value sign);
  Value nearest(Value x);
  /// c[0] + c[1] x + c[2] x^2 + ...
  Value polynomial(Value x, ArrayRef<double> coefficients);

  // Bits.
  Value bitsOf(Value x);
  Value fromBits(Value bits);
  Value integer(int64_t value);
  /// 2^k for an i64 in the range of normal numbers.
  Value powerOfTwo(Value k);
  Value isOdd(Value wholeNumber);

  /// e and ln m for x = 2^e m, and the value of a logarithm made from them for special x.
  std::pair<Value, Value> splitLogarithm(Value x);
  Value specialLogarithm(Value x, Value result);
  Value integerPower(Value x, Value y);
  /// (sin x, cos x) for x = quarter * pi / 2 + rest.
  std::pair<Value, Value> reduceAngle(Value x);
  Value sine(Value x, int64_t quarters);

  OpBuilder &builder;
  Location loc;
};

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_GPU_REALFUNCTIONS_H
