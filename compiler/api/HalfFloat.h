//===- HalfFloat.h - f16 and bf16 to f32 and back -------------------------===//
//
// Conversions on bit patterns, to nearest even, for printing and for filling tensors on
// the host. (Generated code converts with the processor's own instructions.)
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_API_HALFFLOAT_H
#define TLC_COMPILER_API_HALFFLOAT_H

#include <bit>
#include <cmath>
#include <cstdint>

namespace tlc {

inline float bfloatToFloat(uint16_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

inline uint16_t floatToBfloat(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  if (std::isnan(value))
    return static_cast<uint16_t>((bits >> 16) | 0x40);
  return static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

inline float halfToFloat(uint16_t bits) {
  uint32_t exponent = (bits >> 10) & 0x1f, mantissa = bits & 0x3ff;
  float magnitude = exponent == 31  ? (mantissa ? NAN : INFINITY)
                    : exponent == 0 ? std::ldexp(static_cast<float>(mantissa), -24)
                                    : std::ldexp(static_cast<float>(mantissa | 0x400),
                                                 static_cast<int>(exponent) - 25);
  return bits & 0x8000 ? -magnitude : magnitude;
}

inline uint16_t floatToHalf(float value) {
  uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  float magnitude = std::abs(value);
  if (std::isnan(value))
    return sign | 0x7e00;
  if (magnitude >= 65520.0f) // halfway between the largest half and the next power of two
    return sign | 0x7c00;
  // Below 2^-14 the spacing is 2^-24; above, 2^(e-10): round in units of the spacing.
  int exponent = magnitude < 0x1p-14f ? -14 : std::ilogb(magnitude);
  auto units = static_cast<uint32_t>(std::nearbyint(std::ldexp(magnitude, 10 - exponent)));
  return static_cast<uint16_t>(sign | (((exponent + 14) << 10) + units));
}

} // namespace tlc

#endif // TLC_COMPILER_API_HALFFLOAT_H
