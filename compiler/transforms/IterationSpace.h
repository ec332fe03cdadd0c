//===- IterationSpace.h - parts of a contraction's iteration space --------===//
//
// Passes take contractions apart and put them together again. They work with operands whose
// positions are expressions of one common set of dimensions, and build each new contraction
// over the dimensions it needs.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_TRANSFORMS_ITERATIONSPACE_H
#define TLC_COMPILER_TRANSFORMS_ITERATIONSPACE_H

#include "dialects/ein/EinDialect.h"

namespace tlc {

/// A tensor read at positions of the iteration space.
struct PlacedOperand {
  Value value;
  SmallVector<AffineExpr> positions;

  RankedTensorType type() const { return cast<RankedTensorType>(value.getType()); }
  /// Whether the dimension occurs in a position.
  bool uses(unsigned dim) const;
  /// Whether a position is this dimension and nothing else.
  bool hasAlone(unsigned dim) const;
};

/// The operands of a contraction.
SmallVector<PlacedOperand> placedOperands(ein::ContractOp op);

/// The dimensions of the result, in its order.
SmallVector<unsigned> resultDims(ein::ContractOp op);

/// Contracts operands over their dimensions. The result has the dimensions `result` in this order;
/// the others are summed. `extentOf` gives the extents that are in no operand.
ein::ContractOp buildContraction(OpBuilder &builder, Location loc, ein::SemiringKind kind,
                                 ArrayRef<PlacedOperand> operands, ArrayRef<unsigned> result,
                                 RankedTensorType resultType,
                                 function_ref<Value(unsigned)> extentOf);

/// The same contraction of other operands, which may have more dimensions: with the same
/// result, epilogue and attributes.
ein::ContractOp rebuildContraction(OpBuilder &builder, ein::ContractOp op,
                                   ArrayRef<PlacedOperand> operands,
                                   function_ref<Value(unsigned)> extentOf);

/// Whether each of `numDims` dimensions stands alone in an operand or is in the result.
bool areDimensionsDetermined(ArrayRef<PlacedOperand> operands, ArrayRef<unsigned> result,
                             unsigned numDims);

/// Whether a position of the result is passed as an extent: it is `?` and in no operand alone.
bool needsExtent(ArrayRef<PlacedOperand> operands, unsigned dim, int64_t size);

/// The extent of a dimension at run time, from the operand or the result where it stands alone.
Value runtimeExtent(OpBuilder &builder, ein::ContractOp op, unsigned dim);

/// `value` with elements converted to the type in which they are accumulated, itself if they
/// have it.
Value widen(OpBuilder &builder, Location loc, Value value);

} // namespace tlc

#endif // TLC_COMPILER_TRANSFORMS_ITERATIONSPACE_H
