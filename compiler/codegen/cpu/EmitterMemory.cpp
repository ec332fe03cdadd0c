//===- EmitterMemory.cpp - where tensors live -----------------------------===//
//
// A tensor is written where it is wanted: a result that the function returns goes into the
// output's memory, one that a loop yields into the memory of the next iterate. Other tensors get
// a block for their lifetime. Inside a loop such blocks are allocated in front of it and used
// again, both in the next iteration and by later tensors that are not larger.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/Emitter.h"
#include "runtime/include/tlrt/tlrt.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace cf = mlir::cf;
namespace func = mlir::func;
namespace LLVM = mlir::LLVM;

Buffer denseBuffer(OpBuilder &builder, Location loc, Value pointer, Type element,
                   ArrayRef<Value> extents) {
  IndexMath math(builder, loc);
  Buffer buffer{pointer, SmallVector<Value>(extents), {}, element, {}, false};
  buffer.strides.resize(extents.size());
  Value stride = math.constant(1);
  for (size_t i = extents.size(); i-- > 0;) {
    buffer.strides[i] = stride;
    if (i > 0)
      stride = math.mul(stride, extents[i]);
  }
  return buffer;
}

Value Emitter::slotPointer(Location loc, unsigned slot) {
  return LLVM::GEPOp::create(builder, loc, pointerType(), pointerType(), slots,
                             ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(slot)});
}

Value Emitter::storeExtents(Location loc, ArrayRef<Value> extents) {
  maxRank = std::max(maxRank, extents.size());
  for (auto [i, extent] : llvm::enumerate(extents)) {
    Value at = LLVM::GEPOp::create(builder, loc, pointerType(), builder.getI64Type(), extentScratch,
                                   ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(i)});
    LLVM::StoreOp::create(builder, loc, extent, at);
  }
  return extentScratch;
}

static int64_t bytesOf(Type element, ArrayRef<Value> extents) {
  int64_t bytes = byteSize(element);
  for (Value extent : extents) {
    std::optional<int64_t> number = known(extent);
    if (!number || llvm::MulOverflow(bytes, *number, bytes))
      return -1;
  }
  return bytes;
}

/// The insertion point moves to a block where that has succeeded.
Allocation Emitter::allocateHere(Location loc, Type element, ArrayRef<Value> extents,
                                 int64_t begin) {
  if (int64_t bytes = bytesOf(element, extents); arena && bytes >= 0)
    return allocateInArena(loc, bytes, begin < 0 ? arenaTime++ : begin);
  IndexMath index = math(loc);
  Value rank = arith::ConstantIntOp::create(builder, loc, extents.size(), 32);
  Value pointer =
      symbols.call(builder, loc, offload ? "tlrt_gpu_alloc" : "tlrt_alloc", pointerType(),
                   {context, rank, storeExtents(loc, extents), index.constant(byteSize(element))});
  Allocation allocation{numSlots++, -1, bytesOf(element, extents), pointer};
  LLVM::StoreOp::create(builder, loc, pointer, slotPointer(loc, allocation.slot));
  Value null = LLVM::ZeroOp::create(builder, loc, pointerType());
  Value success = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::ne, pointer, null);
  Value status = arith::ConstantIntOp::create(builder, loc, TLRT_ERROR_RESOURCE, 32);
  exitUnless(loc, success, status);
  return allocation;
}

Allocation Emitter::allocateBefore(Location loc, unsigned loop, Type element,
                                   ArrayRef<Value> extents) {
  OpBuilder::InsertionGuard guard(builder);
  int64_t entered = loops[loop].entered;
  // The blocks that this makes are in the outer loops only.
  SmallVector<Loop> inner;
  while (loops.size() > loop)
    inner.push_back(loops.pop_back_val());
  Block *preheader = inner.back().preheader;
  Operation *branch = preheader->getTerminator();
  builder.setInsertionPoint(branch);
  SmallVector<Value> visible = llvm::map_to_vector(extents, [&](Value extent) {
    std::optional<int64_t> number = known(extent);
    return number ? math(loc).constant(*number) : extent;
  });
  Allocation allocation = allocateHere(loc, element, visible, entered);
  branch->moveBefore(builder.getInsertionBlock(), builder.getInsertionBlock()->end());
  for (Loop &other : inner)
    if (other.preheader == preheader)
      other.preheader = builder.getInsertionBlock();
  while (!inner.empty())
    loops.push_back(inner.pop_back_val());
  allocation.loop = loop;
  return allocation;
}

Allocation Emitter::allocateForLoop(Location loc, unsigned loop, Type element,
                                    ArrayRef<Value> extents) {
  // Blocks that the loop's body has released must not be used again here: it needs them.
  unsigned outermost = loop;
  for (unsigned i = loop; i-- > 0;)
    if (llvm::all_of(extents, [&](Value extent) { return isInvariant(loops[i], extent); }))
      outermost = i;
  Allocation allocation = allocateBefore(loc, outermost, element, extents);
  if (outermost == loop)
    allocation.loop = -1;
  else
    loops[outermost].allocations.push_back(allocation);
  return allocation;
}

