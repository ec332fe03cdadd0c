//===- DirectContraction.cpp - contractions that read operands in place ---===//
//
//   for each point of the other dimensions, in parallel
//     for each tile of rows i
//       for each tile of columns j
//         acc[r][c] = neutral
//         for k   acc[r][c] (+)= lhs[i + r, k] (*) rhs[k, j + c]
//         result[i + r, j + c] = finish(acc[r][c])
//
// Where only few points are outside, the tiles along the longer side of the result are points too.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/DirectContraction.h"

#include "compiler/codegen/cpu/DirectTiles.h"
#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/IndexMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace LLVM = mlir::LLVM;
namespace scf = mlir::scf;
namespace vector = mlir::vector;

namespace {

/// Up to this many multiply-adds, the loops over summed positions are unrolled.
constexpr int64_t unrolledSteps = 512;
/// Multiply-adds in one round of a loop that is not: loops of few rounds end as predicted.
constexpr int64_t stepsPerRound = 48;
/// Points outside that are enough for all processors.
constexpr int64_t enoughPoints = 16;

class DirectEmitter {
public:
  DirectEmitter(Location loc, const Target &target, const Nest &nest,
                const ContractionGroups &groups, const DirectPlan &plan)
      : loc(loc), target(target), nest(nest), plan(plan), lhs(nest.inputs[plan.lhs]),
        rhs(nest.inputs[plan.rhs]), rowTiles(tilesAlong(plan.rowDim, plan.rows, 1)),
        columnTiles(tilesAlong(plan.columnDim, plan.columns, plan.isAlongBatch() ? 1 : plan.lanes)),
        laneTiles(tilesAlong(plan.isAlongBatch() ? int(plan.vectorDim) : -1, 1, plan.lanes)),
        sumDims(groups.k) {
    llvm::stable_sort(sumDims, [&](unsigned a, unsigned b) {
      return strideRank(lhs, a) + strideRank(rhs, a) > strideRank(lhs, b) + strideRank(rhs, b);
    });
    splitLanes();
    isUnrolled = countSteps() <= unrolledSteps;
  }

  /// In one of two ways where it depends on the result's address, which is known when called.
  void emit(OpBuilder &builder);

private:
  Value isPastCache(OpBuilder &builder);
  int64_t streamAlignment(ArrayRef<Tiles> tiles);
  void emitAll(OpBuilder &builder);
  /// One tile: where it is, and how its rows, columns and lanes lie.
  struct Tile {
    const Tiles *rows, *columns, *lanes;
    /// The position along every dimension; null for those that are summed.
    SmallVector<Value> point;
  };

  SmallVector<Tiles> tilesAlong(int dim, unsigned count, unsigned lanes) {
    return tilesOf(dim < 0 ? 1 : *known(nest.extents[dim]), count, lanes);
  }
  /// Long strides are outside.
  static double strideRank(const Access &access, unsigned dim) {
    std::optional<int64_t> stride = known(access.strides[dim]);
    return stride ? std::abs(double(*stride)) : 1e9;
  }
  void splitLanes();
  int64_t countSteps();
  void emitPoints(OpBuilder &builder, ArrayRef<Tiles> outer, bool rowsOutside);
  void emitTiles(OpBuilder &builder, ArrayRef<Tiles> tiles, int dim, SmallVector<Value> point,
                 function_ref<void(OpBuilder &, const Tiles &, SmallVector<Value>)> body);
  void emitTile(OpBuilder &builder, Tile tile);
  SmallVector<Value> sum(OpBuilder &builder, const Tile &tile, ArrayRef<unsigned> dims, Value lhsAt,
                         Value rhsAt, SmallVector<Value> sums);
  SmallVector<Value> step(OpBuilder &builder, const Tile &tile, Value lhsAt, Value rhsAt,
                          SmallVector<Value> sums);
  void finish(OpBuilder &builder, const Tile &tile, ArrayRef<Value> sums);

