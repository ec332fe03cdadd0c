//===- EmitterDevice.cpp - tensors in the memory of a device --------------===//
//
// With an Offload every buffer is on the device. Inputs go there at the function's entry and
// outputs come back at its end:
//
//   x' = tlrt_gpu_input(place, x)      launches      tlrt_gpu_download(y, y')
//
// unless the caller's memory is on the device itself, which is then used in place.
//
// Tensors whose extents are constants share one block, the arena, which the function takes at its
// entry; where in it they are is planned when all are known.
//
// Device addresses are pointers like others: only the runtime's functions look at what is behind.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/Emitter.h"
#include "runtime/include/tlrt/tlrt.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace LLVM = mlir::LLVM;

void Emitter::callChecked(Location loc, StringRef name, ValueRange arguments) {
  Value status = symbols.call(builder, loc, name, builder.getI32Type(), arguments);
  Value zero = arith::ConstantIntOp::create(builder, loc, 0, 32);
  exitUnless(loc, math(loc).isEqual(status, zero), status);
}

void Emitter::startDevice() {
  if (!offload)
    return;
  Location loc = source.getLoc();
  callChecked(loc, "tlrt_gpu_start", {context, offload->program(builder, loc)});
  arenaBytes = math(loc).constant(0);
  arena = symbols.call(builder, loc, "tlrt_gpu_arena", pointerType(), {context, arenaBytes});
  LLVM::StoreOp::create(builder, loc, arena, slotPointer(loc, numSlots++));
  Value null = LLVM::ZeroOp::create(builder, loc, pointerType());
  Value success = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::ne, arena, null);
  exitUnless(loc, success, arith::ConstantIntOp::create(builder, loc, TLRT_ERROR_RESOURCE, 32));
}

Allocation Emitter::allocateInArena(Location loc, int64_t bytes, int64_t begin) {
  Allocation allocation{0, -1, bytes, {}, static_cast<int>(arenaPlan.add(bytes, begin))};
  Value offset = arith::ConstantIntOp::create(builder, loc, 0, 64);
  arenaOffsets.push_back(offset.getDefiningOp());
  allocation.pointer =
      LLVM::GEPOp::create(builder, loc, pointerType(), builder.getI8Type(), arena, offset);
  return allocation;
}

/// Places the tensors of the arena, now that all are known.
void Emitter::finishArena() {
  if (!arena)
    return;
  // What cudaMalloc aligns to, and more than any copy or tensor map needs.
  constexpr int64_t alignment = 256;
  ArenaPlan::Placement placement = arenaPlan.place(alignment);
  for (auto [operation, offset] : llvm::zip(arenaOffsets, placement.offsets))
    operation->setAttr("value", builder.getI64IntegerAttr(offset));
  arenaBytes.getDefiningOp()->setAttr("value", builder.getI64IntegerAttr(placement.bytes));
}

Value Emitter::bytesValue(Location loc, Type element, ArrayRef<Value> extents) {
  IndexMath index = math(loc);
  Value bytes = index.constant(byteSize(element));
  for (Value extent : extents)
    bytes = index.mul(bytes, extent);
  return bytes;
}

Allocation Emitter::uploadInput(Location loc, Value host, Type element, ArrayRef<Value> extents) {
  Allocation allocation = allocateHere(loc, element, extents);
  allocation.pointer =
      symbols.call(builder, loc, "tlrt_gpu_input", pointerType(),
                   {context, allocation.pointer, host, bytesValue(loc, element, extents)});
  Value null = LLVM::ZeroOp::create(builder, loc, pointerType());
  Value success =
      LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::ne, allocation.pointer, null);
  exitUnless(loc, success, arith::ConstantIntOp::create(builder, loc, TLRT_ERROR_INTERNAL, 32));
  return allocation;
}

Value Emitter::deviceConstant(Location loc, Value host, int64_t bytes) {
  Value pointer =
      symbols.call(builder, loc, "tlrt_gpu_constant", pointerType(),
                   {context, offload->program(builder, loc), host, math(loc).constant(bytes)});
  Value null = LLVM::ZeroOp::create(builder, loc, pointerType());
  Value success = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::ne, pointer, null);
  exitUnless(loc, success, arith::ConstantIntOp::create(builder, loc, TLRT_ERROR_RESOURCE, 32));
  return pointer;
}

void Emitter::storeScalar(Location loc, Value value, const Buffer &buffer) {
  if (!offload)
    return storeElement(builder, loc, value, buffer.pointer, buffer.element);
  Value copy = entryAlloca(storageType(buffer.element), 1);
  storeElement(builder, loc, value, copy, buffer.element);
  callChecked(loc, "tlrt_gpu_upload",
              {context, buffer.pointer, copy, bytesValue(loc, buffer.element, {})});
}

} // namespace tlc::codegen
