//===- NestKernel.cpp - a nest as a kernel --------------------------------===//

#include "compiler/codegen/gpu/NestKernel.h"

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/gpu/NestSpace.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace LLVM = mlir::LLVM;
namespace scf = mlir::scf;

namespace {

class NestKernelEmitter {
public:
  NestKernelEmitter(KernelModule &module, Emitter &emitter, Location loc, const Nest &nest,
                    const NestKernelConfig &config)
      : module(module), emitter(emitter), loc(loc), config(config),
        space(emitter.builder, loc, nest), nest(space.nest) {}

  void emit();

private:
  void emitThreads();
  void emitBlocks();
  Value elementAt(OpBuilder &builder, ArrayRef<Value> point);
  Value sumOver(OpBuilder &builder, ArrayRef<unsigned> dims, SmallVectorImpl<Value> &point,
                Value accumulator);
  void store(OpBuilder &builder, ArrayRef<Value> point, Value value);
  Value sumOfThread(Kernel &kernel, Value thread, SmallVector<Value> point);
  void combineThreads(Kernel &kernel, Value shared, Value thread);
  SmallVector<Value> keptPoint(IndexMath &math, Value number);

  KernelModule &module;
  Emitter &emitter;
  Location loc;
  const NestKernelConfig &config;
  NestSpace space;
  const Nest &nest;
};

} // namespace

Value NestKernelEmitter::elementAt(OpBuilder &builder, ArrayRef<Value> point) {
  SmallVector<Value> values;
  for (const Access &access : nest.inputs)
    values.push_back(loadElement(builder, loc, space.pointerAt(builder, access, point),
                                 access.element, access.compute));
  auto at = [&](int64_t dim) { return space.position(builder, dim, point); };
  return nest.element({builder, loc, 1, at}, values);
}

/// Adds the elements with any positions along `dims` to the accumulator.
Value NestKernelEmitter::sumOver(OpBuilder &builder, ArrayRef<unsigned> dims,
                                 SmallVectorImpl<Value> &point, Value accumulator) {
  if (dims.empty())
    return nest.reduction->combine(builder, loc, accumulator, elementAt(builder, point));
  IndexMath math(builder, loc);
  scf::ForOp loop = scf::ForOp::create(
      builder, loc, math.constant(0), nest.extents[dims.front()], math.constant(1), accumulator,
      [&](OpBuilder &inner, Location, Value iv, ValueRange carried) {
        point[dims.front()] = iv;
        scf::YieldOp::create(inner, loc, sumOver(inner, dims.drop_front(), point, carried[0]));
      });
  point[dims.front()] = {};
  return loop.getResult(0);
}

/// Applies `finish` and stores the element.
void NestKernelEmitter::store(OpBuilder &builder, ArrayRef<Value> point, Value value) {
  SmallVector<Value> late;
  for (const Access &access : nest.late)
    late.push_back(loadElement(builder, loc, space.pointerAt(builder, access, point),
                               access.element, access.compute));
  auto at = [&](int64_t dim) { return space.position(builder, dim, point); };
  if (nest.finish)
    value = nest.finish({builder, loc, 1, at}, value, late);
  storeElement(builder, loc, value, space.pointerAt(builder, nest.result, point),
               nest.result.element);
}

SmallVector<Value> NestKernelEmitter::keptPoint(IndexMath &math, Value number) {
  SmallVector<Value> point(nest.extents.size());
  for (auto [dim, at] :
       llvm::zip(space.kept, delinearize(math, number, space.extentsOf(space.kept))))
    point[dim] = at;
  return point;
}

//===----------------------------------------------------------------------===//
// A thread for each result
//===----------------------------------------------------------------------===//

void NestKernelEmitter::emitThreads() {
  IndexMath host = emitter.math(loc);
  Value total = productOf(host, space.extentsOf(space.kept));
  Kernel kernel(module, loc, emitter.operationName, config.threads);
  Value number = kernel.globalThread();
  Value isInside = IndexMath(kernel.builder, loc).isLess(number, total);
  scf::IfOp::create(kernel.builder, loc, isInside, [&](OpBuilder &builder, Location) {
    IndexMath math(builder, loc);
    SmallVector<Value> point = keptPoint(math, number);
    Value value;
    if (nest.reduction) {
      Value neutral = constantElement(builder, loc, nest.reduction->neutral, nest.valueType);
      value = sumOver(builder, space.reduced, point, neutral);
    } else {
      value = elementAt(builder, point);
    }
    store(builder, point, value);
    scf::YieldOp::create(builder, loc);
  });
  kernel.launch(emitter, host.ceilDiv(total, config.threads));
}

//===----------------------------------------------------------------------===//
// A block for each result
//===----------------------------------------------------------------------===//

/// Thread t adds up elements t, t + threads, ...
Value NestKernelEmitter::sumOfThread(Kernel &kernel, Value thread, SmallVector<Value> point) {
  IndexMath host = emitter.math(loc);
  SmallVector<Value> extents = space.extentsOf(space.reduced);
  Value count = productOf(host, extents);
  OpBuilder &builder = kernel.builder;
  IndexMath math(builder, loc);
  Value neutral = constantElement(builder, loc, nest.reduction->neutral, nest.valueType);
  scf::ForOp loop = scf::ForOp::create(
      builder, loc, thread, count, math.constant(config.threads), neutral,
      [&](OpBuilder &inner, Location, Value number, ValueRange carried) {
        IndexMath innerMath(inner, loc);
        for (auto [dim, at] : llvm::zip(space.reduced, delinearize(innerMath, number, extents)))
          point[dim] = at;
        Value element = elementAt(inner, point);
        scf::YieldOp::create(inner, loc, nest.reduction->combine(inner, loc, carried[0], element));
      });
  return loop.getResult(0);
}

