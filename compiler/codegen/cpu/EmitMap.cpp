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
  nest.vectorizable = shape.vectorizable && !isa<ComplexType>(nest.valueType);
  nest.usesPosition = shape.usesPosition;
  nest.widestBits = shape.widestBits;
  nest.cost = 1 + shape.cost;
  emitter.emitNest(loc, nest);
  return success();
}

} // namespace tlc::codegen
