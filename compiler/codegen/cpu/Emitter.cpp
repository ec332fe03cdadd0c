//===- Emitter.cpp - one function from tensors to memory ------------------===//
//
// The frame of the function: entry, exit, blocks, and the walk over its operations. Memory is in
// EmitterMemory.cpp, iteration spaces are in EmitterSpaces.cpp.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/Emitter.h"

#include "compiler/codegen/cpu/Element.h"
#include "runtime/include/tlrt/tlrt.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/TypeSwitch.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace cf = mlir::cf;
namespace func = mlir::func;
namespace LLVM = mlir::LLVM;
namespace scf = mlir::scf;
namespace tensor = mlir::tensor;

Emitter::Emitter(Symbols &symbols, const Target &target, func::FuncOp source)
    : builder(source.getContext()), symbols(symbols), target(target), source(source) {}

Type Emitter::pointerType() { return LLVM::LLVMPointerType::get(builder.getContext()); }

//===----------------------------------------------------------------------===//
// Entry
//===----------------------------------------------------------------------===//

static int64_t dtypeOf(Type element) {
  if (ComplexType complexType = dyn_cast<ComplexType>(element))
    return complexType.getElementType().isF32() ? TLRT_C64 : TLRT_C128;
  if (isa<FloatType>(element))
    return element.isF16()    ? TLRT_F16
           : element.isBF16() ? TLRT_BF16
           : element.isF32()  ? TLRT_F32
                              : TLRT_F64;
  switch (element.getIntOrFloatBitWidth()) {
  case 1:
    return TLRT_BOOL;
  case 8:
    return TLRT_I8;
  case 32:
    return TLRT_I32;
  default:
    return TLRT_I64;
  }
}

/// A pointer to the tlrt_signature of the inputs or outputs.
Value Emitter::signature(Location loc, bool isInput) {
  func::FuncOp op = source;
  mlir::FunctionType type = op.getFunctionType();
  TypeRange types = isInput ? type.getInputs() : type.getResults();
  SmallVector<int64_t> numbers;
  std::string names;
  for (auto [i, argument] : llvm::enumerate(types)) {
    RankedTensorType tensorType = cast<RankedTensorType>(argument);
    numbers.push_back(dtypeOf(tensorType.getElementType()));
    numbers.push_back(tensorType.getRank());
    for (int64_t extent : tensorType.getShape())
      numbers.push_back(ShapedType::isDynamic(extent) ? -1 : extent);
    llvm::append_range(numbers, llvm::seq<int64_t>(0, tensorType.getRank()));
    StringAttr name = isInput ? op.getArgAttrOfType<StringAttr>(i, "tl.name")
                              : op.getResultAttrOfType<StringAttr>(i, "tl.name");
    names += name ? name.getValue().str() : (isInput ? "#" : "result #") + std::to_string(i);
    names += '\0';
  }
  Type i64 = builder.getI64Type();
  Type structType =
      LLVM::LLVMStructType::getLiteral(builder.getContext(), {i64, pointerType(), pointerType()});
  Value pointer = entryAlloca(structType, 1);
  auto store = [&](int field, Value value) {
    Value at = LLVM::GEPOp::create(builder, loc, pointerType(), structType, pointer,
                                   ArrayRef<LLVM::GEPArg>{0, field});
    LLVM::StoreOp::create(builder, loc, value, at);
  };
  store(0, math(loc).constant(types.size()));
  store(1, symbols.numbers(builder, loc, numbers));
  store(2, symbols.text(builder, loc, names));
  return pointer;
}

/// tlrt_view is three pointers and two i32: four words.
Value Emitter::viewAt(Location loc, Value views, unsigned index) {
  return LLVM::GEPOp::create(builder, loc, pointerType(), builder.getI64Type(), views,
                             ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(4 * index)});
}

/// Memory in the function's frame, allocated in its first block.
Value Emitter::entryAlloca(Type type, int64_t count) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(entry);
  Value size = math(source.getLoc()).constant(count);
  return LLVM::AllocaOp::create(builder, source.getLoc(), pointerType(), type, size);
}

