//===- EmitReduce.cpp - projections ---------------------------------------===//
//
//   ein.reduce max [1] (%x)     result[i] = max over j of x[i, j]
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/Emitter.h"

namespace tlc::codegen {

using ein::CombineKind;

/// Booleans are combined as bytes.
static CombineKind booleanKind(CombineKind kind) {
  switch (kind) {
  case CombineKind::Multiply:
  case CombineKind::Min:
  case CombineKind::And:
    return CombineKind::And;
  default:
    return CombineKind::Or;
  }
}

LogicalResult emitReduce(Emitter &emitter, ein::ReduceOp op) {
  Location loc = op.getLoc();
  OpBuilder &builder = emitter.builder;
  RankedTensorType type = op.getInput().getType();
  Buffer input = emitter.bufferOf(op.getInput());
  Nest nest;
  nest.extents = input.extents;
  SmallVector<AffineExpr> kept;
  SmallVector<Value> resultExtents;
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    nest.reduced.push_back(llvm::is_contained(op.getDims(), dim));
    if (nest.reduced.back())
      continue;
    kept.push_back(builder.getAffineDimExpr(dim));
    resultExtents.push_back(input.extents[dim]);
  }
  AffineMap resultMap = AffineMap::get(type.getRank(), 0, kept, builder.getContext());
  Buffer result = emitter.allocate(loc, op.getResult(), resultExtents);
  emitter.setBuffer(op.getResult(), result);

  Type element = type.getElementType();
  bool isBool = element.isInteger(1);
  CombineKind kind = isBool ? booleanKind(op.getKind()) : op.getKind();
  nest.valueType = isBool ? Type(builder.getI8Type()) : computeType(element);
  nest.inputs.push_back(
      emitter.access(loc, input, builder.getMultiDimIdentityMap(type.getRank()), nest.valueType));
  nest.result = emitter.access(loc, result, resultMap, nest.valueType);
  nest.element = [](const NestPoint &, ValueRange values) { return values[0]; };
  if (kind == CombineKind::LogAdd && !op.getDims().empty()) {
    emitLogSumExp(emitter, loc, nest, resultExtents, resultMap);
    return success();
  }
  Value flag = kind == CombineKind::CountAdd ? emitter.newFlag(loc) : Value();
  nest.vectorizable = !isa<ComplexType>(element) && !flag;
  if (!op.getDims().empty()) {
    nest.reduction = combination(emitter, kind, nest.valueType, flag);
    if (isBool)
      nest.reduction->neutral = builder.getI8IntegerAttr(kind == CombineKind::And);
  }
  emitter.emitNest(loc, nest);
  if (flag)
    failOnCountOverflow(emitter, loc, flag);
  return success();
}

} // namespace tlc::codegen
