//===- Paths.h - orders as other tools write them -------------------------===//
//
// The order ((A B) (C D)) is
//
//   [[0, 1], [2, 3], [4, 5]]   in SSA form (cotengra's `ssa_path`): step k makes tensor n + k
//   [(0, 1), (0, 1), (0, 1)]   as positions (opt_einsum, NumPy): the operands leave the list, the
//                              result joins its end
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_PLANNER_PATHS_H
#define TLC_COMPILER_PLANNER_PATHS_H

#include "compiler/planner/Planner.h"

#include <string>
#include <string_view>

namespace tlc::planner {

/// The SSA path that a text has in either form: nested brackets or parentheses, possibly in an
/// object's "path". Steps on more than two tensors are taken from left to right. On failure,
/// an empty path, and `problem` says why.
Path parsePath(std::string_view text, int numInputs, std::string &problem);

/// The same steps as positions.
Path linearPath(const Path &path, int numInputs);

} // namespace tlc::planner

#endif // TLC_COMPILER_PLANNER_PATHS_H
