//===- Slicing.h - orders that stay within a limit of memory --------------===//

#ifndef TLC_COMPILER_PLANNER_SLICING_H
#define TLC_COMPILER_PLANNER_SLICING_H

#include "compiler/planner/Cost.h"

namespace tlc::planner {

/// The costs of an order in a loop over the values of some indices.
Plan evaluateSliced(const Network &network, const Path &path, const std::vector<int> &sliced,
                    const MachineModel &machine);

/// A plan within `options.memory`, or, if there is none, one that needs little. `unlimited` is the
/// best plan without the limit.
Plan fitIntoMemory(const Network &network, const Options &options, const Plan &unlimited);

} // namespace tlc::planner

#endif // TLC_COMPILER_PLANNER_SLICING_H
