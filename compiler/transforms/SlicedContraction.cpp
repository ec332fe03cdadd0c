//===- SlicedContraction.cpp - a contraction in a loop over slices --------===//

#include "compiler/transforms/SlicedContraction.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace tlc {

/// The number of the sliced dimension that a position is, or -1.
static int slicedNumber(AffineExpr position, ArrayRef<unsigned> sliced) {
  AffineDimExpr dim = dyn_cast<AffineDimExpr>(position);
  const unsigned *found = dim ? llvm::find(sliced, dim.getPosition()) : sliced.end();
  return found == sliced.end() ? -1 : static_cast<int>(found - sliced.begin());
}

PlacedOperand sliceOperand(OpBuilder &builder, Location loc, const PlacedOperand &operand,
                           ArrayRef<unsigned> sliced, ValueRange at) {
  PlacedOperand slice;
  SmallVector<AffineExpr> positions;
  SmallVector<int64_t> shape;
  for (auto [position, extent] : llvm::zip(operand.positions, operand.type().getShape())) {
    int number = slicedNumber(position, sliced);
    if (number >= 0) {
      positions.push_back(builder.getAffineSymbolExpr(number));
      continue;
    }
    positions.push_back(builder.getAffineDimExpr(shape.size()));
    shape.push_back(extent);
    slice.positions.push_back(position);
  }
  if (shape.size() == operand.positions.size())
    return operand;
  Type element = operand.type().getElementType();
  AffineMap map = AffineMap::get(shape.size(), sliced.size(), positions, builder.getContext());
  slice.value = ein::GatherOp::create(builder, loc, RankedTensorType::get(shape, element),
                                      operand.value, at, ValueRange(), map, ein::zeroOf(element));
  return slice;
}

Value buildSlicedLoops(OpBuilder &builder, ein::ContractOp op, ArrayRef<unsigned> sliced,
                       ArrayRef<unsigned> result,
                       llvm::function_ref<Value(OpBuilder &, ValueRange at)> buildTurn) {
  Location loc = op.getLoc();
  SmallVector<int64_t> extents = op.getStaticExtents();
  Type element = ein::accumulatorType(op.getResult().getType().getElementType());
  SmallVector<int64_t> shape;
  SmallVector<AffineExpr> positions;
  unsigned numKept = 0;
  for (unsigned dim : result) {
    shape.push_back(extents[dim]);
    int number = slicedNumber(builder.getAffineDimExpr(dim), sliced);
    positions.push_back(number >= 0 ? builder.getAffineSymbolExpr(number)
                                    : builder.getAffineDimExpr(numKept++));
  }
  AffineMap places = AffineMap::get(numKept, sliced.size(), positions, builder.getContext());
  ein::CombineKind combine = ein::additionOf(op.getSemiring().getKind());
  auto fill = [&](OpBuilder &inner, Location at, ValueRange) {
    return ein::buildConstant(inner, at, op.getSemiring().getZero(element));
  };
  Value zero = ein::MapOp::create(builder, loc, RankedTensorType::get(shape, element), ValueRange(),
                                  ArrayRef<AffineMap>(), fill, ValueRange());
  // One loop in the other, each around what is left of the dimensions.
  std::function<Value(OpBuilder &, Value, SmallVector<Value>)> build =
      [&](OpBuilder &outer, Value sum, SmallVector<Value> at) -> Value {
    if (at.size() == sliced.size()) {
      Value part = buildTurn(outer, at);
      return ein::ScatterOp::create(outer, loc, sum.getType(), part, sum, at, places, combine);
    }
    Value lower = mlir::arith::ConstantIndexOp::create(outer, loc, 0);
    Value upper = mlir::arith::ConstantIndexOp::create(outer, loc, extents[sliced[at.size()]]);
    auto body = [&](OpBuilder &inner, Location, Value iv, ValueRange carried) {
      SmallVector<Value> deeper = at;
      deeper.push_back(iv);
      return SmallVector<Value>{build(inner, carried[0], deeper)};
    };
    return ein::LoopOp::create(outer, loc, lower, upper, ValueRange(sum), body).getResult(0);
  };
  return build(builder, zero, {});
}

} // namespace tlc
