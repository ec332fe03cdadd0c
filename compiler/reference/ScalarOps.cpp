//===- ScalarOps.cpp - arith, math and complex on scalars -----------------===//
//
// The bodies of maps and epilogues, and index arithmetic. Each result is rounded to its type, as
// the operations say: in f16, 2048 + 1 is 2048.
//
//===----------------------------------------------------------------------===//

#include "compiler/reference/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>
#include <limits>

namespace tlc::reference {

using Complex = std::complex<double>;
using mlir::arith::CmpFPredicate;
using mlir::arith::CmpIPredicate;

namespace {
/// The operation at hand with its operands, and the type that its arithmetic is in.
struct Context {
  Operation &op;
  ArrayRef<Scalar> operands;
  Type type; ///< of the first operand, or of the result if there is none

  StringRef name() const { return op.getName().getStringRef(); }
  Type resultType() const { return op.getResult(0).getType(); }
  double real(unsigned i) const { return operands[i].real(); }
  int64_t integer(unsigned i) const { return signedValue(operands[i], op.getOperand(i).getType()); }
  uint64_t bits(unsigned i) const { return unsignedValue(operands[i], op.getOperand(i).getType()); }
};
using Result = std::optional<Scalar>;
} // namespace

//===----------------------------------------------------------------------===//
// Floats
//===----------------------------------------------------------------------===//

using UnaryFunction = double (*)(double);
using BinaryFunction = double (*)(double, double);

static const llvm::StringMap<UnaryFunction> &unaryFunctions() {
  static const llvm::StringMap<UnaryFunction> functions = {
      {"arith.negf", [](double x) { return -x; }},
      {"arith.extf", [](double x) { return x; }},
      {"arith.truncf", [](double x) { return x; }},
      {"math.absf", std::fabs},
      {"math.acos", std::acos},
      {"math.acosh", std::acosh},
      {"math.asin", std::asin},
      {"math.asinh", std::asinh},
      {"math.atan", std::atan},
      {"math.atanh", std::atanh},
      {"math.cbrt", std::cbrt},
      {"math.ceil", std::ceil},
      {"math.cos", std::cos},
      {"math.cosh", std::cosh},
      {"math.erf", std::erf},
      {"math.erfc", std::erfc},
      {"math.exp", std::exp},
      {"math.exp2", std::exp2},
      {"math.expm1", std::expm1},
      {"math.floor", std::floor},
      {"math.log", std::log},
      {"math.log10", std::log10},
      {"math.log1p", std::log1p},
      {"math.log2", std::log2},
      {"math.round", std::round},
      {"math.roundeven", std::nearbyint},
      {"math.rsqrt", [](double x) { return 1 / std::sqrt(x); }},
      {"math.sin", std::sin},
      {"math.sinh", std::sinh},
      {"math.sqrt", std::sqrt},
      {"math.tan", std::tan},
      {"math.tanh", std::tanh},
      {"math.trunc", std::trunc},
  };
  return functions;
}

static double maximum(double x, double y) {
  if (std::isnan(x) || std::isnan(y))
    return x + y;
  if (x == y)
    return std::signbit(x) ? y : x;
  return x < y ? y : x;
}

static const llvm::StringMap<BinaryFunction> &binaryFunctions() {
  static const llvm::StringMap<BinaryFunction> functions = {
      {"arith.addf", [](double x, double y) { return x + y; }},
      {"arith.divf", [](double x, double y) { return x / y; }},
      {"arith.maximumf", maximum},
      {"arith.maxnumf", std::fmax},
      {"arith.minimumf", [](double x, double y) { return -maximum(-x, -y); }},
      {"arith.minnumf", std::fmin},
      {"arith.mulf", [](double x, double y) { return x * y; }},
      {"arith.remf", std::fmod},
      {"arith.subf", [](double x, double y) { return x - y; }},
      {"math.atan2", std::atan2},
      {"math.copysign", std::copysign},
      {"math.powf", std::pow},
  };
  return functions;
}

static bool compare(CmpFPredicate predicate, double x, double y) {
  bool unordered = std::isnan(x) || std::isnan(y);
  switch (predicate) {
  case CmpFPredicate::AlwaysFalse:
    return false;
  case CmpFPredicate::OEQ:
    return x == y;
  case CmpFPredicate::OGT:
    return x > y;
  case CmpFPredicate::OGE:
    return x >= y;
  case CmpFPredicate::OLT:
    return x < y;
  case CmpFPredicate::OLE:
    return x <= y;
  case CmpFPredicate::ONE:
    return !unordered && x != y;
  case CmpFPredicate::ORD:
    return !unordered;
  case CmpFPredicate::UEQ:
    return unordered || x == y;
  case CmpFPredicate::UGT:
    return !(x <= y);
  case CmpFPredicate::UGE:
    return !(x < y);
  case CmpFPredicate::ULT:
    return !(x >= y);
  case CmpFPredicate::ULE:
    return !(x > y);
  case CmpFPredicate::UNE:
    return x != y;
  case CmpFPredicate::UNO:
    return unordered;
  case CmpFPredicate::AlwaysTrue:
    return true;
  }
  llvm_unreachable("unknown predicate");
}

/// The integer nearest to zero of x; the ends of the range beyond them, 0 for NaN.
static int64_t truncate(double x, unsigned width, bool isSigned) {
  if (std::isnan(x))
    return 0;
  double lowest = isSigned ? -std::ldexp(1, width - 1) : 0;
  double beyond = std::ldexp(1, isSigned ? width - 1 : width);
  if (x <= lowest)
    return isSigned ? llvm::minIntN(width) : 0;
  if (x >= beyond)
    return isSigned ? llvm::maxIntN(width) : static_cast<int64_t>(llvm::maxUIntN(width));
  return isSigned ? static_cast<int64_t>(x) : static_cast<int64_t>(static_cast<uint64_t>(x));
}

static Result evaluateFloat(const Context &context) {
  StringRef name = context.name();
  if (UnaryFunction function = unaryFunctions().lookup(name))
    return Scalar::of(function(context.real(0)));
  if (BinaryFunction function = binaryFunctions().lookup(name))
    return Scalar::of(function(context.real(0), context.real(1)));
  if (mlir::arith::CmpFOp compareOp = dyn_cast<mlir::arith::CmpFOp>(context.op))
    return Scalar::of(compare(compareOp.getPredicate(), context.real(0), context.real(1)));
  if (name == "math.fma")
    return Scalar::of(std::fma(context.real(0), context.real(1), context.real(2)));
  if (name == "math.clampf")
    return Scalar::of(std::fmin(std::fmax(context.real(0), context.real(1)), context.real(2)));
  if (name == "math.fpowi")
    return Scalar::of(std::pow(context.real(0), static_cast<double>(context.integer(1))));
  if (name == "math.isnan")
    return Scalar::of(std::isnan(context.real(0)));
  if (name == "math.isinf")
    return Scalar::of(std::isinf(context.real(0)));
  if (name == "math.isfinite")
    return Scalar::of(std::isfinite(context.real(0)));
  if (name == "arith.fptosi" || name == "arith.fptoui")
    return Scalar::of(truncate(context.real(0), integerWidth(context.resultType()),
                               /*isSigned=*/name == "arith.fptosi"));
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

static bool compare(CmpIPredicate predicate, const Context &context) {
  int64_t x = context.integer(0), y = context.integer(1);
  uint64_t u = context.bits(0), v = context.bits(1);
  switch (predicate) {
  case CmpIPredicate::eq:
    return x == y;
  case CmpIPredicate::ne:
    return x != y;
  case CmpIPredicate::slt:
    return x < y;
  case CmpIPredicate::sle:
    return x <= y;
  case CmpIPredicate::sgt:
    return x > y;
  case CmpIPredicate::sge:
    return x >= y;
  case CmpIPredicate::ult:
    return u < v;
  case CmpIPredicate::ule:
    return u <= v;
  case CmpIPredicate::ugt:
    return u > v;
  case CmpIPredicate::uge:
    return u >= v;
  }
  llvm_unreachable("unknown predicate");
}

/// x^y that wraps; a negative power is 0 but for 1 and -1.
static uint64_t power(int64_t x, int64_t y) {
  if (y < 0)
    return x == 1 ? 1 : x == -1 ? (y % 2 != 0 ? -1 : 1) : 0;
  uint64_t result = 1, square = static_cast<uint64_t>(x);
  for (uint64_t rest = y; rest != 0; rest /= 2, square *= square)
    if (rest % 2 != 0)
      result *= square;
  return result;
}

/// Quotients and remainders of nonzero divisors; -x for the divisor -1 wraps.
static uint64_t divide(StringRef name, const Context &context) {
  int64_t x = context.integer(0), y = context.integer(1);
  if (name == "arith.divui")
    return context.bits(0) / context.bits(1);
  if (name == "arith.remui")
    return context.bits(0) % context.bits(1);
  if (name == "arith.ceildivui")
    return llvm::divideCeil(context.bits(0), context.bits(1));
  if (name == "arith.remsi")
    return y == -1 ? 0 : x % y;
  if (y == -1)
    return -static_cast<uint64_t>(x);
  int64_t quotient = x / y;
  bool isInexact = x % y != 0, isNegative = (x < 0) != (y < 0);
  if (name == "arith.floordivsi")
    return quotient - (isInexact && isNegative);
  if (name == "arith.ceildivsi")
    return quotient + (isInexact && !isNegative);
  return quotient;
}

static bool isDivision(StringRef name) {
  return llvm::StringSwitch<bool>(name)
      .Cases({"arith.divsi", "arith.divui", "arith.remsi", "arith.remui"}, true)
      .Cases({"arith.ceildivsi", "arith.ceildivui", "arith.floordivsi"}, true)
      .Default(false);
}

static std::optional<uint64_t> evaluateBits(const Context &context) {
  StringRef name = context.name();
  uint64_t x = context.bits(0), y = context.operands.size() > 1 ? context.bits(1) : 0;
  uint64_t width = integerWidth(context.type);
  if (name == "arith.addi")
    return x + y;
  if (name == "arith.subi")
    return x - y;
  if (name == "arith.muli")
    return x * y;
  if (name == "arith.andi")
    return x & y;
  if (name == "arith.ori")
    return x | y;
  if (name == "arith.xori")
    return x ^ y;
  if (name == "arith.maxui")
    return std::max(x, y);
  if (name == "arith.minui")
    return std::min(x, y);
  if (name == "arith.maxsi")
    return std::max(context.integer(0), context.integer(1));
  if (name == "arith.minsi")
    return std::min(context.integer(0), context.integer(1));
  // A shift by the width or more leaves nothing.
  if (name == "arith.shli")
    return y < width ? x << y : 0;
  if (name == "arith.shrui")
    return y < width ? x >> y : 0;
  if (name == "arith.shrsi")
    return context.integer(0) >> std::min(y, width - 1);
  if (name == "arith.extui" || name == "arith.index_castui")
    return x;
  if (name == "arith.extsi" || name == "arith.trunci" || name == "arith.index_cast")
    return context.integer(0);
  if (name == "math.absi")
    return context.integer(0) < 0 ? -x : x;
  if (name == "math.ipowi")
    return power(context.integer(0), context.integer(1));
  return std::nullopt;
}

static Result evaluateInteger(const Context &context) {
  StringRef name = context.name();
  if (name == "arith.sitofp")
    return Scalar::of(static_cast<double>(context.integer(0)));
  if (name == "arith.uitofp")
    return Scalar::of(static_cast<double>(context.bits(0)));
  if (mlir::arith::CmpIOp compareOp = dyn_cast<mlir::arith::CmpIOp>(context.op))
    return Scalar::of(compare(compareOp.getPredicate(), context));
  if (isDivision(name))
    return Scalar::of(static_cast<int64_t>(divide(name, context)));
  if (std::optional<uint64_t> bits = evaluateBits(context))
    return Scalar::of(static_cast<int64_t>(*bits));
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Complex numbers
//===----------------------------------------------------------------------===//

using ComplexFunction = Complex (*)(const Complex &);

static const llvm::StringMap<ComplexFunction> &complexFunctions() {
  static const llvm::StringMap<ComplexFunction> functions = {
      {"complex.abs", [](const Complex &z) { return Complex(std::abs(z)); }},
      {"complex.angle", [](const Complex &z) { return Complex(std::arg(z)); }},
      {"complex.conj", [](const Complex &z) { return std::conj(z); }},
      {"complex.cos", [](const Complex &z) { return std::cos(z); }},
      {"complex.exp", [](const Complex &z) { return std::exp(z); }},
      {"complex.im", [](const Complex &z) { return Complex(z.imag()); }},
      {"complex.log", [](const Complex &z) { return std::log(z); }},
      {"complex.neg", [](const Complex &z) { return -z; }},
      {"complex.re", [](const Complex &z) { return Complex(z.real()); }},
      {"complex.sin", [](const Complex &z) { return std::sin(z); }},
      {"complex.sqrt", [](const Complex &z) { return std::sqrt(z); }},
      {"complex.tan", [](const Complex &z) { return std::tan(z); }},
      {"complex.tanh", [](const Complex &z) { return std::tanh(z); }},
  };
  return functions;
}

static Result evaluateComplex(const Context &context) {
  StringRef name = context.name();
  Complex x = context.operands[0].number;
  if (ComplexFunction function = complexFunctions().lookup(name))
    return Scalar::of(function(x));
  if (context.operands.size() != 2)
    return std::nullopt;
  Complex y = context.operands[1].number;
  if (name == "complex.create")
    return Scalar::of(Complex(x.real(), y.real()));
  if (name == "complex.add")
    return Scalar::of(x + y);
  if (name == "complex.sub")
    return Scalar::of(x - y);
  if (name == "complex.mul")
    return Scalar::of(x * y);
  if (name == "complex.div")
    return Scalar::of(x / y);
  if (name == "complex.pow")
    return Scalar::of(std::pow(x, y));
  if (name == "complex.eq")
    return Scalar::of(x == y);
  if (name == "complex.neq")
    return Scalar::of(x != y);
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Any operation
//===----------------------------------------------------------------------===//

static Result evaluateConstant(Operation &op) {
  if (mlir::complex::ConstantOp constant = dyn_cast<mlir::complex::ConstantOp>(op)) {
    auto part = [&](unsigned i) {
      return scalarOf(cast<FloatAttr>(constant.getValue()[i])).real();
    };
    return Scalar::of(Complex(part(0), part(1)));
  }
  if (mlir::arith::ConstantOp constant = dyn_cast<mlir::arith::ConstantOp>(op))
    return scalarOf(constant.getValue());
  return std::nullopt;
}

/// The same bits as another type of the same width.
static Result bitcast(const Context &context) {
  auto toBits = [&]() -> llvm::APInt {
    if (FloatType from = dyn_cast<FloatType>(context.type))
      return FloatAttr::get(from, context.real(0)).getValue().bitcastToAPInt();
    return llvm::APInt(integerWidth(context.type), context.bits(0));
  };
  if (FloatType to = dyn_cast<FloatType>(context.resultType()))
    return scalarOf(FloatAttr::get(to, llvm::APFloat(to.getFloatSemantics(), toBits())));
  return Scalar::of(toBits().getSExtValue());
}

static Result evaluateUnrounded(const Context &context) {
  StringRef name = context.name();
  if (context.operands.empty())
    return evaluateConstant(context.op);
  if (name == "arith.select")
    return context.operands[context.operands[0].integer != 0 ? 1 : 2];
  if (name == "arith.bitcast")
    return bitcast(context);
  if (name.starts_with("complex."))
    return evaluateComplex(context);
  return isa<FloatType>(context.type) ? evaluateFloat(context) : evaluateInteger(context);
}

FailureOr<Scalar> evaluate(Operation &op, ArrayRef<Scalar> operands) {
  if (op.getNumResults() != 1)
    return op.emitError("reference cannot interpret this operation");
  Type type = operands.empty() ? op.getResult(0).getType() : op.getOperand(0).getType();
  if (isDivision(op.getName().getStringRef()) && operands[1].integer == 0)
    return op.emitError("integer division by zero");
  Result result = evaluateUnrounded({op, operands, type});
  if (!result)
    return op.emitError("reference cannot interpret this operation");
  return roundTo(*result, op.getResult(0).getType());
}

} // namespace tlc::reference
