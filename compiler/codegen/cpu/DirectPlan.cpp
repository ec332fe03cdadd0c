//===- DirectPlan.cpp - register tiles of contractions in place -----------===//
//
// The tile is chosen among all that fit the registers by counting cycles: of multiply-adds, of
// loads, of instructions, and of waiting for the sum before. With 16 registers,
//
//   f32  8 lanes   16 x 16 x 16   6, 5 and 5 rows x 2 vectors
//                  13 x 4 x 5     7 and 6 rows x (4 + 1) elements
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/DirectContraction.h"

#include "compiler/codegen/cpu/DirectTiles.h"
#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/IndexMath.h"

#include "llvm/ADT/bit.h"

namespace tlc::codegen {

SmallVector<TilePiece> piecesOf(int64_t rest, int64_t before, unsigned lanes) {
  SmallVector<TilePiece> pieces;
  int64_t at = 0;
  while (rest - at >= lanes) {
    pieces.push_back({at, lanes});
    at += lanes;
  }
  while (at < rest) {
    int64_t left = rest - at;
    unsigned wide = llvm::bit_ceil<uint64_t>(left), narrow = llvm::bit_floor<uint64_t>(left);
    if (wide == narrow || before + rest < wide) {
      pieces.push_back({at, narrow});
      at += narrow;
    } else {
      pieces.push_back({rest - wide, wide});
      at = rest;
    }
  }
  return pieces;
}

namespace {

constexpr int64_t assumedExtent = 1024;
/// Rows or columns that fill a few tiles.
constexpr int64_t enoughNeighbours = 32;

int64_t extentOr(const Nest &nest, int dim, int64_t otherwise) {
  return dim < 0 ? 1 : known(nest.extents[dim]).value_or(otherwise);
}

bool isStride(const Access &access, unsigned dim, int64_t stride) {
  return isKnown(access.strides[dim], stride);
}

/// Lanes of the widest value in the nest.
unsigned lanesOf(const Nest &nest, const Target &target) {
  if (!nest.vectorizable)
    return 1;
  unsigned bits = std::max(nest.widestBits, 8u);
  auto widen = [&](Type type) { bits = std::max(bits, 8 * unsigned(byteSize(type))); };
  for (const Access &access : nest.inputs)
    widen(access.compute);
  for (const Access &access : nest.late)
    widen(access.compute);
  widen(nest.valueType);
  return std::max(1u, 8 * target.vectorBytes / bits);
}

class Planner {
public:
  Planner(const Nest &nest, const ContractionGroups &groups, const Target &target)
      : nest(nest), groups(groups), target(target), lanes(lanesOf(nest, target)) {}

  std::optional<DirectPlan> plan() {
    if (lanes < 2)
      return std::nullopt;
    for (unsigned dim : groups.n)
      tryVectors(dim, 0, 1);
    for (unsigned dim : groups.m)
      tryVectors(dim, 1, 0);
    for (unsigned dim : groups.batch)
      tryVectors(dim, 0, 1);
    return best;
  }

private:
  void tryVectors(unsigned dim, unsigned lhs, unsigned rhs) {
    bool alongBatch = llvm::is_contained(groups.batch, dim);
    bool fits = known(nest.extents[dim]) && isStride(nest.result, dim, 1) &&
                isStride(nest.inputs[rhs], dim, 1) &&
                (!alongBatch || isStride(nest.inputs[lhs], dim, 1)) &&
                llvm::all_of(nest.late, [&](const Access &access) {
                  return isStride(access, dim, 0) || isStride(access, dim, 1);
                });
    if (!fits || *known(nest.extents[dim]) < 2)
      return;
    DirectPlan plan;
    plan.lhs = lhs;
    plan.rhs = rhs;
    plan.vectorDim = dim;
    plan.rowDim = tiled(lhs == 0 ? groups.m : groups.n, nest.inputs[lhs]);
    plan.columnDim = alongBatch ? tiled(groups.n, nest.inputs[rhs]) : static_cast<int>(dim);
    plan.lanes = std::min<uint64_t>(lanes, llvm::bit_ceil<uint64_t>(*known(nest.extents[dim])));
    chooseTile(plan);
  }

