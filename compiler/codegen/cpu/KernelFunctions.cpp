//===- KernelFunctions.cpp - functions shared by name -------------===//

#include "compiler/codegen/cpu/KernelFunctions.h"

namespace arith = mlir::arith;
namespace LLVM = mlir::LLVM;

namespace tlc::codegen {

/// The names of the library's kernels, an array of strings on the module.
static constexpr llvm::StringLiteral libraryAttribute = "tlc.library_kernels";

static bool isInLibrary(mlir::ModuleOp module, StringRef name) {
  auto names = module->getAttrOfType<ArrayAttr>(libraryAttribute);
  return names && llvm::is_contained(names, StringAttr::get(module.getContext(), name));
}

void takeFromLibrary(mlir::ModuleOp module, ArrayRef<StringRef> names) {
  module->setAttr(libraryAttribute, OpBuilder(module.getContext()).getStrArrayAttr(names));
}

LLVM::LLVMFuncOp getKernel(mlir::ModuleOp module, StringRef name, Type result,
                           ArrayRef<Type> arguments,
                           function_ref<void(IndexBuilder &, ValueRange)> emitBody) {
  if (auto existing = module.lookupSymbol<LLVM::LLVMFuncOp>(name))
    return existing;
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  LLVM::LLVMFunctionType type = LLVM::LLVMFunctionType::get(result, arguments);
  Location loc = module.getLoc();
  if (isInLibrary(module, name))
    return LLVM::LLVMFuncOp::create(builder, loc, name, type);
  auto function = LLVM::LLVMFuncOp::create(builder, loc, name, type, LLVM::Linkage::Internal);
  builder.setInsertionPointToEnd(function.addEntryBlock(builder));
  IndexBuilder b(builder, loc);
  emitBody(b, function.getArguments());
  return function;
}

std::string typeName(Type type) {
  if (type.isBF16())
    return "bf16";
  return (isa<FloatType>(type) ? "f" : "i") + std::to_string(type.getIntOrFloatBitWidth());
}

LLVM::LLVMFuncOp getIsRunFunction(mlir::ModuleOp module) {
  OpBuilder builder(module.getContext());
  Type pointer = LLVM::LLVMPointerType::get(module.getContext()), i64 = builder.getI64Type();
  auto emitBody = [&](IndexBuilder &b, ValueRange arguments) {
    Value table = arguments[0], count = arguments[1];
    Value first = b.load(i64, table);
    SmallVector<Value> differences =
        b.loop(b.constant(1), count, b.constant(1), b.constant(0),
               [&](IndexBuilder &b, Value i, ValueRange so) {
                 Value entry = b.load(i64, b.offset(table, i, i64));
                 Value difference = arith::XOrIOp::create(b.builder, b.loc, entry, b.add(first, i));
                 Value all = arith::OrIOp::create(b.builder, b.loc, so.front(), difference);
                 return SmallVector<Value>{all};
               });
    Value same = arith::CmpIOp::create(b.builder, b.loc, arith::CmpIPredicate::eq,
                                       differences.front(), b.constant(0));
    LLVM::ReturnOp::create(b.builder, b.loc, same);
  };
  return getKernel(module, "tlc_is_run", builder.getI1Type(), {pointer, i64}, emitBody);
}

LLVM::LLVMFuncOp getRunLengthFunction(mlir::ModuleOp module) {
  OpBuilder builder(module.getContext());
  Type pointer = LLVM::LLVMPointerType::get(module.getContext()), i64 = builder.getI64Type();
  auto emitBody = [&](IndexBuilder &b, ValueRange arguments) {
    Value table = arguments[0], count = arguments[1];
    Value first = b.load(i64, table);
    auto condition = [&](OpBuilder &builder, Location loc, ValueRange at) {
      IndexBuilder b(builder, loc);
      Value ends = b.either(b.lessEqual(count, at[0]), [&](IndexBuilder &b) {
        return arith::CmpIOp::create(b.builder, b.loc, arith::CmpIPredicate::ne,
                                     b.load(i64, b.offset(table, at[0], i64)), b.add(first, at[0]))
            .getResult();
      });
      Value yes = arith::ConstantIntOp::create(builder, loc, 1, 1);
      mlir::scf::ConditionOp::create(builder, loc, arith::XOrIOp::create(builder, loc, ends, yes),
                                     at);
    };
    auto body = [&](OpBuilder &builder, Location loc, ValueRange at) {
      IndexBuilder b(builder, loc);
      mlir::scf::YieldOp::create(builder, loc, b.add(at[0], b.constant(1)));
    };
    auto loop = mlir::scf::WhileOp::create(b.builder, b.loc, mlir::TypeRange{i64},
                                           ValueRange{b.constant(1)}, condition, body);
    LLVM::ReturnOp::create(b.builder, b.loc, loop.getResults());
  };
  return getKernel(module, "tlc_run_length", i64, {pointer, i64}, emitBody);
}

Value emitRunLength(IndexBuilder &b, mlir::ModuleOp module, Value table, Value count) {
  return LLVM::CallOp::create(b.builder, b.loc, getRunLengthFunction(module),
                              ValueRange{table, count})
      .getResult();
}

Value emitIsRun(IndexBuilder &b, mlir::ModuleOp module, Value table, Value count) {
  return LLVM::CallOp::create(b.builder, b.loc, getIsRunFunction(module), ValueRange{table, count})
      .getResult();
}

} // namespace tlc::codegen
