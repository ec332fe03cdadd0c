//===- EmitScatter.cpp - writes at affine positions [E5] ------------------===//
//
//   %r = ein.scatter overwrite %x into %h at (d0)[s0] -> (s0 + 1, d0)
//
// writes one row of h, in place if nobody else reads h. Where no two elements meet, that is a
// nest over the box of positions that are inside; else a loop in row-major order.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/Moves.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace scf = mlir::scf;
using ein::CombineKind;

namespace {

class ScatterEmitter {
public:
  ScatterEmitter(Emitter &emitter, ein::ScatterOp op)
      : emitter(emitter), op(op), loc(op.getLoc()), kind(op.getKind()),
        element(op.getType().getElementType()),
        compute(moveType(element, kind == CombineKind::Overwrite)) {}

  LogicalResult emit();

private:
  SmallVector<bool> decidingDims(ArrayRef<Coordinate> coordinates);
  bool isInjective(ArrayRef<Coordinate> coordinates);
  void emitBox(ArrayRef<Coordinate> coordinates);
  void emitEach(ArrayRef<bool> isParallel);
  Value combine(OpBuilder &builder, Value present, Value value);

  Emitter &emitter;
  ein::ScatterOp op;
  Location loc;
  CombineKind kind;
  Type element, compute;
  Buffer value, result;
  SmallVector<Value> symbols;
  Value flag;
};

} // namespace

Value ScatterEmitter::combine(OpBuilder &builder, Value present, Value value) {
  if (kind == CombineKind::Overwrite)
    return value;
  return combination(emitter, kind, compute, flag).combine(builder, loc, present, value);
}

/// The dimensions that alone decide a coordinate: positions that differ in one never meet.
SmallVector<bool> ScatterEmitter::decidingDims(ArrayRef<Coordinate> coordinates) {
  SmallVector<bool> decides(value.extents.size(), false);
  for (const Coordinate &coordinate : coordinates)
    for (auto [dim, coefficient] : llvm::enumerate(coordinate.coefficients))
      if (coefficient != 0 && coordinate.numDims() == 1)
        decides[dim] = true;
  return decides;
}

/// Whether each dimension alone decides a coordinate, so that no two positions meet.
bool ScatterEmitter::isInjective(ArrayRef<Coordinate> coordinates) {
  if (llvm::any_of(coordinates, [](const Coordinate &c) { return c.numDims() > 1; }))
    return false;
  for (auto [dim, extent] : llvm::enumerate(value.extents)) {
    bool occurs = llvm::any_of(
        coordinates, [dim = dim](const Coordinate &c) { return c.coefficients[dim] != 0; });
    if (!occurs && !isKnown(extent, 1))
      return false;
  }
  return true;
}

void ScatterEmitter::emitBox(ArrayRef<Coordinate> coordinates) {
  OpBuilder &builder = emitter.builder;
  IndexMath math(builder, loc);
  SmallVector<Value> bases, noDims(value.extents.size());
  for (const Coordinate &coordinate : coordinates)
    bases.push_back(math.evaluate(coordinate.rest, noDims, symbols));
  Box box = boxInside(math, coordinates, bases, value.extents, result.extents);
  Nest nest;
  nest.result = accessAt(builder, loc, result, coordinates, bases, compute);
  nest.result.strides.resize(value.extents.size(), math.constant(0));
  Access read{value.pointer, value.strides, element, compute};
  restrictTo(builder, loc, box, nest.extents, {&nest.result, &read});
  nest.reduced.assign(nest.extents.size(), false);
  nest.inputs.push_back(read);
  nest.inPlace = kind != CombineKind::Overwrite;
  if (nest.inPlace)
    nest.inputs.push_back(nest.result);
  nest.valueType = compute;
  nest.vectorizable = !isa<ComplexType>(element) && !flag;
  nest.element = [&](const NestPoint &point, ValueRange values) -> Value {
    return values.size() == 1 ? values[0] : combine(point.builder, values[1], values[0]);
  };
  emitter.emitNest(loc, nest);
}

void ScatterEmitter::emitEach(ArrayRef<bool> isParallel) {
  auto body = [&](OpBuilder &builder, Location, ArrayRef<Value> point) {
    IndexMath math(builder, loc);
    Value from = math.constant(0), to = from;
    for (auto [at, stride] : llvm::zip(point, value.strides))
      from = math.add(from, math.mul(at, stride));
    SmallVector<Value> position;
    for (auto [expr, stride] : llvm::zip(op.getMap().getResults(), result.strides)) {
      position.push_back(math.evaluate(expr, point, symbols));
      to = math.add(to, math.mul(position.back(), stride));
    }
    Value inside = isInside(math, position, result.extents);
    if (!inside)
      inside = arith::ConstantIntOp::create(builder, loc, 1, 1);
    scf::IfOp::create(builder, loc, inside, [&](OpBuilder &then, Location) {
      Value source = elementPointer(then, loc, value.pointer, element, from);
      Value target = elementPointer(then, loc, result.pointer, element, to);
      Value number = loadElement(then, loc, source, element, compute);
      if (kind != CombineKind::Overwrite)
        number = combine(then, loadElement(then, loc, target, element, compute), number);
      storeElement(then, loc, number, target, element);
      scf::YieldOp::create(then, loc);
    });
  };
  emitter.forEachPoint(loc, value.extents, emitter.math(loc).constant(1), isParallel, body);
}

LogicalResult ScatterEmitter::emit() {
  value = emitter.bufferOf(op.getValue());
  symbols = emitter.indicesOf(op.getSymbols());
  Buffer &init = emitter.bufferOf(op.getInit());
  if (init.writable && emitter.isLastUse(op.getInit(), op)) {
    result = init;
    init.owned.clear();
  } else {
    result = emitter.allocate(loc, op.getResult(), init.extents);
    emitter.copy(loc, emitter.bufferOf(op.getInit()), result);
  }
  emitter.setBuffer(op.getResult(), result);
  if (element.isInteger(1) && kind != CombineKind::Overwrite) {
    bool isAnd =
        kind == CombineKind::And || kind == CombineKind::Multiply || kind == CombineKind::Min;
    kind = isAnd ? CombineKind::And : CombineKind::Or;
  }
  if (kind == CombineKind::CountAdd)
    flag = emitter.newFlag(loc);
  std::optional<SmallVector<Coordinate>> coordinates = coordinatesOf(op.getMap());
  if (coordinates && isInjective(*coordinates))
    emitBox(*coordinates);
  else
    emitEach(coordinates ? decidingDims(*coordinates)
                         : SmallVector<bool>(value.extents.size(), false));
  if (flag)
    failOnCountOverflow(emitter, loc, flag);
  return success();
}

LogicalResult emitScatter(Emitter &emitter, ein::ScatterOp op) {
  return ScatterEmitter(emitter, op).emit();
}

} // namespace tlc::codegen
