//===- LlvmPipeline.cpp - LLVM IR, optimised ------------------------------===//

#include "compiler/codegen/cpu/LlvmPipeline.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/TargetParser/Triple.h"

namespace tlc::codegen {

static llvm::Error makeError(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

bool resolveTarget(const CodegenOptions &options, Target &target, std::string &error) {
  llvm::Expected<Target> found = getTarget(options);
  if (!found) {
    error = llvm::toString(found.takeError());
    return false;
  }
  target = *found;
  return true;
}

llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createMachine(const CodegenOptions &options) {
  return createTargetMachine(options);
}

void setFastMath(mlir::ModuleOp module, bool fastMath) {
  namespace arith = mlir::arith;
  arith::FastMathFlags flags =
      fastMath ? arith::FastMathFlags::fast : arith::FastMathFlags::contract;
  arith::FastMathFlagsAttr attribute = arith::FastMathFlagsAttr::get(module.getContext(), flags);
  module.walk(
      [&](arith::ArithFastMathInterface op) { op->setAttr(op.getFastMathAttrName(), attribute); });
}

llvm::Error
runPasses(llvm::Module &module, llvm::TargetMachine &machine,
          function_ref<llvm::Error(llvm::PassBuilder &, llvm::ModulePassManager &)> build) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager graphs;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder passes(&machine);
  passes.registerModuleAnalyses(modules);
  passes.registerCGSCCAnalyses(graphs);
  passes.registerFunctionAnalyses(functions);
  passes.registerLoopAnalyses(loops);
  passes.crossRegisterProxies(loops, functions, graphs, modules);
  llvm::ModulePassManager pipeline;
  if (llvm::Error error = build(passes, pipeline))
    return error;
  pipeline.run(module, modules);
  return llvm::Error::success();
}

static llvm::Error optimize(llvm::Module &module, unsigned optLevel, llvm::TargetMachine &machine) {
  if (optLevel == 0)
    return llvm::Error::success();
  return runPasses(
      module, machine,
      [&](llvm::PassBuilder &passes, llvm::ModulePassManager &pipeline) -> llvm::Error {
        if (optLevel < 3)
          // Nothing here unrolls or vectorises: the nests come unrolled and in vectors.
          return passes.parsePassPipeline(
              pipeline,
              "function(early-cse,instcombine<no-verify-fixpoint>,simplifycfg,loop-mssa(licm))");
        pipeline = passes.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3);
        return llvm::Error::success();
      });
}

llvm::Expected<std::unique_ptr<llvm::Module>> translateAndOptimize(mlir::ModuleOp module,
                                                                   const CodegenOptions &options,
                                                                   llvm::TargetMachine &machine,
                                                                   llvm::LLVMContext &context) {
  mlir::registerBuiltinDialectTranslation(*module.getContext());
  mlir::registerLLVMDialectTranslation(*module.getContext());
  std::unique_ptr<llvm::Module> result = mlir::translateModuleToLLVMIR(module, context, "tlc");
  if (!result)
    return makeError("the module could not be translated to LLVM IR");
  result->setDataLayout(machine.createDataLayout());
  result->setTargetTriple(machine.getTargetTriple());
  unsigned scale =
      machine.getTargetTriple().isAArch64() ? describeTarget(machine, options).vectorBytes / 16 : 1;
  for (llvm::Function &function : *result) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", machine.getTargetCPU());
    function.addFnAttr("target-features", machine.getTargetFeatureString());
    function.addFnAttr(llvm::Attribute::NoUnwind);
    // SVE's registers hold this many times 16 bytes.
    if (scale > 1)
      function.addFnAttr(llvm::Attribute::getWithVScaleRangeArgs(context, scale, scale));
  }
  if (llvm::Error error = optimize(*result, options.optLevel, machine))
    return error;
  return result;
}

} // namespace tlc::codegen
