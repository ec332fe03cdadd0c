//===- EmitGather.cpp - reads at affine positions [E6] [E7] ---------------===//
//
//   %p = ein.gather %x at (d0) -> (d0 - 1) fill 0.0 : tensor<8xf32> -> tensor<10xf32>
//
//   p[0..10] = 0;  p[1 + i] = x[i] for i in 0 .. 8
//
// A coordinate of several dimensions (x + dx) becomes one of a single dimension by a loop
// around the copy (over dx). Only floordiv and mod are looked up element by element.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/Moves.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace scf = mlir::scf;

namespace {

class GatherEmitter {
public:
  GatherEmitter(Emitter &emitter, ein::GatherOp op)
      : emitter(emitter), op(op), loc(op.getLoc()), element(op.getType().getElementType()),
        compute(moveType(element, /*isMoveOnly=*/false)) {}

  LogicalResult emit();

private:
  SmallVector<unsigned> loopDims(ArrayRef<Coordinate> coordinates);
  void fill();
  void emitBoxes(ArrayRef<Coordinate> coordinates);
  void emitBox(OpBuilder &builder, ArrayRef<Coordinate> coordinates, ArrayRef<unsigned> outer,
               ArrayRef<Value> point);
  void emitEach();
  Access resultAccess();

  Emitter &emitter;
  ein::GatherOp op;
  Location loc;
  Type element, compute;
  Buffer source, result;
  SmallVector<Value> symbols;
};

} // namespace

Access GatherEmitter::resultAccess() { return {result.pointer, result.strides, element, compute}; }

/// The dimensions to loop over so that each coordinate has at most one other: of each coordinate
/// the dimension of the largest extent stays, the last one of several.
SmallVector<unsigned> GatherEmitter::loopDims(ArrayRef<Coordinate> coordinates) {
  llvm::SmallSetVector<unsigned, 4> chosen;
  for (const Coordinate &coordinate : coordinates) {
    std::optional<unsigned> kept;
    auto extentOf = [&](unsigned dim) { return known(result.extents[dim]).value_or(INT64_MAX); };
    for (auto [dim, coefficient] : llvm::enumerate(coordinate.coefficients)) {
      if (coefficient == 0 || chosen.contains(dim))
        continue;
      if (kept && extentOf(dim) < extentOf(*kept)) {
        chosen.insert(dim);
        continue;
      }
      if (kept)
        chosen.insert(*kept);
      kept = dim;
    }
  }
  return chosen.takeVector();
}

void GatherEmitter::fill() {
  Nest nest;
  nest.extents = result.extents;
  nest.reduced.assign(nest.extents.size(), false);
  nest.result = resultAccess();
  nest.valueType = compute;
  nest.vectorizable = !isa<ComplexType>(element);
  nest.element = [&](const NestPoint &point, ValueRange) {
    return constantElement(point.builder, loc, op.getFill(), compute, point.lanes);
  };
  emitter.emitNest(loc, nest);
}

/// Copies the part that is inside, with the dimensions `outer` fixed at `point`.
void GatherEmitter::emitBox(OpBuilder &builder, ArrayRef<Coordinate> coordinates,
                            ArrayRef<unsigned> outer, ArrayRef<Value> point) {
  IndexMath math(builder, loc);
  SmallVector<Value> space = result.extents, bases, noDims(space.size());
  SmallVector<Coordinate> inner(coordinates);
  Value resultOffset = math.constant(0);
  for (auto [dim, at] : llvm::zip(outer, point)) {
    space[dim] = math.constant(1);
    resultOffset = math.add(resultOffset, math.mul(at, result.strides[dim]));
  }
  for (Coordinate &coordinate : inner) {
    Value base = math.evaluate(coordinate.rest, noDims, symbols);
    for (auto [dim, at] : llvm::zip(outer, point)) {
      base = math.add(base, math.mul(at, math.constant(coordinate.coefficients[dim])));
      coordinate.coefficients[dim] = 0;
    }
    bases.push_back(base);
  }
  Box box = boxInside(math, inner, bases, space, source.extents);
  Nest nest;
  nest.inputs.push_back(accessAt(builder, loc, source, inner, bases, compute));
  nest.inputs[0].strides.resize(space.size(), math.constant(0));
  nest.result = resultAccess();
  nest.result.pointer = elementPointer(builder, loc, result.pointer, element, resultOffset);
  restrictTo(builder, loc, box, nest.extents, {&nest.inputs[0], &nest.result});
  nest.reduced.assign(nest.extents.size(), false);
  nest.valueType = compute;
  nest.vectorizable = !isa<ComplexType>(element);
  nest.parallel = outer.empty();
  nest.element = [](const NestPoint &, ValueRange values) { return values[0]; };
  emitNest(builder, loc, emitter.target, nest);
}

