//===- EmitLogSumExp.cpp - sums of exponentials that do not overflow ------===//
//
//   ln sum exp(x) = m + ln sum exp(x - m)        m: the largest x
//
// One nest finds m for each element of the result, a second one sums. Where m is infinite it
// counts as 0: then the sum of no exponential has the logarithm -inf, and that of an infinite
// one +inf.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/Emitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace math = mlir::math;
using ein::CombineKind;

/// m, or 0 where it is not finite.
static Value finitePart(const NestPoint &point, Type type, Value largest) {
  OpBuilder &builder = point.builder;
  Value zero = constantElement(builder, point.loc, ein::zeroOf(type), type, point.lanes);
  Value infinity = constantElement(builder, point.loc, ein::neutralElement(CombineKind::Min, type),
                                   type, point.lanes);
  Value size = math::AbsFOp::create(builder, point.loc, largest);
  Value isFinite =
      arith::CmpFOp::create(builder, point.loc, arith::CmpFPredicate::OLT, size, infinity);
  return arith::SelectOp::create(builder, point.loc, isFinite, largest, zero);
}

void emitLogSumExp(Emitter &emitter, Location loc, const Nest &nest, ArrayRef<Value> resultExtents,
                   AffineMap resultMap) {
  Type type = nest.valueType;
  Buffer largest = emitter.allocateTemporary(loc, type, resultExtents);
  Access largestAt = emitter.access(loc, largest, resultMap, type);
  Nest first = nest;
  first.result = largestAt;
  first.finish = {};
  first.late = {};
  first.reduction = combination(emitter, CombineKind::Max, type, {});
  emitter.emitNest(loc, first);

  Nest second = nest;
  second.inputs.push_back(largestAt);
  second.late.push_back(largestAt);
  second.cost += 10;
  second.reduction = combination(emitter, CombineKind::Add, type, {});
  second.element = [&](const NestPoint &point, ValueRange values) -> Value {
    Value x = nest.element(point, values.drop_back());
    Value shift = finitePart(point, type, values.back());
    Value scaled = arith::SubFOp::create(point.builder, point.loc, x, shift);
    return math::ExpOp::create(point.builder, point.loc, scaled);
  };
  second.finish = [&](const NestPoint &point, Value sum, ValueRange late) -> Value {
    Value logarithm = math::LogOp::create(point.builder, point.loc, sum);
    Value shift = finitePart(point, type, late.back());
    Value value = arith::AddFOp::create(point.builder, point.loc, logarithm, shift);
    return nest.finish ? nest.finish(point, value, late.drop_back()) : value;
  };
  emitter.emitNest(loc, second);
  emitter.release(loc, largest);
}

} // namespace tlc::codegen
