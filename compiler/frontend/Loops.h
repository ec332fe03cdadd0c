//===- Loops.h - recursion along one index [F1] [E6] [E12] ----------------===//
#ifndef TLC_COMPILER_FRONTEND_LOOPS_H
#define TLC_COMPILER_FRONTEND_LOOPS_H

#include "compiler/frontend/Analysis.h"

namespace tlc::frontend {

/// The loop that computes `members`, which depend on each other, slice by slice; nullopt if there
/// is none. Sets the loop fields of their equations.
std::optional<program::Loop> makeLoop(Analysis &analysis, const std::vector<int> &members);

} // namespace tlc::frontend

#endif // TLC_COMPILER_FRONTEND_LOOPS_H