/// Halves the number of sums until one is left, in `shared`.
void NestKernelEmitter::combineThreads(Kernel &kernel, Value shared, Value thread) {
  OpBuilder &builder = kernel.builder;
  for (unsigned half = config.threads / 2; half > 0; half /= 2) {
    kernel.barrier();
    IndexMath math(builder, loc);
    Value isFirst = math.isLess(thread, math.constant(half));
    scf::IfOp::create(builder, loc, isFirst, [&](OpBuilder &then, Location) {
      IndexMath inner(then, loc);
      Value mine = elementPointer(then, loc, shared, nest.valueType, thread);
      Value other = elementPointer(then, loc, shared, nest.valueType,
                                   inner.add(thread, inner.constant(half)));
      auto load = [&](Value pointer) {
        return loadElement(then, loc, pointer, nest.valueType, nest.valueType);
      };
      Value sum = nest.reduction->combine(then, loc, load(mine), load(other));
      storeElement(then, loc, sum, mine, nest.valueType);
      scf::YieldOp::create(then, loc);
    });
  }
}

void NestKernelEmitter::emitBlocks() {
  IndexMath host = emitter.math(loc);
  Value total = productOf(host, space.extentsOf(space.kept));
  Kernel kernel(module, loc, emitter.operationName, config.threads);
  OpBuilder &builder = kernel.builder;
  IndexMath math(builder, loc);
  Value thread = kernel.thread();
  SmallVector<Value> point = keptPoint(math, kernel.block());
  Value sum = sumOfThread(kernel, thread, point);

  Type storage = LLVM::LLVMArrayType::get(storageType(nest.valueType), config.threads);
  LLVM::GlobalOp global = module.createShared(loc, storage, 16);
  Value address = LLVM::AddressOfOp::create(builder, loc, global);
  Value shared =
      LLVM::AddrSpaceCastOp::create(builder, loc, emitter.pointerType(), address).getResult();
  storeElement(builder, loc, sum, elementPointer(builder, loc, shared, nest.valueType, thread),
               nest.valueType);
  combineThreads(kernel, shared, thread);
  Value isFirst = math.isEqual(thread, math.constant(0));
  scf::IfOp::create(builder, loc, isFirst, [&](OpBuilder &then, Location) {
    Value value = loadElement(then, loc, shared, nest.valueType, nest.valueType);
    store(then, point, value);
    scf::YieldOp::create(then, loc);
  });
  kernel.launch(emitter, total);
}

void NestKernelEmitter::emit() {
  IndexMath host = emitter.math(loc);
  std::optional<int64_t> results = known(productOf(host, space.extentsOf(space.kept)));
  std::optional<int64_t> length = known(productOf(host, space.extentsOf(space.reduced)));
  bool isShared = nest.reduction && !space.reduced.empty() && results &&
                  *results <= config.fewResults && length.value_or(INT64_MAX) >= config.longSum;
  if (isShared)
    emitBlocks();
  else
    emitThreads();
}

void emitNestKernel(KernelModule &module, Emitter &emitter, Location loc, const Nest &nest,
                    const NestKernelConfig &config) {
  NestKernelEmitter(module, emitter, loc, nest, config).emit();
}

//===----------------------------------------------------------------------===//
// Points
//===----------------------------------------------------------------------===//

/// Loops over the dimensions whose position is not known.
static void loopOverRest(OpBuilder &builder, Location loc, ArrayRef<Value> trips,
                         SmallVectorImpl<Value> &point,
                         function_ref<void(OpBuilder &, Location, ArrayRef<Value>)> body) {
  Value *next = llvm::find(point, Value());
  if (next == point.end())
    return body(builder, loc, point);
  IndexMath math(builder, loc);
  scf::ForOp loop = scf::ForOp::create(builder, loc, math.constant(0), trips[next - point.begin()],
                                       math.constant(1));
  OpBuilder inner = OpBuilder::atBlockBegin(loop.getBody());
  *next = loop.getInductionVar();
  loopOverRest(inner, loc, trips, point, body);
  *next = {};
}

void emitPointKernel(KernelModule &module, Emitter &emitter, Location loc, ArrayRef<Value> trips,
                     ArrayRef<bool> isParallel,
                     function_ref<void(OpBuilder &, Location, ArrayRef<Value>)> body) {
  NestKernelConfig config;
  IndexMath host = emitter.math(loc);
  SmallVector<Value> extents;
  for (auto [trip, parallel] : llvm::zip(trips, isParallel))
    if (parallel)
      extents.push_back(trip);
  Value total = productOf(host, extents);
  Kernel kernel(module, loc, emitter.operationName, config.threads);
  Value number = kernel.globalThread();
  Value isInside = IndexMath(kernel.builder, loc).isLess(number, total);
  scf::IfOp::create(kernel.builder, loc, isInside, [&](OpBuilder &builder, Location) {
    IndexMath math(builder, loc);
    SmallVector<Value> point(trips.size()), found = delinearize(math, number, extents);
    size_t next = 0;
    for (auto [at, parallel] : llvm::zip(point, isParallel))
      if (parallel)
        at = found[next++];
    loopOverRest(builder, loc, trips, point, body);
    scf::YieldOp::create(builder, loc);
  });
  kernel.launch(emitter, host.ceilDiv(total, config.threads));
}

} // namespace tlc::codegen
