//===- RealFunctions.cpp - exp, log, sin and others in f64 arithmetic -----===//
//
// Each function reduces its argument to a small one, where a few terms of a series are exact to
// the last place:
//
//   exp x = 2^k exp r           k = round(x / ln 2), |r| <= ln 2 / 2
//   log x = e ln 2 + 2 artanh s      x = 2^e m, s = (m - 1) / (m + 1), |s| < 0.172
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/gpu/RealFunctions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <cmath>

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace math = mlir::math;
namespace scf = mlir::scf;

// ln 2 and pi / 2 in parts: a product of the first with a small whole number is nearly exact.
static constexpr double kLn2High = 0x1.62e42fefa39efp-1, kLn2Low = 0x1.abc9e3b39803fp-56;
static constexpr double kHalfPi[] = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54,
                                     -0x1.f1976b7ed8fbcp-110};

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

Value RealFunctions::number(double value) {
  return arith::ConstantOp::create(builder, loc, builder.getF64FloatAttr(value));
}
Value RealFunctions::add(Value a, Value b) { return arith::AddFOp::create(builder, loc, a, b); }
Value RealFunctions::sub(Value a, Value b) { return arith::SubFOp::create(builder, loc, a, b); }
Value RealFunctions::mul(Value a, Value b) { return arith::MulFOp::create(builder, loc, a, b); }
Value RealFunctions::div(Value a, Value b) { return arith::DivFOp::create(builder, loc, a, b); }
Value RealFunctions::fma(Value a, Value b, Value c) {
  return math::FmaOp::create(builder, loc, a, b, c);
}
Value RealFunctions::abs(Value x) { return math::AbsFOp::create(builder, loc, x); }
Value RealFunctions::select(Value condition, Value a, Value b) {
  return arith::SelectOp::create(builder, loc, condition, a, b);
}
Value RealFunctions::isLess(Value a, Value b) {
  return arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OLT, a, b);
}
Value RealFunctions::isEqual(Value a, Value b) {
  return arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OEQ, a, b);
}
Value RealFunctions::isNan(Value x) {
  return arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::UNO, x, x);
}
Value RealFunctions::withSignOf(Value magnitude, Value sign) {
  return math::CopySignOp::create(builder, loc, magnitude, sign);
}
Value RealFunctions::nearest(Value x) {
  // Floor has an instruction; a half may go either way here.
  return math::FloorOp::create(builder, loc, add(x, number(0.5)));
}

Value RealFunctions::polynomial(Value x, ArrayRef<double> coefficients) {
  Value result = number(coefficients.back());
  for (double coefficient : llvm::reverse(coefficients.drop_back()))
    result = fma(result, x, number(coefficient));
  return result;
}

Value RealFunctions::integer(int64_t value) {
  return arith::ConstantIntOp::create(builder, loc, value, 64);
}
Value RealFunctions::bitsOf(Value x) {
  return arith::BitcastOp::create(builder, loc, builder.getI64Type(), x);
}
Value RealFunctions::fromBits(Value bits) {
  return arith::BitcastOp::create(builder, loc, builder.getF64Type(), bits);
}
Value RealFunctions::powerOfTwo(Value k) {
  Value biased = arith::AddIOp::create(builder, loc, k, integer(1023));
  return fromBits(arith::ShLIOp::create(builder, loc, biased, integer(52)));
}

//===----------------------------------------------------------------------===//
// Exponentials
//===----------------------------------------------------------------------===//

/// 1 / n! for n = first .. last.
static SmallVector<double> inverseFactorials(int first, int last) {
  SmallVector<double> result;
  for (int n = first; n <= last; ++n)
    result.push_back(1 / std::tgamma(n + 1.0));
  return result;
}