void GatherEmitter::emitBoxes(ArrayRef<Coordinate> coordinates) {
  OpBuilder &builder = emitter.builder;
  IndexMath math(builder, loc);
  SmallVector<unsigned> outer = loopDims(coordinates);
  bool isWhole = outer.empty();
  if (isWhole) {
    SmallVector<Value> bases, noDims(result.extents.size());
    for (const Coordinate &coordinate : coordinates)
      bases.push_back(math.evaluate(coordinate.rest, noDims, symbols));
    isWhole = boxInside(math, coordinates, bases, result.extents, source.extents).isWhole;
  }
  if (!isWhole)
    fill();
  SmallVector<Value> trips;
  Value cost = math.constant(1);
  for (auto [dim, extent] : llvm::enumerate(result.extents))
    if (!llvm::is_contained(outer, dim))
      cost = math.mul(cost, extent);
  for (unsigned dim : outer)
    trips.push_back(result.extents[dim]);
  forEachPoint(builder, loc, trips, cost, /*parallel=*/!outer.empty(),
               [&](OpBuilder &inner, Location, ArrayRef<Value> point) {
                 emitBox(inner, coordinates, outer, point);
               });
}

/// Looks each element up.
void GatherEmitter::emitEach() {
  Nest nest;
  nest.extents = result.extents;
  nest.reduced.assign(nest.extents.size(), false);
  nest.result = resultAccess();
  nest.valueType = compute;
  nest.vectorizable = false;
  nest.usesPosition = true;
  nest.cost = 8;
  nest.element = [&](const NestPoint &point, ValueRange) -> Value {
    OpBuilder &builder = point.builder;
    IndexMath math(builder, loc);
    SmallVector<Value> dims, at;
    for (unsigned dim = 0; dim < result.extents.size(); ++dim)
      dims.push_back(math.toI64(point.position(dim)));
    Value offset = math.constant(0);
    for (auto [expr, stride] : llvm::zip(op.getMap().getResults(), source.strides)) {
      at.push_back(math.evaluate(expr, dims, symbols));
      offset = math.add(offset, math.mul(at.back(), stride));
    }
    Value inside = isInside(math, at, source.extents);
    auto read = [&](OpBuilder &then, Location) {
      Value pointer = elementPointer(then, loc, source.pointer, element, offset);
      scf::YieldOp::create(then, loc, loadElement(then, loc, pointer, element, compute));
    };
    auto useFill = [&](OpBuilder &otherwise, Location) {
      scf::YieldOp::create(otherwise, loc, constantElement(otherwise, loc, op.getFill(), compute));
    };
    return scf::IfOp::create(builder, loc, inside, read, useFill).getResult(0);
  };
  emitter.emitNest(loc, nest);
}

LogicalResult GatherEmitter::emit() {
  source = emitter.bufferOf(op.getSource());
  symbols = emitter.indicesOf(op.getSymbols());
  SmallVector<Value> extents, given = emitter.indicesOf(op.getExtents());
  size_t next = 0;
  for (int64_t extent : op.getType().getShape())
    extents.push_back(ShapedType::isDynamic(extent) ? given[next++]
                                                    : emitter.math(loc).constant(extent));
  result = emitter.allocate(loc, op.getResult(), extents);
  emitter.setBuffer(op.getResult(), result);
  std::optional<SmallVector<Coordinate>> coordinates = coordinatesOf(op.getMap());
  // A device prefers one launch.
  if (coordinates && !emitter.offload)
    emitBoxes(*coordinates);
  else
    emitEach();
  return success();
}

LogicalResult emitGather(Emitter &emitter, ein::GatherOp op) {
  return GatherEmitter(emitter, op).emit();
}

} // namespace tlc::codegen
