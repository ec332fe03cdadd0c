//===- DType.h - element types of the language ----------------------------===//
//
// The ten element types [T1], with the values of `tlrt_dtype`. NumPy's storage:
// bool is one byte, complex numbers are two parts.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_SUPPORT_DTYPE_H
#define TLC_COMPILER_SUPPORT_DTYPE_H

#include <cstdint>
#include <optional>
#include <string_view>

namespace tlc {

enum class DType : int32_t { Bool, I8, I32, I64, F16, BF16, F32, F64, C64, C128 };

/// "f32".
std::string_view name(DType type);
std::optional<DType> parseDType(std::string_view name);
/// Bytes of one element.
int64_t byteSize(DType type);
bool isFloat(DType type);
bool isInteger(DType type);
bool isComplex(DType type);

/// The semirings of the language [S1], with the values of `ein::SemiringKind`.
enum class Semiring : int32_t {
  SumProduct,
  OrAnd,
  MaxPlus,
  MinPlus,
  MaxTimes,
  MaxMin,
  LogSumExp,
  Count
};

/// "min_plus".
std::string_view name(Semiring semiring);
std::optional<Semiring> parseSemiring(std::string_view name);
/// a + a = a: a cyclic recursion has a least fixpoint [F1].
bool isIdempotent(Semiring semiring);

} // namespace tlc

#endif // TLC_COMPILER_SUPPORT_DTYPE_H