  unsigned lanesAt(const Tile &tile, unsigned column) const {
    return plan.isAlongBatch() ? tile.lanes->pieces[0].lanes : tile.columns->pieces[column].lanes;
  }
  /// The pointer at the tile's first element, reduced dimensions at 0.
  Value base(OpBuilder &builder, const Access &access, const Tile &tile);
  Value moved(OpBuilder &builder, const Access &access, Value pointer, int dim, Value by);
  Value moved(OpBuilder &builder, const Access &access, Value pointer, int dim, int64_t by) {
    return moved(builder, access, pointer, dim, IndexMath(builder, loc).constant(by));
  }
  /// At a row and column of the tile.
  Value placed(OpBuilder &builder, const Access &access, Value pointer, const Tile &tile,
               unsigned row, unsigned column);
  Value position(OpBuilder &builder, const Tile &tile, int64_t dim, unsigned row, unsigned column);

  Location loc;
  const Target &target;
  const Nest &nest;
  const DirectPlan &plan;
  const Access &lhs, &rhs;
  SmallVector<Tiles> rowTiles, columnTiles, laneTiles;
  SmallVector<unsigned> sumDims;
  bool isUnrolled, pastCache = false;
};

} // namespace

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

Value DirectEmitter::moved(OpBuilder &builder, const Access &access, Value pointer, int dim,
                           Value by) {
  if (dim < 0)
    return pointer;
  Value offset = IndexMath(builder, loc).mul(by, access.strides[dim]);
  return isKnown(offset, 0) ? pointer
                            : elementPointer(builder, loc, pointer, access.element, offset);
}

Value DirectEmitter::base(OpBuilder &builder, const Access &access, const Tile &tile) {
  IndexMath math(builder, loc);
  Value offset = math.constant(0);
  for (auto [dim, at] : llvm::enumerate(tile.point))
    if (at)
      offset = math.add(offset, math.mul(at, access.strides[dim]));
  return elementPointer(builder, loc, access.pointer, access.element, offset);
}

Value DirectEmitter::placed(OpBuilder &builder, const Access &access, Value pointer,
                            const Tile &tile, unsigned row, unsigned column) {
  pointer = moved(builder, access, pointer, plan.rowDim, tile.rows->pieces[row].start);
  pointer = moved(builder, access, pointer, plan.columnDim, tile.columns->pieces[column].start);
  return pointer;
}

/// What `NestPoint::position` asks for.
Value DirectEmitter::position(OpBuilder &builder, const Tile &tile, int64_t dim, unsigned row,
                              unsigned column) {
  IndexMath math(builder, loc);
  Value at = tile.point[dim];
  if (dim == plan.rowDim)
    at = math.add(at, math.constant(tile.rows->pieces[row].start));
  if (dim == plan.columnDim)
    at = math.add(at, math.constant(tile.columns->pieces[column].start));
  unsigned lanes = lanesAt(tile, column);
  at = splat(builder, loc, math.toIndex(at), lanes);
  if (dim != plan.vectorDim || lanes == 1)
    return at;
  SmallVector<Attribute> steps;
  for (unsigned i = 0; i < lanes; ++i)
    steps.push_back(builder.getIndexAttr(i));
  Value iota = arith::ConstantOp::create(
      builder, loc, DenseElementsAttr::get(cast<mlir::VectorType>(at.getType()), steps));
  return arith::AddIOp::create(builder, loc, at, iota);
}

//===----------------------------------------------------------------------===//
// One tile
//===----------------------------------------------------------------------===//

/// Along the batch, a tile is one vector: what is left over may be several.
void DirectEmitter::splitLanes() {
  SmallVector<Tiles> split;
  for (const Tiles &tiles : laneTiles)
    for (const TilePiece &piece : tiles.pieces)
      split.push_back({tiles.start + piece.start, tiles.count, tiles.size, {{0, piece.lanes}}});
  laneTiles = split;
}

/// Multiply-adds in the code if no loop over summed positions is left; huge if one has to stay.
int64_t DirectEmitter::countSteps() {
  int64_t steps = 0;
  for (const Tiles &row : rowTiles)
    for (const Tiles &column : columnTiles)
      steps += row.pieces.size() * column.pieces.size() * laneTiles.size();
  for (unsigned dim : sumDims) {
    std::optional<int64_t> extent = known(nest.extents[dim]);
    if (!extent || *extent > unrolledSteps)
      return INT64_MAX;
    steps = std::min<int64_t>(steps * *extent, 2 * unrolledSteps);
  }
  return steps;
}

