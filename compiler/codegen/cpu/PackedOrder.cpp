//===- PackedOrder.cpp - which dimension runs along vectors, which inside -===//

#include "compiler/codegen/cpu/PackedOrder.h"

#include "compiler/codegen/cpu/IndexMath.h"

namespace tlc::codegen {
namespace {

/// What an extent that is not known is taken for.
constexpr double assumedExtent = 1024;
/// With more rows than this, packing the right operand is little work however it is done.
constexpr double manyRows = 512;

/// Puts long strides of `operand` outside and short ones inside. With unknown strides, only
/// the unit stride is moved.
void sortByStride(SmallVector<unsigned> &dims, const Access &operand) {
  bool allKnown = llvm::all_of(dims, [&](unsigned d) { return known(operand.strides[d]); });
  auto rank = [&](unsigned d) -> int64_t {
    std::optional<int64_t> stride = known(operand.strides[d]);
    return allKnown ? std::abs(*stride) : stride == 1 ? 0 : 1;
  };
  llvm::stable_sort(dims, [&](unsigned a, unsigned b) { return rank(a) > rank(b); });
}

class Ordering {
public:
  Ordering(PackedContraction &c, const Tile &tile, int64_t depth, const Target &target)
      : c(c), tile(tile), depth(depth), target(target) {}

  void apply() {
    if (hasUnitStride(c.result, c.m)) {
      std::swap(c.lhs, c.rhs);
      std::swap(c.m, c.n);
    }
    m = sizeOf(c.m), n = sizeOf(c.n), k = sizeOf(c.k);
    chunks = std::ceil(k / double(depth));
    orderColumns();
    // The larger of the left operand and the result is read or written in its order.
    sortByStride(c.m, hasUnitStride(c.lhs, c.m) && n < k ? c.lhs : c.result);
    sortByStride(c.k, hasUnitStride(c.lhs, c.k) ? c.lhs : c.rhs);
  }

private:
  double sizeOf(ArrayRef<unsigned> dims) const {
    double size = 1;
    for (unsigned d : dims)
      size *= double(known(c.extents[d]).value_or(int64_t(assumedExtent)));
    return size;
  }

  static std::optional<unsigned> unitDim(const Access &operand, ArrayRef<unsigned> dims) {
    for (unsigned d : dims)
      if (isKnown(operand.strides[d], 1))
        return d;
    return std::nullopt;
  }

  void moveLast(unsigned dim) {
    llvm::erase(c.n, dim);
    c.n.push_back(dim);
  }

  void orderColumns() {
    std::optional<unsigned> along = unitDim(c.result, c.n), read = unitDim(c.rhs, c.n);
    bool readsMore = k > m * (2 * chunks - 1) && allStridesKnown(c.rhs);
    sortByStride(c.n, readsMore ? c.rhs : c.result);
    if (along)
      moveLast(*along);
    if (!along || !read || along == read || m > manyRows)
      return;
    // The right operand's neighbours are not the result's.
    if (int64_t rows = rowsAcross(*read, *along)) {
      moveLast(*read);
      moveLast(*along);
      c.acrossRows = rows;
      return;
    }
    // Either gets single elements: the operand's, once for each summed position, or the result's,
    // once for each row and chunk. Panels that follow each other should at least find them in the
    // cache.
    moveLast(*read);
    if (m * chunks >= 2 * k)
      moveLast(*along);
  }

  bool allStridesKnown(const Access &operand) const {
    return llvm::all_of(c.n, [&](unsigned d) { return known(operand.strides[d]); });
  }

  /// Positions of `read` in a block whose columns are whole vectors along `along`; 0 if there is
  /// no such block. All of them together are read in long pieces, so that half of the last cache
  /// is not too much for them; several times all of them should fit the second cache.
  int64_t rowsAcross(unsigned read, unsigned along) const {
    std::optional<int64_t> run = known(c.extents[read]), pitch = known(c.extents[along]);
    if (!tile.copiesElements() || !run || !pitch || *run < tile.lanes || *pitch % tile.lanes != 0)
      return 0;
    int64_t rowBytes = *pitch * int64_t(std::ceil(k / chunks)) * tile.elementBytes();
    int64_t near = target.l2Bytes * 5 / 8 / rowBytes, most = target.l3Bytes / 2 / rowBytes;
    if (most >= *run)
      return std::max<int64_t>(near / *run, 1) * *run;
    for (int64_t rows = most / tile.lanes * tile.lanes; rows > 0; rows -= tile.lanes)
      if (*run % rows == 0)
        return rows;
    return 0;
  }

  PackedContraction &c;
  const Tile &tile;
  int64_t depth;
  const Target &target;
  double m = 1, n = 1, k = 1, chunks = 1;
};

} // namespace

bool hasUnitStride(const Access &operand, ArrayRef<unsigned> dims) {
  return llvm::any_of(dims, [&](unsigned d) { return isKnown(operand.strides[d], 1); });
}

PackedContraction orderForPanels(const Nest &nest, const ContractionGroups &groups,
                                 const Tile &tile, int64_t depth, const Target &target) {
  PackedContraction c{groups, nest.extents, nest.inputs[0], nest.inputs[1], nest.result};
  Ordering(c, tile, depth, target).apply();
  return c;
}

} // namespace tlc::codegen
