//===- Kernel.cpp - one kernel and its launch -----------------------------===//

#include "compiler/codegen/gpu/Kernel.h"

#include "compiler/codegen/cpu/Element.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/SetVector.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace LLVM = mlir::LLVM;
namespace NVVM = mlir::NVVM;

std::string programSymbol(StringRef function) { return (function + "_gpu_program").str(); }
std::string kernelsSymbol(StringRef function) { return (function + "_kernels").str(); }

//===----------------------------------------------------------------------===//
// Modules of kernels
//===----------------------------------------------------------------------===//

KernelModule::KernelModule(mlir::ModuleOp module, StringRef name) : module(module), name(name) {
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  kernels = mlir::gpu::GPUModuleOp::create(builder, module.getLoc(), kernelsSymbol(name));
  // Its value comes with the PTX.
  Type pointer = LLVM::LLVMPointerType::get(module.getContext());
  Type type = LLVM::LLVMStructType::getLiteral(
      module.getContext(), {pointer, pointer, pointer, pointer, pointer, builder.getI64Type()});
  builder.setInsertionPointToStart(module.getBody());
  LLVM::GlobalOp::create(builder, module.getLoc(), type, /*isConstant=*/false,
                         LLVM::Linkage::External, programSymbol(name), Attribute());
}

Value KernelModule::program(OpBuilder &builder, Location loc) {
  Type pointer = LLVM::LLVMPointerType::get(module.getContext());
  return LLVM::AddressOfOp::create(builder, loc, pointer, programSymbol(name));
}

std::pair<LLVM::LLVMFuncOp, unsigned> KernelModule::create(Location loc, StringRef kind,
                                                           unsigned threads) {
  OpBuilder builder = OpBuilder::atBlockEnd(kernels.getBody());
  unsigned number = count++;
  std::string symbol = (name + "_" + kind + "_" + llvm::Twine(number)).str();
  Type none = LLVM::LLVMVoidType::get(module.getContext());
  auto function =
      LLVM::LLVMFuncOp::create(builder, loc, symbol, LLVM::LLVMFunctionType::get(none, {}));
  function->setAttr(NVVM::NVVMDialect::getKernelFuncAttrName(), builder.getUnitAttr());
  function->setAttr(NVVM::NVVMDialect::getMaxntidAttrName(),
                    builder.getDenseI32ArrayAttr({static_cast<int32_t>(threads), 1, 1}));
  return {function, number};
}

LLVM::GlobalOp KernelModule::createShared(Location loc, Type type, unsigned alignment) {
  OpBuilder builder = OpBuilder::atBlockBegin(kernels.getBody());
  std::string symbol = (name + "_shared_" + llvm::Twine(sharedCount++)).str();
  return LLVM::GlobalOp::create(builder, loc, type, /*isConstant=*/false, LLVM::Linkage::Internal,
                                symbol, Attribute(), alignment, /*addrSpace=*/3);
}

LLVM::GlobalOp KernelModule::dynamicShared(Location loc) {
  std::string symbol = name + "_shared";
  if (auto found = kernels.lookupSymbol<LLVM::GlobalOp>(symbol))
    return found;
  OpBuilder builder = OpBuilder::atBlockBegin(kernels.getBody());
  Type none = LLVM::LLVMArrayType::get(builder.getI8Type(), 0);
  return LLVM::GlobalOp::create(builder, loc, none, /*isConstant=*/false, LLVM::Linkage::External,
                                symbol, Attribute(), /*alignment=*/1024, /*addrSpace=*/3);
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

Kernel::Kernel(KernelModule &module, Location loc, StringRef kind, unsigned threads)
    : builder(loc.getContext()), loc(loc), threads(threads), module(module) {
  std::tie(function, number) = module.create(loc, kind, threads);
  builder.setInsertionPointToEnd(function.addEntryBlock(builder));
  Operation *end = LLVM::ReturnOp::create(builder, loc, ValueRange());
  builder.setInsertionPoint(end);
}

Value Kernel::block() {
  Value number = NVVM::BlockIdXOp::create(builder, loc, builder.getI32Type());
  return arith::ExtUIOp::create(builder, loc, builder.getI64Type(), number);
}

Value Kernel::thread() {
  Value number = NVVM::ThreadIdXOp::create(builder, loc, builder.getI32Type());
  return arith::ExtUIOp::create(builder, loc, builder.getI64Type(), number);
}

Value Kernel::globalThread() {
  IndexMath math(builder, loc);
  return math.add(math.mul(block(), math.constant(threads)), thread());
}

void Kernel::barrier(OpBuilder &at) { NVVM::Barrier0Op::create(at, loc); }

Value Kernel::tensorMap(Value hostPointer) {
  Block &entry = function.getBody().front();
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext());
  maps.push_back(hostPointer);
  return entry.addArgument(pointer, loc);
}

void Kernel::takeWholeMultiprocessor() {
  function->setAttr(NVVM::NVVMDialect::getMinctasmAttrName(), builder.getI32IntegerAttr(1));
}

void Kernel::setCluster(int32_t blocks) {
  function->setAttr(NVVM::NVVMDialect::getClusterDimAttrName(),
                    builder.getDenseI32ArrayAttr({blocks, 1, 1}));
}