Value RealFunctions::exp(Value x) {
  // Beyond these the result is infinite or zero; a NaN goes along in the end.
  Value low = number(-746), high = number(710);
  Value clamped = select(isLess(x, low), low, select(isLess(high, x), high, x));
  clamped = select(isNan(x), low, clamped);
  Value k = nearest(mul(clamped, number(1 / (kLn2High + kLn2Low))));
  Value rest = fma(k, number(-kLn2Low), fma(k, number(-kLn2High), clamped));
  Value sum = polynomial(rest, inverseFactorials(0, 13));
  // Two steps, because 2^k may not be a normal number.
  Value whole = arith::FPToSIOp::create(builder, loc, builder.getI64Type(), k);
  Value half = arith::ShRSIOp::create(builder, loc, whole, integer(1));
  Value other = arith::SubIOp::create(builder, loc, whole, half);
  Value result = mul(mul(sum, powerOfTwo(half)), powerOfTwo(other));
  return select(isNan(x), x, result);
}

Value RealFunctions::expm1(Value x) {
  Value small = mul(x, polynomial(x, inverseFactorials(1, 15)));
  Value large = sub(exp(x), number(1));
  return select(isLess(abs(x), number(0.4)), small, large);
}

Value RealFunctions::tanh(Value x) {
  Value size = abs(x);
  Value shifted = expm1(add(size, size));
  Value result = div(shifted, add(shifted, number(2)));
  result = select(isLess(number(20), size), number(1), result);
  return withSignOf(select(isNan(x), x, result), x);
}

//===----------------------------------------------------------------------===//
// Logarithms and powers
//===----------------------------------------------------------------------===//

std::pair<Value, Value> RealFunctions::splitLogarithm(Value x) {
  Value isTiny = isLess(x, number(0x1p-1000));
  Value scaled = select(isTiny, mul(x, number(0x1p54)), x);
  Value bits = bitsOf(scaled);
  // 2^e m with m in [sqrt(1/2), sqrt(2)): the bits of sqrt(1/2) are where e changes.
  Value root = integer(0x3fe6a09e667f3bcd);
  Value above = arith::SubIOp::create(builder, loc, bits, root);
  Value e = arith::ShRSIOp::create(builder, loc, above, integer(52));
  Value mantissa = fromBits(arith::SubIOp::create(
      builder, loc, bits, arith::ShLIOp::create(builder, loc, e, integer(52))));
  Value exponent = arith::SIToFPOp::create(builder, loc, builder.getF64Type(), e);
  exponent = sub(exponent, select(isTiny, number(54), number(0)));
  Value s = div(sub(mantissa, number(1)), add(mantissa, number(1)));
  SmallVector<double> coefficients;
  for (int n = 0; n <= 11; ++n)
    coefficients.push_back(2.0 / (2 * n + 1));
  return {exponent, mul(s, polynomial(mul(s, s), coefficients))};
}

Value RealFunctions::specialLogarithm(Value x, Value result) {
  Value zero = number(0);
  result = select(isEqual(x, number(INFINITY)), x, result);
  result = select(isEqual(x, zero), number(-INFINITY), result);
  result = select(isLess(x, zero), number(NAN), result);
  return select(isNan(x), x, result);
}

Value RealFunctions::log(Value x) {
  auto [exponent, rest] = splitLogarithm(x);
  return specialLogarithm(x, fma(exponent, number(kLn2High), fma(exponent, number(kLn2Low), rest)));
}

Value RealFunctions::log2(Value x) {
  auto [exponent, rest] = splitLogarithm(x);
  return specialLogarithm(x, fma(rest, number(1 / kLn2High), exponent));
}

Value RealFunctions::log10(Value x) {
  auto [exponent, rest] = splitLogarithm(x);
  Value ofExponent = mul(exponent, number(0.30102999566398120));
  return specialLogarithm(x, fma(rest, number(0.43429448190325182), ofExponent));
}

Value RealFunctions::log1p(Value x) {
  // What is lost in 1 + x is put right by the quotient.
  Value one = number(1), u = add(one, x);
  Value result = mul(log(u), div(x, sub(u, one)));
  result = select(isEqual(u, one), x, result);
  return select(isEqual(x, number(INFINITY)), x, result);
}

Value RealFunctions::isOdd(Value wholeNumber) {
  Value half = mul(wholeNumber, number(0.5));
  return arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::ONE, half,
                               math::FloorOp::create(builder, loc, half));
}

