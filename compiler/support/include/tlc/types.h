//===- types.h - element types and semirings ------------------------------===//
//
// The vocabulary shared by the public API and the compiler. Plain C++17.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_TYPES_H
#define TLC_TYPES_H

#include <cstdint>

namespace tlc {

/// The element types [T1], with the values of `tlrt_dtype`. NumPy's storage: bool is one byte,
/// complex numbers are two parts.
enum class DType : int32_t { Bool, I8, I32, I64, F16, BF16, F32, F64, C64, C128 };

/// The semirings [S1].
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

} // namespace tlc

#endif // TLC_TYPES_H
