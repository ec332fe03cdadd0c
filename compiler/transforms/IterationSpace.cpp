//===- IterationSpace.cpp - parts of a contraction's iteration space ------===//

#include "compiler/transforms/IterationSpace.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/Sequence.h"

namespace tlc {

static bool isDim(AffineExpr expr, unsigned dim) {
  AffineDimExpr single = dyn_cast<AffineDimExpr>(expr);
  return single && single.getPosition() == dim;
}

bool PlacedOperand::uses(unsigned dim) const {
  return llvm::any_of(positions, [&](AffineExpr e) { return e.isFunctionOfDim(dim); });
}

bool PlacedOperand::hasAlone(unsigned dim) const {
  return llvm::any_of(positions, [&](AffineExpr e) { return isDim(e, dim); });
}

SmallVector<PlacedOperand> placedOperands(ein::ContractOp op) {
  SmallVector<PlacedOperand> operands;
  for (auto [input, map] : llvm::zip_equal(op.getInputs(), op.getInputMaps()))
    operands.push_back({input, SmallVector<AffineExpr>(map.getResults())});
  return operands;
}

SmallVector<unsigned> resultDims(ein::ContractOp op) {
  SmallVector<unsigned> dims;
  for (AffineExpr position : op.getResultMap().getResults())
    dims.push_back(cast<AffineDimExpr>(position).getPosition());
  return dims;
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

/// The dimensions that occur, in the order of their appearance, as in "ij,jk->ik".
static SmallVector<unsigned> occurringDims(ArrayRef<PlacedOperand> operands,
                                           ArrayRef<unsigned> result) {
  SmallVector<unsigned> dims;
  auto visit = [&](unsigned dim) {
    if (!llvm::is_contained(dims, dim))
      dims.push_back(dim);
  };
  for (const PlacedOperand &operand : operands)
    for (AffineExpr position : operand.positions)
      position.walk([&](AffineExpr e) {
        if (AffineDimExpr dim = dyn_cast<AffineDimExpr>(e))
          visit(dim.getPosition());
      });
  llvm::for_each(result, visit);
  return dims;
}

bool areDimensionsDetermined(ArrayRef<PlacedOperand> operands, ArrayRef<unsigned> result,
                             unsigned numDims) {
  return llvm::all_of(llvm::seq(numDims), [&](unsigned dim) {
    return llvm::is_contained(result, dim) ||
           llvm::any_of(operands, [&](const PlacedOperand &o) { return o.hasAlone(dim); });
  });
}

bool needsExtent(ArrayRef<PlacedOperand> operands, unsigned dim, int64_t size) {
  return ShapedType::isDynamic(size) &&
         llvm::none_of(operands, [&](const PlacedOperand &o) { return o.hasAlone(dim); });
}

ein::ContractOp buildContraction(OpBuilder &builder, Location loc, ein::SemiringKind kind,
                                 ArrayRef<PlacedOperand> operands, ArrayRef<unsigned> result,
                                 RankedTensorType resultType,
                                 function_ref<Value(unsigned)> extentOf) {
  SmallVector<unsigned> dims = occurringDims(operands, result);
  unsigned numOld = dims.empty() ? 0 : *llvm::max_element(dims) + 1;
  SmallVector<AffineExpr> renamed(numOld, builder.getAffineConstantExpr(0));
  for (auto [number, dim] : llvm::enumerate(dims))
    renamed[dim] = builder.getAffineDimExpr(number);

  SmallVector<Value> values, extents;
  SmallVector<AffineMap> maps;
  auto addMap = [&](ArrayRef<AffineExpr> positions) {
    maps.push_back(AffineMap::get(numOld, 0, positions, builder.getContext())
                       .replaceDimsAndSymbols(renamed, {}, dims.size(), 0));
  };
  for (const PlacedOperand &operand : operands) {
    values.push_back(operand.value);
    addMap(operand.positions);
  }
  SmallVector<AffineExpr> resultPositions;
  for (auto [dim, size] : llvm::zip_equal(result, resultType.getShape())) {
    resultPositions.push_back(builder.getAffineDimExpr(dim));
    if (needsExtent(operands, dim, size))
      extents.push_back(extentOf(dim));
  }
  addMap(resultPositions);
  return ein::ContractOp::create(builder, loc, resultType, values, maps, kind, extents);
}

ein::ContractOp rebuildContraction(OpBuilder &builder, ein::ContractOp op,
                                   ArrayRef<PlacedOperand> operands,
                                   function_ref<Value(unsigned)> extentOf) {
  ein::ContractOp result =
      buildContraction(builder, op.getLoc(), op.getSemiring().getKind(), operands, resultDims(op),
                       op.getResult().getType(), extentOf);
  result.getEpilogue().takeBody(op.getEpilogue());
  // Their maps count the result's axes, which stay.
  result.getEpilogueInputsMutable().assign(op.getEpilogueInputs());
  result.setEpilogueMapsAttr(op.getEpilogueMapsAttr());
  result->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  return result;
}

Value runtimeExtent(OpBuilder &builder, ein::ContractOp op, unsigned dim) {
  SmallVector<PlacedOperand> operands = placedOperands(op);
  for (const PlacedOperand &operand : operands)
    for (auto [axis, position] : llvm::enumerate(operand.positions))
      if (isDim(position, dim))
        return mlir::tensor::DimOp::create(builder, op.getLoc(), operand.value, int64_t(axis));
  // It is one of those that are passed, in the order of the result.
  unsigned number = 0;
  for (auto [other, size] : llvm::zip_equal(resultDims(op), op.getResult().getType().getShape())) {
    if (other == dim && ShapedType::isStatic(size))
      return mlir::arith::ConstantIndexOp::create(builder, op.getLoc(), size);
    if (other == dim)
      break;
    number += needsExtent(operands, other, size);
  }
  return op.getExtents()[number];
}

Value widen(OpBuilder &builder, Location loc, Value value) {
  RankedTensorType type = cast<RankedTensorType>(value.getType());
  Type wide = ein::accumulatorType(type.getElementType());
  if (wide == type.getElementType())
    return value;
  AffineMap identity = builder.getMultiDimIdentityMap(type.getRank());
  return ein::MapOp::create(builder, loc, cast<RankedTensorType>(type.clone(wide)), value, identity,
                            [&](OpBuilder &nested, Location at, ValueRange elements) -> Value {
                              return mlir::arith::ExtFOp::create(nested, at, wide, elements[0]);
                            });
}

} // namespace tlc
