//===- ExpandExp.h - the exponential function in vectors ------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_EXPANDEXP_H
#define TLC_COMPILER_CODEGEN_CPU_EXPANDEXP_H

#include "compiler/codegen/cpu/Target.h"
#include "dialects/Mlir.h"

#include "mlir/IR/PatternMatch.h"

namespace tlc::codegen {

/// Replaces `math.exp` on f32, f64 and vectors of them by arithmetic: within 2 units in the last
/// place, 0 instead of denormal results.
void populateExpandExpPatterns(mlir::RewritePatternSet &patterns);

/// e^x for x <= 0, as it is needed where a maximum has been subtracted: the absolute error is below
/// 2e-7. -inf gives 0, and NaN itself.
Value expOfDifference(OpBuilder &builder, Location loc, const Target &target, Value x);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_EXPANDEXP_H
