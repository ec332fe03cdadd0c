//===- Moves.h - the box in which an affine access is inside --------------===//
//
// A gather or scatter pairs position p of one tensor with position map(p) of another. Where each
// coordinate of the map depends on one dimension, the p that stay inside form a box:
//
//   d0 - 1 in a vector of 8, d0 in 0 .. 10      inside for d0 in 1 .. 9
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_MOVES_H
#define TLC_COMPILER_CODEGEN_CPU_MOVES_H

#include "compiler/codegen/cpu/Emitter.h"

namespace tlc::codegen {

/// One coordinate: sum of coefficients[d] * d + rest, where `rest` has no dimensions.
struct Coordinate {
  SmallVector<int64_t> coefficients;
  AffineExpr rest;

  unsigned numDims() const {
    return llvm::count_if(coefficients, [](int64_t c) { return c != 0; });
  }
};

/// The coordinates of a map, or nothing if one is not linear in the dimensions.
std::optional<SmallVector<Coordinate>> coordinatesOf(AffineMap map);

/// A part of an iteration space, and the memory of both sides at its first point.
struct Box {
  SmallVector<Value> lower, extents; // i64, one for each dimension
  /// i1, or null if always true: whether coordinates without dimensions are inside.
  Value isInside;
  /// Whether the box is known to be all of the space.
  bool isWhole = true;
};

/// The part of the space with extents `space` that coordinates, whose dimensions' values are in
/// `bases`, keep inside `buffer`. Each coordinate depends on at most one dimension.
Box boxInside(IndexMath &math, ArrayRef<Coordinate> coordinates, ArrayRef<Value> bases,
              ArrayRef<Value> space, ArrayRef<Value> extents);

/// The access of a buffer at linear coordinates: strides for each dimension.
Access accessAt(OpBuilder &builder, Location loc, const Buffer &buffer,
                ArrayRef<Coordinate> coordinates, ArrayRef<Value> bases, Type compute);

/// Cuts the accesses to the box. With a condition, a dimension of extent 0 or 1 is added.
void restrictTo(OpBuilder &builder, Location loc, const Box &box, SmallVectorImpl<Value> &extents,
                ArrayRef<Access *> accesses);

/// Whether the position is inside; null if that is always so.
Value isInside(IndexMath &math, ArrayRef<Value> position, ArrayRef<Value> extents);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_MOVES_H
