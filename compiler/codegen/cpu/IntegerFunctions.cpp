//===- IntegerFunctions.cpp - integers without undefined results ----------===//
//
// The machine has no result for a float beyond the range of an integer, and no power of
// integers. Both are made of selections, so that they work on vectors:
//
//   x^13 = x^8 x^4 x^1       squares x once for each bit of the exponent
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/IntegerFunctions.h"

#include "dialects/ein/EinDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/TypeUtilities.h"

#include <cmath>

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace scf = mlir::scf;

/// `type`, in as many lanes as `like` has.
static Type inLanesOf(Value like, Type type) {
  mlir::VectorType vector = dyn_cast<mlir::VectorType>(like.getType());
  return vector ? Type(vector.cloneWith(std::nullopt, type)) : type;
}

Value toInteger(OpBuilder &builder, Location loc, Value value, Type type) {
  FloatType from = cast<FloatType>(mlir::getElementTypeOrSelf(value.getType()));
  unsigned width = type.getIntOrFloatBitWidth();
  Type target = inLanesOf(value, type);
  auto floatConstant = [&](double number) {
    return ein::buildConstant(builder, loc, value.getType(), FloatAttr::get(from, number));
  };
  auto integerConstant = [&](const llvm::APInt &number) {
    return ein::buildConstant(builder, loc, target, IntegerAttr::get(type, number));
  };
  using Predicate = arith::CmpFPredicate;
  double bound = std::ldexp(1.0, width - 1);
  Value above = arith::CmpFOp::create(builder, loc, Predicate::OGE, value, floatConstant(bound));
  Value inside = arith::CmpFOp::create(builder, loc, Predicate::OGE, value, floatConstant(-bound));
  Value below = arith::CmpFOp::create(builder, loc, Predicate::OLT, value, floatConstant(-bound));
  Value known = arith::SelectOp::create(builder, loc, inside, value, floatConstant(0));
  known = arith::SelectOp::create(builder, loc, above, floatConstant(0), known);
  Value result = arith::FPToSIOp::create(builder, loc, target, known);
  result = arith::SelectOp::create(builder, loc, above,
                                   integerConstant(llvm::APInt::getSignedMaxValue(width)), result);
  return arith::SelectOp::create(builder, loc, below,
                                 integerConstant(llvm::APInt::getSignedMinValue(width)), result);
}

Value integerPower(OpBuilder &builder, Location loc, Value base, Value exponent) {
  Type type = base.getType(), element = mlir::getElementTypeOrSelf(type);
  auto constant = [&](int64_t number) {
    return ein::buildConstant(builder, loc, type, IntegerAttr::get(element, number));
  };
  Value zero = constant(0), one = constant(1), minusOne = constant(-1);
  auto compare = [&](arith::CmpIPredicate predicate, Value lhs, Value rhs) {
    return arith::CmpIOp::create(builder, loc, predicate, lhs, rhs);
  };
  Value first = arith::ConstantIntOp::create(builder, loc, 0, 32);
  Value step = arith::ConstantIntOp::create(builder, loc, 1, 32);
  Value bits = arith::ConstantIntOp::create(builder, loc, element.getIntOrFloatBitWidth(), 32);
  scf::ForOp loop = scf::ForOp::create(
      builder, loc, first, bits, step, ValueRange{one, base, exponent},
      [&](OpBuilder &inner, Location, Value, ValueRange carried) {
        Value bit = arith::AndIOp::create(inner, loc, carried[2], one);
        Value isSet = arith::CmpIOp::create(inner, loc, arith::CmpIPredicate::ne, bit, zero);
        Value product = arith::MulIOp::create(inner, loc, carried[0], carried[1]);
        Value result = arith::SelectOp::create(inner, loc, isSet, product, carried[0]);
        Value square = arith::MulIOp::create(inner, loc, carried[1], carried[1]);
        Value rest = arith::ShRUIOp::create(inner, loc, carried[2], one);
        scf::YieldOp::create(inner, loc, ValueRange{result, square, rest});
      });
  // An inverse is an integer for 1 and -1 only, whose powers depend on the lowest bit.
  Value odd =
      compare(arith::CmpIPredicate::ne, arith::AndIOp::create(builder, loc, exponent, one), zero);
  Value sign = arith::SelectOp::create(builder, loc, odd, minusOne, one);
  Value isMinusOne = compare(arith::CmpIPredicate::eq, base, minusOne);
  Value inverse =
      arith::SelectOp::create(builder, loc, compare(arith::CmpIPredicate::eq, base, one), one,
                              arith::SelectOp::create(builder, loc, isMinusOne, sign, zero));
  Value isNegative = compare(arith::CmpIPredicate::slt, exponent, zero);
  return arith::SelectOp::create(builder, loc, isNegative, inverse, loop.getResult(0));
}

} // namespace tlc::codegen