/// Replaces what the kernel uses of the function by parameters, and returns what they are.
SmallVector<Value> Kernel::capture(Emitter &emitter) {
  llvm::SetVector<Value> outside;
  function.walk([&](Operation *op) {
    for (Value operand : op->getOperands())
      if (!function.getBody().isAncestor(operand.getParentRegion()))
        outside.insert(operand);
  });
  OpBuilder entry = OpBuilder::atBlockBegin(&function.getBody().front());
  SmallVector<Value> passed;
  SmallVector<Type> types(maps.size(), emitter.pointerType());
  for (Value value : outside) {
    Operation *producer = value.getDefiningOp();
    bool isConstant = producer && (mlir::matchPattern(producer, mlir::m_Constant()) ||
                                   producer->hasTrait<mlir::OpTrait::ConstantLike>() ||
                                   isa<LLVM::ZeroOp>(producer));
    Value inside;
    if (isConstant) {
      inside = entry.clone(*producer)->getResult(0);
    } else {
      // A Boolean or an index has no size of its own in memory.
      Type type = value.getType().isIndex()      ? entry.getI64Type()
                  : value.getType().isInteger(1) ? entry.getI8Type()
                                                 : value.getType();
      Value parameter = function.getBody().front().addArgument(type, loc);
      inside = parameter;
      Value given = value;
      if (value.getType().isIndex()) {
        inside = arith::IndexCastOp::create(entry, loc, value.getType(), parameter);
        given = arith::IndexCastOp::create(emitter.builder, loc, type, value);
      } else if (value.getType().isInteger(1)) {
        inside = arith::TruncIOp::create(entry, loc, value.getType(), parameter);
        given = arith::ExtUIOp::create(emitter.builder, loc, type, value);
      }
      types.push_back(type);
      passed.push_back(given);
    }
    value.replaceUsesWithIf(inside, [&](mlir::OpOperand &use) {
      return use.getOwner() != inside.getDefiningOp() && function->isProperAncestor(use.getOwner());
    });
  }
  Type none = LLVM::LLVMVoidType::get(builder.getContext());
  function.setFunctionType(LLVM::LLVMFunctionType::get(none, types));
  // The bytes themselves are the parameter, and stay where they are.
  Type bytes = LLVM::LLVMArrayType::get(builder.getI8Type(), kTensorMapBytes);
  for (unsigned i = 0; i < maps.size(); ++i) {
    function.setArgAttr(i, LLVM::LLVMDialect::getByValAttrName(), TypeAttr::get(bytes));
    function.setArgAttr(i, LLVM::LLVMDialect::getAlignAttrName(),
                        builder.getI64IntegerAttr(kTensorMapAlignment));
    function.setArgAttr(i, NVVM::NVVMDialect::getGridConstantAttrName(), builder.getUnitAttr());
  }
  return passed;
}

/// Bytes between the fields have a value, too: the runtime compares parameters.
static void clearOnEntry(Emitter &emitter, Location loc, Value memory, Type type) {
  OpBuilder::InsertionGuard guard(emitter.builder);
  OpBuilder &host = emitter.builder;
  host.setInsertionPointAfter(memory.getDefiningOp());
  Value null = LLVM::ZeroOp::create(host, loc, memory.getType());
  Value end =
      LLVM::GEPOp::create(host, loc, memory.getType(), type, null, ArrayRef<LLVM::GEPArg>{1});
  Value bytes = LLVM::PtrToIntOp::create(host, loc, host.getI64Type(), end);
  Value zero = arith::ConstantIntOp::create(host, loc, 0, 8);
  LLVM::MemsetOp::create(host, loc, memory, zero, bytes, /*isVolatile=*/false);
}

Value Kernel::dynamicShared() {
  return LLVM::AddressOfOp::create(builder, loc, module.dynamicShared(loc));
}

void Kernel::launch(Emitter &emitter, Value blocks, int64_t sharedBytes) {
  SmallVector<Value> passed = capture(emitter);
  OpBuilder &host = emitter.builder;
  Type i64 = host.getI64Type(), pointer = emitter.pointerType();
  IndexMath math = emitter.math(loc);
  auto at = [&](Value base, Type type, int32_t i) -> Value {
    return LLVM::GEPOp::create(host, loc, pointer, type, base, ArrayRef<LLVM::GEPArg>{i});
  };
  Value one = math.constant(1);
  Value sizes[] = {blocks, one, one, math.constant(threads), one, one, math.constant(sharedBytes)};
  Value sizeArray = emitter.entryAlloca(i64, std::size(sizes));
  for (auto [i, size] : llvm::enumerate(sizes))
    LLVM::StoreOp::create(host, loc, size, at(sizeArray, i64, i));
  // A struct of the function has the layout of the kernel's parameters. Tensor maps come first, at
  // multiples of their alignment.
  Type map = LLVM::LLVMArrayType::get(i64, kTensorMapBytes / 8);
  SmallVector<Type> types(maps.size(), map);
  llvm::append_range(types, llvm::map_range(passed, [](Value v) { return v.getType(); }));
  Type block = LLVM::LLVMStructType::getLiteral(host.getContext(), types);
  Value parameters = emitter.entryAlloca(block, 1);
  clearOnEntry(emitter, loc, parameters, block);
  SmallVector<Value> values = llvm::map_to_vector(
      maps, [&](Value from) -> Value { return LLVM::LoadOp::create(host, loc, map, from); });
  llvm::append_range(values, passed);
  for (auto [i, value] : llvm::enumerate(values)) {
    Value field = LLVM::GEPOp::create(host, loc, pointer, block, parameters,
                                      ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(i)});
    LLVM::StoreOp::create(host, loc, value, field);
  }
  Value null = LLVM::ZeroOp::create(host, loc, pointer);
  Value bytes = LLVM::PtrToIntOp::create(host, loc, i64, at(null, block, 1));
  emitter.callChecked(loc, "tlrt_gpu_launch",
                      {emitter.context, module.program(host, loc), math.constant(number), sizeArray,
                       parameters, bytes});
}

} // namespace tlc::codegen
