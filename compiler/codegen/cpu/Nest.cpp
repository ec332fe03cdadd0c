//===- Nest.cpp - loops over the iteration space of one operation ---------===//
//
// One dimension becomes the vector dimension: the result's unit-stride dimension v if every
// input has stride 0 or 1 along it (then lanes are results), else a reduced dimension of that
// kind (then lanes are partial sums). One more result dimension m gives the rows of the tile:
//
//   for m0, v0
//     acc[r][u] = neutral                               r < rows, u < vectors
//     for x (reduced)
//       acc[r][u] += element(inputs at (m0 + r, v0 + lanes * u, x))
//     result[m0 + r][v0 + lanes * u ...] = finish(acc[r][u])
//
// Extents need not be multiples of the tile: the last tile overlaps the one before, and the
// elements in both are computed twice, with the same result.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/Nest.h"

#include "compiler/codegen/cpu/ColumnReduction.h"
#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/ElementwiseNest.h"
#include "compiler/codegen/cpu/IndexMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/bit.h"

#include <map>

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace scf = mlir::scf;
namespace vector = mlir::vector;

/// Elements of this many operations fill the machine by themselves: a larger tile would only make
/// more code.
static constexpr int64_t kCostlyElement = 8;

namespace {

/// How a nest is cut.
struct Plan {
  int vectorDim = -1;
  unsigned lanes = 1;
  unsigned vectors = 1;
  int rowDim = -1;
  unsigned rows = 1;
};

class NestEmitter {
public:
  NestEmitter(Location loc, const Target &target, const Nest &nest)
      : loc(loc), target(target), nest(nest) {}
  void emit(OpBuilder &builder);

private:
  // Planning.
  Plan choosePlan(unsigned maxLanes);
  bool isVectorDim(unsigned dim);
  void chooseRows(Plan &plan);
  unsigned maxLanes() const;

  // Emission.
  void emitPlanned(OpBuilder &builder, Plan plan);
  Value costOf(IndexMath &math, const Plan &plan);
  void emitTile(OpBuilder &builder, const Plan &plan, ArrayRef<unsigned> dims,
                ArrayRef<Value> point);
  void emitInPlace(OpBuilder &builder, Plan plan);
  bool emitAsElementwise(OpBuilder &builder);
  SmallVector<Value> accumulate(OpBuilder &builder, struct Tile &tile);

  Location loc;
  const Target &target;
  Nest nest;
  /// The original number of each dimension that is left, and where the others are constant.
  SmallVector<unsigned> origin;
  unsigned originalDims = 0;
  /// What a dimension's positions start from where the pointers are already there; null for 0.
  SmallVector<Value> firstPositions;
};

/// One tile while it is emitted.
struct Tile {
  const Nest &nest;
  const Plan &plan;
  Location loc;
  ArrayRef<unsigned> origin;
  unsigned originalDims;
  ArrayRef<Value> firstPositions;
  /// Start along the vector dimension, for each vector.
  SmallVector<Value> starts;
  /// Position along the row dimension, for each row.
  SmallVector<Value> rowPositions;
  /// Position along the other dimensions; null for the vector and row dimensions, and for
  /// reduced ones outside of their loops.
  SmallVector<Value> point;
  /// Start along the vector dimension while it is reduced.
  Value partialStart;
  /// The pointer of each input at [input][row][vector].
  SmallVector<SmallVector<SmallVector<Value>>> inputPointers;

  bool isReducing() const { return plan.vectorDim >= 0 && nest.reduced[plan.vectorDim]; }
  Value pointer(OpBuilder &builder, const Access &access, unsigned row, unsigned vector) const;
  Value position(OpBuilder &builder, int64_t dim, unsigned row, unsigned vector,
                 unsigned lanes) const;
  Value load(OpBuilder &builder, const Access &access, Value pointer, unsigned lanes) const;
  Value elementAt(OpBuilder &builder, unsigned row, unsigned vector, ArrayRef<Value> offsets,
                  unsigned lanes, std::map<std::tuple<unsigned, unsigned, unsigned>, Value> &cache);
};

} // namespace

