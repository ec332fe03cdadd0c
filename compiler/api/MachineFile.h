//===- MachineFile.h - what is known about this machine's speed -----------===//
//
// `tlc tune` leaves a file in the user's cache directory, one for each kind of processor:
//
//   ~/.cache/tlc/machine-2f60...d1
//
// It appears by rename. Everything that plans by seconds reads it; a file of another version, or
// one that is damaged, counts as none.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_API_MACHINEFILE_H
#define TLC_COMPILER_API_MACHINEFILE_H

#include "compiler/planner/Machine.h"
#include "tlc/tlc.h"

namespace tlc {

/// The machine that `target` runs on; what was measured, where it was.
planner::MachineModel machineModel(Target target);

/// Where this processor's measurements are kept; "" if there is no cache directory.
std::string machineFile();
Expected<void> keepMachine(const planner::MachineModel &machine);

} // namespace tlc

#endif // TLC_COMPILER_API_MACHINEFILE_H