  /// The dimension to cut into tiles: of the largest known extent, or neighbours in the operand if
  /// they are enough for tiles; -1 if none is known.
  int tiled(ArrayRef<unsigned> dims, const Access &operand) {
    int found = -1;
    for (unsigned dim : dims) {
      int64_t extent = extentOr(nest, dim, 0);
      if (extent >= enoughNeighbours && isStride(operand, dim, 1))
        return dim;
      if (extent > extentOr(nest, found, 1))
        found = dim;
    }
    return found;
  }

  void chooseTile(DirectPlan plan) {
    double depth = sizeOf(groups.k), points = 1;
    for (unsigned dim = 0; dim < nest.extents.size(); ++dim)
      if (!nest.reduced[dim] && int(dim) != plan.rowDim && int(dim) != plan.columnDim &&
          dim != plan.vectorDim)
        points *= extentOr(nest, dim, assumedExtent);
    if (plan.isAlongBatch()) {
      int64_t extent = *known(nest.extents[plan.vectorDim]);
      points *= extent / lanes + piecesOf(extent % lanes, extent - extent % lanes, lanes).size();
    }
    unsigned registers = target.vectorRegisters;
    for (plan.rows = 1; plan.rows + 2 <= registers; ++plan.rows)
      for (plan.columns = 1; plan.rows * plan.columns + plan.columns + 1 <= registers;
           ++plan.columns) {
        plan.cycles = points * cyclesOf(plan, depth);
        if (!best || plan.cycles < best->cycles)
          best = plan;
      }
  }

  double sizeOf(ArrayRef<unsigned> dims) {
    double size = 1;
    for (unsigned dim : dims)
      size *= extentOr(nest, dim, assumedExtent);
    return size;
  }

  /// Of all tiles over the row and the column dimension.
  double cyclesOf(const DirectPlan &plan, double depth) {
    int64_t rows = extentOr(nest, plan.rowDim, 1), columns = extentOr(nest, plan.columnDim, 1);
    double cycles = 0;
    for (const Tiles &row : tilesOf(rows, plan.rows, 1))
      for (const Tiles &column :
           tilesOf(columns, plan.columns, plan.isAlongBatch() ? 1 : plan.lanes))
        cycles += double(row.count) * column.count *
                  cyclesOf(row.pieces.size(), column.pieces.size(), depth);
    return cycles;
  }

  /// Two multiply-adds, two loads and six instructions start in a cycle; a sum takes four.
  static double cyclesOf(double rows, double columns, double depth) {
    double step = std::max(
        {rows * columns / 2, (rows + columns) / 2, (rows * columns + rows + columns + 2) / 6, 4.0});
    return depth * step + rows * columns + 10;
  }

  const Nest &nest;
  const ContractionGroups &groups;
  const Target &target;
  unsigned lanes;
  std::optional<DirectPlan> best;
};

} // namespace

SmallVector<Tiles> tilesOf(int64_t extent, unsigned count, unsigned lanes) {
  SmallVector<Tiles> tiles;
  if (lanes == 1) {
    int64_t number = llvm::divideCeil(extent, count), least = extent / number;
    int64_t longer = extent % number;
    if (longer > 0)
      tiles.push_back({0, longer, least + 1, piecesOf(least + 1, 0, 1)});
    tiles.push_back({longer * (least + 1), number - longer, least, piecesOf(least, 0, 1)});
    return tiles;
  }
  int64_t size = int64_t(count) * lanes, whole = extent / size;
  if (whole > 0)
    tiles.push_back({0, whole, size, piecesOf(size, 0, lanes)});
  if (int64_t rest = extent % size)
    tiles.push_back({whole * size, 1, rest, piecesOf(rest, whole * size, lanes)});
  return tiles;
}

std::optional<DirectPlan> planDirectContraction(const Nest &nest, const ContractionGroups &groups,
                                                const Target &target) {
  return Planner(nest, groups, target).plan();
}

} // namespace tlc::codegen