//===----------------------------------------------------------------------===//
// Planning
//===----------------------------------------------------------------------===//

unsigned NestEmitter::maxLanes() const {
  if (!nest.vectorizable)
    return 1;
  unsigned bits = std::max(nest.widestBits, 8u);
  for (const Access &access : nest.inputs)
    bits = std::max(bits, 8 * static_cast<unsigned>(byteSize(access.compute)));
  for (const Access &access : nest.late)
    bits = std::max(bits, 8 * static_cast<unsigned>(byteSize(access.compute)));
  bits = std::max(bits, 8 * static_cast<unsigned>(byteSize(nest.valueType)));
  return std::max(1u, 8 * target.vectorBytes / bits);
}

bool NestEmitter::isVectorDim(unsigned dim) {
  auto isDense = [&](const Access &access) {
    return isKnown(access.strides[dim], 0) || isKnown(access.strides[dim], 1);
  };
  if (!llvm::all_of(nest.inputs, isDense) || !llvm::all_of(nest.late, isDense))
    return false;
  if (!nest.reduced[dim])
    return isKnown(nest.result.strides[dim], 1);
  return llvm::any_of(nest.inputs,
                      [&](const Access &access) { return isKnown(access.strides[dim], 1); });
}

/// Rows share the loads of the inputs that do not depend on them.
void NestEmitter::chooseRows(Plan &plan) {
  bool manyRegisters = target.vectorRegisters >= 32;
  plan.vectors = plan.lanes == 1 ? 1 : nest.reduction ? 4 : 1;
  if (!nest.reduction)
    return;
  for (unsigned dim = nest.extents.size(); dim-- > 0;) {
    if (nest.reduced[dim] || static_cast<int>(dim) == plan.vectorDim)
      continue;
    if (!llvm::any_of(nest.inputs,
                      [&](const Access &access) { return isKnown(access.strides[dim], 0); }))
      continue;
    plan.rowDim = dim;
    plan.rows = 4;
    if (std::optional<int64_t> extent = known(nest.extents[dim]))
      plan.rows = std::clamp<int64_t>(*extent, 1, plan.rows);
    break;
  }
  bool lanesArePartial = plan.vectorDim >= 0 && nest.reduced[plan.vectorDim];
  if (nest.cost >= kCostlyElement) {
    plan.rows = 1;
    plan.vectors = std::min(plan.vectors, 2u);
  } else if (plan.rows > 1 && lanesArePartial)
    plan.vectors = 1;
  else if (plan.rows > 1 && !manyRegisters && plan.vectors > 1)
    plan.vectors = 2;
}

Plan NestEmitter::choosePlan(unsigned maxLanes) {
  Plan plan;
  // The candidate with most lanes; lanes of results before lanes of partial sums.
  for (bool partial : {false, true}) {
    for (unsigned dim = nest.extents.size(); dim-- > 0;) {
      if (nest.reduced[dim] != partial || !isVectorDim(dim) || (partial && nest.inPlace))
        continue;
      int64_t extent = known(nest.extents[dim]).value_or(INT64_MAX);
      unsigned lanes =
          extent <= 1 ? 1 : llvm::bit_floor<uint64_t>(std::min<int64_t>(extent, maxLanes));
      if (lanes <= plan.lanes)
        continue;
      plan.vectorDim = dim;
      plan.lanes = lanes;
    }
  }
  chooseRows(plan);
  if (plan.vectorDim >= 0)
    if (std::optional<int64_t> extent = known(nest.extents[plan.vectorDim]))
      plan.vectors = std::min<int64_t>(plan.vectors, llvm::divideCeil(*extent, plan.lanes));
  return plan;
}

//===----------------------------------------------------------------------===//
// One tile
//===----------------------------------------------------------------------===//