/// For whole numbers |y| < 64, by squaring: exact where the result is.
Value RealFunctions::integerPower(Value x, Value y) {
  Type i64 = builder.getI64Type();
  Value size = abs(y), limit = number(64);
  Value count =
      arith::FPToSIOp::create(builder, loc, i64, select(isLess(size, limit), size, number(0)));
  Value result = number(1), square = x;
  for (int bit = 0; bit < 6; ++bit) {
    Value isSet =
        arith::TruncIOp::create(builder, loc, builder.getI1Type(),
                                arith::ShRUIOp::create(builder, loc, count, integer(bit)));
    result = select(isSet, mul(result, square), result);
    square = mul(square, square);
  }
  return select(isLess(y, number(0)), div(number(1), result), result);
}

Value RealFunctions::power(Value x, Value y) {
  Value zero = number(0), one = number(1), infinity = number(INFINITY), size = abs(x);
  Value isWhole = isEqual(y, math::FloorOp::create(builder, loc, y));
  Value odd = arith::AndIOp::create(builder, loc, isWhole, isOdd(y));
  Value result = exp(mul(y, log(size)));
  // Zero and infinity to a power are zero or infinity; ln has lost nothing, but 0 * inf is NaN.
  Value isNegative = isLess(x, zero);
  Value negated = select(odd, withSignOf(result, number(-1)), result);
  Value ofNegative = select(isWhole, negated, number(NAN));
  ofNegative = select(isEqual(size, infinity), negated, ofNegative);
  result = select(isNegative, ofNegative, result);
  Value signedZero =
      arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt, bitsOf(x), integer(0));
  Value flips = arith::AndIOp::create(builder, loc, isEqual(x, zero),
                                      arith::AndIOp::create(builder, loc, signedZero, odd));
  result = select(flips, withSignOf(result, number(-1)), result);
  Value isSmallWhole = arith::AndIOp::create(builder, loc, isWhole, isLess(abs(y), number(64)));
  result = select(isSmallWhole, integerPower(x, y), result);
  result = select(isEqual(x, one), one, result);
  return select(isEqual(y, zero), one, result);
}

//===----------------------------------------------------------------------===//
// The error function
//===----------------------------------------------------------------------===//

Value RealFunctions::erf(Value x) {
  // Up to 3: 2 x / sqrt(pi) exp(-x^2) (1 + 2x^2/3 (1 + 2x^2/5 (1 + ...))), all terms positive.
  Value size = abs(x), limit = number(3);
  Value bounded = select(isLess(size, limit), size, limit);
  Value square = mul(bounded, bounded), twice = add(square, square);
  Value one = number(1);
  auto loop = [&](int count, Value initial, auto step) {
    return scf::ForOp::create(
               builder, loc, integer(0), integer(count), integer(1), initial,
               [&](OpBuilder &inner, Location, Value iv, ValueRange carried) {
                 Value left = arith::SubIOp::create(
                     inner, loc, arith::ConstantIntOp::create(inner, loc, count, 64), iv);
                 Value n = arith::SIToFPOp::create(inner, loc, inner.getF64Type(), left);
                 RealFunctions f(inner, loc);
                 scf::YieldOp::create(inner, loc, step(f, n, carried[0]));
               })
        .getResult(0);
  };
  Value series = loop(56, one, [&](RealFunctions &f, Value n, Value sum) {
    Value divisor = f.fma(n, f.number(2), f.number(1));
    return f.fma(f.div(twice, divisor), sum, f.number(1));
  });
  Value scale = number(1.1283791670955126); // 2 / sqrt(pi)
  Value near = mul(mul(mul(scale, bounded), exp(sub(number(0), square))), series);
  // Beyond: 1 - exp(-x^2) / (x sqrt(pi)) / (1 + 1/(2x^2) / (1 + 2/(2x^2) / (1 + ...))).
  Value far = select(isLess(size, number(7)), size, number(7));
  far = select(isLess(far, limit), limit, far);
  Value farSquare = mul(far, far), inverse = div(number(0.5), farSquare);
  Value fraction = loop(40, one, [&](RealFunctions &f, Value n, Value below) {
    return f.add(f.number(1), f.div(f.mul(n, inverse), below));
  });
  Value tail =
      div(mul(number(0.56418958354775629), exp(sub(number(0), farSquare))), mul(far, fraction));
  Value result = select(isLess(size, limit), near, sub(one, tail));
  return withSignOf(select(isNan(x), x, result), x);
}

