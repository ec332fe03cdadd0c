//===- Neighbours.h - elements that are read and written together ---------===//
//
// Elements that follow each other in memory along a dimension move together, in vectors of up to 16
// bytes, if every vector begins at a multiple of its size:
//
//   x[i, j .. j + 3] of 8 x 12 elements of f32       vectors: 12 is a multiple of 4
//   x[i, j .. j + 3] of 8 x 10                       none: the rows begin anywhere
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_GPU_NEIGHBOURS_H
#define TLC_COMPILER_CODEGEN_GPU_NEIGHBOURS_H

#include "compiler/codegen/gpu/NestSpace.h"

namespace tlc::codegen {

/// Bytes of the widest access.
inline constexpr int64_t kChunkBytes = 16;

/// Whether the access can be of `width` neighbours along `dim`, which start at a multiple of that.
bool hasNeighbours(const NestSpace &space, const Access &access, unsigned dim, int64_t width);

/// The elements at point[dim], point[dim] + 1, ... in their compute type: as a vector, if
/// `hasNeighbours`, else one by one.
SmallVector<Value> loadNeighbours(OpBuilder &builder, Location loc, const NestSpace &space,
                                  const Access &access, ArrayRef<Value> point, unsigned dim,
                                  int64_t width);
/// Stores the values of `space`'s result there, as a vector.
void storeNeighbours(OpBuilder &builder, Location loc, const NestSpace &space,
                     ArrayRef<Value> values, ArrayRef<Value> point);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_GPU_NEIGHBOURS_H