bool Emitter::isInvariant(const Loop &loop, Value value) {
  return known(value) || !loop.blocks.contains(value.getParentBlock());
}

Buffer Emitter::allocateTemporary(Location loc, Type element, ArrayRef<Value> extents) {
  int64_t bytes = bytesOf(element, extents);
  for (unsigned i = 0; i < loops.size(); ++i) {
    if (!llvm::all_of(extents, [&](Value extent) { return isInvariant(loops[i], extent); }))
      continue;
    // The smallest that is large enough, as the planner expects (MemoryPool.h).
    Allocation *found = loops[i].free.end();
    for (Allocation &free : loops[i].free)
      if (bytes >= 0 && free.bytes >= bytes &&
          (found == loops[i].free.end() || free.bytes < found->bytes))
        found = &free;
    Allocation allocation;
    if (found != loops[i].free.end()) {
      allocation = *found;
      loops[i].free.erase(found);
    } else {
      allocation = allocateBefore(loc, i, element, extents);
      loops[i].allocations.push_back(allocation);
    }
    Buffer buffer = denseBuffer(builder, loc, allocation.pointer, element, extents);
    buffer.owned.push_back(allocation);
    buffer.writable = true;
    return buffer;
  }
  Allocation allocation = allocateHere(loc, element, extents);
  Buffer buffer = denseBuffer(builder, loc, allocation.pointer, element, extents);
  buffer.owned.push_back(allocation);
  buffer.writable = true;
  return buffer;
}

/// The output whose memory a value should be computed in: the function returns it, or what is
/// made from it in place.
std::optional<unsigned> Emitter::outputOf(Value result) {
  for (Value value = result; value;) {
    Value next;
    for (mlir::OpOperand &use : value.getUses()) {
      Operation *user = use.getOwner();
      if (isa<func::ReturnOp>(user) && !outputs[use.getOperandNumber()].pointer)
        return use.getOperandNumber();
      if (!isLastUse(value, user))
        continue;
      if (ein::ScatterOp scatter = dyn_cast<ein::ScatterOp>(user)) {
        if (scatter.getInit() == value)
          next = scatter.getResult();
      } else if (ein::LoopOp loop = dyn_cast<ein::LoopOp>(user)) {
        for (auto [init, carried] : llvm::zip(loop.getInits(), loop.getResults()))
          if (init == value)
            next = carried;
      }
    }
    value = next;
  }
  return std::nullopt;
}

Buffer Emitter::allocate(Location loc, Value result, ArrayRef<Value> extents) {
  for (Loop &loop : llvm::reverse(loops)) {
    auto found = loop.destinations.find(result);
    if (found == loop.destinations.end())
      continue;
    Buffer buffer = found->second;
    loop.destinations.erase(found);
    return buffer;
  }
  if (loops.empty())
    if (std::optional<unsigned> output = outputOf(result))
      return bindOutput(loc, *output, extents);
  return allocateTemporary(loc, cast<RankedTensorType>(result.getType()).getElementType(), extents);
}

void Emitter::release(Location loc, const Allocation &allocation) {
  if (allocation.loop >= 0 && allocation.loop < static_cast<int>(loops.size())) {
    loops[allocation.loop].free.push_back(allocation);
    return;
  }
  if (allocation.inArena >= 0)
    return arenaPlan.end(allocation.inArena, arenaTime++);
  Value slot = slotPointer(loc, allocation.slot);
  Value pointer = LLVM::LoadOp::create(builder, loc, pointerType(), slot);
  symbols.call(builder, loc, offload ? "tlrt_gpu_release" : "tlrt_release",
               LLVM::LLVMVoidType::get(builder.getContext()), {context, pointer});
  Value null = LLVM::ZeroOp::create(builder, loc, pointerType());
  LLVM::StoreOp::create(builder, loc, null, slot);
}

void Emitter::release(Location loc, Buffer &buffer) {
  for (const Allocation &allocation : buffer.owned)
    release(loc, allocation);
  buffer.owned.clear();
}

unsigned Emitter::enterLoop(Block *preheader) {
  loops.emplace_back();
  loops.back().preheader = preheader;
  loops.back().entered = arenaTime++;
  return loops.size() - 1;
}

void Emitter::leaveLoop(Location loc) {
  Loop loop = loops.pop_back_val();
  for (const Allocation &allocation : loop.allocations)
    release(loc, allocation);
}

void Emitter::copy(Location loc, const Buffer &from, const Buffer &to) {
  Nest nest;
  unsigned rank = to.extents.size();
  nest.extents = to.extents;
  nest.reduced.assign(rank, false);
  Type compute = to.element.isInteger(1) ? builder.getI8Type() : to.element;
  // Moving half-precision numbers needs no conversion.
  Type element = to.element;
  if (element.isF16() || element.isBF16())
    element = compute = builder.getI16Type();
  nest.inputs.push_back({from.pointer, from.strides, element, compute});
  nest.result = {to.pointer, to.strides, element, compute};
  nest.valueType = compute;
  nest.element = [](const NestPoint &, ValueRange values) { return values[0]; };
  nest.vectorizable = !isa<ComplexType>(element);
  emitNest(loc, nest);
}

} // namespace tlc::codegen
