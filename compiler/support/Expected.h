// `Expected`, `Error` and `ErrorKind` are part of the public API's vocabulary.
#ifndef TLC_COMPILER_SUPPORT_EXPECTED_H
#define TLC_COMPILER_SUPPORT_EXPECTED_H

#include "tlc/expected.h"

#endif // TLC_COMPILER_SUPPORT_EXPECTED_H
