//===- RegisterTranspose.cpp - squares of vectors, rows to columns --------===//

#include "compiler/codegen/cpu/RegisterTranspose.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace tlc::codegen {

namespace vector = mlir::vector;
using mlir::VectorType;

/// The parts of two vectors in turn: in each group of `group` elements, the lower (or upper)
/// half of the group of `lhs` in pieces of `piece`, alternating with those of `rhs`.
static Value interleave(IndexBuilder &b, Value lhs, Value rhs, int64_t piece, int64_t group,
                        bool upper) {
  int64_t size = cast<VectorType>(lhs.getType()).getNumElements();
  SmallVector<int64_t> mask;
  for (int64_t base = 0; base < size; base += group)
    for (int64_t at = 0; at < group / 2; at += piece)
      for (int64_t side : {int64_t(0), size})
        for (int64_t i = 0; i < piece; ++i)
          mask.push_back(side + base + (upper ? group / 2 : 0) + at + i);
  return vector::ShuffleOp::create(b.builder, b.loc, lhs, rhs, mask);
}

/// A square of rows inside of each 16 bytes: row i gets what is at position i of them.
static SmallVector<Value> transposeInLanes(IndexBuilder &b, SmallVector<Value> group) {
  int64_t inLane = group.size();
  for (int64_t piece = 1; piece < inLane; piece *= 2) {
    // Neighbours merge: group[c * stride + i] covers 2 * piece rows of fewer columns.
    SmallVector<Value> next(inLane);
    int64_t count = inLane / piece; // vectors for each column set
    for (int64_t set = 0; set < piece; ++set)
      for (int64_t i = 0; i < count / 2; ++i)
        for (bool upper : {false, true})
          next[(2 * set + upper) * (count / 2) + i] = interleave(
              b, group[set * count + 2 * i], group[set * count + 2 * i + 1], piece, inLane, upper);
    group = next;
  }
  return group;
}

SmallVector<Value> transposeInRegisters(IndexBuilder &b, SmallVector<Value> rows,
                                        unsigned elementBytes) {
  int64_t size = rows.size();
  int64_t inLane = std::min<int64_t>(size, 16 / elementBytes);
  // After this, rows[g * inLane + c] holds, in lane l, column l * inLane + c of rows
  // g * inLane + 0 ...
  for (int64_t base = 0; base < size; base += inLane) {
    SmallVector<Value> group(rows.begin() + base, rows.begin() + base + inLane);
    group = transposeInLanes(b, group);
    std::copy(group.begin(), group.end(), rows.begin() + base);
  }
  // Exchange lanes between the groups of rows.
  for (int64_t lane = 1; lane < size / inLane; lane *= 2) {
    SmallVector<Value> next(rows);
    for (int64_t i = 0; i < size; ++i) {
      int64_t group = i / inLane;
      if (group & lane)
        continue;
      int64_t partner = i + lane * inLane, width = lane * inLane;
      SmallVector<int64_t> low, high;
      for (int64_t at = 0; at < size; ++at) {
        bool odd = (at / width) & 1;
        low.push_back(odd ? size + at - width : at);
        high.push_back(odd ? size + at : at + width);
      }
      next[i] = vector::ShuffleOp::create(b.builder, b.loc, rows[i], rows[partner], low);
      next[partner] = vector::ShuffleOp::create(b.builder, b.loc, rows[i], rows[partner], high);
    }
    rows = next;
  }
  return rows;
}

/// The vectors one after the other, in one.
static Value concatenate(IndexBuilder &b, ArrayRef<Value> parts) {
  if (parts.size() == 1)
    return parts.front();
  Value low = concatenate(b, parts.take_front(parts.size() / 2));
  Value high = concatenate(b, parts.drop_front(parts.size() / 2));
  int64_t count = 2 * cast<VectorType>(low.getType()).getNumElements();
  return vector::ShuffleOp::create(b.builder, b.loc, low, high,
                                   llvm::to_vector(llvm::seq<int64_t>(0, count)));
}

SmallVector<Value> loadTransposed(IndexBuilder &b, ArrayRef<Value> rows, Type element,
                                  unsigned elementBytes) {
  int64_t size = rows.size();
  int64_t inLane = std::min<int64_t>(size, 16 / elementBytes), groups = size / inLane;
  VectorType piece = VectorType::get(inLane, element);
  SmallVector<Value> columns;
  for (int64_t first = 0; first < size; first += inLane) {
    // Lane l of vector k: columns first ... of row l * inLane + k.
    SmallVector<Value> vectors;
    for (int64_t k = 0; k < inLane; ++k) {
      SmallVector<Value> pieces;
      for (int64_t lane = 0; lane < groups; ++lane)
        pieces.push_back(b.load(piece, b.offset(rows[lane * inLane + k], first, element)));
      vectors.push_back(concatenate(b, pieces));
    }
    llvm::append_range(columns, transposeInLanes(b, vectors));
  }
  return columns;
}

} // namespace tlc::codegen
