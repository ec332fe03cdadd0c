//===- HopperEpilogue.cpp - from sums in registers to the result ----------===//

#include "compiler/codegen/gpu/HopperEpilogue.h"

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/gpu/HopperPtx.h"
#include "compiler/codegen/gpu/Math32.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace tlc::codegen {

namespace LLVM = mlir::LLVM;
namespace scf = mlir::scf;

/// Named barriers of the consumers, from this number on.
static constexpr int64_t kFirstBarrier = 1;

HopperEpilogue::HopperEpilogue(OpBuilder &builder, Location loc, const NestSpace &space,
                               const HopperPlan &plan, Value thread, Value consumer, Value shared,
                               Value storeMap)
    : builder(builder), loc(loc), space(space), plan(plan), thread(thread), consumer(consumer),
      shared(shared), storeMap(storeMap) {
  Math32 math(builder, loc);
  Value warp = math.div(math.rem(thread, 128), 32), lane = math.rem(thread, 32);
  row = math.add(math.mul(warp, 16), math.div(lane, 4));
  column = math.mul(math.rem(lane, 4), 2);
}

/// The digits of a position in a tile that has room for `tile` positions.
HopperEpilogue::Line HopperEpilogue::lineOf(const TilePlace &place, const TileGroup &group,
                                            Value position, int64_t tile) {
  Math32 math(builder, loc);
  TilePlace at;
  for (const TileSide &side : group.sides)
    at[side.dim] = place.lookup(side.dim);
  Value rest = position;
  for (auto [i, digit] : llvm::enumerate(group.digits)) {
    bool isLast = i + 1 == group.digits.size();
    Value value = isLast ? rest : math.rem(rest, digit.size);
    at[digit.dim] = math.add(at[digit.dim], math.mul(value, digit.weight));
    rest = math.div(rest, digit.size);
  }
  Line line;
  if (group.positions < tile)
    line.isInside = math.isLess(position, math.constant(group.positions));
  for (const TileSide &side : group.sides) {
    if (side.isRagged())
      line.isInside =
          math.both(line.isInside, math.isLess(at[side.dim], math.constant(side.extent)));
  }
  line.at = at;
  return line;
}

/// The line itself, or one that is in the result with its neighbour along the fastest dimension.
HopperEpilogue::Line HopperEpilogue::clamp(const TileGroup &group, Line line) {
  Math32 math(builder, loc);
  if (line.isInside)
    for (const TileSide &side : group.sides) {
      int64_t last = side.extent - (side.dim == plan.n.digits[0].dim ? 2 : 1);
      line.at[side.dim] = math.min(line.at[side.dim], math.constant(last));
    }
  return line;
}

SmallVector<Value> HopperEpilogue::pointOf(OpBuilder &inside, const TilePlace &place,
                                           const Line &row, const Line &column) {
  Math32 math(inside, loc);
  SmallVector<Value> point(space.nest.extents.size());
  for (const TileSide &side : plan.batch)
    point[side.dim] = math.wide(place.lookup(side.dim));
  for (const Line *line : {&row, &column})
    for (auto [dim, at] : line->at)
      point[dim] = math.wide(at);
  return point;
}

Value HopperEpilogue::finished(OpBuilder &at, ArrayRef<Value> point, Value sum) {
  const Nest &nest = space.nest;
  if (!nest.finish)
    return sum;
  SmallVector<Value> late;
  for (const Access &access : nest.late)
    late.push_back(
        loadElement(at, loc, space.pointerAt(at, access, point), access.element, access.compute));
  auto position = [&](int64_t dim) { return space.position(at, dim, point); };
  return nest.finish({at, loc, 1, position}, sum, late);
}

