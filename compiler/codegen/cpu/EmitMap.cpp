//===- EmitMap.cpp - elementwise functions --------------------------------===//
//
// A map is a nest without reduced dimensions whose element is the map's body, in vectors:
//
//   ein.map "ij,j" (%x, %bias)    result[i, j..j+15] = x[i, j..j+15] + bias[j..j+15]
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/Emitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace tlc::codegen {

/// The type in which elements that are only moved are loaded and stored, whatever they mean.
static Type movedType(Type element) {
  MLIRContext *context = element.getContext();
  if (element.isInteger(1))
    return IntegerType::get(context, 8);
  if (element.isF16() || element.isBF16())
    return IntegerType::get(context, 16);
  ComplexType complexType = dyn_cast<ComplexType>(element);
  if (complexType && complexType.getElementType().isF32())
    return IntegerType::get(context, 64);
  return element;
}

/// Whether the map gives its operand's elements other positions and nothing else.
static bool isMove(ein::MapOp op) {
  Block &body = op.getBody().front();
  return op.getInputs().size() == 1 && llvm::hasSingleElement(body) &&
         body.getTerminator()->getOperand(0) == body.getArgument(0);
}

LogicalResult emitMap(Emitter &emitter, ein::MapOp op) {
  Location loc = op.getLoc();
  SmallVector<AffineMap> maps = op.getInputMaps();
  AffineMap identity = emitter.builder.getMultiDimIdentityMap(op.getNumDims());
  maps.push_back(identity);
  Nest nest;
  nest.extents = emitter.iterationExtents(op, op.getInputs(), maps, op.getExtents(), op.getType());
  nest.reduced.assign(nest.extents.size(), false);
  Buffer result = emitter.allocate(loc, op.getResult(), nest.extents);
  emitter.setBuffer(op.getResult(), result);

  Block &body = op.getBody().front();
  BodyShape shape = describeBody(body);
  for (auto [input, map, argument] : llvm::zip(op.getInputs(), maps, body.getArgumentTypes()))
    nest.inputs.push_back(emitter.access(loc, emitter.bufferOf(input), map, computeType(argument)));
  nest.valueType = computeType(op.getType().getElementType());
  nest.result = emitter.access(loc, result, identity, nest.valueType);
  nest.element = [&](const NestPoint &point, ValueRange values) {
    return inlineBody(point.builder, loc, body, values, point.lanes, point.position,
                      [&](Value outside) { return emitter.outsideValue(outside); });
  };
  if (isMove(op)) {
    Type moved = movedType(op.getType().getElementType());
    nest.inputs[0].element = nest.inputs[0].compute = moved;
    nest.result.element = nest.result.compute = nest.valueType = moved;
    nest.element = [](const NestPoint &, ValueRange values) { return values[0]; };
    shape = BodyShape();
  }
  nest.vectorizable = shape.vectorizable && !isa<ComplexType>(nest.valueType);
  nest.usesPosition = shape.usesPosition;
  nest.widestBits = shape.widestBits;
  nest.cost = 1 + shape.cost;
  emitter.emitNest(loc, nest);
  return success();
}

} // namespace tlc::codegen