void Emitter::createFunction() {
  Location loc = source.getLoc();
  std::string name = source.getSymName().str();
  source.setSymName(name + ".tensors");
  builder.setInsertionPoint(source);
  Type pointer = pointerType();
  function = func::FuncOp::create(
      builder, loc, name,
      builder.getFunctionType({pointer, pointer, pointer}, {builder.getI32Type()}));
  entry = function.addEntryBlock();
  exit = function.addBlock();
  exit->addArgument(builder.getI32Type(), loc);
  context = entry->getArgument(0);
  inputViews = entry->getArgument(1);
  outputViews = entry->getArgument(2);
  builder.setInsertionPointToEnd(entry);
  // How large the two are is known at the end.
  slots = entryAlloca(pointer, 0);
  extentScratch = entryAlloca(builder.getI64Type(), 0);
  // The first slots are the inputs'.
  numSlots = source.getNumArguments();
  builder.setInsertionPointToEnd(entry);
  startDevice();
}

void Emitter::bindInputs() {
  Location loc = source.getLoc();
  unsigned count = source.getNumArguments();
  if (count == 0)
    return;
  Value data = entryAlloca(pointerType(), count);
  Value status =
      symbols.call(builder, loc, offload ? "tlrt_gpu_bind_inputs" : "tlrt_bind_inputs",
                   builder.getI32Type(), {context, inputViews, signature(loc, true), data, slots});
  Value zero = arith::ConstantIntOp::create(builder, loc, 0, 32);
  exitUnless(loc, math(loc).isEqual(status, zero), status);
  for (unsigned i = 0; i < count; ++i) {
    RankedTensorType type = cast<RankedTensorType>(source.getArgument(i).getType());
    Value slot = LLVM::GEPOp::create(builder, loc, pointerType(), pointerType(), data,
                                     ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(i)});
    Value pointer = LLVM::LoadOp::create(builder, loc, pointerType(), slot);
    SmallVector<Value> extents;
    Value shape;
    for (auto [dim, extent] : llvm::enumerate(type.getShape())) {
      if (!ShapedType::isDynamic(extent)) {
        extents.push_back(math(loc).constant(extent));
        continue;
      }
      if (!shape) {
        Value field = LLVM::GEPOp::create(builder, loc, pointerType(), builder.getI64Type(),
                                          viewAt(loc, inputViews, i), ArrayRef<LLVM::GEPArg>{1});
        shape = LLVM::LoadOp::create(builder, loc, pointerType(), field);
      }
      Value at = LLVM::GEPOp::create(builder, loc, pointerType(), builder.getI64Type(), shape,
                                     ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(dim)});
      extents.push_back(LLVM::LoadOp::create(builder, loc, builder.getI64Type(), at));
    }
    Allocation onDevice;
    if (offload)
      pointer = (onDevice = uploadInput(loc, pointer, type.getElementType(), extents)).pointer;
    Buffer buffer = denseBuffer(builder, loc, pointer, type.getElementType(), extents);
    if (offload)
      buffer.owned.push_back(onDevice);
    buffer.owned.push_back({i, -1, -1, pointer});
    buffers[source.getArgument(i)] = buffer;
  }
}

//===----------------------------------------------------------------------===//
// Exit
//===----------------------------------------------------------------------===//

Buffer Emitter::bindOutput(Location loc, unsigned index, ArrayRef<Value> extents) {
  Output &output = outputs[index];
  Type element = cast<RankedTensorType>(source.getFunctionType().getResult(index)).getElementType();
  output.extents.assign(extents.begin(), extents.end());
  output.slot = numSlots++;
  Value data = entryAlloca(pointerType(), 1);
  IndexMath index64 = math(loc);
  Value status = symbols.call(
      builder, loc, offload ? "tlrt_gpu_bind_output" : "tlrt_bind_output", builder.getI32Type(),
      {context, inputViews, index64.constant(source.getNumArguments()),
       viewAt(loc, outputViews, index), signature(loc, false), index64.constant(index),
       storeExtents(loc, extents), data, slotPointer(loc, output.slot)});
  Value zero = arith::ConstantIntOp::create(builder, loc, 0, 32);
  exitUnless(loc, index64.isEqual(status, zero), status);
  output.pointer = LLVM::LoadOp::create(builder, loc, pointerType(), data);
  if (offload) {
    output.host = output.pointer;
    output.pointer =
        symbols.call(builder, loc, "tlrt_gpu_output", pointerType(),
                     {context, output.host, allocateHere(loc, element, extents).pointer});
  }
  Buffer buffer = denseBuffer(builder, loc, output.pointer, element, extents);
  buffer.writable = true;
  return buffer;
}

