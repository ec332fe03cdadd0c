//===- CSource.h - C text beside an object --------------------------------===//

#ifndef TLC_COMPILER_API_CSOURCE_H
#define TLC_COMPILER_API_CSOURCE_H

#include "compiler/api/Compilation.h"

namespace tlc {

/// A documented header that declares the compiled function.
std::string makeHeader(const std::string &functionName, const std::string &sourceName,
                       const Signature &signature);

/// A `main` that describes the program to the runtime's driver `tlrt_main`.
std::string makeMain(const std::string &functionName, const Signature &signature,
                     const program::Program *program);

} // namespace tlc

#endif // TLC_COMPILER_API_CSOURCE_H
