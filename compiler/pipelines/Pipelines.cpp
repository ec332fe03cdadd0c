//===- Pipelines.cpp - the order of the passes ----------------------------===//

#include "compiler/pipelines/Pipelines.h"

#include "compiler/codegen/cpu/Passes.h"
#include "compiler/codegen/gpu/AttentionKernel.h"
#include "compiler/codegen/gpu/Passes.h"
#include "compiler/conversion/Passes.h"
#include "compiler/transforms/Passes.h"
#include "dialects/ein/EinDialect.h"
#include "dialects/tl/TlDialect.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Transforms/Passes.h"

namespace tlc {

void registerAllDialects(mlir::DialectRegistry &registry) {
  registry.insert<tl::TlDialect, ein::EinDialect>();
  registry.insert<mlir::arith::ArithDialect, mlir::cf::ControlFlowDialect,
                  mlir::complex::ComplexDialect, mlir::func::FuncDialect, mlir::LLVM::LLVMDialect,
                  mlir::math::MathDialect, mlir::scf::SCFDialect, mlir::tensor::TensorDialect,
                  mlir::vector::VectorDialect>();
  mlir::registerBuiltinDialectTranslation(registry);
  mlir::registerLLVMDialectTranslation(registry);
}

void buildTlToEin(mlir::OpPassManager &passes, const PipelineOptions &options) {
  passes.addPass(createConvertTlToEin());
}

void buildSimplifyEin(mlir::OpPassManager &passes, const PipelineOptions &options) {
  // Equal subexpressions of different equations are computed once.
  passes.addPass(mlir::createCSEPass());
  // The planner orders contractions that are as large as the laws allow.
  passes.addPass(createEinSimplify());
  EinFactorizeConstantsOptions factorize;
  factorize.eps = options.lowRank;
  factorize.unroll = options.gpuArch.empty();
  passes.addPass(createEinFactorizeConstants(factorize));
}

void buildOrderEin(mlir::OpPassManager &passes, const PipelineOptions &options) {
  if (options.orderContractions)
    passes.addPass(createEinOrderContractions(options.plan, options.plans));
  // Ordering makes equal intermediates.
  passes.addPass(mlir::createCSEPass());
  if (options.gpuArch.empty())
    passes.addPass(createEinNarrowOperands());
  passes.addPass(createEinFuseMaps());
  passes.addPass(mlir::createCanonicalizerPass());
  // Scales and masks are one map by now.
  EinFuseAttentionOptions attention;
  if (!options.gpuArch.empty())
    attention.rowBytes = codegen::kAttentionRowBytes;
  passes.addPass(createEinFuseAttention(attention));
  // Sums that are in registers are finished there.
  passes.addPass(createEinFuseEpilogues());
}

void buildOptimizeEin(mlir::OpPassManager &passes, const PipelineOptions &options) {
  buildSimplifyEin(passes, options);
  buildOrderEin(passes, options);
}

void buildEinToKernels(mlir::OpPassManager &passes, const PipelineOptions &options) {
  codegen::ConvertEinToGpuOptions toGpu;
  toGpu.functionName = options.codegen.functionName;
  toGpu.fastMath = options.codegen.fastMath;
  toGpu.arch = options.gpuArch;
  toGpu.allowTf32 = options.codegen.allowTf32;
  // Tests change Hopper's tiles by name, such as "n=128", or force another kernel.
  bool changesTiles = options.codegen.forceLowering.find('=') != std::string::npos;
  (changesTiles ? toGpu.hopper : toGpu.forceLowering) = options.codegen.forceLowering;
  passes.addPass(codegen::createConvertEinToGpu(toGpu));
  passes.addPass(codegen::createGpuExpandMath());
  passes.addPass(codegen::createGpuKernelsToLlvm());
}

/// The text of the kernels becomes data of the function that launches them.
static void buildEinToGpu(mlir::OpPassManager &passes, const PipelineOptions &options) {
  buildEinToKernels(passes, options);
  codegen::GpuEmbedCodeOptions embed;
  embed.arch = options.gpuArch;
  embed.assembler = options.gpuAssembler;
  passes.addPass(codegen::createGpuEmbedCode(embed));
  passes.addPass(codegen::createCpuToLlvm());
}

void buildEinToLlvm(mlir::OpPassManager &passes, const PipelineOptions &options) {
  if (!options.gpuArch.empty())
    return buildEinToGpu(passes, options);
  if (options.codegen.kernelLibrary && !options.codegen.fastMath) {
    codegen::CpuUseKernelLibraryOptions library;
    library.triple = options.codegen.triple;
    library.cpu = options.codegen.cpu;
    library.features = options.codegen.features;
    passes.addPass(codegen::createCpuUseKernelLibrary(library));
  }
  codegen::ConvertEinToCpuOptions toCpu;
  toCpu.triple = options.codegen.triple;
  toCpu.cpu = options.codegen.cpu;
  toCpu.features = options.codegen.features;
  toCpu.functionName = options.codegen.functionName;
  toCpu.fastMath = options.codegen.fastMath;
  toCpu.forceLowering = options.codegen.forceLowering;
  passes.addPass(codegen::createConvertEinToCpu(toCpu));
  // Sees the loops that the conversion made, before they become branches.
  passes.addPass(codegen::createCpuOutlineParallel());
  passes.addPass(codegen::createCpuToLlvm());
}

void buildTlToLlvm(mlir::OpPassManager &passes, const PipelineOptions &options) {
  buildTlToEin(passes, options);
  buildOptimizeEin(passes, options);
  buildEinToLlvm(passes, options);
}

mlir::LogicalResult runPipeline(mlir::ModuleOp module, const PipelineOptions &options,
                                void (*build)(mlir::OpPassManager &, const PipelineOptions &)) {
  mlir::PassManager passes(module.getContext());
  passes.enableVerifier(options.verify);
  build(passes, options);
  return passes.run(module);
}

void registerPipelines() {
  using mlir::PassPipelineRegistration;
  auto with = [](void (*build)(mlir::OpPassManager &, const PipelineOptions &)) {
    return [build](mlir::OpPassManager &passes) { build(passes, PipelineOptions()); };
  };
  PassPipelineRegistration<>("tlc-to-ein", "tl to ein", with(buildTlToEin));
  PassPipelineRegistration<>("tlc-optimize-ein", "ein to cheaper ein", with(buildOptimizeEin));
  PassPipelineRegistration<>("tlc-ein-to-llvm", "ein to the llvm dialect", with(buildEinToLlvm));
  PassPipelineRegistration<>("tlc-ein-to-kernels", "ein to kernels for GPUs",
                             with(buildEinToKernels));
  PassPipelineRegistration<>("tlc-to-llvm", "tl to the llvm dialect", with(buildTlToLlvm));
}

} // namespace tlc
