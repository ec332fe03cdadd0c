//===- ForEachPoint.cpp - outer loops, in parallel where it pays ----------===//
//
// The points of a box are numbered row-major and cut into at most 512 parts of equal length,
// whose number depends on the amount of work only:
//
//   for part in 0 .. parts (parallel)
//     first, last = part * n / parts, (part + 1) * n / parts
//     for i in first / J .. ceil(last / J)
//       for j in max(first - i * J, 0) .. min(last - i * J, J)
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/IndexMath.h"
#include "compiler/codegen/cpu/Nest.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

namespace tlc::codegen {

namespace scf = mlir::scf;

/// Operations that are worth a part of their own.
static constexpr int64_t kWorkPerPart = 32768;
static constexpr int64_t kMaxParts = 512;

using PointBody = function_ref<void(OpBuilder &, Location, ArrayRef<Value>)>;

/// Loops over the points of a box whose row-major numbers are in first .. last - 1. A number is
/// divided where a loop starts, not at every point.
static void rangeLoops(OpBuilder &builder, Location loc, ArrayRef<Value> trips, Value first,
                       Value last, SmallVectorImpl<Value> &point, PointBody body) {
  IndexMath math(builder, loc);
  if (point.size() == trips.size())
    return body(builder, loc, point);
  Value inner = math.constant(1);
  for (Value trip : trips.drop_front(point.size() + 1))
    inner = math.mul(inner, trip);
  if (isKnown(trips[point.size()], 1) && !isKnown(inner, 1)) {
    point.push_back(math.constant(0));
    rangeLoops(builder, loc, trips, first, last, point, body);
    point.pop_back();
    return;
  }
  bool isLast = isKnown(inner, 1);
  // A box without points has no range, but its division is emitted.
  Value divisor = math.max(inner, math.constant(1));
  Value from = isLast ? first : math.div(first, divisor);
  Value past = math.sub(math.add(last, divisor), math.constant(1));
  Value to = isLast ? last : math.div(past, divisor);
  scf::ForOp loop = scf::ForOp::create(builder, loc, from, to, math.constant(1));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  Value at = loop.getInductionVar(), done = math.mul(at, inner);
  point.push_back(at);
  Value begin = isLast ? math.constant(0) : math.max(math.sub(first, done), math.constant(0));
  Value end = isLast ? inner : math.min(math.sub(last, done), inner);
  rangeLoops(builder, loc, trips, begin, end, point, body);
  point.pop_back();
}

void forEachPoint(OpBuilder &builder, Location loc, ArrayRef<Value> trips, Value cost,
                  bool parallel, PointBody body, function_ref<void(OpBuilder &, Location)> finish) {
  OpBuilder::InsertionGuard guard(builder);
  IndexMath math(builder, loc);
  Value total = math.constant(1);
  for (Value trip : trips)
    total = math.mul(total, trip);
  Value parts = math.min(math.div(math.mul(total, cost), math.constant(kWorkPerPart)),
                         math.constant(kMaxParts));
  parts = math.min(parts, total);
  std::optional<int64_t> knownParts = known(parts);
  SmallVector<Value> point;
  Value first = math.constant(0), last = total;
  if (parallel && !(knownParts && *knownParts <= 1)) {
    parts = math.max(parts, math.constant(1));
    Value zero = math.toIndex(math.constant(0)), one = math.toIndex(math.constant(1));
    scf::ParallelOp loop = scf::ParallelOp::create(
        builder, loc, ValueRange{zero}, ValueRange{math.toIndex(parts)}, ValueRange{one});
    builder.setInsertionPointToStart(loop.getBody());
    Value part = math.toI64(loop.getInductionVars()[0]);
    first = math.div(math.mul(part, total), parts);
    last = math.div(math.mul(math.add(part, math.constant(1)), total), parts);
  }
  rangeLoops(builder, loc, trips, first, last, point, body);
  if (finish)
    finish(builder, loc);
}

} // namespace tlc::codegen
