//===- ContractionCost.cpp - which lowering a contraction gets ------------===//

#include "compiler/codegen/cpu/ContractionCost.h"

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/IndexMath.h"
#include "compiler/codegen/cpu/TileKernel.h"

#include "llvm/ADT/StringSwitch.h"

namespace tlc::codegen {
namespace {

/// What an extent that is not known is taken for.
constexpr double assumedExtent = 1024;
/// Cycles for tables and scratch memory of a packed contraction, and for each tile of its result.
constexpr double packedStart = 3000, packedTile = 40;
/// Cycles for each element that is packed.
constexpr double packedElement = 1;
/// The part of the FMA units' speed that packed panels reach in the cache.
constexpr double packedSpeed = 0.95;

/// Bytes of a matrix that is read in a few passes over a vector.
constexpr double smallMatrix = 8 << 10;

/// Cycles for each vector of a result that is read again, finished and written.
constexpr double finishVector = 4;
/// Cycles for a line from memory that was not foreseen.
constexpr double farLine = 80;

struct Sizes {
  double batch = 1, m = 1, n = 1, k = 1;
};

class CostModel {
public:
  CostModel(const Nest &nest, const ContractionGroups &groups, const Target &target)
      : nest(nest), groups(groups), target(target), sizes(sizesOf(groups)) {}

  double packed(const TileArithmeticRef &arithmetic) const {
    Tile tile = chooseTile(arithmetic, target);
    double rows = roundUp(sizes.m, tile.rows), columns = roundUp(sizes.n, tile.columns());
    double tiles = rows / tile.rows * columns / tile.columns();
    double chunks = std::ceil(sizes.k / 256);
    double numbers = double(target.vectorBytes) / byteSize(arithmetic->number);
    double multiply = rows * columns * sizes.k / (2 * numbers * arithmetic->speed) / packedSpeed;
    double pack = (rows + columns) * sizes.k * packedElement;
    double write = tiles * chunks * packedTile;
    double finish = nest.finish ? sizes.m * sizes.n / tile.lanes * finishVector : 0;
    return sizes.batch * (multiply + pack + write + finish) + packedStart;
  }

  /// Of one point of the batch.
  double matrixBytes() const {
    return sizes.m * sizes.n * sizes.k * double(byteSize(nest.inputs[0].element));
  }

  /// Whether a tile has enough rows and columns, and neighbours in the result do not differ in the
  /// batch.
  bool isMatrixProduct() const {
    bool alongBatch = llvm::any_of(
        groups.batch, [&](unsigned dim) { return isKnown(nest.result.strides[dim], 1); });
    return !alongBatch && std::min(sizes.m, sizes.n) >= 4 && sizes.m * sizes.n * sizes.k >= 8192;
  }

  /// What is read again for each tile should be in a near cache, and not many pages.
  double direct(const DirectPlan &plan) const {
    double bytes = byteSize(nest.result.element);
    bool rowsOutside = extent(plan.rowDim) >= extent(plan.columnDim);
    double again = (rowsOutside ? sizes.n : sizes.m) * sizes.k * bytes;
    double cycles = plan.cycles;
    if (again > double(target.l3Bytes))
      cycles *= 3;
    else if (again > 0.75 * double(target.l2Bytes))
      cycles *= 1.6;
    else if (again > 0.75 * double(target.l1Bytes))
      cycles *= 1.1;
    for (auto [access, elements] :
         {std::pair(nest.inputs[0], sizes.m * sizes.k), {nest.inputs[1], sizes.n * sizes.k}})
      if (jumpsPages(access, bytes))
        cycles += elements * bytes > double(target.l2Bytes) / 2
                      ? sizes.batch * elements * bytes / 64 * farLine
                      : cycles / 4;
    return cycles;
  }

private:
  double extent(int dim) const {
    return dim < 0 ? 1 : double(known(nest.extents[dim]).value_or(int64_t(assumedExtent)));
  }
  double sizeOf(ArrayRef<unsigned> dims) const {
    double size = 1;
    for (unsigned dim : dims)
      size *= extent(int(dim));
    return size;
  }
  Sizes sizesOf(const ContractionGroups &groups) const {
    return {sizeOf(groups.batch), sizeOf(groups.m), sizeOf(groups.n), sizeOf(groups.k)};
  }
  static double roundUp(double size, double multiple) {
    return std::ceil(size / multiple) * multiple;
  }
  /// Whether each summed position is in a page of its own, and there are many.
  bool jumpsPages(const Access &access, double bytes) const {
    double least = 1e18;
    for (unsigned dim : groups.k)
      least = std::min(least, std::abs(double(known(access.strides[dim]).value_or(1))));
    return sizes.k > 64 && least < 1e18 && least * bytes >= 4096;
  }

  const Nest &nest;
  const ContractionGroups &groups;
  const Target &target;
  Sizes sizes;
};

} // namespace

std::optional<Lowering> loweringNamed(StringRef name) {
  return llvm::StringSwitch<std::optional<Lowering>>(name)
      .Case("nest", Lowering::Nest)
      .Case("direct", Lowering::Direct)
      .Case("packed", Lowering::Packed)
      .Case("vector", Lowering::Vector)
      .Default(std::nullopt);
}

Lowering chooseLowering(const Nest &nest, const ContractionGroups &groups,
                        const Lowerings &possible, const Target &target,
                        std::optional<Lowering> forced) {
  bool isPossible[] = {true, possible.direct.has_value(), possible.packed != nullptr,
                       possible.vector.has_value()};
  if (forced && isPossible[static_cast<int>(*forced)])
    return *forced;
  CostModel model(nest, groups, target);
  if (possible.vector && model.matrixBytes() > smallMatrix)
    return Lowering::Vector;
  auto isDirectCheaper = [&](const TileArithmeticRef &packed) {
    return model.direct(*possible.direct) * packed->directCost <= model.packed(packed);
  };
  if (possible.direct && (!possible.packed || isDirectCheaper(possible.packed)))
    return Lowering::Direct;
  return possible.packed && model.isMatrixProduct() ? Lowering::Packed : Lowering::Nest;
}

} // namespace tlc::codegen
