//===- Scalar.h - values in registers -------------------------------------===//
//
// A register holds 64 bits, of which a type uses the low ones:
//
//   unpack<int32_t>(0xFFFFFFFF) = -1      pack<float>(1.0f) = 0x3F800000
//
//===----------------------------------------------------------------------===//

#ifndef TLC_TEST_VGPU_SCALAR_H
#define TLC_TEST_VGPU_SCALAR_H

#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>

namespace vgpu {

/// A float of `exponentBits` and `mantissaBits` with IEEE's rules, to and from f64.
double decodeFloat(uint32_t bits, int exponentBits, int mantissaBits);
/// Rounds to nearest even; overflow gives infinity.
uint32_t encodeFloat(double value, int exponentBits, int mantissaBits);

/// The types whose arithmetic is that of f64, rounded.
template <int ExponentBits, int MantissaBits> struct SmallFloat { double value; };
using Half = SmallFloat<5, 10>;
using BFloat = SmallFloat<8, 7>;

template <typename T> struct IsSmall : std::false_type {};
template <int E, int M> struct IsSmall<SmallFloat<E, M>> : std::true_type {
  static constexpr int exponentBits = E, mantissaBits = M;
};

/// What a type is computed in: itself, or f64.
template <typename T> auto unpack(uint64_t bits) {
  if constexpr (IsSmall<T>::value)
    return decodeFloat(uint16_t(bits), IsSmall<T>::exponentBits, IsSmall<T>::mantissaBits);
  else if constexpr (std::is_same_v<T, float>)
    return std::bit_cast<float>(uint32_t(bits));
  else if constexpr (std::is_same_v<T, double>)
    return std::bit_cast<double>(bits);
  else
    return T(bits);
}

template <typename T, typename Value> uint64_t pack(Value value) {
  if constexpr (IsSmall<T>::value)
    return encodeFloat(value, IsSmall<T>::exponentBits, IsSmall<T>::mantissaBits);
  else if constexpr (std::is_same_v<T, float>)
    return std::bit_cast<uint32_t>(float(value));
  else if constexpr (std::is_same_v<T, double>)
    return std::bit_cast<uint64_t>(double(value));
  else
    return uint64_t(std::make_unsigned_t<T>(value));
}

} // namespace vgpu

#endif // TLC_TEST_VGPU_SCALAR_H