SmallVector<Value> DirectEmitter::step(OpBuilder &builder, const Tile &tile, Value lhsAt,
                                       Value rhsAt, SmallVector<Value> sums) {
  unsigned columns = tile.columns->pieces.size();
  SmallVector<Value> right;
  for (unsigned c = 0; c < columns; ++c)
    right.push_back(loadElement(builder, loc, placed(builder, rhs, rhsAt, tile, 0, c), rhs.element,
                                rhs.compute, lanesAt(tile, c)));
  auto noPosition = [](int64_t) { return Value(); };
  for (unsigned r = 0; r < tile.rows->pieces.size(); ++r) {
    Value at = placed(builder, lhs, lhsAt, tile, r, 0);
    unsigned leftLanes = plan.isAlongBatch() ? lanesAt(tile, 0) : 1;
    Value left = loadElement(builder, loc, at, lhs.element, lhs.compute, leftLanes);
    for (unsigned c = 0; c < columns; ++c) {
      unsigned lanes = lanesAt(tile, c);
      Value factor = leftLanes == lanes ? left : splat(builder, loc, left, lanes);
      Value values[] = {factor, right[c]};
      if (plan.lhs == 1)
        std::swap(values[0], values[1]);
      Value product = nest.element({builder, loc, lanes, noPosition}, values);
      Value &sum = sums[r * columns + c];
      sum = nest.reduction->combine(builder, loc, sum, product);
    }
  }
  return sums;
}

SmallVector<Value> DirectEmitter::sum(OpBuilder &builder, const Tile &tile, ArrayRef<unsigned> dims,
                                      Value lhsAt, Value rhsAt, SmallVector<Value> sums) {
  if (dims.empty())
    return step(builder, tile, lhsAt, rhsAt, sums);
  int dim = dims.front();
  IndexMath math(builder, loc);
  auto at = [&](OpBuilder &inner, Value position, SmallVector<Value> sums) {
    return sum(inner, tile, dims.drop_front(), moved(inner, lhs, lhsAt, dim, position),
               moved(inner, rhs, rhsAt, dim, position), sums);
  };
  auto straight = [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      sums = at(builder, math.constant(i), sums);
    return sums;
  };
  std::optional<int64_t> extent = known(nest.extents[dim]);
  if (isUnrolled)
    return straight(0, *extent);
  bool isInnermost = dims.size() == 1 && extent;
  int64_t round = isInnermost ? std::clamp<int64_t>(stepsPerRound / sums.size(), 1, 16) : 1;
  Value end = math.mul(math.div(nest.extents[dim], math.constant(round)), math.constant(round));
  scf::ForOp loop =
      scf::ForOp::create(builder, loc, math.constant(0), end, math.constant(round), sums,
                         [&](OpBuilder &inner, Location, Value i, ValueRange carried) {
                           SmallVector<Value> next(carried);
                           IndexMath math(inner, loc);
                           for (int64_t u = 0; u < round; ++u)
                             next = at(inner, math.add(i, math.constant(u)), next);
                           scf::YieldOp::create(inner, loc, next);
                         });
  sums.assign(loop.getResults().begin(), loop.getResults().end());
  return extent ? straight(*extent - *extent % round, *extent) : sums;
}

void DirectEmitter::finish(OpBuilder &builder, const Tile &tile, ArrayRef<Value> sums) {
  unsigned columns = tile.columns->pieces.size();
  Value resultBase = base(builder, nest.result, tile);
  SmallVector<Value> lateBases = llvm::map_to_vector(
      nest.late, [&](const Access &access) { return base(builder, access, tile); });
  for (unsigned r = 0; r < tile.rows->pieces.size(); ++r)
    for (unsigned c = 0; c < columns; ++c) {
      unsigned lanes = lanesAt(tile, c);
      Value value = sums[r * columns + c];
      if (nest.finish) {
        SmallVector<Value> late;
        for (auto [access, pointer] : llvm::zip(nest.late, lateBases)) {
          Value at = placed(builder, access, pointer, tile, r, c);
          bool isSame = isKnown(access.strides[plan.vectorDim], 0);
          Value loaded =
              loadElement(builder, loc, at, access.element, access.compute, isSame ? 1 : lanes);
          late.push_back(isSame ? splat(builder, loc, loaded, lanes) : loaded);
        }
        auto positionOf = [&](int64_t dim) { return position(builder, tile, dim, r, c); };
        value = nest.finish({builder, loc, lanes, positionOf}, value, late);
      }
      Value to = placed(builder, nest.result, resultBase, tile, r, c);
      if (pastCache)
        storePastCache(builder, loc, value, to, nest.result.element);
      else
        storeElement(builder, loc, value, to, nest.result.element);
    }
}

