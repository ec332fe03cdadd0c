//===- EmitContract.cpp - contractions over any semiring ------------------===//
//
// Products of two tensors are emitted as what their cost asks for (see ContractionCost.h).
// Everything else is one nest whose element is the product:
//
//   ein.contract "xy,yz->xz" min_plus   result[x,z] = min over y of a[x,y] + b[y,z]
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/ContractionCost.h"
#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/Emitter.h"
#include "compiler/codegen/cpu/PackedContraction.h"
#include "compiler/codegen/cpu/UnrolledContraction.h"
#include "dialects/ein/SumType.h"
#include "runtime/include/tlrt/tlrt.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
using ein::SemiringKind;

namespace {

class ContractEmitter {
public:
  ContractEmitter(Emitter &emitter, ein::ContractOp op)
      : emitter(emitter), op(op), loc(op.getLoc()), kind(op.getSemiring().getKind()) {}

  LogicalResult emit();

private:
  void emitPacked(const Nest &original, const TileArithmeticRef &arithmetic);
  bool emitProduct(const Nest &original);
  Nest baseNest();
  Value product(const NestPoint &point, ValueRange values);
  std::function<Value(const NestPoint &, Value, ValueRange)> finish();
  SmallVector<AffineMap> epilogueMaps();

  Emitter &emitter;
  ein::ContractOp op;
  Location loc;
  SemiringKind kind;
  SmallVector<Value> extents;
  Buffer result;
  /// What an element is computed in.
  Type valueType;
  Value flag;
};

} // namespace

Value ContractEmitter::product(const NestPoint &point, ValueRange values) {
  if (values.empty())
    return constantElement(point.builder, loc, op.getSemiring().getOne(valueType), valueType,
                           point.lanes);
  Value result = values[0];
  for (Value value : values.drop_front()) {
    if (flag)
      result = emitCountProduct(emitter, point.builder, loc, flag, result, value);
    else if (kind == SemiringKind::OrAnd)
      result = arith::AndIOp::create(point.builder, loc, result, value);
    else
      result = op.getSemiring().buildMultiply(point.builder, loc, result, value);
  }
  return result;
}

std::function<Value(const NestPoint &, Value, ValueRange)> ContractEmitter::finish() {
  if (op.getEpilogue().empty())
    return {};
  return [this](const NestPoint &point, Value value, ValueRange late) {
    Block &body = op.getEpilogue().front();
    // The epilogue sees Booleans as such, and half-precision numbers as f32.
    Type argument = computeType(body.getArgument(0).getType());
    SmallVector<Value> arguments = {convertElement(point.builder, loc, value, argument)};
    llvm::append_range(arguments, late);
    auto position = [&](int64_t axis) {
      return point.position(op.getResultMap().getDimPosition(axis));
    };
    return inlineBody(point.builder, loc, body, arguments, point.lanes, position,
                      [&](Value outside) { return emitter.outsideValue(outside); });
  };
}

/// The maps of the epilogue's operands, from the dimensions of the sum.
SmallVector<AffineMap> ContractEmitter::epilogueMaps() {
  return llvm::map_to_vector(op.getEpilogueInputMaps(),
                             [&](AffineMap map) { return map.compose(op.getResultMap()); });
}

Nest ContractEmitter::baseNest() {
  Nest nest;
  nest.extents = extents;
  AffineMap resultMap = op.getResultMap();
  nest.reduced.assign(extents.size(), true);
  for (AffineExpr expr : resultMap.getResults())
    nest.reduced[cast<AffineDimExpr>(expr).getPosition()] = false;
  for (auto [input, map] : llvm::zip(op.getInputs(), op.getInputMaps()))
    nest.inputs.push_back(emitter.access(loc, emitter.bufferOf(input), map, valueType));
  nest.result = emitter.access(loc, result, resultMap, valueType);
  nest.valueType = valueType;
  nest.element = [this](const NestPoint &point, ValueRange values) {
    return product(point, values);
  };
  nest.vectorizable = !isa<ComplexType>(valueType) && !flag;
  nest.isProductSum = kind == SemiringKind::SumProduct;
  nest.cost = 1 + nest.inputs.size();
  if (!op.getEpilogue().empty()) {
    BodyShape shape = describeBody(op.getEpilogue().front());
    nest.vectorizable &= shape.vectorizable;
    nest.widestBits = shape.widestBits;
    nest.usesPosition = shape.usesPosition;
  }
  for (auto [input, map] : llvm::zip(op.getEpilogueInputs(), epilogueMaps())) {
    Type element = cast<RankedTensorType>(input.getType()).getElementType();
    nest.late.push_back(emitter.access(loc, emitter.bufferOf(input), map, computeType(element)));
  }
  return nest;
}

//===----------------------------------------------------------------------===//
// Products of two tensors
//===----------------------------------------------------------------------===//

