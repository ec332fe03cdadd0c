//===- FileInspector.h - how the front end sees files ---------------------===//

#ifndef TLC_COMPILER_API_FILEINSPECTOR_H
#define TLC_COMPILER_API_FILEINSPECTOR_H

#include "compiler/api/Compilation.h"

namespace tlc {

/// The callbacks that read modules and data files relative to `directory`.
FrontendOptions frontendOptions(const std::string &directory, const Options &options,
                                const BoundTypes &bound);

} // namespace tlc

#endif // TLC_COMPILER_API_FILEINSPECTOR_H
