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

SmallVector<Value> transposeInRegisters(IndexBuilder &b, SmallVector<Value> rows,
                                        unsigned elementBytes) {
  int64_t size = rows.size();
  int64_t inLane = std::min<int64_t>(size, 16 / elementBytes);
  // After this, rows[g * inLane + c] holds, in lane l, column l * inLane + c of rows
  // g * inLane + 0 ...
  for (int64_t base = 0; base < size; base += inLane) {
    SmallVector<Value> group(rows.begin() + base, rows.begin() + base + inLane);
    for (int64_t piece = 1; piece < inLane; piece *= 2) {
      // Neighbours merge: group[c * stride + i] covers 2 * piece rows of fewer columns.
      SmallVector<Value> next(inLane);
      int64_t count = inLane / piece; // vectors for each column set
      for (int64_t set = 0; set < piece; ++set)
        for (int64_t i = 0; i < count / 2; ++i)
          for (bool upper : {false, true})
            next[(2 * set + upper) * (count / 2) + i] =
                interleave(b, group[set * count + 2 * i], group[set * count + 2 * i + 1], piece,
                           inLane, upper);
      group = next;
    }
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

} // namespace tlc::codegen
