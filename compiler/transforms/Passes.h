//===- Passes.h - passes that stay in one dialect -------------------------===//

#ifndef TLC_COMPILER_TRANSFORMS_PASSES_H
#define TLC_COMPILER_TRANSFORMS_PASSES_H

#include "compiler/planner/Planner.h"
#include "dialects/ein/EinDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Pass/Pass.h"

namespace tlc {

// Declares createEinSimplify() and so on, and registerTransformsPasses().
#define GEN_PASS_DECL
#include "compiler/transforms/Passes.h.inc"

/// The plan of a contraction, and the equation that it was for.
struct ContractionPlan {
  std::string equation;
  planner::Plan plan;
};

/// With all that the planner can be told. The plans are appended to `plans`, if that is not null.
std::unique_ptr<mlir::Pass> createEinOrderContractions(const planner::Options &options,
                                                       std::vector<ContractionPlan> *plans);

#define GEN_PASS_REGISTRATION
#include "compiler/transforms/Passes.h.inc"

} // namespace tlc

#endif // TLC_COMPILER_TRANSFORMS_PASSES_H
