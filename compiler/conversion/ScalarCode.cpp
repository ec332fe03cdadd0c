#include "compiler/conversion/ScalarCode.h"

#include "compiler/conversion/Environment.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <cmath>

namespace tlc {

namespace arith = mlir::arith;
namespace math = mlir::math;
namespace complex = mlir::complex;
using ein::SemiringKind;

static bool isBool(Type type) { return type.isInteger(1); }
static bool isFloat(Type type) { return isa<FloatType>(type); }
static bool isComplex(Type type) { return isa<ComplexType>(type); }

//===----------------------------------------------------------------------===//
// Numbers and conversions
//===----------------------------------------------------------------------===//

/// The integer next to a number towards zero, clamped to 64 bits; 0 for NaN.
static int64_t integerOf(double value) {
  constexpr double limit = 9223372036854775808.0;
  if (!(value < limit))
    return std::isnan(value) ? 0 : INT64_MAX;
  return value < -limit ? INT64_MIN : static_cast<int64_t>(value);
}

Value ScalarCode::number(double value, Type type) {
  if (isBool(type))
    return arith::ConstantOp::create(builder, loc, builder.getBoolAttr(value > 0));
  if (isFloat(type))
    return arith::ConstantOp::create(builder, loc, builder.getFloatAttr(type, value));
  if (isComplex(type))
    return ein::buildConstant(builder, loc,
                              complex::NumberAttr::get(cast<ComplexType>(type), value, 0));
  unsigned width = type.getIntOrFloatBitWidth();
  llvm::APInt integer = llvm::APInt(64, static_cast<uint64_t>(integerOf(value)), /*isSigned=*/true)
                            .sextOrTrunc(width);
  return arith::ConstantOp::create(builder, loc, IntegerAttr::get(type, integer));
}

Value ScalarCode::realPart(Value value) {
  Type part = cast<ComplexType>(value.getType()).getElementType();
  return complex::ReOp::create(builder, loc, part, value);
}

Value ScalarCode::makeComplex(Value real, Type type) {
  Type part = cast<ComplexType>(type).getElementType();
  return complex::CreateOp::create(builder, loc, type, convertReal(real, part), number(0, part));
}

Value ScalarCode::convertReal(Value value, Type type) {
  Type from = value.getType();
  if (from == type)
    return value;
  unsigned width = type.getIntOrFloatBitWidth(), fromWidth = from.getIntOrFloatBitWidth();
  if (isFloat(from) && isFloat(type)) {
    if (width == fromWidth) // f16 and bf16
      return convertReal(convertReal(value, builder.getF32Type()), type);
    if (width > fromWidth)
      return arith::ExtFOp::create(builder, loc, type, value);
    return arith::TruncFOp::create(builder, loc, type, value);
  }
  if (isFloat(from))
    return arith::FPToSIOp::create(builder, loc, type, value);
  if (isFloat(type))
    return arith::SIToFPOp::create(builder, loc, type, value);
  if (width > fromWidth)
    return arith::ExtSIOp::create(builder, loc, type, value);
  return arith::TruncIOp::create(builder, loc, type, value);
}

Value ScalarCode::convert(Value value, Type type, SemiringKind semiring) {
  Type from = value.getType();
  if (from == type)
    return value;
  if (isBool(from)) {
    // A guard; under a semiring that has no such elements its value is 0 or 1.
    bool isCarried = ein::SemiringAttr::get(builder.getContext(), semiring).supports(type);
    TypedAttr one = isCarried ? oneOf(semiring, type) : ein::oneOf(type);
    TypedAttr zero = isCarried ? zeroOf(semiring, type) : ein::zeroOf(type);
    return select(value, ein::buildConstant(builder, loc, one),
                  ein::buildConstant(builder, loc, zero));
  }
  if (isBool(type))
    return compare(isComplex(from) ? tl::Comparison::NotEqual : tl::Comparison::Greater, value,
                   number(0, from));
  if (isComplex(from) && isComplex(type)) {
    Type part = cast<ComplexType>(from).getElementType();
    Type newPart = cast<ComplexType>(type).getElementType();
    Value imaginary = complex::ImOp::create(builder, loc, part, value);
    return complex::CreateOp::create(builder, loc, type, convertReal(realPart(value), newPart),
                                     convertReal(imaginary, newPart));
  }
  if (isComplex(from))
    return convertReal(realPart(value), type);
  if (isComplex(type))
    return makeComplex(value, type);
  return convertReal(value, type);
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

Value ScalarCode::add(SemiringKind semiring, Value lhs, Value rhs) {
  return ein::SemiringAttr::get(builder.getContext(), semiring).buildAdd(builder, loc, lhs, rhs);
}

Value ScalarCode::multiply(SemiringKind semiring, Value lhs, Value rhs) {
  return ein::SemiringAttr::get(builder.getContext(), semiring)
      .buildMultiply(builder, loc, lhs, rhs);
}

Value ScalarCode::select(Value condition, Value ifTrue, Value ifFalse) {
  return arith::SelectOp::create(builder, loc, condition, ifTrue, ifFalse);
}

static arith::CmpFPredicate floatPredicate(tl::Comparison kind) {
  switch (kind) {
  case tl::Comparison::Equal:
    return arith::CmpFPredicate::OEQ;
  case tl::Comparison::NotEqual:
    return arith::CmpFPredicate::UNE;
  case tl::Comparison::Less:
    return arith::CmpFPredicate::OLT;
  case tl::Comparison::LessEqual:
    return arith::CmpFPredicate::OLE;
  case tl::Comparison::Greater:
    return arith::CmpFPredicate::OGT;
  case tl::Comparison::GreaterEqual:
    return arith::CmpFPredicate::OGE;
  }
  llvm_unreachable("unknown comparison");
}

/// Signed, but for Booleans, where false < true.
static arith::CmpIPredicate integerPredicate(tl::Comparison kind, bool isBool) {
  switch (kind) {
  case tl::Comparison::Equal:
    return arith::CmpIPredicate::eq;
  case tl::Comparison::NotEqual:
    return arith::CmpIPredicate::ne;
  case tl::Comparison::Less:
    return isBool ? arith::CmpIPredicate::ult : arith::CmpIPredicate::slt;
  case tl::Comparison::LessEqual:
    return isBool ? arith::CmpIPredicate::ule : arith::CmpIPredicate::sle;
  case tl::Comparison::Greater:
    return isBool ? arith::CmpIPredicate::ugt : arith::CmpIPredicate::sgt;
  case tl::Comparison::GreaterEqual:
    return isBool ? arith::CmpIPredicate::uge : arith::CmpIPredicate::sge;
  }
  llvm_unreachable("unknown comparison");
}

Value ScalarCode::compare(tl::Comparison kind, Value lhs, Value rhs) {
  Type type = lhs.getType();
  if (isComplex(type) && kind == tl::Comparison::Equal)
    return complex::EqualOp::create(builder, loc, lhs, rhs);
  if (isComplex(type) && kind == tl::Comparison::NotEqual)
    return complex::NotEqualOp::create(builder, loc, lhs, rhs);
  if (isComplex(type))
    return compare(kind, realPart(lhs), realPart(rhs));
  if (isFloat(type))
    return arith::CmpFOp::create(builder, loc, floatPredicate(kind), lhs, rhs);
  return arith::CmpIOp::create(builder, loc, integerPredicate(kind, isBool(type)), lhs, rhs);
}

Value ScalarCode::negate(Value value) {
  if (isFloat(value.getType()))
    return arith::NegFOp::create(builder, loc, value);
  if (isComplex(value.getType()))
    return complex::NegOp::create(builder, loc, value.getType(), value);
  return arith::SubIOp::create(builder, loc, number(0, value.getType()), value);
}

Value ScalarCode::subtract(Value lhs, Value rhs) {
  if (isFloat(lhs.getType()))
    return arith::SubFOp::create(builder, loc, lhs, rhs);
  if (isComplex(lhs.getType()))
    return complex::SubOp::create(builder, loc, lhs, rhs);
  return arith::SubIOp::create(builder, loc, lhs, rhs);
}

Value ScalarCode::divide(Value lhs, Value rhs) {
  if (isFloat(lhs.getType()))
    return arith::DivFOp::create(builder, loc, lhs, rhs);
  if (isComplex(lhs.getType()))
    return complex::DivOp::create(builder, loc, lhs, rhs);
  return floorDivide(lhs, rhs);
}

Value ScalarCode::floorDivide(Value lhs, Value rhs) {
  Type type = lhs.getType();
  Value zero = number(0, type), one = number(1, type), minusOne = number(-1, type);
  // The machine's division traps on a divisor of 0 and on the lowest integer by -1.
  Value isZero = compare(tl::Comparison::Equal, rhs, zero);
  Value isMinusOne = compare(tl::Comparison::Equal, rhs, minusOne);
  Value isSpecial = arith::OrIOp::create(builder, loc, isZero, isMinusOne);
  Value divisor = select(isSpecial, one, rhs);
  Value quotient = arith::DivSIOp::create(builder, loc, lhs, divisor);
  Value product = arith::MulIOp::create(builder, loc, quotient, divisor);
  Value rest = arith::SubIOp::create(builder, loc, lhs, product);
  Value hasRest = compare(tl::Comparison::NotEqual, rest, zero);
  Value signsDiffer =
      compare(tl::Comparison::Less, arith::XOrIOp::create(builder, loc, rest, divisor), zero);
  Value isBelow = arith::AndIOp::create(builder, loc, hasRest, signsDiffer);
  Value floor = arith::SubIOp::create(builder, loc, quotient, select(isBelow, one, zero));
  return select(isZero, zero, select(isMinusOne, negate(lhs), floor));
}

Value ScalarCode::affine(AffineExpr expr, function_ref<Value(unsigned)> dim) {
  if (AffineDimExpr dimension = dyn_cast<AffineDimExpr>(expr))
    return dim(dimension.getPosition());
  if (AffineConstantExpr constant = dyn_cast<AffineConstantExpr>(expr))
    return arith::ConstantIndexOp::create(builder, loc, constant.getValue());
  mlir::AffineBinaryOpExpr binary = cast<mlir::AffineBinaryOpExpr>(expr);
  Value lhs = affine(binary.getLHS(), dim);
  Value rhs = affine(binary.getRHS(), dim);
  if (binary.getKind() == AffineExprKind::Add)
    return arith::AddIOp::create(builder, loc, lhs, rhs);
  if (binary.getKind() == AffineExprKind::Mul)
    return arith::MulIOp::create(builder, loc, lhs, rhs);
  // floor(x / d) for d > 0: the division rounds towards zero, so start d - 1 lower below zero.
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  Value isNegative = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt, lhs, zero);
  Value below = arith::SubIOp::create(builder, loc, rhs, one);
  Value start = arith::SubIOp::create(builder, loc, lhs, select(isNegative, below, zero));
  return arith::DivSIOp::create(builder, loc, start, rhs);
}

Value ScalarCode::power(Value base, double exponent) {
  constexpr double largest = 64;
  if (isFloat(base.getType()) && exponent == 0.5)
    return math::SqrtOp::create(builder, loc, base);
  bool isSmall = std::floor(exponent) == exponent && std::abs(exponent) <= largest;
  if (!isSmall || (exponent < 0 && isa<IntegerType>(base.getType()))) {
    Value arguments[] = {base, number(exponent, base.getType())};
    return apply(tl::Function::Power, arguments);
  }
  Value result, square = base;
  for (int64_t rest = static_cast<int64_t>(std::abs(exponent)); rest; rest >>= 1) {
    if (rest & 1)
      result = result ? multiply(SemiringKind::SumProduct, result, square) : square;
    if (rest > 1)
      square = multiply(SemiringKind::SumProduct, square, square);
  }
  if (!result)
    return number(1, base.getType());
  return exponent < 0 ? divide(number(1, base.getType()), result) : result;
}

} // namespace tlc
