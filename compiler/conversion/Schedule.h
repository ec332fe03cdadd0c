//===- Schedule.h - the order of evaluation [F1] --------------------------===//

#ifndef TLC_COMPILER_CONVERSION_SCHEDULE_H
#define TLC_COMPILER_CONVERSION_SCHEDULE_H

#include "compiler/conversion/Environment.h"

namespace tlc {

void convertEvaluate(Environment &env, tl::EvaluateOp evaluate);
void convertLoop(Environment &env, tl::LoopOp loop);
/// Returns whether it converged, a rank-0 Boolean.
Value convertFixpoint(Environment &env, tl::FixpointOp fixpoint);

} // namespace tlc

#endif // TLC_COMPILER_CONVERSION_SCHEDULE_H
