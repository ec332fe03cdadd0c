//===- Options.h - what a user may choose about a compilation -------------===//
//
// One struct for the command line, the public API and `tl-opt`'s pipelines.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_PIPELINES_OPTIONS_H
#define TLC_COMPILER_PIPELINES_OPTIONS_H

#include "compiler/codegen/cpu/CodegenOptions.h"
#include "compiler/transforms/Passes.h"

namespace tlc {

struct PipelineOptions {
  codegen::CodegenOptions codegen;
  /// The GPU to compile for, such as sm_80; empty: the code is for this processor alone.
  std::string gpuArch;
  /// The path of ptxas, to assemble the kernels ahead of time; empty leaves it to the driver.
  std::string gpuAssembler;
  /// Search for a cheap contraction order; off keeps the order of the program's text.
  bool orderContractions = true;
  /// The relative error that constants may have, if they say nothing themselves [K1].
  double lowRank = 0;
  /// How; `plan.memory` is for all that is alive at once.
  planner::Options plan;
  /// Where to tell what was planned, if not null.
  std::vector<ContractionPlan> *plans = nullptr;
  /// Run MLIR's verifier after each pass.
  bool verify = false;
};

} // namespace tlc

#endif // TLC_COMPILER_PIPELINES_OPTIONS_H
