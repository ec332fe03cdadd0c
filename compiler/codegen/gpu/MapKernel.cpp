//===- MapKernel.cpp - elementwise nests at the speed of memory -----------===//

#include "compiler/codegen/gpu/MapKernel.h"

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/gpu/Neighbours.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace tlc::codegen {

namespace LLVM = mlir::LLVM;
namespace scf = mlir::scf;

namespace {

class MapKernelEmitter {
public:
  MapKernelEmitter(KernelModule &module, Emitter &emitter, Location loc, const Nest &nest,
                   const MapKernelConfig &config)
      : module(module), emitter(emitter), loc(loc), config(config),
        space(emitter.builder, loc, nest), nest(space.nest) {}

  bool emit();

private:
  int64_t chooseWidth();
  void emitVectors(int64_t width);
  bool chooseSquares();
  void emitSquares();

  bool isVector(const Access &access) const { return isKnown(access.strides[fast], 1); }
  Value elementOf(OpBuilder &builder, ArrayRef<Value> point, ValueRange inputs);
  SmallVector<Value> pointOf(IndexMath &math, Value number, Value scale);

  KernelModule &module;
  Emitter &emitter;
  Location loc;
  const MapKernelConfig &config;
  NestSpace space;
  const Nest &nest;
  /// The dimension along which the result is contiguous, and the other one of squares.
  unsigned fast = 0, other = 0;
  /// Of each input: whether it goes through shared memory.
  SmallVector<bool> isTransposed;
};

} // namespace

/// The result's element at a point, from the inputs'.
Value MapKernelEmitter::elementOf(OpBuilder &builder, ArrayRef<Value> point, ValueRange inputs) {
  auto at = [&](int64_t dim) { return space.position(builder, dim, point); };
  Value value = nest.element({builder, loc, 1, at}, inputs);
  if (!nest.finish)
    return value;
  SmallVector<Value> late;
  for (const Access &access : nest.late)
    late.push_back(loadElement(builder, loc, space.pointerAt(builder, access, point),
                               access.element, access.compute));
  return nest.finish({builder, loc, 1, at}, value, late);
}

//===----------------------------------------------------------------------===//
// Vectors
//===----------------------------------------------------------------------===//

/// How many elements a thread has; 1 if neighbours are not aligned together.
int64_t MapKernelEmitter::chooseWidth() {
  int64_t widest = byteSize(nest.result.element);
  for (const Access &access : nest.inputs)
    if (isVector(access))
      widest = std::max(widest, byteSize(access.element));
  int64_t width = std::max<int64_t>(config.vectorBytes / widest, 1);
  return hasNeighbours(space, nest.result, fast, width) ? width : 1;
}

/// The point with a number, whose position along `fast` is a multiple of `scale`.
SmallVector<Value> MapKernelEmitter::pointOf(IndexMath &math, Value number, Value scale) {
  SmallVector<Value> extents = space.extentsOf(space.kept), point(nest.extents.size());
  extents.back() = math.div(extents.back(), scale);
  for (auto [dim, at] : llvm::zip(space.kept, delinearize(math, number, extents)))
    point[dim] = at;
  point[fast] = math.mul(point[fast], scale);
  return point;
}

void MapKernelEmitter::emitVectors(int64_t width) {
  IndexMath host = emitter.math(loc);
  Value total = host.div(productOf(host, space.extentsOf(space.kept)), host.constant(width));
  Kernel kernel(module, loc, emitter.operationName, config.threads);
  Value number = kernel.globalThread();
  Value isInside = IndexMath(kernel.builder, loc).isLess(number, total);
  scf::IfOp::create(kernel.builder, loc, isInside, [&](OpBuilder &builder, Location) {
    IndexMath math(builder, loc);
    SmallVector<Value> point = pointOf(math, number, math.constant(width)), start(point);
    SmallVector<SmallVector<Value>> inputs;
    for (const Access &access : nest.inputs)
      inputs.push_back(loadNeighbours(builder, loc, space, access, start, fast, width));
    SmallVector<Value> results;
    for (int64_t i = 0; i < width; ++i) {
      point[fast] = math.add(start[fast], math.constant(i));
      SmallVector<Value> values;
      for (const SmallVector<Value> &input : inputs)
        values.push_back(input[i]);
      results.push_back(elementOf(builder, point, values));
    }
    storeNeighbours(builder, loc, space, results, start);
    scf::YieldOp::create(builder, loc);
  });
  kernel.launch(emitter, host.ceilDiv(total, config.threads));
}

//===----------------------------------------------------------------------===//
// Transposes
//===----------------------------------------------------------------------===//

/// Finds the dimension along which inputs are contiguous that are not so along the result's.
bool MapKernelEmitter::chooseSquares() {
  auto isLong = [&](unsigned dim) {
    return known(nest.extents[dim]).value_or(config.square) >= config.leastExtent;
  };
  if (!isVector(nest.result) || !isLong(fast) || nest.inPlace)
    return false;
  bool isFound = false;
  for (const Access &access : nest.inputs) {
    isTransposed.push_back(false);
    if (isVector(access) || isKnown(access.strides[fast], 0))
      continue;
    for (unsigned dim : space.kept) {
      bool isOther = dim != fast && isKnown(access.strides[dim], 1) && isLong(dim);
      if (!isOther || (isFound && dim != other))
        continue;
      other = dim;
      isFound = isTransposed.back() = true;
    }
  }
  return isFound;
}

void MapKernelEmitter::emitSquares() {
  IndexMath host = emitter.math(loc);
  int64_t side = config.square, perStep = config.threads / side;
  Value tilesFast = host.ceilDiv(nest.extents[fast], side);
  Value tilesOther = host.ceilDiv(nest.extents[other], side);
  SmallVector<unsigned> outer;
  for (unsigned dim : space.kept)
    if (dim != fast && dim != other)
      outer.push_back(dim);
  Value slices = productOf(host, space.extentsOf(outer));

  Kernel kernel(module, loc, "transpose", config.threads);
  OpBuilder &builder = kernel.builder;
  IndexMath math(builder, loc);
  SmallVector<Value> block = delinearize(math, kernel.block(), {slices, tilesOther, tilesFast});
  SmallVector<Value> point(nest.extents.size());
  for (auto [dim, at] : llvm::zip(outer, delinearize(math, block[0], space.extentsOf(outer))))
    point[dim] = at;
  Value firstOther = math.mul(block[1], math.constant(side));
  Value firstFast = math.mul(block[2], math.constant(side));
  Value thread = kernel.thread();
  Value across = math.rem(thread, math.constant(side)),
        down = math.div(thread, math.constant(side));

  // Visits the square: `along` is the dimension that the lanes of a warp follow.
  auto visit = [&](bool isAlongOther, function_ref<void(OpBuilder &, Value, Value)> body) {
    for (int64_t i = 0; i < side; i += perStep) {
      Value row = math.add(down, math.constant(i));
      Value inOther = isAlongOther ? across : row, inFast = isAlongOther ? row : across;
      point[other] = math.add(firstOther, inOther);
      point[fast] = math.add(firstFast, inFast);
      Value isInside = math.both(math.isLess(point[other], nest.extents[other]),
                                 math.isLess(point[fast], nest.extents[fast]));
      scf::IfOp::create(builder, loc, isInside, [&](OpBuilder &then, Location) {
        body(then, inFast, inOther);
        scf::YieldOp::create(then, loc);
      });
    }
  };
  // A row is longer by one, so that a column is in as many banks as a row.
  auto cell = [&](OpBuilder &at, Value square, Type element, Value inFast, Value inOther) {
    IndexMath inner(at, loc);
    Value number = inner.add(inner.mul(inFast, inner.constant(side + 1)), inOther);
    return elementPointer(at, loc, square, element, number);
  };
  SmallVector<Value> squares(nest.inputs.size());
  for (auto [number, access] : llvm::enumerate(nest.inputs)) {
    if (!isTransposed[number])
      continue;
    Type element = access.element;
    Type storage = LLVM::LLVMArrayType::get(storageType(element), side * (side + 1));
    LLVM::GlobalOp global = module.createShared(loc, storage, 16);
    Value address = LLVM::AddressOfOp::create(builder, loc, global);
    squares[number] = LLVM::AddrSpaceCastOp::create(builder, loc, emitter.pointerType(), address);
    visit(/*isAlongOther=*/true, [&](OpBuilder &then, Value inFast, Value inOther) {
      Value value =
          loadElement(then, loc, space.pointerAt(then, access, point), element, access.compute);
      storeElement(then, loc, value, cell(then, squares[number], element, inFast, inOther),
                   element);
    });
  }
  kernel.barrier();
  visit(/*isAlongOther=*/false, [&](OpBuilder &then, Value inFast, Value inOther) {
    SmallVector<Value> values;
    for (auto [number, access] : llvm::enumerate(nest.inputs)) {
      Value from = isTransposed[number]
                       ? cell(then, squares[number], access.element, inFast, inOther)
                       : space.pointerAt(then, access, point);
      values.push_back(loadElement(then, loc, from, access.element, access.compute));
    }
    storeElement(then, loc, elementOf(then, point, values),
                 space.pointerAt(then, nest.result, point), nest.result.element);
  });
  kernel.launch(emitter, host.mul(slices, host.mul(tilesOther, tilesFast)));
}

bool MapKernelEmitter::emit() {
  if (nest.reduction || space.kept.empty())
    return false;
  fast = space.kept.back();
  if (chooseSquares()) {
    emitSquares();
    return true;
  }
  int64_t width = chooseWidth();
  if (width == 1)
    return false;
  emitVectors(width);
  return true;
}

bool emitMapKernel(KernelModule &module, Emitter &emitter, Location loc, const Nest &nest,
                   const MapKernelConfig &config) {
  return MapKernelEmitter(module, emitter, loc, nest, config).emit();
}

} // namespace tlc::codegen
