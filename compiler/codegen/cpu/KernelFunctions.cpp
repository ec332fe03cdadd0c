//===- KernelFunctions.cpp - internal functions of generated modules ------===//

#include "compiler/codegen/cpu/KernelFunctions.h"

namespace arith = mlir::arith;
namespace LLVM = mlir::LLVM;

namespace tlc::codegen {

LLVM::LLVMFuncOp createKernel(mlir::ModuleOp module, StringRef name, Type result,
                              ArrayRef<Type> arguments, OpBuilder &builder) {
  builder.setInsertionPointToEnd(module.getBody());
  auto function = LLVM::LLVMFuncOp::create(builder, module.getLoc(), name,
                                           LLVM::LLVMFunctionType::get(result, arguments),
                                           LLVM::Linkage::Internal);
  builder.setInsertionPointToEnd(function.addEntryBlock(builder));
  return function;
}

std::string typeName(Type type) {
  return (isa<FloatType>(type) ? "f" : "i") + std::to_string(type.getIntOrFloatBitWidth());
}

/// is_run(table, count), a function because it is needed in many places.
static LLVM::LLVMFuncOp getIsRunFunction(mlir::ModuleOp module) {
  StringRef name = "tlc_is_run";
  if (auto existing = module.lookupSymbol<LLVM::LLVMFuncOp>(name))
    return existing;
  OpBuilder builder(module.getContext());
  Type pointer = LLVM::LLVMPointerType::get(module.getContext()), i64 = builder.getI64Type();
  LLVM::LLVMFuncOp function =
      createKernel(module, name, builder.getI1Type(), {pointer, i64}, builder);
  IndexBuilder b(builder, module.getLoc());
  Value table = function.getArgument(0), count = function.getArgument(1);
  Value first = b.load(i64, table);
  SmallVector<Value> differences =
      b.loop(b.constant(1), count, b.constant(1), b.constant(0),
             [&](IndexBuilder &b, Value i, ValueRange so) {
               Value entry = b.load(i64, b.offset(table, i, i64));
               Value difference = arith::XOrIOp::create(b.builder, b.loc, entry, b.add(first, i));
               Value all = arith::OrIOp::create(b.builder, b.loc, so.front(), difference);
               return SmallVector<Value>{all};
             });
  Value same = arith::CmpIOp::create(builder, b.loc, arith::CmpIPredicate::eq, differences.front(),
                                     b.constant(0));
  LLVM::ReturnOp::create(builder, b.loc, same);
  return function;
}

Value emitIsRun(IndexBuilder &b, mlir::ModuleOp module, Value table, Value count) {
  return LLVM::CallOp::create(b.builder, b.loc, getIsRunFunction(module), ValueRange{table, count})
      .getResult();
}

} // namespace tlc::codegen
