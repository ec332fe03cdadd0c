//===- Link.h - executables, and files that appear whole ------------------===//

#ifndef TLC_COMPILER_API_LINK_H
#define TLC_COMPILER_API_LINK_H

#include "tlc/tlc.h"

namespace tlc {

/// Links an object and a C `main` with the static runtime by the system's C compiler (`cc`, or
/// $CC); the executable's bytes. Fails with ErrorKind::Data if there is none.
Expected<std::string> linkExecutable(const std::string &object, const std::string &mainText);

} // namespace tlc

#endif // TLC_COMPILER_API_LINK_H