/// The pointer at a row and vector; reduced dimensions count as 0.
Value Tile::pointer(OpBuilder &builder, const Access &access, unsigned row, unsigned vector) const {
  IndexMath math(builder, loc);
  Value offset = math.constant(0);
  for (unsigned dim = 0; dim < nest.extents.size(); ++dim) {
    Value at = point[dim];
    if (static_cast<int>(dim) == plan.rowDim)
      at = rowPositions[row];
    else if (static_cast<int>(dim) == plan.vectorDim && !isReducing())
      at = starts[vector];
    if (at)
      offset = math.add(offset, math.mul(at, access.strides[dim]));
  }
  return elementPointer(builder, loc, access.pointer, access.element, offset);
}

Value Tile::position(OpBuilder &builder, int64_t dim, unsigned row, unsigned vector,
                     unsigned lanes) const {
  IndexMath math(builder, loc);
  const unsigned *found = llvm::find(origin, dim);
  if (found == origin.end())
    return splat(builder, loc, math.toIndex(math.constant(0)), lanes);
  int at = found - origin.begin();
  auto inWhole = [&](Value inPart) {
    Value first = firstPositions[at];
    return first ? math.add(first, inPart) : inPart;
  };
  if (at == plan.rowDim)
    return splat(builder, loc, math.toIndex(inWhole(rowPositions[row])), lanes);
  if (at != plan.vectorDim)
    return splat(builder, loc, math.toIndex(inWhole(point[at])), lanes);
  Value start = inWhole(isReducing() ? partialStart : starts[vector]);
  start = splat(builder, loc, math.toIndex(start), lanes);
  if (lanes == 1)
    return start;
  Value numbers = laneNumbers(builder, loc, builder.getIndexType(), lanes);
  return arith::AddIOp::create(builder, loc, start, numbers);
}

/// Adjacent elements, or one in every lane.
Value Tile::load(OpBuilder &builder, const Access &access, Value pointer, unsigned lanes) const {
  bool isBroadcast = lanes > 1 && isKnown(access.strides[plan.vectorDim], 0);
  Value value =
      loadElement(builder, loc, pointer, access.element, access.compute, isBroadcast ? 1 : lanes);
  return isBroadcast ? splat(builder, loc, value, lanes) : value;
}

/// element() at a row and vector; `offsets` are those of the reduced dimensions, one an input.
Value Tile::elementAt(OpBuilder &builder, unsigned row, unsigned vector, ArrayRef<Value> offsets,
                      unsigned lanes,
                      std::map<std::tuple<unsigned, unsigned, unsigned>, Value> &cache) {
  SmallVector<Value> values;
  for (auto [i, access] : llvm::enumerate(nest.inputs)) {
    bool hasRow = plan.rowDim >= 0 && !isKnown(access.strides[plan.rowDim], 0);
    bool hasVector = plan.vectorDim >= 0 && !isKnown(access.strides[plan.vectorDim], 0);
    Value &value = cache[{i, hasRow ? row : 0, hasVector ? vector : 0}];
    if (!value) {
      Value at =
          elementPointer(builder, loc, inputPointers[i][row][vector], access.element, offsets[i]);
      value = load(builder, access, at, lanes);
    }
    values.push_back(value);
  }
  auto at = [&](int64_t dim) { return position(builder, dim, row, vector, lanes); };
  return nest.element({builder, loc, lanes, at}, values);
}

namespace {

/// Emits the loops over the reduced dimensions of one tile. Accumulator [row][vector] is number
/// row * vectors + vector.
class ReductionEmitter {
public:
  ReductionEmitter(Tile &tile) : tile(tile), nest(tile.nest), plan(tile.plan), loc(tile.loc) {}

  SmallVector<Value> emit(OpBuilder &builder);

private:
  SmallVector<Value> loops(OpBuilder &builder, ArrayRef<unsigned> dims, SmallVector<Value> offsets,
                           SmallVector<Value> accumulators);
  SmallVector<Value> vectorLoop(OpBuilder &builder, ArrayRef<Value> offsets,
                                SmallVector<Value> accumulators);
  SmallVector<Value> tail(OpBuilder &builder, ArrayRef<Value> offsets,
                          SmallVector<Value> accumulators);
  void step(OpBuilder &builder, ArrayRef<Value> offsets, SmallVectorImpl<Value> &accumulators,
            unsigned vector, Value isCounted);
  SmallVector<Value> advance(OpBuilder &builder, ArrayRef<Value> offsets, unsigned dim, Value by);
  void stepAt(OpBuilder &builder, ArrayRef<Value> offsets, SmallVectorImpl<Value> &accumulators,
              unsigned vector, Value start, Value isCounted);
  SmallVector<Value>
  loop(OpBuilder &builder, Value trips, SmallVector<Value> accumulators,
       function_ref<SmallVector<Value>(OpBuilder &, Value, SmallVector<Value>)> body);

