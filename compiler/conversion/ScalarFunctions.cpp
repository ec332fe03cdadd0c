//===- ScalarFunctions.cpp - the functions of [E9] by element type --------===//

#include "compiler/conversion/ScalarCode.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Math/IR/Math.h"

namespace tlc {

namespace arith = mlir::arith;
namespace math = mlir::math;
namespace complex = mlir::complex;
using ein::SemiringKind;
using tl::Comparison;
using tl::Function;

Value ScalarCode::apply(Function function, ValueRange arguments) {
  if (function == Function::Where)
    return select(arguments[0], arguments[1], arguments[2]);
  Type type = arguments[0].getType();
  if (type.isInteger(1))
    return applyBool(function, arguments);
  if (isa<IntegerType>(type))
    return applyInteger(function, arguments);
  if (isa<ComplexType>(type))
    return applyComplex(function, arguments);
  return applyFloat(function, arguments);
}

//===----------------------------------------------------------------------===//
// Floating point
//===----------------------------------------------------------------------===//

Value ScalarCode::sigmoid(Value value) {
  Value one = number(1, value.getType());
  Value raised = isa<ComplexType>(value.getType())
                     ? Value(complex::ExpOp::create(builder, loc, negate(value)))
                     : Value(math::ExpOp::create(builder, loc, negate(value)));
  return divide(one, add(SemiringKind::SumProduct, one, raised));
}

Value ScalarCode::temperedSigmoid(Value value, Value temperature) {
  Type type = value.getType();
  Value half = number(0.5, type), one = number(1, type), zero = number(0, type);
  Value isCold = compare(Comparison::Equal, temperature, zero);
  Value test = select(compare(Comparison::Greater, value, half), one, zero);
  Value divisor = select(isCold, one, temperature);
  return select(isCold, test, sigmoid(divide(subtract(value, half), divisor)));
}

Value ScalarCode::applyFloat(Function function, ValueRange arguments) {
  Value x = arguments[0];
  Type type = x.getType();
  auto times = [&](Value a, Value b) { return multiply(SemiringKind::SumProduct, a, b); };
  auto plus = [&](Value a, Value b) { return add(SemiringKind::SumProduct, a, b); };
  switch (function) {
  case Function::Negate:
    return negate(x);
  case Function::Subtract:
    return subtract(x, arguments[1]);
  case Function::Divide:
    return divide(x, arguments[1]);
  case Function::Power:
    return math::PowFOp::create(builder, loc, x, arguments[1]);
  case Function::Step:
    return select(compare(Comparison::Greater, x, number(0, type)), number(1, type),
                  number(0, type));
  case Function::Relu:
    return arith::MaximumFOp::create(builder, loc, x, number(0, type));
  case Function::Sigmoid:
    return arguments.size() == 1 ? sigmoid(x) : temperedSigmoid(x, arguments[1]);
  case Function::Tanh:
    return math::TanhOp::create(builder, loc, x);
  case Function::Exp:
    return math::ExpOp::create(builder, loc, x);
  case Function::Log:
    return math::LogOp::create(builder, loc, x);
  case Function::Sqrt:
    return math::SqrtOp::create(builder, loc, x);
  case Function::Abs:
    return math::AbsFOp::create(builder, loc, x);
  case Function::Sin:
    return math::SinOp::create(builder, loc, x);
  case Function::Cos:
    return math::CosOp::create(builder, loc, x);
  case Function::Erf:
    return math::ErfOp::create(builder, loc, x);
  case Function::Gelu: {
    // x times the normal distribution's function.
    Value erf = math::ErfOp::create(builder, loc, times(x, number(0.70710678118654752440, type)));
    return times(times(number(0.5, type), x), plus(number(1, type), erf));
  }
  case Function::Silu:
    return times(x, sigmoid(x));
  case Function::Softplus: {
    // log(1 + e^x) without overflow: max(x, 0) + log1p(e^-|x|).
    Value magnitude = math::AbsFOp::create(builder, loc, x);
    Value small = math::ExpOp::create(builder, loc, negate(magnitude));
    return plus(arith::MaximumFOp::create(builder, loc, x, number(0, type)),
                math::Log1pOp::create(builder, loc, small));
  }
  case Function::Sign: {
    Value zero = number(0, type);
    // Zero and NaN are their own sign.
    Value notPositive = select(compare(Comparison::Less, x, zero), number(-1, type), x);
    return select(compare(Comparison::Greater, x, zero), number(1, type), notPositive);
  }
  case Function::Floor:
    return math::FloorOp::create(builder, loc, x);
  case Function::Min:
    return arith::MinimumFOp::create(builder, loc, x, arguments[1]);
  case Function::Max:
    return arith::MaximumFOp::create(builder, loc, x, arguments[1]);
  case Function::Not:
  case Function::Where:
    break;
  }
  llvm_unreachable("not a function of floats");
}

//===----------------------------------------------------------------------===//
// Integers and Booleans
//===----------------------------------------------------------------------===//

Value ScalarCode::applyInteger(Function function, ValueRange arguments) {
  Value x = arguments[0];
  Type type = x.getType();
  switch (function) {
  case Function::Negate:
    return negate(x);
  case Function::Subtract:
    return subtract(x, arguments[1]);
  case Function::Divide:
    return floorDivide(x, arguments[1]);
  case Function::Power:
    return math::IPowIOp::create(builder, loc, x, arguments[1]);
  case Function::Step:
    return select(compare(Comparison::Greater, x, number(0, type)), number(1, type),
                  number(0, type));
  case Function::Relu:
    return arith::MaxSIOp::create(builder, loc, x, number(0, type));
  case Function::Abs:
    return math::AbsIOp::create(builder, loc, x);
  case Function::Sign: {
    Value low = arith::MaxSIOp::create(builder, loc, x, number(-1, type));
    return arith::MinSIOp::create(builder, loc, low, number(1, type));
  }
  case Function::Floor:
    return x;
  case Function::Min:
    return arith::MinSIOp::create(builder, loc, x, arguments[1]);
  case Function::Max:
    return arith::MaxSIOp::create(builder, loc, x, arguments[1]);
  default: {
    // The others are functions of reals: computed there, rounded towards zero.
    SmallVector<Value> reals;
    for (Value argument : arguments)
      reals.push_back(convertReal(argument, builder.getF64Type()));
    return convertReal(applyFloat(function, reals), type);
  }
  }
}

Value ScalarCode::applyBool(Function function, ValueRange arguments) {
  Value x = arguments[0];
  switch (function) {
  case Function::Not:
    return arith::XOrIOp::create(builder, loc, x, number(1, x.getType()));
  case Function::Min:
    return arith::AndIOp::create(builder, loc, x, arguments[1]);
  case Function::Max:
    return arith::OrIOp::create(builder, loc, x, arguments[1]);
  default: {
    SmallVector<Value> reals;
    for (Value argument : arguments)
      reals.push_back(convert(argument, builder.getF64Type(), SemiringKind::SumProduct));
    return convert(applyFloat(function, reals), x.getType(), SemiringKind::SumProduct);
  }
  }
}

//===----------------------------------------------------------------------===//
// Complex numbers
//===----------------------------------------------------------------------===//

Value ScalarCode::applyComplex(Function function, ValueRange arguments) {
  Value x = arguments[0];
  Type type = x.getType();
  switch (function) {
  case Function::Negate:
    return negate(x);
  case Function::Subtract:
    return subtract(x, arguments[1]);
  case Function::Divide:
    return divide(x, arguments[1]);
  case Function::Power:
    return complex::PowOp::create(builder, loc, x, arguments[1]);
  case Function::Sigmoid:
    if (arguments.size() == 1)
      return sigmoid(x);
    break;
  case Function::Tanh:
    return complex::TanhOp::create(builder, loc, x);
  case Function::Exp:
    return complex::ExpOp::create(builder, loc, x);
  case Function::Log:
    return complex::LogOp::create(builder, loc, x);
  case Function::Sqrt:
    return complex::SqrtOp::create(builder, loc, x);
  case Function::Sin:
    return complex::SinOp::create(builder, loc, x);
  case Function::Cos:
    return complex::CosOp::create(builder, loc, x);
  case Function::Sign:
    return complex::SignOp::create(builder, loc, x);
  case Function::Abs: {
    Type part = cast<ComplexType>(type).getElementType();
    return makeComplex(complex::AbsOp::create(builder, loc, part, x), type);
  }
  default:
    break;
  }
  // Functions that need an order act on the real part.
  SmallVector<Value> reals;
  for (Value argument : arguments)
    reals.push_back(realPart(argument));
  return makeComplex(applyFloat(function, reals), type);
}

} // namespace tlc
