//===- NestSpace.h - the iteration space of a nest, for kernels -----------===//
//
// Dimensions of extent 1 disappear and neighbours that lie in memory like one become one:
//
//   x[i, j] + y[i, j] over 64 x 32 dense elements      is one dimension of 2048
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_GPU_NESTSPACE_H
#define TLC_COMPILER_CODEGEN_GPU_NESTSPACE_H

#include "compiler/codegen/cpu/IndexMath.h"
#include "compiler/codegen/cpu/Nest.h"

namespace tlc::codegen {

class NestSpace {
public:
  NestSpace(OpBuilder &builder, Location loc, const Nest &original);

  /// The dimensions of the result, the one that is contiguous in memory last; the reduced ones.
  SmallVector<unsigned> kept, reduced;
  /// The nest with the dimensions that are left.
  Nest nest;

  SmallVector<Value> extentsOf(ArrayRef<unsigned> dims) const;
  /// The position along a dimension of the original nest, for positions along those left (null:
  /// not known here).
  Value position(OpBuilder &builder, int64_t original, ArrayRef<Value> point) const;
  /// The element of an access at a point.
  Value pointerAt(OpBuilder &builder, const Access &access, ArrayRef<Value> point) const;

private:
  Location loc;
  /// The original number of each dimension.
  SmallVector<unsigned> origin;
};

/// The product of extents.
Value productOf(IndexMath &math, ArrayRef<Value> extents);
/// The point with row-major number `number` in a box.
SmallVector<Value> delinearize(IndexMath &math, Value number, ArrayRef<Value> extents);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_GPU_NESTSPACE_H
