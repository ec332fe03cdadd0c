//===- EinAttrs.cpp - semirings and combinations --------------------------===//
//
// The eight semirings of the language [S1], as laws, neutral elements and code:
//
//               add         multiply   zero    one    elements
//   sum_product a + b       a * b      0       1      all; bool as or_and, integers wrap
//   or_and      a | b       a & b      false   true   bool
//   max_plus    max         a + b      lowest  0      integers, floats
//   min_plus    min         a + b      highest 0      integers, floats
//   max_times   max         a * b      0       1      integers, floats, from 0 on
//   max_min     max         min        lowest  highest integers, floats
//   log_sum_exp ln(e^a+e^b) a + b      -inf    0      floats
//   count       a + b       a * b      0       1      i64
//
// The lowest and highest float are the infinities; those of an integer type are its extreme
// values, and a + b is the zero of max_plus and min_plus where a or b is, so that zero absorbs.
// For floats a zero absorbs everything but the opposite infinity, which no path has as its length.
// NaN propagates through max and min. The code for `count` wraps; whoever promises the overflow
// check of [S1] adds it.
//
//===----------------------------------------------------------------------===//

#include "dialects/ein/EinDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"

#include "dialects/ein/EinEnums.cpp.inc"

#include "dialects/ein/EinAttrInterfaces.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/ein/EinAttrs.cpp.inc"