//===----------------------------------------------------------------------===//
// Angles
//===----------------------------------------------------------------------===//

/// x minus the closest multiple of pi / 2, and the number of that multiple mod 4, as i64.
std::pair<Value, Value> RealFunctions::reduceAngle(Value x) {
  Value isUsable = isLess(abs(x), number(0x1p62));
  Value k = nearest(mul(select(isUsable, x, number(0)), number(0.63661977236758134)));
  Value rest = x;
  for (double part : kHalfPi)
    rest = fma(k, number(-part), rest);
  rest = select(isLess(abs(x), number(INFINITY)), rest, number(NAN));
  Value whole = arith::FPToSIOp::create(builder, loc, builder.getI64Type(), k);
  return {rest, arith::AndIOp::create(builder, loc, whole, integer(3))};
}

/// sin(x + quarters * pi / 2).
Value RealFunctions::sine(Value x, int64_t quarters) {
  auto [rest, quadrant] = reduceAngle(x);
  quadrant = arith::AddIOp::create(builder, loc, quadrant, integer(quarters));
  SmallVector<double> odd, even;
  for (int n = 0; n <= 8; ++n) {
    double sign = n % 2 ? -1 : 1;
    odd.push_back(sign / std::tgamma(2 * n + 2.0));
    even.push_back(sign / std::tgamma(2 * n + 1.0));
  }
  Value square = mul(rest, rest);
  Value sin = mul(rest, polynomial(square, odd)), cos = polynomial(square, even);
  auto bit = [&](int64_t number) -> Value {
    Value shifted = arith::ShRUIOp::create(builder, loc, quadrant, integer(number));
    return arith::TruncIOp::create(builder, loc, builder.getI1Type(), shifted);
  };
  Value result = select(bit(0), cos, sin);
  return select(bit(1), sub(number(0), result), result);
}

Value RealFunctions::sin(Value x) {
  // Below this sin x is x, also for -0.
  return select(isLess(abs(x), number(0x1p-27)), x, sine(x, 0));
}
Value RealFunctions::cos(Value x) { return sine(x, 1); }

Value RealFunctions::atan2(Value y, Value x) {
  Value zero = number(0), one = number(1), infinity = number(INFINITY);
  Value a = abs(y), b = abs(x);
  Value isSteep = isLess(b, a);
  Value small = select(isSteep, b, a), large = select(isSteep, a, b);
  Value t = div(small, large);
  // Both zero, or both infinite.
  t = select(isEqual(large, zero), zero, t);
  t = select(isEqual(small, infinity), one, t);
  // atan t = pi/4 + atan((t - 1) / (t + 1)) brings t below 0.42.
  Value isBig = isLess(number(0.41421356237309503), t);
  Value u = select(isBig, div(sub(t, one), add(t, one)), t);
  SmallVector<double> coefficients;
  for (int n = 0; n <= 22; ++n)
    coefficients.push_back((n % 2 ? -1.0 : 1.0) / (2 * n + 1));
  Value angle = mul(u, polynomial(mul(u, u), coefficients));
  angle = select(isBig, add(angle, number(0.78539816339744831)), angle);
  angle = select(isSteep, sub(number(1.5707963267948966), angle), angle);
  Value isLeft =
      arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt, bitsOf(x), integer(0));
  angle = select(isLeft, sub(number(3.1415926535897931), angle), angle);
  angle = select(isNan(x), x, angle);
  return withSignOf(select(isNan(y), y, angle), y);
}

} // namespace tlc::codegen