  Tile &tile;
  const Nest &nest;
  const Plan &plan;
  Location loc;
};

} // namespace

SmallVector<Value> ReductionEmitter::advance(OpBuilder &builder, ArrayRef<Value> offsets,
                                             unsigned dim, Value by) {
  IndexMath math(builder, loc);
  SmallVector<Value> result;
  for (auto [access, offset] : llvm::zip(nest.inputs, offsets))
    result.push_back(math.add(offset, math.mul(by, access.strides[dim])));
  return result;
}

SmallVector<Value> ReductionEmitter::loop(
    OpBuilder &builder, Value trips, SmallVector<Value> accumulators,
    function_ref<SmallVector<Value>(OpBuilder &, Value, SmallVector<Value>)> body) {
  IndexMath math(builder, loc);
  if (isKnown(trips, 0))
    return accumulators;
  if (isKnown(trips, 1))
    return body(builder, math.constant(0), accumulators);
  scf::ForOp loop = scf::ForOp::create(
      builder, loc, math.constant(0), trips, math.constant(1), accumulators,
      [&](OpBuilder &inner, Location, Value iv, ValueRange carried) {
        scf::YieldOp::create(inner, loc, body(inner, iv, SmallVector<Value>(carried)));
      });
  return SmallVector<Value>(loop.getResults());
}

/// Accumulates one element for each row of one vector; those where `isCounted` is false are
/// replaced by the neutral element.
void ReductionEmitter::step(OpBuilder &builder, ArrayRef<Value> offsets,
                            SmallVectorImpl<Value> &accumulators, unsigned vector,
                            Value isCounted) {
  std::map<std::tuple<unsigned, unsigned, unsigned>, Value> cache;
  for (unsigned row = 0; row < plan.rows; ++row) {
    Value value = tile.elementAt(builder, row, vector, offsets, plan.lanes, cache);
    if (isCounted) {
      Value neutral =
          constantElement(builder, loc, nest.reduction->neutral, nest.valueType, plan.lanes);
      value = arith::SelectOp::create(builder, loc, isCounted, value, neutral);
    }
    Value &accumulator = accumulators[row * plan.vectors + vector];
    accumulator = nest.reduction->combine(builder, loc, accumulator, value);
  }
}

/// The same at a position along the vector dimension, which is reduced.
void ReductionEmitter::stepAt(OpBuilder &builder, ArrayRef<Value> offsets,
                              SmallVectorImpl<Value> &accumulators, unsigned vector, Value start,
                              Value isCounted) {
  tile.partialStart = start;
  step(builder, advance(builder, offsets, plan.vectorDim, start), accumulators, vector, isCounted);
}

/// The rest of a partial-sum loop that is shorter than a vector: the last full vector, of which
/// only the lanes that are not in a sum yet count.
SmallVector<Value> ReductionEmitter::tail(OpBuilder &builder, ArrayRef<Value> offsets,
                                          SmallVector<Value> accumulators) {
  IndexMath math(builder, loc);
  Value extent = nest.extents[plan.vectorDim];
  Value lanes = math.constant(plan.lanes);
  Value rest = math.rem(extent, lanes);
  if (isKnown(rest, 0))
    return accumulators;
  Value iota = laneNumbers(builder, loc, builder.getI64Type(), plan.lanes);
  Value done = splat(builder, loc, math.sub(lanes, rest), plan.lanes);
  Value isCounted = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sge, iota, done);
  stepAt(builder, offsets, accumulators, 0, math.sub(extent, lanes), isCounted);
  return accumulators;
}

