//===- ReduceKernel.cpp - sums at the speed of memory ---------------------===//

#include "compiler/codegen/gpu/ReduceKernel.h"

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/gpu/ContractDims.h"
#include "compiler/codegen/gpu/Neighbours.h"
#include "compiler/codegen/gpu/Warp.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace tlc::codegen {

namespace LLVM = mlir::LLVM;
namespace scf = mlir::scf;

namespace {

class ReduceKernelEmitter {
public:
  ReduceKernelEmitter(KernelModule &module, Emitter &emitter, Location loc, const Nest &nest,
                      const ReduceKernelConfig &config)
      : module(module), emitter(emitter), loc(loc), config(config),
        space(emitter.builder, loc, nest), nest(space.nest) {}

  bool emit();

private:
  bool isFastAlong(unsigned dim) const;
  bool canExchange() const;
  void emitRows();
  void emitColumns();
  Value sumOfThread(OpBuilder &builder, Value first, Value step, Value count, int64_t width,
                    ArrayRef<Value> kept);
  Value combineWarps(Kernel &kernel, OpBuilder &builder, Value shared, Value lane, Value sum);
  void store(OpBuilder &builder, ArrayRef<Value> point, Value value);
  SmallVector<Value> pointOf(IndexMath &math, Value number);
  Value makeShared(Kernel &kernel, int64_t count);
  Value combine(OpBuilder &builder, Value lhs, Value rhs) {
    return nest.reduction->combine(builder, loc, lhs, rhs);
  }

  KernelModule &module;
  Emitter &emitter;
  Location loc;
  const ReduceKernelConfig &config;
  NestSpace space;
  const Nest &nest;
};

} // namespace

//===----------------------------------------------------------------------===//
// Planning
//===----------------------------------------------------------------------===//

bool ReduceKernelEmitter::isFastAlong(unsigned dim) const {
  return llvm::any_of(nest.inputs,
                      [&](const Access &access) { return isKnown(access.strides[dim], 1); });
}

/// Whether a value fits into the registers that lanes exchange.
bool ReduceKernelEmitter::canExchange() const {
  return nest.valueType.isIntOrFloat() && nest.valueType.getIntOrFloatBitWidth() >= 8 &&
         nest.valueType.getIntOrFloatBitWidth() <= 64;
}

bool ReduceKernelEmitter::emit() {
  if (!nest.reduction || space.reduced.empty() || nest.inPlace)
    return false;
  int64_t length = knownSize(space, space.reduced).value_or(INT64_MAX);
  if (length < config.longSum)
    return false;
  if (isFastAlong(space.reduced.back()) && canExchange()) {
    emitRows();
    return true;
  }
  bool isFew = knownSize(space, space.kept).value_or(INT64_MAX) < config.manyColumns;
  if (space.kept.empty() || !isFew || !isFastAlong(space.kept.back()))
    return false;
  emitColumns();
  return true;
}

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

/// The point with a number among the results.
SmallVector<Value> ReduceKernelEmitter::pointOf(IndexMath &math, Value number) {
  SmallVector<Value> point(nest.extents.size());
  for (auto [dim, at] :
       llvm::zip(space.kept, delinearize(math, number, space.extentsOf(space.kept))))
    point[dim] = at;
  return point;
}

/// Adds elements number i * width .. (i + 1) * width - 1 of the sum for i = first, first + step,
/// ... below `count`.
Value ReduceKernelEmitter::sumOfThread(OpBuilder &builder, Value first, Value step, Value count,
                                       int64_t width, ArrayRef<Value> kept) {
  Value neutral = constantElement(builder, loc, nest.reduction->neutral, nest.valueType);
  unsigned fast = space.reduced.back();
  scf::ForOp loop = scf::ForOp::create(
      builder, loc, first, count, step, neutral,
      [&](OpBuilder &inner, Location, Value chunk, ValueRange carried) {
        IndexMath math(inner, loc);
        SmallVector<Value> point(kept);
        Value number = math.mul(chunk, math.constant(width));
        SmallVector<Value> extents = space.extentsOf(space.reduced);
        for (auto [dim, at] : llvm::zip(space.reduced, delinearize(math, number, extents)))
          point[dim] = at;
        SmallVector<SmallVector<Value>> inputs;
        for (const Access &access : nest.inputs)
          inputs.push_back(loadNeighbours(inner, loc, space, access, point, fast, width));
        Value start = point[fast], sum = carried[0];
        for (int64_t i = 0; i < width; ++i) {
          point[fast] = math.add(start, math.constant(i));
          SmallVector<Value> values;
          for (const SmallVector<Value> &input : inputs)
            values.push_back(input[i]);
          auto at = [&](int64_t dim) { return space.position(inner, dim, point); };
          sum = combine(inner, sum, nest.element({inner, loc, 1, at}, values));
        }
        scf::YieldOp::create(inner, loc, sum);
      });
  return loop.getResult(0);
}

