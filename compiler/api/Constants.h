//===- Constants.h - files and params inside the object -------------------===//

#ifndef TLC_COMPILER_API_CONSTANTS_H
#define TLC_COMPILER_API_CONSTANTS_H

#include "compiler/api/Compilation.h"

namespace tlc {

/// Reads the files that a module in `ein` takes as arguments, makes its params, and puts their
/// values in place of the arguments: what is compiled ahead of time has inputs only.
Expected<void> embedConstants(Compilation &compilation);

} // namespace tlc

#endif // TLC_COMPILER_API_CONSTANTS_H