SmallVector<Value> ReductionEmitter::vectorLoop(OpBuilder &builder, ArrayRef<Value> offsets,
                                                SmallVector<Value> accumulators) {
  IndexMath math(builder, loc);
  Value extent = nest.extents[plan.vectorDim];
  int64_t block = static_cast<int64_t>(plan.lanes) * plan.vectors;
  Value blocks = math.floorDiv(extent, block);
  auto blockBody = [&](OpBuilder &inner, Value iv, SmallVector<Value> carried) {
    IndexMath innerMath(inner, loc);
    Value start = innerMath.mul(iv, innerMath.constant(block));
    for (unsigned vector = 0; vector < plan.vectors; ++vector) {
      Value at = innerMath.add(start, innerMath.constant(vector * plan.lanes));
      stepAt(inner, offsets, carried, vector, at, {});
    }
    return carried;
  };
  accumulators = loop(builder, blocks, accumulators, blockBody);
  if (plan.vectors > 1) {
    Value done = math.mul(blocks, math.constant(block));
    Value singles = math.floorDiv(math.sub(extent, done), plan.lanes);
    auto singleBody = [&](OpBuilder &inner, Value iv, SmallVector<Value> carried) {
      IndexMath innerMath(inner, loc);
      Value at = innerMath.add(done, innerMath.mul(iv, innerMath.constant(plan.lanes)));
      stepAt(inner, offsets, carried, 0, at, {});
      return carried;
    };
    accumulators = loop(builder, singles, accumulators, singleBody);
  }
  return tail(builder, offsets, accumulators);
}

SmallVector<Value> ReductionEmitter::loops(OpBuilder &builder, ArrayRef<unsigned> dims,
                                           SmallVector<Value> offsets,
                                           SmallVector<Value> accumulators) {
  if (dims.empty()) {
    if (tile.isReducing())
      return vectorLoop(builder, offsets, accumulators);
    for (unsigned vector = 0; vector < plan.vectors; ++vector)
      step(builder, offsets, accumulators, vector, {});
    return accumulators;
  }
  auto body = [&](OpBuilder &inner, Value iv, SmallVector<Value> carried) {
    tile.point[dims.front()] = iv;
    carried = loops(inner, dims.drop_front(), advance(inner, offsets, dims.front(), iv), carried);
    tile.point[dims.front()] = {};
    return carried;
  };
  return loop(builder, nest.extents[dims.front()], accumulators, body);
}

Value combineLanes(OpBuilder &builder, Location loc, const Reduction &reduction, Value value,
                   unsigned lanes) {
  for (; lanes > 1; lanes /= 2) {
    SmallVector<int64_t> low, high;
    for (unsigned i = 0; i < lanes / 2; ++i) {
      low.push_back(i);
      high.push_back(lanes / 2 + i);
    }
    Value lower = vector::ShuffleOp::create(builder, loc, value, value, low);
    Value upper = vector::ShuffleOp::create(builder, loc, value, value, high);
    value = reduction.combine(builder, loc, lower, upper);
  }
  return vector::ExtractOp::create(builder, loc, value, 0);
}

SmallVector<Value> ReductionEmitter::emit(OpBuilder &builder) {
  SmallVector<unsigned> dims;
  for (unsigned dim = 0; dim < nest.extents.size(); ++dim)
    if (nest.reduced[dim] && static_cast<int>(dim) != plan.vectorDim)
      dims.push_back(dim);
  IndexMath math(builder, loc);
  SmallVector<Value> offsets(nest.inputs.size(), math.constant(0));
  SmallVector<Value> accumulators(
      plan.rows * plan.vectors,
      constantElement(builder, loc, nest.reduction->neutral, nest.valueType, plan.lanes));
  accumulators = loops(builder, dims, offsets, accumulators);
  if (!tile.isReducing())
    return accumulators;
  SmallVector<Value> sums;
  for (unsigned row = 0; row < plan.rows; ++row) {
    Value sum = accumulators[row * plan.vectors];
    for (unsigned vector = 1; vector < plan.vectors; ++vector)
      sum = nest.reduction->combine(builder, loc, sum, accumulators[row * plan.vectors + vector]);
    sums.push_back(plan.lanes == 1 ? sum
                                   : combineLanes(builder, loc, *nest.reduction, sum, plan.lanes));
  }
  return sums;
}

