//===- SemiringSum.cpp - (+) and (*) of a semiring ------------------------===//
//
//   min_plus   min(sum, a + b)        max_times   max(sum, a b)
//   max_plus   max(sum, a + b)        max_min     max(sum, min(a, b))
//
// `arith.minimumf` keeps a NaN and puts -0 below 0, which takes the processor five instructions for
// one. So the numbers of each panel are looked through before it is used for many tiles: where no
// product can be a NaN, and zeros of both signs do not meet, a comparison does.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/KernelFunctions.h"
#include "compiler/codegen/cpu/TileArithmetic.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace vector = mlir::vector;
using ein::SemiringKind;
using mlir::VectorType;

namespace {

/// The kinds of numbers that ask for care.
enum Kind : int32_t { NotANumber = 1, PlusInfinity = 2, MinusInfinity = 4, MinusZero = 8 };

class SemiringSum : public TileArithmetic {
public:
  SemiringSum(SemiringKind kind, Type operand, Type compute)
      : semiring(ein::SemiringAttr::get(operand.getContext(), kind)), kind(kind) {
    setSimpleFormat(*this, operand, compute);
    name = (ein::stringifySemiringKind(kind) + "_" + typeName(compute)).str();
    speed = 0.5;
    directCost = hasPlainForm() ? 6 : 2;
  }

  Value neutral(IndexBuilder &b, unsigned lanes) const override {
    return constantElement(b.builder, b.loc, semiring.getZero(number), number, lanes);
  }

  SmallVector<Value> addRow(IndexBuilder &b, Value leftAt, ValueRange rights, ValueRange sums,
                            bool isPlain) const override {
    unsigned lanes = cast<VectorType>(rights[0].getType()).getNumElements();
    Value factor = loadSplat(b, leftAt, number, lanes);
    SmallVector<Value> next;
    for (auto [other, sum] : llvm::zip_equal(rights, sums))
      next.push_back(
          isPlain ? plainStep(b, factor, other, sum)
                  : combine(b, sum, semiring.buildMultiply(b.builder, b.loc, factor, other)));
    return next;
  }

  Value combine(IndexBuilder &b, Value before, Value sum) const override {
    return semiring.buildAdd(b.builder, b.loc, before, sum);
  }

  bool hasPlainForm() const override { return isa<FloatType>(number); }
  Value kindsOf(IndexBuilder &b, Value panel, Value count, unsigned lanes) const override;
  Value arePlain(IndexBuilder &b, Value leftKinds, Value rightKinds) const override;

private:
  Value plainStep(IndexBuilder &b, Value factor, Value other, Value sum) const;
  /// The operand that is less, or greater; `second` if they are equal.
  static Value selectBy(IndexBuilder &b, arith::CmpFPredicate predicate, Value first,
                        Value second) {
    Value isFirst = arith::CmpFOp::create(b.builder, b.loc, predicate, first, second);
    return arith::SelectOp::create(b.builder, b.loc, isFirst, first, second);
  }

  ein::SemiringAttr semiring;
  SemiringKind kind;
};

} // namespace

Value SemiringSum::plainStep(IndexBuilder &b, Value factor, Value other, Value sum) const {
  constexpr auto less = arith::CmpFPredicate::OLT, greater = arith::CmpFPredicate::OGT;
  Value product;
  if (kind == SemiringKind::MaxTimes)
    product = arith::MulFOp::create(b.builder, b.loc, factor, other);
  else if (kind == SemiringKind::MaxMin)
    product = selectBy(b, less, factor, other);
  else
    product = arith::AddFOp::create(b.builder, b.loc, factor, other);
  return selectBy(b, kind == SemiringKind::MinPlus ? less : greater, product, sum);
}

