//===- FileInspector.h - how the front end sees files ---------------------===//

#ifndef TLC_COMPILER_API_FILEINSPECTOR_H
#define TLC_COMPILER_API_FILEINSPECTOR_H

#include "compiler/api/Compilation.h"

namespace tlc {

class CacheKey;

/// The callbacks that read modules and data files relative to `directory`. What they tell the front
/// end is added to `key`, if there is one.
FrontendOptions frontendOptions(const std::string &directory, const Options &options,
                                const BoundTypes &bound, CacheKey *key = nullptr);

} // namespace tlc

#endif // TLC_COMPILER_API_FILEINSPECTOR_H
