//===- DType.h - names of types and semirings ----------------------------===//
//
// Names and properties of the ten element types [T1] and the eight semirings [S1],
// which are declared in the public header tlc/types.h.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_SUPPORT_DTYPE_H
#define TLC_COMPILER_SUPPORT_DTYPE_H

#include "tlc/types.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace tlc {

/// "f32".
std::string_view name(DType type);
std::optional<DType> parseDType(std::string_view name);
/// Bytes of one element.
int64_t byteSize(DType type);
bool isFloat(DType type);
bool isInteger(DType type);
bool isComplex(DType type);

/// "min_plus".
std::string_view name(Semiring semiring);
std::optional<Semiring> parseSemiring(std::string_view name);
/// a + a = a: a cyclic recursion has a least fixpoint [F1].
bool isIdempotent(Semiring semiring);

} // namespace tlc

#endif // TLC_COMPILER_SUPPORT_DTYPE_H
