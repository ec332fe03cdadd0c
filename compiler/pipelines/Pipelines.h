//===- Pipelines.h - the order of the passes ------------------------------===//
//
//   tl --> ein --> ein, optimised --> loops over pointers --> llvm
//
// Nothing else in the project knows which pass follows which.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_PIPELINES_PIPELINES_H
#define TLC_COMPILER_PIPELINES_PIPELINES_H

#include "compiler/pipelines/Options.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Pass/PassManager.h"

namespace tlc {

/// Adds every dialect, and every translation to LLVM IR, that the pipelines use.
void registerAllDialects(mlir::DialectRegistry &registry);

/// tl to ein.
void buildTlToEin(mlir::OpPassManager &passes, const PipelineOptions &options);
/// ein with contractions as large as the laws allow, and constants as factors where that is allowed
/// and pays: what the planner, and `explain`, look at.
void buildSimplifyEin(mlir::OpPassManager &passes, const PipelineOptions &options);
/// Simplified ein to cheaper ein: contractions of two operands in a good order, fused maps.
void buildOrderEin(mlir::OpPassManager &passes, const PipelineOptions &options);
/// Both.
void buildOptimizeEin(mlir::OpPassManager &passes, const PipelineOptions &options);
/// ein to the llvm dialect, with one C function (`tlrt_entry`) for each function. If the options
/// name a GPU, the function has its PTX inside and runs it there.
void buildEinToLlvm(mlir::OpPassManager &passes, const PipelineOptions &options);

/// ein to kernels in the llvm and nvvm dialects and a C function that launches them, not lowered
/// yet: what the PTX is made from.
void buildEinToKernels(mlir::OpPassManager &passes, const PipelineOptions &options);

/// All three: what `tlc` runs. A module that is in `ein` already passes through the first.
void buildTlToLlvm(mlir::OpPassManager &passes, const PipelineOptions &options);

/// Runs `build` on `module`; the verifier runs only if the options say so.
mlir::LogicalResult runPipeline(mlir::ModuleOp module, const PipelineOptions &options,
                                void (*build)(mlir::OpPassManager &, const PipelineOptions &));

/// Makes the pipelines available to tl-opt: --tlc-to-ein, --tlc-optimize-ein,
/// --tlc-ein-to-llvm, --tlc-to-llvm.
void registerPipelines();

} // namespace tlc

#endif // TLC_COMPILER_PIPELINES_PIPELINES_H