void DirectEmitter::emitTile(OpBuilder &builder, Tile tile) {
  SmallVector<Value> sums;
  for (unsigned r = 0; r < tile.rows->pieces.size(); ++r)
    for (unsigned c = 0; c < tile.columns->pieces.size(); ++c)
      sums.push_back(
          constantElement(builder, loc, nest.reduction->neutral, nest.valueType, lanesAt(tile, c)));
  Value lhsAt = base(builder, lhs, tile), rhsAt = base(builder, rhs, tile);
  finish(builder, tile, sum(builder, tile, sumDims, lhsAt, rhsAt, sums));
}

//===----------------------------------------------------------------------===//
// All tiles
//===----------------------------------------------------------------------===//

void DirectEmitter::emitTiles(
    OpBuilder &builder, ArrayRef<Tiles> tiles, int dim, SmallVector<Value> point,
    function_ref<void(OpBuilder &, const Tiles &, SmallVector<Value>)> body) {
  for (const Tiles &some : tiles) {
    auto at = [&](OpBuilder &inner, Value number) {
      IndexMath math(inner, loc);
      if (dim >= 0)
        point[dim] =
            math.add(math.constant(some.start), math.mul(number, math.constant(some.size)));
      body(inner, some, point);
    };
    IndexMath math(builder, loc);
    if (some.count == 1) {
      at(builder, math.constant(0));
      continue;
    }
    scf::ForOp::create(builder, loc, math.constant(0), math.constant(some.count), math.constant(1),
                       {}, [&](OpBuilder &inner, Location, Value number, ValueRange) {
                         at(inner, number);
                         scf::YieldOp::create(inner, loc);
                       });
  }
}

/// For the tiles `outer` along the rows or the columns: all points, in parallel.
void DirectEmitter::emitPoints(OpBuilder &builder, ArrayRef<Tiles> outer, bool rowsOutside) {
  IndexMath math(builder, loc);
  int outerDim = rowsOutside ? plan.rowDim : plan.columnDim;
  SmallVector<unsigned> dims;
  SmallVector<Value> trips;
  Value cost = math.constant(nest.cost);
  for (unsigned dim = 0; dim < nest.extents.size(); ++dim) {
    bool isTiled = int(dim) == plan.rowDim || int(dim) == plan.columnDim || dim == plan.vectorDim;
    if (nest.reduced[dim] || isTiled)
      cost = math.mul(cost, int(dim) == outerDim ? math.constant(1) : nest.extents[dim]);
    else
      dims.push_back(dim), trips.push_back(nest.extents[dim]);
  }
  bool isPoint = outer.size() == 1 && outer[0].count > 1;
  if (isPoint)
    trips.push_back(math.constant(outer[0].count));
  int64_t positions = 0;
  for (const Tiles &tiles : outer)
    positions += isPoint ? tiles.size : tiles.count * tiles.size;
  // Of vectors rather than elements.
  cost = math.div(math.mul(cost, math.constant(positions)), math.constant(plan.lanes));
  auto body = [&](OpBuilder &inner, Location, ArrayRef<Value> at) {
    IndexMath math(inner, loc);
    SmallVector<Value> point(nest.extents.size());
    for (auto [dim, position] : llvm::zip(dims, at))
      point[dim] = position;
    SmallVector<Tiles> tiles(outer);
    if (isPoint) {
      point[outerDim] = math.add(math.constant(outer[0].start),
                                 math.mul(at.back(), math.constant(outer[0].size)));
      tiles[0].start = 0;
      tiles[0].count = 1;
    }
    int laneDim = plan.isAlongBatch() ? int(plan.vectorDim) : -1;
    emitTiles(inner, laneTiles, laneDim, point, [&](OpBuilder &b, const Tiles &l, auto point) {
      emitTiles(
          b, tiles, isPoint ? -1 : outerDim, point, [&](OpBuilder &b, const Tiles &o, auto point) {
            emitTiles(b, rowsOutside ? columnTiles : rowTiles,
                      rowsOutside ? plan.columnDim : plan.rowDim, point,
                      [&](OpBuilder &b, const Tiles &i, auto point) {
                        emitTile(b, {rowsOutside ? &o : &i, rowsOutside ? &i : &o, &l, point});
                      });
          });
    });
  };
  forEachPoint(builder, loc, trips, cost, nest.parallel, body);
}

