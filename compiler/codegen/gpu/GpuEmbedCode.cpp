//===- GpuEmbedCode.cpp - kernels become data inside of the program -------===//
//
//   gpu.module @f_kernels { llvm.func @f_map_0 ... }
//   llvm.mlir.global external @f_gpu_program : !llvm.struct<(ptr, ptr, ptr, ptr, ptr, i64)>
//
// becomes
//
//   llvm.mlir.global internal @f_gpu_program =
//       {null, "sm_80", "...PTX...", "...cubin..." or null, "f_map_0\00", 1}
//
// which is the tlrt_gpu_program of tlrt/gpu.h.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/Symbols.h"
#include "compiler/codegen/gpu/Cubin.h"
#include "compiler/codegen/gpu/Kernel.h"
#include "compiler/codegen/gpu/Passes.h"
#include "compiler/codegen/gpu/Ptx.h"

namespace tlc::codegen {

#define GEN_PASS_DEF_GPUEMBEDCODE
#include "compiler/codegen/gpu/Passes.h.inc"

namespace {

namespace LLVM = mlir::LLVM;

struct GpuEmbedCode : impl::GpuEmbedCodeBase<GpuEmbedCode> {
  using GpuEmbedCodeBase::GpuEmbedCodeBase;

  void runOnOperation() override {
    Symbols symbols(getOperation());
    SmallVector<mlir::gpu::GPUModuleOp> modules(getOperation().getOps<mlir::gpu::GPUModuleOp>());
    for (mlir::gpu::GPUModuleOp kernels : modules) {
      std::string ptx, cubin;
      if (failed(take(kernels, toPtx(kernels, arch), ptx)) ||
          (!assembler.empty() && failed(take(kernels, assemble(ptx, arch, assembler), cubin))) ||
          failed(embed(symbols, kernels, ptx, cubin)))
        return signalPassFailure();
      kernels.erase();
    }
  }

private:
  LogicalResult take(mlir::gpu::GPUModuleOp kernels, llvm::Expected<std::string> code,
                     std::string &to) {
    if (!code)
      return kernels.emitError() << llvm::toString(code.takeError());
    to = std::move(*code);
    return success();
  }

  LogicalResult embed(Symbols &symbols, mlir::gpu::GPUModuleOp kernels, StringRef ptx,
                      StringRef cubin) {
    StringRef function = kernels.getName();
    if (!function.consume_back(kernelsSymbol("")))
      return kernels.emitOpError("is not named as the kernels of a function are");
    auto program = getOperation().lookupSymbol<LLVM::GlobalOp>(programSymbol(function));
    if (!program)
      return kernels.emitOpError("has no global for its program");
    std::string names;
    int64_t count = 0;
    for (LLVM::LLVMFuncOp kernel : kernels.getOps<LLVM::LLVMFuncOp>()) {
      if (kernel.isExternal())
        continue;
      names += kernel.getName().str() + '\0';
      ++count;
    }
    program.setLinkage(LLVM::Linkage::Internal);
    OpBuilder builder(&getContext());
    Location loc = kernels.getLoc();
    builder.createBlock(&program.getInitializerRegion());
    Value value = LLVM::UndefOp::create(builder, loc, program.getGlobalType());
    Type pointer = LLVM::LLVMPointerType::get(&getContext());
    Value null = LLVM::ZeroOp::create(builder, loc, pointer);
    Value fields[] = {null,
                      symbols.text(builder, loc, arch),
                      symbols.text(builder, loc, ptx),
                      cubin.empty() ? null : symbols.text(builder, loc, cubin),
                      symbols.text(builder, loc, names),
                      LLVM::ConstantOp::create(builder, loc, builder.getI64Type(),
                                               builder.getI64IntegerAttr(count))};
    for (auto [i, field] : llvm::enumerate(fields))
      value = LLVM::InsertValueOp::create(builder, loc, value, field,
                                          ArrayRef<int64_t>{static_cast<int64_t>(i)});
    LLVM::ReturnOp::create(builder, loc, value);
    return success();
  }
};

} // namespace
} // namespace tlc::codegen