void Emitter::finishOutputs(func::ReturnOp op) {
  Location loc = op.getLoc();
  for (auto [i, value] : llvm::enumerate(op.getOperands())) {
    Buffer &buffer = bufferOf(value);
    if (!outputs[i].pointer) {
      copy(loc, buffer, bindOutput(loc, i, buffer.extents));
      continue;
    }
    if (buffer.pointer == outputs[i].pointer)
      continue;
    // A loop's last iterate may be in the output's memory or in its partner's.
    Block *different = newBlock(), *done = newBlock();
    Value isSame = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::eq, buffer.pointer,
                                        outputs[i].pointer);
    cf::CondBranchOp::create(builder, loc, isSame, done, different);
    builder.setInsertionPointToEnd(different);
    copy(loc, buffer,
         denseBuffer(builder, loc, outputs[i].pointer, buffer.element, buffer.extents));
    cf::BranchOp::create(builder, loc, done);
    builder.setInsertionPointToEnd(done);
  }
  if (offload)
    for (const Output &output : outputs)
      callChecked(loc, "tlrt_gpu_download",
                  {context, output.host, output.pointer,
                   bytesValue(loc, cast<RankedTensorType>(output.value.getType()).getElementType(),
                              output.extents)});
  for (auto [i, output] : llvm::enumerate(outputs))
    symbols.call(builder, loc, "tlrt_finish_output", LLVM::LLVMVoidType::get(builder.getContext()),
                 {context, viewAt(loc, outputViews, i), signature(loc, false),
                  math(loc).constant(i), storeExtents(loc, output.extents),
                  slotPointer(loc, output.slot)});
  Value ok = arith::ConstantIntOp::create(builder, loc, 0, 32);
  cf::BranchOp::create(builder, loc, exit, ok);
}

