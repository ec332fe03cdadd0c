//===- PackedOrder.h - which dimension runs along vectors, which inside ---===//
//
// Before a contraction is packed, it is decided which operand is the right one, whose positions lie
// along vectors, and in which order the dimensions of each group are flattened. The order is that
// of the tensor that has more to gain: an operand is read once, the result written once for each
// chunk of summed positions.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_PACKEDORDER_H
#define TLC_COMPILER_CODEGEN_CPU_PACKEDORDER_H

#include "compiler/codegen/cpu/ContractionGroups.h"
#include "compiler/codegen/cpu/TileKernel.h"

namespace tlc::codegen {

/// A product with rows (m) and columns (n) as the tile takes them, long strides outside.
struct PackedContraction : ContractionGroups {
  SmallVector<Value> extents;
  Access lhs, rhs, result;
  /// The last two dimensions of n are packed by squares, see PackAcross.h: so many positions of the
  /// last but one at a time, or a whole number of times all of them. 0 if not.
  int64_t acrossRows = 0;
};

/// Whether neighbours along one of `dims` are neighbours in memory.
bool hasUnitStride(const Access &operand, ArrayRef<unsigned> dims);

/// At most `depth` summed positions are packed at a time.
PackedContraction orderForPanels(const Nest &nest, const ContractionGroups &groups,
                                 const Tile &tile, int64_t depth, const Target &target);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_PACKEDORDER_H