/// Whether columns 2 i and 2 i + 1 are neighbours in memory, both inside or both outside.
bool HopperEpilogue::canStorePairs() const {
  const TileDigit &fast = plan.n.digits[0];
  for (auto [dim, stride] : llvm::enumerate(space.nest.result.strides)) {
    std::optional<int64_t> number = known(stride);
    bool isFine = dim == fast.dim ? number == 1 : number && *number % 2 == 0;
    if (!isFine)
      return false;
  }
  Type type = space.nest.result.element;
  bool isPlain = type.isF32() || type.isF16() || type.isBF16();
  return isPlain && fast.weight == 1 && fast.size % 2 == 0 && plan.n.positions % 2 == 0 &&
         *known(space.nest.extents[fast.dim]) % 2 == 0;
}

/// Columns 2 i and 2 i + 1, in the result's type.
Value HopperEpilogue::pairOf(OpBuilder &at, const SmallVector<Value> &point, ArrayRef<Value> sums) {
  mlir::VectorType type;
  Value pair;
  for (int64_t i : {0, 1}) {
    SmallVector<Value> next(point);
    IndexMath wide(at, loc);
    unsigned dim = plan.n.digits[0].dim;
    next[dim] = wide.add(next[dim], wide.constant(i));
    Value value = finished(at, next, sums[i]);
    if (i == 0) {
      type = mlir::VectorType::get({2}, value.getType());
      pair = LLVM::UndefOp::create(at, loc, type);
    }
    pair = LLVM::InsertElementOp::create(at, loc, pair, value, Math32(at, loc).constant(i));
  }
  return convertElement(at, loc, pair, space.nest.result.element);
}

void HopperEpilogue::store(const TilePlace &place, ArrayRef<Value> sums) {
  if (plan.store)
    storeByEngine(place, sums);
  else
    storeByThreads(place, sums);
}

//===----------------------------------------------------------------------===//
// By the threads
//===----------------------------------------------------------------------===//

void HopperEpilogue::storeByThreads(const TilePlace &place, ArrayRef<Value> sums) {
  Math32 math(builder, loc);
  const Access &result = space.nest.result;
  Value firstRow = math.add(math.mul(consumer, HopperConfig::consumerRows), row);
  Line rows[2];
  for (int64_t h : {0, 1})
    rows[h] = lineOf(place, plan.m, math.add(firstRow, math.constant(8 * h)), plan.config.tileM);
  bool arePairs = canStorePairs();
  auto storeAt = [&](OpBuilder &at, const Line &left, const Line &right, ArrayRef<Value> values) {
    SmallVector<Value> point = pointOf(at, place, left, right);
    Value pointer = space.pointerAt(at, result, point);
    if (arePairs)
      LLVM::StoreOp::create(at, loc, pairOf(at, point, values), pointer,
                            2 * byteSize(result.element));
    else
      storeElement(at, loc, finished(at, point, values[0]), pointer, result.element);
  };
  for (int64_t i = 0; i < plan.columns / 4; i += arePairs ? 2 : 1) {
    int64_t j = i / 2, e = i % 2;
    Value position = math.add(column, math.constant(8 * j + e));
    Line right = lineOf(place, plan.n, position, plan.columns);
    for (int64_t h : {0, 1}) {
      ArrayRef<Value> values = sums.slice(4 * j + 2 * h + e, arePairs ? 2 : 1);
      Value isInside = math.both(rows[h].isInside, right.isInside);
      if (!isInside) {
        storeAt(builder, rows[h], right, values);
        continue;
      }
      scf::IfOp::create(builder, loc, isInside, [&](OpBuilder &then, Location) {
        storeAt(then, rows[h], right, values);
        scf::YieldOp::create(then, loc);
      });
    }
  }
}

//===----------------------------------------------------------------------===//
// By the copy engine
//===----------------------------------------------------------------------===//

void HopperEpilogue::onFirst(function_ref<void(OpBuilder &)> body) {
  Math32 math(builder, loc);
  Value isFirst = math.isEqual(math.rem(thread, 128), math.constant(0));
  scf::IfOp::create(builder, loc, isFirst, [&](OpBuilder &then, Location) {
    body(then);
    scf::YieldOp::create(then, loc);
  });
}

void HopperEpilogue::syncConsumer() {
  Math32 math(builder, loc);
  HopperPtx(builder, loc).syncWarps(math.add(consumer, math.constant(kFirstBarrier)), 128);
}

