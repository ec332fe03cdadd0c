//===- LlvmPipeline.h - LLVM IR, optimised --------------------------------===//
//
// What the JIT and the object emitter share: options to a target, a module in the `llvm`
// dialect to LLVM IR, and a short list of LLVM's passes. The code generator has already tiled
// and vectorised, so that LLVM only cleans up: that halves the time to compile.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_LLVMPIPELINE_H
#define TLC_COMPILER_CODEGEN_CPU_LLVMPIPELINE_H

#include "compiler/codegen/cpu/CodegenOptions.h"
#include "compiler/codegen/cpu/Target.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

namespace tlc::codegen {

/// The target that the options name. On failure returns false and says why.
bool resolveTarget(const CodegenOptions &options, Target &target, std::string &error);

/// A machine for the options.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createMachine(const CodegenOptions &options);

/// Lets multiply and add contract to one instruction everywhere, and nothing else change a result
/// unless fast mathematics is asked for.
void setFastMath(mlir::ModuleOp module, bool fastMath);

/// Runs the passes of LLVM that `build` adds, for the machine.
llvm::Error
runPasses(llvm::Module &module, llvm::TargetMachine &machine,
          llvm::function_ref<llvm::Error(llvm::PassBuilder &, llvm::ModulePassManager &)> build);

/// Translates `module` and runs LLVM's passes. The entry point gets the name in the options.
llvm::Expected<std::unique_ptr<llvm::Module>> translateAndOptimize(mlir::ModuleOp module,
                                                                   const CodegenOptions &options,
                                                                   llvm::TargetMachine &machine,
                                                                   llvm::LLVMContext &context);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_LLVMPIPELINE_H
