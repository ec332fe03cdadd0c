//===- LiveBytes.cpp - how much memory a function takes -------------------===//

#include "compiler/transforms/LiveBytes.h"
#include "compiler/planner/MemoryPool.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/DenseSet.h"

namespace tlc {

double bytesOf(Type type) {
  RankedTensorType tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || !tensor.hasStaticShape())
    return 0;
  Type element = tensor.getElementType();
  double parts = 1;
  if (ComplexType complex = dyn_cast<ComplexType>(element)) {
    parts = 2;
    element = complex.getElementType();
  }
  double bytes = parts * std::max(1u, element.getIntOrFloatBitWidth() / 8);
  for (int64_t extent : tensor.getShape())
    bytes *= double(extent);
  return bytes;
}

namespace {

/// The operation of a block in which a value is used last; null if nothing uses it.
Operation *lastUse(Value value, Block &block) {
  Operation *last = nullptr;
  for (Operation *user : value.getUsers()) {
    Operation *inBlock = block.findAncestorOpInBlock(*user);
    if (inBlock && (!last || last->isBeforeInBlock(inBlock)))
      last = inBlock;
  }
  return last;
}

/// Tensors whose memory is the program's text, or another tensor's.
bool takesMemory(Operation &op) { return !isa<mlir::arith::ConstantOp>(op); }

/// What the body of a loop takes beside the carried tensors, its own loops included.
double loopBytes(Block &block, planner::MemoryPool &pool) {
  llvm::DenseMap<Value, double> blocks;
  llvm::DenseMap<Operation *, SmallVector<Value>> deaths;
  for (Operation &op : block.without_terminator()) {
    // A tensor that is updated in place, and what a loop carries, stays where it is.
    bool isInPlace = isa<ein::ScatterOp, ein::LoopOp, ein::FixpointOp>(op);
    for (Value result : op.getResults()) {
      double bytes = bytesOf(result.getType());
      if (isInPlace || !takesMemory(op) || bytes == 0)
        continue;
      blocks[result] = pool.take(bytes);
      deaths[lastUse(result, block)].push_back(result);
    }
    if (isa<ein::LoopOp, ein::FixpointOp>(op))
      loopBytes(op.getRegion(0).front(), pool);
    for (Value value : deaths.lookup(&op))
      pool.release(blocks[value]);
  }
  return pool.total();
}

double bodyBytes(Operation &op) {
  if (!isa<ein::LoopOp, ein::FixpointOp>(op))
    return 0;
  planner::MemoryPool pool;
  return loopBytes(op.getRegion(0).front(), pool);
}

} // namespace

LiveBytes::LiveBytes(mlir::func::FuncOp function) {
  Block &block = function.getBody().front();
  Operation *end = block.getTerminator();
  llvm::DenseSet<Value> counted;
  // Results are counted from the start: they are the caller's, or bound early.
  for (Value argument : block.getArguments())
    always += bytesOf(argument.getType());
  for (Value result : end->getOperands()) {
    if (double bytes = bytesOf(result.getType()); bytes > 0)
      always += planner::MemoryPool::roundedUp(bytes);
    counted.insert(result);
  }
  // What is updated in place on its way to a result lies in the result's memory.
  for (bool isNew = true; isNew;) {
    isNew = false;
    for (Operation &op : block.without_terminator())
      if (isa<ein::ScatterOp, ein::LoopOp>(op))
        for (auto [result, operand] : llvm::zip(
                 op.getResults(), isa<ein::LoopOp>(op) ? cast<ein::LoopOp>(op).getInits()
                                                       : ValueRange(op.getOperands()).slice(1, 1)))
          if (counted.contains(result) && !isa<mlir::BlockArgument>(operand))
            isNew |= counted.insert(operand).second;
  }
  double live = always;
  llvm::DenseMap<Operation *, double> dying;
  most = always;
  for (Operation &op : block.without_terminator()) {
    double own = 0;
    for (Value result : op.getResults()) {
      double bytes = counted.contains(result) || !takesMemory(op) ? 0 : bytesOf(result.getType());
      bytes = bytes > 0 ? planner::MemoryPool::roundedUp(bytes) : 0;
      own += bytes;
      if (Operation *last = lastUse(result, block))
        dying[last] += bytes;
      else
        dying[&op] += bytes;
    }
    live += own;
    most = std::max(most, live + bodyBytes(op));
    double shown = 0;
    llvm::DenseSet<Value> seen;
    for (Value value : llvm::concat<Value>(SmallVector<Value>(op.getOperands()),
                                           SmallVector<Value>(op.getResults())))
      if (seen.insert(value).second)
        shown += bytesOf(value.getType());
    others[&op] = std::max(0.0, live - shown);
    live -= dying.lookup(&op);
  }
}

} // namespace tlc
