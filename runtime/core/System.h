//===- System.h - what the machine and its container allow ----------------===//

#ifndef TLC_RUNTIME_CORE_SYSTEM_H
#define TLC_RUNTIME_CORE_SYSTEM_H

#include <cstdint>

namespace tlrt {

/// Bytes that could be used now: the system's available memory or what is left of the control
/// group, whichever is less.
uint64_t availableMemory();

/// Cores that this process may run on, at least 1.
int32_t availableCores();

} // namespace tlrt

#endif // TLC_RUNTIME_CORE_SYSTEM_H
