//===- Constants.h - files and params inside the object -------------------===//

#ifndef TLC_COMPILER_API_CONSTANTS_H
#define TLC_COMPILER_API_CONSTANTS_H

#include "compiler/api/Compilation.h"

namespace tlc {

/// Puts the values of files that may be factorized [K1] in place of the arguments of a module in
/// `ein`, which stay.
Expected<void> embedFactorizable(Compilation &compilation, const Options &options);

/// Takes the values of `embedFactorizable` that are still in use out of the module again, and the
/// arguments that no longer are: what factors stand for is not read when the function is called.
Expected<void> releaseConstants(Compilation &compilation);

/// Reads the files that a module in `ein` takes as arguments, makes its params, and puts their
/// values in place of the arguments: what is compiled ahead of time has inputs only.
Expected<void> embedConstants(Compilation &compilation);

} // namespace tlc

#endif // TLC_COMPILER_API_CONSTANTS_H