/// The columns from `first` on go to shared memory, in the swizzled order of the copy engine.
void HopperEpilogue::writeBox(const TilePlace &place, ArrayRef<Value> sums, int64_t first,
                              Value box) {
  Math32 math(builder, loc);
  int64_t bytes = byteSize(space.nest.result.element), rowBytes = plan.store->rowBytes();
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext(), /*addressSpace=*/3);
  Value firstRow = math.add(math.mul(consumer, HopperConfig::consumerRows), row);
  for (int64_t h : {0, 1}) {
    Value boxRow = math.add(row, math.constant(8 * h));
    Line left = clamp(
        plan.m, lineOf(place, plan.m, math.add(firstRow, math.constant(8 * h)), plan.config.tileM));
    // The chunks of 16 bytes in 128 bytes change places with the number of those.
    Value rowOffset = math.mul(boxRow, rowBytes), rowStart = math.add(box, rowOffset);
    Value turn = math.mul(math.rem(math.div(rowOffset, 128), rowBytes / 16), 16);
    for (int64_t c = 0; c < plan.store->columns; c += 8) {
      Value position = math.add(column, math.constant(first + c));
      Line right = clamp(plan.n, lineOf(place, plan.n, position, plan.columns));
      SmallVector<Value> point = pointOf(builder, place, left, right);
      Value pair = pairOf(builder, point, sums.slice((first + c) / 2 + 2 * h, 2));
      Value inRow = math.mul(math.add(column, math.constant(c)), bytes);
      Value address = math.add(rowStart, math.exclusiveOr(inRow, turn));
      Value to = LLVM::IntToPtrOp::create(builder, loc, pointer, address);
      LLVM::StoreOp::create(builder, loc, pair, to, 2 * bytes);
    }
  }
}

void HopperEpilogue::sendBox(const TilePlace &place, int64_t first, Value box) {
  Math32 math(builder, loc);
  TilePlace at(place);
  Line left =
      lineOf(place, plan.m, math.mul(consumer, HopperConfig::consumerRows), plan.config.tileM);
  Line right = lineOf(place, plan.n, math.constant(first), plan.columns);
  for (const Line *line : {&left, &right})
    for (auto [dim, position] : line->at)
      at[dim] = position;
  SmallVector<Value> corner =
      llvm::map_to_vector(plan.store->box.dims, [&](unsigned dim) { return at.lookup(dim); });
  onFirst([&](OpBuilder &then) {
    HopperPtx ptx(then, loc);
    ptx.store(storeMap, corner, box);
    ptx.commitStores();
  });
}

/// Two boxes take turns: one is written while the other leaves.
void HopperEpilogue::storeByEngine(const TilePlace &place, ArrayRef<Value> sums) {
  Math32 math(builder, loc);
  int64_t boxBytes = HopperConfig::consumerRows * plan.store->rowBytes(), turn = 0;
  Value start = math.add(math.add(shared, math.constant(plan.storeOffset())),
                         math.mul(consumer, plan.storeBytes()));
  bool isOdd = plan.n.positions / plan.store->columns % 2 != 0;
  for (int64_t first = 0; first < plan.n.positions; first += plan.store->columns, turn ^= 1) {
    Value box = math.add(start, math.constant(turn * boxBytes));
    // The tile before ended with the same box.
    int64_t kept = isOdd && first == 0 ? 0 : 1;
    onFirst([&](OpBuilder &then) { HopperPtx(then, loc).waitForStores(kept, /*untilRead=*/true); });
    syncConsumer();
    writeBox(place, sums, first, box);
    HopperPtx(builder, loc).fenceProxy();
    syncConsumer();
    sendBox(place, first, box);
  }
}

void HopperEpilogue::finish() {
  if (plan.store)
    onFirst([&](OpBuilder &then) { HopperPtx(then, loc).waitForStores(0, /*untilRead=*/false); });
}

} // namespace tlc::codegen