SmallVector<Value> NestEmitter::accumulate(OpBuilder &builder, Tile &tile) {
  if (nest.reduction)
    return ReductionEmitter(tile).emit(builder);
  IndexMath math(builder, loc);
  SmallVector<Value> offsets(nest.inputs.size(), math.constant(0));
  std::map<std::tuple<unsigned, unsigned, unsigned>, Value> cache;
  SmallVector<Value> values;
  for (unsigned vector = 0; vector < tile.plan.vectors; ++vector)
    values.push_back(tile.elementAt(builder, 0, vector, offsets, tile.plan.lanes, cache));
  return values;
}

/// Emits the tile at `point`, which numbers the rows and blocks of the tiled dimensions.
void NestEmitter::emitTile(OpBuilder &builder, const Plan &plan, ArrayRef<unsigned> dims,
                           ArrayRef<Value> point) {
  IndexMath math(builder, loc);
  Tile tile{nest, plan, loc, origin, originalDims, firstPositions, {}, {}, {}, {}, {}};
  tile.point.resize(nest.extents.size());
  for (auto [dim, at] : llvm::zip(dims, point)) {
    bool isRow = static_cast<int>(dim) == plan.rowDim;
    bool isVector = static_cast<int>(dim) == plan.vectorDim;
    if (!isRow && !isVector) {
      tile.point[dim] = at;
      continue;
    }
    // The last tile moves back to end with the extent.
    unsigned size = isRow ? 1 : plan.lanes, count = isRow ? plan.rows : plan.vectors;
    Value extent = nest.extents[dim];
    Value start = math.mul(at, math.constant(int64_t(size) * count));
    std::optional<int64_t> number = known(extent);
    bool fits = number && *number % (int64_t(size) * count) == 0;
    Value last = math.sub(extent, math.constant(size));
    for (unsigned i = 0; i < count; ++i) {
      Value position = math.add(start, math.constant(int64_t(size) * i));
      (isRow ? tile.rowPositions : tile.starts)
          .push_back(fits ? position : math.min(position, last));
    }
  }
  for (const Access &access : nest.inputs) {
    SmallVector<SmallVector<Value>> &rows = tile.inputPointers.emplace_back();
    for (unsigned row = 0; row < plan.rows; ++row)
      for (unsigned vector = 0; vector < plan.vectors; ++vector) {
        if (vector == 0)
          rows.emplace_back();
        rows[row].push_back(tile.pointer(builder, access, row, vector));
      }
  }
  SmallVector<Value> values = accumulate(builder, tile);
  unsigned lanes = tile.isReducing() ? 1 : plan.lanes;
  unsigned vectors = tile.isReducing() ? 1 : plan.vectors;
  for (unsigned row = 0; row < plan.rows; ++row)
    for (unsigned vector = 0; vector < vectors; ++vector) {
      Value value = values[row * vectors + vector];
      SmallVector<Value> late;
      for (const Access &access : nest.late)
        late.push_back(
            tile.load(builder, access, tile.pointer(builder, access, row, vector), lanes));
      auto at = [&](int64_t dim) { return tile.position(builder, dim, row, vector, lanes); };
      if (nest.finish)
        value = nest.finish({builder, loc, lanes, at}, value, late);
      storeElement(builder, loc, value, tile.pointer(builder, nest.result, row, vector),
                   nest.result.element);
    }
}

//===----------------------------------------------------------------------===//
// The nest
//===----------------------------------------------------------------------===//

/// Operations of one tile.
Value NestEmitter::costOf(IndexMath &math, const Plan &plan) {
  Value cost = math.constant(nest.cost * plan.rows * plan.vectors);
  for (unsigned dim = 0; dim < nest.extents.size(); ++dim)
    if (nest.reduced[dim])
      cost = math.mul(cost, nest.extents[dim]);
  return cost;
}