Value SemiringSum::kindsOf(IndexBuilder &b, Value panel, Value count, unsigned lanes) const {
  Type vectorType = withLanes(number, lanes);
  auto constant = [&](TypedAttr attribute) {
    return constantElement(b.builder, b.loc, attribute, number, lanes);
  };
  Value infinity = constant(ein::neutralElement(ein::CombineKind::Min, number));
  Value minusInfinity = constant(ein::neutralElement(ein::CombineKind::Max, number));
  Value minusZero = constant(b.builder.getFloatAttr(number, -0.0));
  Type bits =
      withLanes(IntegerType::get(number.getContext(), number.getIntOrFloatBitWidth()), lanes);
  auto asBits = [&](Value value) {
    return arith::BitcastOp::create(b.builder, b.loc, bits, value).getResult();
  };
  Type flags = withLanes(b.builder.getI1Type(), lanes);
  Value none = arith::ConstantOp::create(b.builder, b.loc, b.builder.getZeroAttr(flags));
  SmallVector<Value> found =
      b.loop(b.constant(0), count, b.constant(lanes), SmallVector<Value>(4, none),
             [&](IndexBuilder &b, Value at, ValueRange before) {
               Value x = b.load(vectorType, b.offset(panel, at, number));
               auto compare = [&](arith::CmpFPredicate predicate, Value other) -> Value {
                 return arith::CmpFOp::create(b.builder, b.loc, predicate, x, other);
               };
               // In the order of their bits.
               Value is[] = {compare(arith::CmpFPredicate::UNO, x),
                             compare(arith::CmpFPredicate::OEQ, infinity),
                             compare(arith::CmpFPredicate::OEQ, minusInfinity),
                             arith::CmpIOp::create(b.builder, b.loc, arith::CmpIPredicate::eq,
                                                   asBits(x), asBits(minusZero))};
               SmallVector<Value> next;
               for (auto [earlier, here] : llvm::zip_equal(before, is))
                 next.push_back(arith::OrIOp::create(b.builder, b.loc, earlier, here));
               return next;
             });
  Value kinds = arith::ConstantIntOp::create(b.builder, b.loc, 0, 32), zero = kinds;
  for (auto [number, flags] : llvm::enumerate(found)) {
    Value any = vector::ReductionOp::create(b.builder, b.loc, vector::CombiningKind::OR, flags);
    Value bit = arith::ConstantIntOp::create(b.builder, b.loc, 1 << number, 32);
    kinds = arith::OrIOp::create(b.builder, b.loc, kinds, b.select(any, bit, zero));
  }
  return kinds;
}

Value SemiringSum::arePlain(IndexBuilder &b, Value leftKinds, Value rightKinds) const {
  auto number = [&](int32_t value) -> Value {
    return arith::ConstantIntOp::create(b.builder, b.loc, value, 32);
  };
  auto masked = [&](Value kinds, int32_t mask) -> Value {
    return arith::AndIOp::create(b.builder, b.loc, kinds, number(mask));
  };
  auto is = [&](arith::CmpIPredicate predicate, Value kinds, int32_t value) -> Value {
    return arith::CmpIOp::create(b.builder, b.loc, predicate, kinds, number(value));
  };
  Value either = arith::OrIOp::create(b.builder, b.loc, leftKinds, rightKinds);
  // 0 times infinity is none; max_times starts from 0 and never gets below, so that -0 is lost
  // anyway.
  if (kind == SemiringKind::MaxTimes)
    return is(arith::CmpIPredicate::eq, masked(either, NotANumber | PlusInfinity | MinusInfinity),
              0);
  if (kind == SemiringKind::MaxMin)
    return is(arith::CmpIPredicate::eq, masked(either, NotANumber | MinusZero), 0);
  // A sum is -0 if both operands are, and no number if infinities of both signs meet.
  Value both = arith::AndIOp::create(b.builder, b.loc, leftKinds, rightKinds);
  constexpr int32_t infinities = PlusInfinity | MinusInfinity;
  Value result = is(arith::CmpIPredicate::eq, masked(either, NotANumber), 0);
  for (Value condition : {is(arith::CmpIPredicate::eq, masked(both, MinusZero), 0),
                          is(arith::CmpIPredicate::ne, masked(either, infinities), infinities)})
    result = arith::AndIOp::create(b.builder, b.loc, result, condition);
  return result;
}

TileArithmeticRef createSemiringSum(SemiringKind kind, Type operand, Type compute) {
  if (compute.getIntOrFloatBitWidth() < 32)
    return nullptr;
  return std::make_shared<SemiringSum>(kind, operand, compute);
}

} // namespace tlc::codegen
