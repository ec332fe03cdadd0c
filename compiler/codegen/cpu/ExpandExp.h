//===- ExpandExp.h - the exponential function in vectors ------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_EXPANDEXP_H
#define TLC_COMPILER_CODEGEN_CPU_EXPANDEXP_H

#include "mlir/IR/PatternMatch.h"

namespace tlc::codegen {

/// Replaces `math.exp` on f32, f64 and vectors of them by arithmetic: within 2 units in the last
/// place, 0 instead of denormal results.
void populateExpandExpPatterns(mlir::RewritePatternSet &patterns);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_EXPANDEXP_H
