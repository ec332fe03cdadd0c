//===- Passes.h - passes that stay in one dialect -------------------------===//

#ifndef TLC_COMPILER_TRANSFORMS_PASSES_H
#define TLC_COMPILER_TRANSFORMS_PASSES_H

#include "dialects/ein/EinDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Pass/Pass.h"

namespace tlc {

// Declares createEinSimplify() and so on, and registerTransformsPasses().
#define GEN_PASS_DECL
#include "compiler/transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "compiler/transforms/Passes.h.inc"

} // namespace tlc

#endif // TLC_COMPILER_TRANSFORMS_PASSES_H