/// Releases what is in the slots and returns the status; clears the slots on entry.
void Emitter::createExit() {
  Location loc = source.getLoc();
  exit->moveBefore(&function.getBody(), function.getBody().end());
  builder.setInsertionPointToEnd(exit);
  if (numSlots > 0) {
    IndexMath index = math(loc);
    scf::ForOp loop = scf::ForOp::create(builder, loc, index.constant(0), index.constant(numSlots),
                                         index.constant(1));
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    Value at = elementPointer(builder, loc, slots, pointerType(), loop.getInductionVar());
    Value pointer = LLVM::LoadOp::create(builder, loc, pointerType(), at);
    symbols.call(builder, loc, offload ? "tlrt_gpu_release" : "tlrt_release",
                 LLVM::LLVMVoidType::get(builder.getContext()), {context, pointer});
  }
  func::ReturnOp::create(builder, loc, exit->getArgument(0));
  auto setLength = [&](Value memory, int64_t length) {
    Operation *constant = memory.getDefiningOp()->getOperand(0).getDefiningOp();
    constant->setAttr("value", builder.getI64IntegerAttr(length));
  };
  setLength(slots, std::max(1u, numSlots));
  setLength(extentScratch, maxRank);
  builder.setInsertionPointAfter(slots.getDefiningOp());
  Value zero = arith::ConstantIntOp::create(builder, loc, 0, 8);
  LLVM::MemsetOp::create(builder, loc, slots, zero, math(loc).constant(8 * numSlots),
                         /*isVolatile=*/false);
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

Block *Emitter::newBlock() {
  Block *block = function.addBlock();
  for (Loop &loop : loops)
    loop.blocks.insert(block);
  return block;
}

void Emitter::exitUnless(Location loc, Value condition, Value status) {
  Block *next = newBlock();
  cf::CondBranchOp::create(builder, loc, condition, next, ValueRange{}, exit, ValueRange{status});
  builder.setInsertionPointToEnd(next);
}

void Emitter::failUnless(Location loc, Value condition, int32_t status, StringRef format,
                         ValueRange arguments) {
  Block *next = newBlock(), *failure = newBlock();
  cf::CondBranchOp::create(builder, loc, condition, next, failure);
  builder.setInsertionPointToEnd(failure);
  Value result = symbols.callFail(builder, loc, context, status, format, arguments);
  cf::BranchOp::create(builder, loc, exit, result);
  builder.setInsertionPointToEnd(next);
}

Value Emitter::newFlag(Location loc) {
  if (offload) {
    Buffer buffer = allocateTemporary(loc, builder.getI8Type(), {});
    Value none = arith::ConstantIntOp::create(builder, loc, 0, 32);
    callChecked(loc, "tlrt_gpu_fill", {context, buffer.pointer, none, math(loc).constant(1)});
    flags[buffer.pointer] = buffer;
    return buffer.pointer;
  }
  Value flag = entryAlloca(builder.getI8Type(), 1);
  Value zero = arith::ConstantIntOp::create(builder, loc, 0, 8);
  LLVM::StoreOp::create(builder, loc, zero, flag);
  return flag;
}

void Emitter::setFlag(OpBuilder &inner, Location loc, Value flag, Value condition) {
  scf::IfOp::create(inner, loc, condition, [&](OpBuilder &then, Location) {
    // Several threads may store the same value.
    Value one = arith::ConstantIntOp::create(then, loc, 1, 8);
    LLVM::StoreOp::create(then, loc, one, flag, /*alignment=*/1, /*isVolatile=*/false,
                          /*isNonTemporal=*/false, /*isInvariantGroup=*/false,
                          LLVM::AtomicOrdering::monotonic);
    scf::YieldOp::create(then, loc);
  });
}

Value Emitter::isFlagSet(Location loc, Value flag) {
  if (offload) {
    Value copy = entryAlloca(builder.getI8Type(), 1);
    callChecked(loc, "tlrt_gpu_download", {context, copy, flag, math(loc).constant(1)});
    release(loc, flags[flag]);
    flag = copy;
  }
  Value value = LLVM::LoadOp::create(builder, loc, builder.getI8Type(), flag);
  Value zero = arith::ConstantIntOp::create(builder, loc, 0, 8);
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, value, zero);
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

Buffer &Emitter::bufferOf(Value tensor) {
  assert(buffers.contains(tensor) && "a tensor is used before it is computed");
  return buffers[tensor];
}

Value Emitter::indexOf(Value index) { return math(index.getLoc()).toI64(indices.lookup(index)); }

SmallVector<Value> Emitter::indicesOf(ValueRange values) {
  return llvm::map_to_vector(values, [&](Value value) { return indexOf(value); });
}

void Emitter::findLastUses(Block &block) {
  auto visit = [&](Value value, Operation *definition) {
    Operation *last = definition;
    for (Operation *user : value.getUsers()) {
      Operation *inBlock = block.findAncestorOpInBlock(*user);
      if (!last || last->isBeforeInBlock(inBlock))
        last = inBlock;
    }
    if (!last)
      return;
    lastUses[value] = last;
    deaths[last].push_back(value);
  };
  for (Value argument : block.getArguments())
    visit(argument, nullptr);
  for (Operation &op : block)
    for (Value result : op.getResults())
      visit(result, &op);
}

bool Emitter::isLastUse(Value tensor, Operation *op) {
  // Another operand of the operation, or its body, is a use that may come later.
  return lastUses.lookup(tensor) == op && llvm::count(op->getOperands(), tensor) == 1 &&
         llvm::none_of(tensor.getUsers(),
                       [&](Operation *user) { return op->isProperAncestor(user); });
}

void Emitter::releaseDead(Operation &op) {
  for (Value value : deaths.lookup(&op)) {
    auto found = buffers.find(value);
    if (found != buffers.end())
      release(op.getLoc(), found->second);
  }
}

LogicalResult Emitter::emitBlock(Block &block) {
  findLastUses(block);
  for (Operation &op : block.without_terminator()) {
    if (failed(emitOp(op)))
      return failure();
    releaseDead(op);
  }
  return success();
}

LogicalResult Emitter::emitConstant(Operation &op) {
  Location loc = op.getLoc();
  arith::ConstantOp constant = cast<arith::ConstantOp>(op);
  RankedTensorType type = dyn_cast<RankedTensorType>(constant.getType());
  if (!type) {
    indices[op.getResult(0)] = builder.clone(op)->getResult(0);
    return success();
  }
  DenseElementsAttr elements = dyn_cast<DenseElementsAttr>(constant.getValue());
  if (!elements)
    return op.emitOpError("is a constant without dense elements, which has no code for CPUs");
  SmallVector<Value> extents = llvm::map_to_vector(
      type.getShape(), [&](int64_t extent) { return math(loc).constant(extent); });
  Value pointer = elements.empty() ? Value(LLVM::ZeroOp::create(builder, loc, pointerType()))
                                   : symbols.elements(builder, loc, elements);
  if (offload && !elements.empty())
    pointer = deviceConstant(loc, pointer,
                             (elements.isSplat() ? 1 : elements.getNumElements()) *
                                 byteSize(type.getElementType()));
  Buffer buffer = denseBuffer(builder, loc, pointer, type.getElementType(), extents);
  if (elements.isSplat())
    buffer.strides.assign(type.getRank(), math(loc).constant(0));
  buffers[op.getResult(0)] = buffer;
  return success();
}

LogicalResult Emitter::emitOp(Operation &op) {
  Location loc = op.getLoc();
  operationName = op.getName().stripDialect();
  auto emitDim = [&](tensor::DimOp dim) -> LogicalResult {
    std::optional<int64_t> position = dim.getConstantIndex();
    if (!position)
      return dim.emitOpError("asks for the extent at a position that is not constant");
    indices[dim.getResult()] = math(loc).toIndex(bufferOf(dim.getSource()).extents[*position]);
    return success();
  };
  auto emitEmpty = [&](tensor::EmptyOp empty) -> LogicalResult {
    SmallVector<Value> extents, dynamic = indicesOf(empty.getDynamicSizes());
    size_t next = 0;
    for (int64_t extent : empty.getType().getShape())
      extents.push_back(ShapedType::isDynamic(extent) ? dynamic[next++]
                                                      : math(loc).constant(extent));
    setBuffer(empty.getResult(), allocate(loc, empty.getResult(), extents));
    return success();
  };
  auto emitCast = [&](tensor::CastOp cast) -> LogicalResult {
    Buffer &from = bufferOf(cast.getSource());
    Buffer buffer = from;
    for (auto [extent, size] :
         llvm::zip(buffer.extents, mlir::cast<RankedTensorType>(cast.getType()).getShape()))
      if (!ShapedType::isDynamic(size) && !isKnown(extent, size)) {
        Value wanted = math(loc).constant(size);
        failUnless(loc, math(loc).isEqual(extent, wanted), TLRT_ERROR_DATA,
                   "expected extent %lld, got %lld", {wanted, extent});
        extent = wanted;
      }
    buffer = allocate(loc, cast.getResult(), buffer.extents);
    copy(loc, bufferOf(cast.getSource()), buffer);
    setBuffer(cast.getResult(), buffer);
    return success();
  };
  return llvm::TypeSwitch<Operation &, LogicalResult>(op)
      .Case([&](ein::AttentionOp attention) { return emitAttention(*this, attention); })
      .Case([&](ein::ContractOp contract) { return emitContract(*this, contract); })
      .Case([&](ein::MapOp map) { return emitMap(*this, map); })
      .Case([&](ein::ReduceOp reduce) { return emitReduce(*this, reduce); })
      .Case([&](ein::NormalizeOp normalize) { return emitNormalize(*this, normalize); })
      .Case([&](ein::GatherOp gather) { return emitGather(*this, gather); })
      .Case([&](ein::ScatterOp scatter) { return emitScatter(*this, scatter); })
      .Case([&](ein::LoopOp loop) { return emitLoop(*this, loop); })
      .Case([&](ein::FixpointOp fixpoint) { return emitFixpoint(*this, fixpoint); })
      .Case([&](arith::ConstantOp constant) { return emitConstant(*constant); })
      .Case(emitDim)
      .Case(emitEmpty)
      .Case(emitCast)
      .Default([&](Operation &other) -> LogicalResult {
        bool isScalar = other.getNumRegions() == 0 &&
                        llvm::none_of(other.getOperandTypes(), llvm::IsaPred<ShapedType>) &&
                        llvm::none_of(other.getResultTypes(), llvm::IsaPred<ShapedType>);
        if (!isScalar)
          return other.emitOpError("has no code for CPUs");
        mlir::IRMapping mapping;
        for (Value operand : other.getOperands())
          mapping.map(operand, indices.lookup(operand));
        Operation *clone = builder.clone(other, mapping);
        for (auto [from, to] : llvm::zip(other.getResults(), clone->getResults()))
          indices[from] = to;
        return success();
      });
}

LogicalResult Emitter::run() {
  if (!source.getBody().hasOneBlock())
    return source.emitOpError("has branches; CPU code is made of functions with one block");
  for (Type type : llvm::concat<const Type>(source.getFunctionType().getInputs(),
                                            source.getFunctionType().getResults()))
    if (!isa<RankedTensorType>(type))
      return source.emitOpError("has an argument or result that is not a tensor");
  createFunction();
  bindInputs();
  Block &body = source.getBody().front();
  func::ReturnOp terminator = cast<func::ReturnOp>(body.getTerminator());
  outputs.resize(terminator.getNumOperands());
  for (auto [output, value] : llvm::zip(outputs, terminator.getOperands()))
    output.value = value;
  if (failed(emitBlock(body)))
    return failure();
  finishOutputs(terminator);
  finishArena();
  createExit();
  source.erase();
  return success();
}

} // namespace tlc::codegen