/// The sums go where the result is. Where they are of another type, they have memory of their own.
void ContractEmitter::emitPacked(const Nest &original, const TileArithmeticRef &arithmetic) {
  SmallVector<AffineMap> maps = op.getInputMaps();
  Nest nest = original;
  bool isOwn = nest.result.element != arithmetic->result;
  Buffer sums;
  if (isOwn) {
    sums = emitter.allocateTemporary(loc, arithmetic->result, result.extents);
    nest.result = emitter.access(loc, sums, op.getResultMap(), valueType);
  }
  ContractionGroups groups = *groupDimensions(maps[0], maps[1], op.getResultMap());
  mergeDimensions(emitter.builder, loc, nest, groups);
  Value failed = emitPackedContraction(emitter.builder, loc, emitter.context, nest, groups,
                                       emitter.target, arithmetic);
  Value one = arith::ConstantIntOp::create(emitter.builder, loc, 1, 1);
  Value ok = arith::XOrIOp::create(emitter.builder, loc, failed, one);
  Value status = arith::ConstantIntOp::create(emitter.builder, loc, TLRT_ERROR_RESOURCE, 32);
  emitter.exitUnless(loc, ok, status);
  // One more pass over the result costs less than panels gain.
  if (isOwn) {
    Access from = emitter.access(loc, sums, op.getResultMap(), valueType);
    finishSums(emitter.builder, loc, emitter.target, original, from);
    emitter.release(loc, sums);
  } else if (nest.finish) {
    finishInPlace(emitter.builder, loc, emitter.target, nest);
  }
}

/// Emits the nest in one of the ways for products of two tensors; false if none applies or pays.
bool ContractEmitter::emitProduct(const Nest &original) {
  SmallVector<AffineMap> maps = op.getInputMaps();
  if (maps.size() != 2)
    return false;
  std::optional<ContractionGroups> groups = groupDimensions(maps[0], maps[1], op.getResultMap());
  if (!groups)
    return false;
  Nest nest = original;
  mergeDimensions(emitter.builder, loc, nest, *groups);
  Lowerings possible;
  possible.direct = planDirectContraction(nest, *groups, emitter.target);
  possible.vector = planMatrixVector(nest, *groups, emitter.target);
  possible.packed = chooseArithmetic(kind, nest.inputs[0].element, emitter.target);
  Lowering lowering =
      chooseLowering(nest, *groups, possible, emitter.target, emitter.forcedLowering);
  if (lowering == Lowering::Direct)
    emitDirectContraction(emitter.builder, loc, emitter.target, nest, *groups, *possible.direct);
  else if (lowering == Lowering::Packed)
    emitPacked(original, possible.packed);
  else if (lowering == Lowering::Vector)
    emitMatrixVector(emitter.builder, loc, emitter.target, nest, *groups, *possible.vector);
  return lowering != Lowering::Nest;
}

LogicalResult ContractEmitter::emit() {
  SmallVector<Value> inputs(op.getInputs());
  SmallVector<AffineMap> maps = op.getInputMaps();
  llvm::append_range(inputs, op.getEpilogueInputs());
  llvm::append_range(maps, epilogueMaps());
  maps.push_back(op.getResultMap());
  extents = emitter.iterationExtents(op, inputs, maps, op.getExtents(), op.getType());
  SmallVector<Value> resultExtents =
      llvm::map_to_vector(op.getResultMap().getResults(), [&](AffineExpr expr) {
        return extents[cast<AffineDimExpr>(expr).getPosition()];
      });
  result = emitter.allocate(loc, op.getResult(), resultExtents);
  emitter.setBuffer(op.getResult(), result);

  Type element = cast<RankedTensorType>(op.getInputs()[0].getType()).getElementType();
  bool isBool = element.isInteger(1);
  valueType = isBool ? Type(emitter.builder.getI8Type()) : ein::sumType(op);
  if (isBool)
    kind = SemiringKind::OrAnd;
  if (kind == SemiringKind::Count)
    flag = emitter.newFlag(loc);
  Nest nest = baseNest();
  nest.finish = finish();
  bool isReducing = llvm::is_contained(nest.reduced, true);
  if (isReducing && kind == SemiringKind::LogSumExp) {
    emitLogSumExp(emitter, loc, nest, result.extents, op.getResultMap());
    return success();
  }
  // Below the zero of max_times there is nothing, even where nothing is summed.
  if (isReducing || kind == SemiringKind::MaxTimes)
    nest.reduction = combination(emitter, ein::additionOf(kind), valueType, flag);
  if (isBool && nest.reduction)
    nest.reduction->neutral = emitter.builder.getI8IntegerAttr(0);
  if (kind == SemiringKind::MaxTimes)
    nest.reduction->neutral = op.getSemiring().getZero(valueType);
  auto unrolled = op->getAttrOfType<mlir::IntegerAttr>("tlc.unroll");
  if (unrolled && !emitter.offload &&
      emitUnrolledContraction(emitter.builder, loc, emitter.target, nest, op,
                              static_cast<unsigned>(unrolled.getInt())))
    return success();
  if (isReducing && !flag && !emitter.offload && emitProduct(nest))
    return success();
  emitter.emitNest(loc, nest);
  if (flag)
    failOnCountOverflow(emitter, loc, flag);
  return success();
}

LogicalResult emitContract(Emitter &emitter, ein::ContractOp op) {
  return ContractEmitter(emitter, op).emit();
}

} // namespace tlc::codegen