/// Applies `finish` and stores the element.
void ReduceKernelEmitter::store(OpBuilder &builder, ArrayRef<Value> point, Value value) {
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

Value ReduceKernelEmitter::makeShared(Kernel &kernel, int64_t count) {
  Type storage = LLVM::LLVMArrayType::get(storageType(nest.valueType), count);
  LLVM::GlobalOp global = module.createShared(loc, storage, 16);
  Value address = LLVM::AddressOfOp::create(kernel.builder, loc, global);
  return LLVM::AddrSpaceCastOp::create(kernel.builder, loc, emitter.pointerType(), address);
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

/// The sum of the warps' sums, in the first thread.
Value ReduceKernelEmitter::combineWarps(Kernel &kernel, OpBuilder &builder, Value shared,
                                        Value lane, Value sum) {
  IndexMath math(builder, loc);
  Type type = nest.valueType;
  Value warp = math.div(lane, math.constant(32));
  storeElement(builder, loc, sum, elementPointer(builder, loc, shared, type, warp), type);
  kernel.barrier(builder);
  Value result;
  for (int64_t i = 0; i < config.threads / 32; ++i) {
    Value from = elementPointer(builder, loc, shared, type, math.constant(i));
    Value part = loadElement(builder, loc, from, type, type);
    result = result ? combine(builder, result, part) : part;
  }
  return result;
}

void ReduceKernelEmitter::emitRows() {
  IndexMath host = emitter.math(loc);
  Value sums = productOf(host, space.extentsOf(space.kept));
  Value length = productOf(host, space.extentsOf(space.reduced));
  // Few sums get all the threads there are.
  int64_t longest = knownSize(space, space.reduced).value_or(0);
  bool areMany = knownSize(space, space.kept).value_or(INT64_MAX) >= 512;
  int64_t team = longest <= config.warpSum && areMany ? 32 : config.threads;
  int64_t perBlock = config.threads / team, width = kChunkBytes;
  unsigned fast = space.reduced.back();
  for (const Access &access : nest.inputs)
    width = std::min(width, kChunkBytes / byteSize(access.element));
  width = std::max<int64_t>(width, 1);
  // All inputs that are contiguous have to be so in vectors.
  for (const Access &access : nest.inputs)
    if (isKnown(access.strides[fast], 1) && !hasNeighbours(space, access, fast, width))
      width = 1;

  Kernel kernel(module, loc, emitter.operationName, config.threads);
  OpBuilder &builder = kernel.builder;
  IndexMath math(builder, loc);
  Value shared = team > 32 ? makeShared(kernel, config.threads / 32) : Value();
  Value thread = kernel.thread(), size = math.constant(team);
  Value number =
      math.add(math.mul(kernel.block(), math.constant(perBlock)), math.div(thread, size));
  Value lane = math.rem(thread, size);
  // Warps have a sum or none, so that all lanes take part in an exchange.
  scf::IfOp::create(builder, loc, math.isLess(number, sums), [&](OpBuilder &then, Location) {
    IndexMath inner(then, loc);
    SmallVector<Value> point = pointOf(inner, number);
    Value chunks = inner.div(length, inner.constant(width));
    Value sum = sumOfThread(then, lane, size, chunks, width, point);
    sum = combineNeighbours(then, loc, sum, 32,
                            [&](Value lhs, Value rhs) { return combine(then, lhs, rhs); });
    if (shared)
      sum = combineWarps(kernel, then, shared, lane, sum);
    scf::IfOp::create(then, loc, inner.isEqual(lane, inner.constant(0)),
                      [&](OpBuilder &first, Location) {
                        store(first, point, sum);
                        scf::YieldOp::create(first, loc);
                      });
    scf::YieldOp::create(then, loc);
  });
  kernel.launch(emitter, host.ceilDiv(sums, perBlock));
}

//===----------------------------------------------------------------------===//
// Columns
//===----------------------------------------------------------------------===//

void ReduceKernelEmitter::emitColumns() {
  IndexMath host = emitter.math(loc);
  Value sums = productOf(host, space.extentsOf(space.kept));
  Value length = productOf(host, space.extentsOf(space.reduced));
  int64_t columns = config.columns, parts = config.threads / columns;
  Kernel kernel(module, loc, emitter.operationName, config.threads);
  OpBuilder &builder = kernel.builder;
  IndexMath math(builder, loc);
  Type type = nest.valueType;
  Value shared = makeShared(kernel, config.threads);
  Value thread = kernel.thread();
  Value column = math.rem(thread, math.constant(columns));
  Value part = math.div(thread, math.constant(columns));
  Value number = math.add(math.mul(kernel.block(), math.constant(columns)), column);
  // Behind the last column is the last one again, which is not stored.
  Value inside = math.min(number, math.sub(sums, math.constant(1)));
  SmallVector<Value> point = pointOf(math, inside);
  Value sum = sumOfThread(builder, part, math.constant(parts), length, 1, point);
  storeElement(builder, loc, sum, elementPointer(builder, loc, shared, type, thread), type);
  kernel.barrier();
  Value isFirst = math.both(math.isEqual(part, math.constant(0)), math.isLess(number, sums));
  scf::IfOp::create(builder, loc, isFirst, [&](OpBuilder &then, Location) {
    IndexMath inner(then, loc);
    Value total;
    for (int64_t i = 0; i < parts; ++i) {
      Value at = inner.add(column, inner.constant(i * columns));
      Value found = loadElement(then, loc, elementPointer(then, loc, shared, type, at), type, type);
      total = total ? combine(then, total, found) : found;
    }
    store(then, point, total);
    scf::YieldOp::create(then, loc);
  });
  kernel.launch(emitter, host.ceilDiv(sums, columns));
}

bool emitReduceKernel(KernelModule &module, Emitter &emitter, Location loc, const Nest &nest,
                      const ReduceKernelConfig &config) {
  return ReduceKernelEmitter(module, emitter, loc, nest, config).emit();
}

} // namespace tlc::codegen