/// Bytes of the longest vector along these tiles, if every vector then lies at a multiple of its
/// own length wherever the first one lies at a multiple of the longest, as storePastCache() wants
/// it; else 0.
int64_t DirectEmitter::streamAlignment(ArrayRef<Tiles> tiles) {
  int64_t bytes = byteSize(nest.result.element), longest = 1;
  for (const Tiles &some : tiles)
    for (const TilePiece &piece : some.pieces)
      longest = std::max(longest, piece.lanes * bytes);
  bool fits = llvm::isPowerOf2_64(longest) && llvm::all_of(tiles, [&](const Tiles &some) {
                return some.start * bytes % longest == 0 && some.size * bytes % longest == 0 &&
                       llvm::all_of(some.pieces, [&](const TilePiece &piece) {
                         return piece.lanes * bytes >= 16 && llvm::isPowerOf2_64(piece.lanes) &&
                                piece.start % piece.lanes == 0;
                       });
              });
  return fits ? longest : 0;
}

/// Whether the result is larger than the last-level cache and all its vectors are aligned; null if
/// that is known to be false.
Value DirectEmitter::isPastCache(OpBuilder &builder) {
  Type element = nest.result.element;
  int64_t alignment = streamAlignment(plan.isAlongBatch() ? laneTiles : columnTiles);
  bool isPlain = element.isF32() || element.isF64() || element.isInteger(32);
  if (!isPlain || alignment < 16)
    return {};
  double size = byteSize(element);
  for (unsigned dim = 0; dim < nest.extents.size(); ++dim) {
    if (nest.reduced[dim])
      continue;
    std::optional<int64_t> stride = known(nest.result.strides[dim]);
    size *= double(known(nest.extents[dim]).value_or(1));
    if (dim != plan.vectorDim && (!stride || *stride * byteSize(element) % alignment != 0))
      return {};
  }
  if (size <= 2 * double(target.l3Bytes))
    return {};
  Value address = LLVM::PtrToIntOp::create(builder, loc, builder.getI64Type(), nest.result.pointer);
  IndexMath math(builder, loc);
  return math.isEqual(math.rem(address, math.constant(alignment)), math.constant(0));
}

void DirectEmitter::emit(OpBuilder &builder) {
  Value past = isPastCache(builder);
  if (!past)
    return emitAll(builder);
  scf::IfOp choice = scf::IfOp::create(builder, loc, past, /*withElseRegion=*/true);
  OpBuilder inner = choice.getThenBodyBuilder();
  pastCache = true;
  emitAll(inner);
  inner = choice.getElseBodyBuilder();
  pastCache = false;
  emitAll(inner);
}

void DirectEmitter::emitAll(OpBuilder &builder) {
  int64_t points = 1;
  for (unsigned dim = 0; dim < nest.extents.size(); ++dim)
    if (!nest.reduced[dim] && int(dim) != plan.rowDim && int(dim) != plan.columnDim &&
        dim != plan.vectorDim)
      points *= std::min<int64_t>(known(nest.extents[dim]).value_or(enoughPoints), enoughPoints);
  auto extent = [&](int dim) { return dim < 0 ? 1 : *known(nest.extents[dim]); };
  bool rowsOutside = extent(plan.rowDim) >= extent(plan.columnDim);
  ArrayRef<Tiles> outer = rowsOutside ? rowTiles : columnTiles;
  if (points >= enoughPoints || outer.front().count < enoughPoints)
    return emitPoints(builder, outer, rowsOutside);
  for (const Tiles &tiles : outer)
    emitPoints(builder, tiles, rowsOutside);
}

void emitDirectContraction(OpBuilder &builder, Location loc, const Target &target, const Nest &nest,
                           const ContractionGroups &groups, const DirectPlan &plan) {
  DirectEmitter(loc, target, nest, groups, plan).emit(builder);
}

} // namespace tlc::codegen
