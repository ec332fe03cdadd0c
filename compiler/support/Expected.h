//===- Expected.h - a value, or what went wrong ---------------------------===//
//
// The compiler and its public interface share one type; it is declared where users can include it.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_SUPPORT_EXPECTED_H
#define TLC_COMPILER_SUPPORT_EXPECTED_H

#include "tlc/expected.h"

#endif // TLC_COMPILER_SUPPORT_EXPECTED_H
