//===- GpuKernelsToLlvm.cpp - kernels become llvm and nvvm ----------------===//

#include "compiler/codegen/gpu/Passes.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ComplexToLLVM/ComplexToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Transforms/DialectConversion.h"

namespace tlc::codegen {

#define GEN_PASS_DEF_GPUKERNELSTOLLVM
#include "compiler/codegen/gpu/Passes.h.inc"

namespace {

/// What scf.for says about unrolling comes to the branch back, which keeps it under another name.
void annotateLoop(mlir::LLVM::BrOp branch) {
  Attribute annotation = branch->removeDiscardableAttr("llvm.loop_annotation");
  if (auto loop = llvm::dyn_cast_or_null<mlir::LLVM::LoopAnnotationAttr>(annotation))
    branch.setLoopAnnotationAttr(loop);
}

struct GpuKernelsToLlvm : impl::GpuKernelsToLlvmBase<GpuKernelsToLlvm> {
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    for (mlir::gpu::GPUModuleOp kernels : getOperation().getOps<mlir::gpu::GPUModuleOp>()) {
      mlir::LowerToLLVMOptions options(context);
      mlir::LLVMTypeConverter converter(context, options);
      mlir::RewritePatternSet patterns(context);
      mlir::populateSCFToControlFlowConversionPatterns(patterns);
      mlir::cf::populateControlFlowToLLVMConversionPatterns(converter, patterns);
      mlir::arith::populateCeilFloorDivExpandOpsPatterns(patterns);
      mlir::arith::populateArithToLLVMConversionPatterns(converter, patterns);
      mlir::populateMathToLLVMConversionPatterns(converter, patterns, /*approximateLog1p=*/false);
      mlir::populateComplexToLLVMConversionPatterns(converter, patterns);
      mlir::populateVectorToLLVMConversionPatterns(converter, patterns);
      mlir::LLVMConversionTarget target(*context);
      target.addLegalOp<mlir::gpu::GPUModuleOp>();
      target.addLegalDialect<mlir::NVVM::NVVMDialect>();
      if (failed(mlir::applyFullConversion(kernels, target, std::move(patterns))))
        return signalPassFailure();
      kernels.walk(annotateLoop);
    }
  }
};

} // namespace
} // namespace tlc::codegen
