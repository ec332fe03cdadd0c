//===- Scalar.cpp - elements and their arithmetic -------------------------===//

#include "compiler/reference/Scalar.h"

#include "mlir/Dialect/Complex/IR/Complex.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>
#include <limits>

namespace tlc::reference {

using ein::CombineKind;
using ein::SemiringKind;

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

unsigned integerWidth(Type type) { return type.isIndex() ? 64 : type.getIntOrFloatBitWidth(); }

static double roundTo(double value, FloatType type) {
  if (type.isF64())
    return value;
  if (type.isF32())
    return static_cast<float>(value);
  llvm::APFloat number(value);
  bool losesInfo;
  number.convert(type.getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  number.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return number.convertToDouble();
}

Scalar roundTo(Scalar value, Type type) {
  if (FloatType floatType = dyn_cast<FloatType>(type))
    return Scalar::of(roundTo(value.real(), floatType));
  if (ComplexType complexType = dyn_cast<ComplexType>(type)) {
    FloatType part = cast<FloatType>(complexType.getElementType());
    return Scalar::of(std::complex<double>(roundTo(value.number.real(), part),
                                           roundTo(value.number.imag(), part)));
  }
  unsigned width = integerWidth(type);
  if (width == 1)
    return Scalar::of(value.integer & 1);
  return Scalar::of(llvm::SignExtend64(static_cast<uint64_t>(value.integer), width));
}

int64_t signedValue(Scalar value, Type type) {
  return llvm::SignExtend64(static_cast<uint64_t>(value.integer), integerWidth(type));
}

uint64_t unsignedValue(Scalar value, Type type) {
  return static_cast<uint64_t>(value.integer) &
         llvm::maskTrailingOnes<uint64_t>(integerWidth(type));
}

static double toDouble(llvm::APFloat number) {
  bool losesInfo;
  number.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return number.convertToDouble();
}

Scalar scalarOf(TypedAttr attribute) {
  if (FloatAttr number = dyn_cast<FloatAttr>(attribute))
    return Scalar::of(toDouble(number.getValue()));
  if (mlir::complex::NumberAttr number = dyn_cast<mlir::complex::NumberAttr>(attribute))
    return Scalar::of(std::complex<double>(toDouble(number.getReal()), toDouble(number.getImag())));
  IntegerAttr integer = cast<IntegerAttr>(attribute);
  return roundTo(Scalar::of(integer.getValue().getSExtValue()), integer.getType());
}

//===----------------------------------------------------------------------===//
// Combinations
//===----------------------------------------------------------------------===//

static Scalar sum(Type type, Scalar lhs, Scalar rhs) {
  if (isNumber(type))
    return Scalar::of(lhs.number + rhs.number);
  if (type.isInteger(1))
    return Scalar::of(lhs.integer | rhs.integer);
  uint64_t wrapped = static_cast<uint64_t>(lhs.integer) + static_cast<uint64_t>(rhs.integer);
  return roundTo(Scalar::of(static_cast<int64_t>(wrapped)), type);
}

static Scalar product(Type type, Scalar lhs, Scalar rhs) {
  if (isa<FloatType>(type))
    return Scalar::of(lhs.real() * rhs.real());
  if (isa<ComplexType>(type))
    return Scalar::of(lhs.number * rhs.number);
  uint64_t wrapped = static_cast<uint64_t>(lhs.integer) * static_cast<uint64_t>(rhs.integer);
  return roundTo(Scalar::of(static_cast<int64_t>(wrapped)), type);
}

/// The greater element, or the lesser with `lesser`; NaN if one is NaN.
static Scalar extreme(Type type, Scalar lhs, Scalar rhs, bool lesser) {
  if (!isNumber(type))
    return (lhs.integer < rhs.integer) == lesser ? lhs : rhs;
  if (std::isnan(lhs.real()) || std::isnan(rhs.real()))
    return Scalar::of(std::numeric_limits<double>::quiet_NaN());
  if (lhs.real() == rhs.real()) // -0 is less than +0
    return std::signbit(lhs.real()) == lesser ? lhs : rhs;
  return (lhs.real() < rhs.real()) == lesser ? lhs : rhs;
}

/// ln(e^lhs + e^rhs), from the greater one so that nothing overflows.
static Scalar logSum(Scalar lhs, Scalar rhs) {
  double difference = lhs.real() == rhs.real() ? 0 : std::fabs(lhs.real() - rhs.real());
  double greater = lhs.real() < rhs.real() ? rhs.real() : lhs.real();
  return Scalar::of(greater + std::log1p(std::exp(-difference)));
}

std::optional<Scalar> combine(CombineKind kind, Type type, Scalar lhs, Scalar rhs) {
  switch (kind) {
  case CombineKind::Overwrite:
    return rhs;
  case CombineKind::Add:
  case CombineKind::Or:
    return sum(type, lhs, rhs);
  case CombineKind::Multiply:
  case CombineKind::And:
    return product(type, lhs, rhs);
  case CombineKind::Max:
    return extreme(type, lhs, rhs, /*lesser=*/false);
  case CombineKind::Min:
    return extreme(type, lhs, rhs, /*lesser=*/true);
  case CombineKind::LogAdd:
    return logSum(lhs, rhs);
  case CombineKind::CountAdd: {
    int64_t result;
    if (llvm::AddOverflow(lhs.integer, rhs.integer, result))
      return std::nullopt;
    return Scalar::of(result);
  }
  }
  llvm_unreachable("unknown combination");
}

//===----------------------------------------------------------------------===//
// Semirings
//===----------------------------------------------------------------------===//

std::optional<Scalar> add(ein::SemiringAttr semiring, Type type, Scalar lhs, Scalar rhs) {
  return combine(ein::additionOf(semiring.getKind()), type, lhs, rhs);
}

std::optional<Scalar> multiply(ein::SemiringAttr semiring, Type type, Scalar lhs, Scalar rhs) {
  switch (semiring.getKind()) {
  case SemiringKind::SumProduct:
  case SemiringKind::OrAnd:
  case SemiringKind::MaxTimes:
    return product(type, lhs, rhs);
  case SemiringKind::MaxPlus:
  case SemiringKind::MinPlus: {
    if (isNumber(type))
      return sum(type, lhs, rhs);
    // Integers have no infinity that absorbs by itself.
    Scalar zero = scalarOf(semiring.getZero(type));
    if (lhs.integer == zero.integer || rhs.integer == zero.integer)
      return zero;
    return sum(type, lhs, rhs);
  }
  case SemiringKind::LogSumExp:
    return sum(type, lhs, rhs);
  case SemiringKind::MaxMin:
    return extreme(type, lhs, rhs, /*lesser=*/true);
  case SemiringKind::Count: {
    int64_t result;
    if (llvm::MulOverflow(lhs.integer, rhs.integer, result))
      return std::nullopt;
    return Scalar::of(result);
  }
  }
  llvm_unreachable("unknown semiring");
}

} // namespace tlc::reference