void NestEmitter::emitPlanned(OpBuilder &builder, Plan plan) {
  IndexMath math(builder, loc);
  SmallVector<unsigned> dims;
  SmallVector<Value> trips;
  auto addDim = [&](unsigned dim, int64_t block) {
    dims.push_back(dim);
    trips.push_back(math.ceilDiv(nest.extents[dim], block));
  };
  for (unsigned dim = 0; dim < nest.extents.size(); ++dim)
    if (!nest.reduced[dim] && static_cast<int>(dim) != plan.rowDim &&
        static_cast<int>(dim) != plan.vectorDim)
      addDim(dim, 1);
  if (plan.rowDim >= 0)
    addDim(plan.rowDim, plan.rows);
  if (plan.vectorDim >= 0 && !nest.reduced[plan.vectorDim])
    addDim(plan.vectorDim, int64_t(plan.lanes) * plan.vectors);
  forEachPoint(builder, loc, trips, costOf(math, plan), nest.parallel,
               [&](OpBuilder &inner, Location, ArrayRef<Value> point) {
                 emitTile(inner, plan, dims, point);
               });
}

/// No element may be computed twice: full vectors, then single elements.
void NestEmitter::emitInPlace(OpBuilder &builder, Plan plan) {
  IndexMath math(builder, loc);
  unsigned dim = plan.vectorDim;
  Value extent = nest.extents[dim];
  Value full = math.mul(math.floorDiv(extent, plan.lanes), math.constant(plan.lanes));
  nest.extents[dim] = full;
  emitPlanned(builder, plan);
  nest.extents[dim] = math.sub(extent, full);
  if (isKnown(nest.extents[dim], 0))
    return;
  for (Access *access : accessesOf(nest))
    access->pointer = elementPointer(builder, loc, access->pointer, access->element,
                                     math.mul(full, access->strides[dim]));
  firstPositions[dim] = full;
  emitPlanned(builder, choosePlan(1));
}

/// Emits a nest that has no reduced dimension; false if it cannot be computed in vectors.
bool NestEmitter::emitAsElementwise(OpBuilder &builder) {
  std::optional<ElementwisePlan> plan = planElementwise(nest, maxLanes());
  if (!plan)
    return false;
  Value fits = fitsElementwise(builder, loc, nest, *plan);
  if (!fits) {
    emitElementwise(builder, loc, target, nest, *plan, origin);
    return true;
  }
  scf::IfOp choice = scf::IfOp::create(builder, loc, fits, /*withElseRegion=*/true);
  OpBuilder longBuilder = choice.getThenBodyBuilder(), shortBuilder = choice.getElseBodyBuilder();
  emitElementwise(longBuilder, loc, target, nest, *plan, origin);
  emitPlanned(shortBuilder, choosePlan(1));
  return true;
}

void NestEmitter::emit(OpBuilder &builder) {
  IndexMath math(builder, loc);
  originalDims = nest.extents.size();
  origin = simplifyDims(builder, loc, nest);
  firstPositions.assign(nest.extents.size(), Value());
  if (emitAsElementwise(builder) || emitColumnReduction(builder, loc, nest, maxLanes()))
    return;
  Plan plan = choosePlan(maxLanes());
  if (plan.lanes == 1) {
    emitPlanned(builder, plan);
    return;
  }
  if (nest.inPlace) {
    emitInPlace(builder, plan);
    return;
  }
  if (known(nest.extents[plan.vectorDim])) {
    emitPlanned(builder, plan);
    return;
  }
  // Extents below one vector are only known at run time.
  Value isShort = math.isLess(nest.extents[plan.vectorDim], math.constant(plan.lanes));
  scf::IfOp choice = scf::IfOp::create(builder, loc, isShort, /*withElseRegion=*/true);
  OpBuilder shortBuilder = choice.getThenBodyBuilder(), longBuilder = choice.getElseBodyBuilder();
  emitPlanned(shortBuilder, choosePlan(1));
  emitPlanned(longBuilder, plan);
}

void emitNest(OpBuilder &builder, Location loc, const Target &target, const Nest &nest) {
  NestEmitter(loc, target, nest).emit(builder);
}

} // namespace tlc::codegen
