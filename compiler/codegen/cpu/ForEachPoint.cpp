//===- ForEachPoint.cpp - outer loops, in parallel where it pays ----------===//
//
// The points of a box are numbered row-major and cut into at most 512 parts of equal length,
// whose number depends on the amount of work only:
//
//   for part in 0 .. parts (parallel)
//     for p in part * n / parts .. (part + 1) * n / parts
//       (i, j) = (p / J, p mod J)
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

static void nestedLoops(OpBuilder &builder, Location loc, ArrayRef<Value> trips,
                        SmallVectorImpl<Value> &point, PointBody body) {
  if (point.size() == trips.size())
    return body(builder, loc, point);
  Value trip = trips[point.size()];
  IndexMath math(builder, loc);
  if (isKnown(trip, 1)) {
    point.push_back(math.constant(0));
    nestedLoops(builder, loc, trips, point, body);
    point.pop_back();
    return;
  }
  scf::ForOp loop = scf::ForOp::create(builder, loc, math.constant(0), trip, math.constant(1));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  point.push_back(loop.getInductionVar());
  nestedLoops(builder, loc, trips, point, body);
  point.pop_back();
}

/// The point with row-major number `number`.
static SmallVector<Value> delinearize(IndexMath &math, Value number, ArrayRef<Value> trips) {
  SmallVector<Value> point(trips.size());
  for (size_t i = trips.size(); i-- > 0;) {
    bool isFirst = llvm::all_of(trips.take_front(i), [](Value trip) { return isKnown(trip, 1); });
    point[i] = isFirst ? number : math.rem(number, trips[i]);
    number = isFirst ? math.constant(0) : math.div(number, trips[i]);
  }
  return point;
}

void forEachPoint(OpBuilder &builder, Location loc, ArrayRef<Value> trips, Value cost,
                  bool parallel, PointBody body) {
  OpBuilder::InsertionGuard guard(builder);
  IndexMath math(builder, loc);
  Value total = math.constant(1);
  for (Value trip : trips)
    total = math.mul(total, trip);
  Value parts = math.min(math.div(math.mul(total, cost), math.constant(kWorkPerPart)),
                         math.constant(kMaxParts));
  parts = math.min(parts, total);
  std::optional<int64_t> knownParts = known(parts);
  if (!parallel || (knownParts && *knownParts <= 1)) {
    SmallVector<Value> point;
    nestedLoops(builder, loc, trips, point, body);
    return;
  }
  parts = math.max(parts, math.constant(1));
  Value zero = math.toIndex(math.constant(0)), one = math.toIndex(math.constant(1));
  scf::ParallelOp loop = scf::ParallelOp::create(builder, loc, ValueRange{zero},
                                                 ValueRange{math.toIndex(parts)}, ValueRange{one});
  builder.setInsertionPointToStart(loop.getBody());
  Value part = math.toI64(loop.getInductionVars()[0]);
  Value first = math.div(math.mul(part, total), parts);
  Value last = math.div(math.mul(math.add(part, math.constant(1)), total), parts);
  scf::ForOp range = scf::ForOp::create(builder, loc, first, last, math.constant(1));
  builder.setInsertionPointToStart(range.getBody());
  SmallVector<Value> point = delinearize(math, range.getInductionVar(), trips);
  body(builder, loc, point);
}

} // namespace tlc::codegen
