//===- HalfFloat.cpp - f16 and bf16 to f32 and back -----------------------===//
//
// Conversions on bit patterns, for files and printing. (Generated code converts with the
// processor's own instructions.)
//
//   f16   sign, 5 bits of exponent + 15, 10 bits of fraction       1.0 is 0x3c00
//   bf16  the upper half of an f32                                 1.0 is 0x3f80
//
//===----------------------------------------------------------------------===//

#include "runtime/include/tlrt/io.h"

#include <bit>

extern "C" {

float tlrt_half_to_float(uint16_t bits) {
  uint32_t sign = uint32_t(bits & 0x8000) << 16;
  uint32_t exponent = bits >> 10 & 31, fraction = bits & 1023;
  if (exponent == 31)
    return std::bit_cast<float>(sign | 0x7f800000 | fraction << 13);
  if (exponent == 0) {
    float small = float(fraction) * 0x1p-24f;
    return sign ? -small : small;
  }
  return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
}

float tlrt_bfloat_to_float(uint16_t bits) { return std::bit_cast<float>(uint32_t(bits) << 16); }

uint16_t tlrt_float_to_half(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  uint16_t sign = bits >> 16 & 0x8000;
  bits &= 0x7fffffff;
  if (bits > 0x7f800000)
    return sign | 0x7e00;
  if (bits >= 0x477ff000) // 65520, halfway between the largest half and the next power of two
    return sign | 0x7c00;
  // Below 2^-14 the spacing is 2^-24: adding 1/2, whose spacing that is, rounds to it.
  if (bits < 0x38800000) {
    float shifted = std::bit_cast<float>(bits) + 0.5f;
    return sign | static_cast<uint16_t>(std::bit_cast<uint32_t>(shifted) - 0x3f000000);
  }
  bits += 0xfff + (bits >> 13 & 1);
  return sign | static_cast<uint16_t>((bits >> 13) - (112 << 10));
}

uint16_t tlrt_float_to_bfloat(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  if (value != value)
    return static_cast<uint16_t>(bits >> 16 | 0x40);
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
}