namespace tlc::ein {

using namespace mlir::arith;
namespace math = mlir::math;
namespace complex = mlir::complex;

void EinDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/ein/EinAttrs.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

static bool isBool(Type type) { return type.isInteger(1); }
static bool isIntegerOrFloat(Type type) { return isa<IntegerType, FloatType>(type); }

Type accumulatorType(Type type) {
  if (type.isF16() || type.isBF16())
    return mlir::Float32Type::get(type.getContext());
  return type;
}

static TypedAttr numberOf(Type type, int value) {
  if (ComplexType complexType = dyn_cast<ComplexType>(type))
    return complex::NumberAttr::get(complexType, value, 0);
  if (isa<FloatType>(type))
    return FloatAttr::get(type, value);
  return IntegerAttr::get(type, value);
}

TypedAttr zeroOf(Type elementType) { return numberOf(elementType, 0); }
TypedAttr oneOf(Type elementType) { return numberOf(elementType, 1); }

/// The highest or lowest value: an infinity, or an extreme integer; bool has false < true.
static TypedAttr extremeOf(Type type, bool highest) {
  if (FloatType floatType = dyn_cast<FloatType>(type))
    return FloatAttr::get(type, llvm::APFloat::getInf(floatType.getFloatSemantics(), !highest));
  if (isBool(type))
    return numberOf(type, highest);
  unsigned width = type.getIntOrFloatBitWidth();
  return IntegerAttr::get(type, highest ? llvm::APInt::getSignedMaxValue(width)
                                        : llvm::APInt::getSignedMinValue(width));
}

Value buildConstant(OpBuilder &builder, Location loc, Type type, TypedAttr element) {
  if (complex::NumberAttr number = dyn_cast<complex::NumberAttr>(element)) {
    Type part = cast<ComplexType>(number.getType()).getElementType();
    ArrayAttr parts = builder.getArrayAttr(
        {FloatAttr::get(part, number.getReal()), FloatAttr::get(part, number.getImag())});
    return complex::ConstantOp::create(builder, loc, number.getType(), parts);
  }
  if (mlir::VectorType vector = dyn_cast<mlir::VectorType>(type))
    return ConstantOp::create(builder, loc, DenseElementsAttr::get(vector, Attribute(element)));
  return ConstantOp::create(builder, loc, element);
}

//===----------------------------------------------------------------------===//
// Combinations
//===----------------------------------------------------------------------===//

bool supportsCombine(CombineKind kind, Type type) {
  bool isElement = isIntegerOrFloat(type) || isa<ComplexType>(type);
  switch (kind) {
  case CombineKind::Overwrite:
  case CombineKind::Add:
  case CombineKind::Multiply:
    return isElement;
  case CombineKind::Max:
  case CombineKind::Min:
    return isIntegerOrFloat(type);
  case CombineKind::Or:
  case CombineKind::And:
    return isBool(type);
  case CombineKind::LogAdd:
    return isa<FloatType>(type);
  case CombineKind::CountAdd:
    return type.isInteger(64);
  }
  llvm_unreachable("unknown combination");
}

TypedAttr neutralElement(CombineKind kind, Type elementType) {
  switch (kind) {
  case CombineKind::Overwrite:
  case CombineKind::Add:
  case CombineKind::Or:
  case CombineKind::CountAdd:
    return zeroOf(elementType);
  case CombineKind::Multiply:
  case CombineKind::And:
    return oneOf(elementType);
  case CombineKind::Max:
  case CombineKind::LogAdd:
    return extremeOf(elementType, /*highest=*/false);
  case CombineKind::Min:
    return extremeOf(elementType, /*highest=*/true);
  }
  llvm_unreachable("unknown combination");
}

/// Emits the operation that fits the element type.
template <typename FloatOp, typename IntegerOp, typename BoolOp>
static Value buildByType(OpBuilder &builder, Location loc, Value lhs, Value rhs) {
  Type type = mlir::getElementTypeOrSelf(lhs.getType());
  if (isa<FloatType>(type))
    return FloatOp::create(builder, loc, lhs, rhs);
  if (isBool(type))
    return BoolOp::create(builder, loc, lhs, rhs);
  return IntegerOp::create(builder, loc, lhs, rhs);
}

static Value buildMax(OpBuilder &builder, Location loc, Value lhs, Value rhs) {
  return buildByType<MaximumFOp, MaxSIOp, OrIOp>(builder, loc, lhs, rhs);
}
static Value buildMin(OpBuilder &builder, Location loc, Value lhs, Value rhs) {
  return buildByType<MinimumFOp, MinSIOp, AndIOp>(builder, loc, lhs, rhs);
}
static Value buildSum(OpBuilder &builder, Location loc, Value lhs, Value rhs) {
  if (isa<ComplexType>(lhs.getType()))
    return complex::AddOp::create(builder, loc, lhs, rhs);
  return buildByType<AddFOp, AddIOp, OrIOp>(builder, loc, lhs, rhs);
}
static Value buildProduct(OpBuilder &builder, Location loc, Value lhs, Value rhs) {
  if (isa<ComplexType>(lhs.getType()))
    return complex::MulOp::create(builder, loc, lhs, rhs);
  return buildByType<MulFOp, MulIOp, AndIOp>(builder, loc, lhs, rhs);
}

/// ln(e^a + e^b) = max + ln(1 + e^(min - max)). Equal operands take the difference 0, because
/// the difference of two infinities is none.
static Value buildLogAdd(OpBuilder &builder, Location loc, Value lhs, Value rhs) {
  Value max = MaximumFOp::create(builder, loc, lhs, rhs);
  Value min = MinimumFOp::create(builder, loc, lhs, rhs);
  Value difference = SubFOp::create(builder, loc, min, max);
  Value equal = CmpFOp::create(builder, loc, CmpFPredicate::OEQ, lhs, rhs);
  Type type = lhs.getType();
  Value zero = buildConstant(builder, loc, type, zeroOf(mlir::getElementTypeOrSelf(type)));
  Value exponent = SelectOp::create(builder, loc, equal, zero, difference);
  Value ratio = math::ExpOp::create(builder, loc, exponent);
  return AddFOp::create(builder, loc, max, math::Log1pOp::create(builder, loc, ratio));
}

Value buildCombine(OpBuilder &builder, Location loc, CombineKind kind, Value lhs, Value rhs) {
  switch (kind) {
  case CombineKind::Overwrite:
    return rhs;
  case CombineKind::Add:
  case CombineKind::Or:
  case CombineKind::CountAdd:
    return buildSum(builder, loc, lhs, rhs);
  case CombineKind::Multiply:
  case CombineKind::And:
    return buildProduct(builder, loc, lhs, rhs);
  case CombineKind::Max:
    return buildMax(builder, loc, lhs, rhs);
  case CombineKind::Min:
    return buildMin(builder, loc, lhs, rhs);
  case CombineKind::LogAdd:
    return buildLogAdd(builder, loc, lhs, rhs);
  }
  llvm_unreachable("unknown combination");
}

//===----------------------------------------------------------------------===//
// Semirings
//===----------------------------------------------------------------------===//

CombineKind additionOf(SemiringKind kind) {
  switch (kind) {
  case SemiringKind::SumProduct:
    return CombineKind::Add;
  case SemiringKind::OrAnd:
    return CombineKind::Or;
  case SemiringKind::MaxPlus:
  case SemiringKind::MaxTimes:
  case SemiringKind::MaxMin:
    return CombineKind::Max;
  case SemiringKind::MinPlus:
    return CombineKind::Min;
  case SemiringKind::LogSumExp:
    return CombineKind::LogAdd;
  case SemiringKind::Count:
    return CombineKind::CountAdd;
  }
  llvm_unreachable("unknown semiring");
}

// Where two elements are compared, the addition picks one of them: then a + a = a, too.
bool SemiringAttr::isSelective() const {
  switch (additionOf(getKind())) {
  case CombineKind::Or:
  case CombineKind::Max:
  case CombineKind::Min:
    return true;
  default:
    return false;
  }
}

bool SemiringAttr::isIdempotent() const { return isSelective(); }

bool SemiringAttr::isCommutative() const { return true; }

// One is the greatest element. In max_plus and min_plus it is 0, and negative lengths exist; in
// max_times it is 1, and numbers above 1 exist.
bool SemiringAttr::isAbsorptive() const {
  return getKind() == SemiringKind::OrAnd || getKind() == SemiringKind::MaxMin;
}

bool SemiringAttr::isCancellative() const {
  return getKind() == SemiringKind::SumProduct || getKind() == SemiringKind::Count;
}

bool SemiringAttr::isField() const { return getKind() == SemiringKind::SumProduct; }

bool SemiringAttr::supports(Type elementType) const {
  switch (getKind()) {
  case SemiringKind::MaxPlus:
  case SemiringKind::MinPlus:
  case SemiringKind::MaxTimes:
  case SemiringKind::MaxMin:
    return isIntegerOrFloat(elementType) && !isBool(elementType);
  default:
    return supportsCombine(additionOf(getKind()), elementType);
  }
}

TypedAttr SemiringAttr::getZero(Type elementType) const {
  if (getKind() == SemiringKind::MaxTimes)
    return zeroOf(elementType);
  return neutralElement(additionOf(getKind()), elementType);
}

TypedAttr SemiringAttr::getOne(Type elementType) const {
  switch (getKind()) {
  case SemiringKind::SumProduct:
  case SemiringKind::OrAnd:
  case SemiringKind::MaxTimes:
  case SemiringKind::Count:
    return oneOf(elementType);
  case SemiringKind::MaxPlus:
  case SemiringKind::MinPlus:
  case SemiringKind::LogSumExp:
    return zeroOf(elementType);
  case SemiringKind::MaxMin:
    return extremeOf(elementType, /*highest=*/true);
  }
  llvm_unreachable("unknown semiring");
}

Value SemiringAttr::buildAdd(OpBuilder &builder, Location loc, Value lhs, Value rhs) const {
  return buildCombine(builder, loc, additionOf(getKind()), lhs, rhs);
}

/// lhs + rhs, but `zero` where one of them is: integers have no infinity that does so itself.
static Value buildAbsorbingSum(OpBuilder &builder, Location loc, TypedAttr zero, Value lhs,
                               Value rhs) {
  Value sum = AddIOp::create(builder, loc, lhs, rhs);
  Value absorbing = buildConstant(builder, loc, lhs.getType(), zero);
  Value left = CmpIOp::create(builder, loc, CmpIPredicate::eq, lhs, absorbing);
  Value right = CmpIOp::create(builder, loc, CmpIPredicate::eq, rhs, absorbing);
  Value either = OrIOp::create(builder, loc, left, right);
  return SelectOp::create(builder, loc, either, absorbing, sum);
}

Value SemiringAttr::buildMultiply(OpBuilder &builder, Location loc, Value lhs, Value rhs) const {
  Type elementType = mlir::getElementTypeOrSelf(lhs.getType());
  switch (getKind()) {
  case SemiringKind::SumProduct:
  case SemiringKind::OrAnd:
  case SemiringKind::MaxTimes:
  case SemiringKind::Count:
    return buildProduct(builder, loc, lhs, rhs);
  case SemiringKind::MaxPlus:
  case SemiringKind::MinPlus:
    if (isa<IntegerType>(elementType))
      return buildAbsorbingSum(builder, loc, getZero(elementType), lhs, rhs);
    return buildSum(builder, loc, lhs, rhs);
  case SemiringKind::LogSumExp:
    return buildSum(builder, loc, lhs, rhs);
  case SemiringKind::MaxMin:
    return buildMin(builder, loc, lhs, rhs);
  }
  llvm_unreachable("unknown semiring");
}

} // namespace tlc::ein
