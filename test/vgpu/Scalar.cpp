//===- Scalar.cpp - small floating-point numbers --------------------------===//

#include "test/vgpu/Scalar.h"

#include <algorithm>
#include <limits>

namespace vgpu {

double decodeFloat(uint32_t bits, int exponentBits, int mantissaBits) {
  int bias = (1 << (exponentBits - 1)) - 1, highest = (1 << exponentBits) - 1;
  uint32_t mantissa = bits & ((1u << mantissaBits) - 1);
  int exponent = int(bits >> mantissaBits) & highest;
  double sign = bits >> (exponentBits + mantissaBits) & 1 ? -1 : 1;
  if (exponent == highest)
    return mantissa ? std::numeric_limits<double>::quiet_NaN()
                    : sign * std::numeric_limits<double>::infinity();
  if (exponent == 0)
    return sign * std::ldexp(double(mantissa), 1 - bias - mantissaBits);
  return sign * std::ldexp(double(mantissa | 1u << mantissaBits), exponent - bias - mantissaBits);
}

uint32_t encodeFloat(double value, int exponentBits, int mantissaBits) {
  int bias = (1 << (exponentBits - 1)) - 1, highest = (1 << exponentBits) - 1;
  uint32_t sign = uint32_t(std::signbit(value)) << (exponentBits + mantissaBits);
  uint32_t infinity = uint32_t(highest) << mantissaBits;
  if (std::isnan(value))
    return infinity | ((1u << mantissaBits) - 1);
  if (std::isinf(value))
    return sign | infinity;
  double magnitude = std::fabs(value);
  if (magnitude == 0)
    return sign;
  // The unit in the last place of the result; below the least normal number it stays the same.
  int exponent = std::max(std::ilogb(magnitude), 1 - bias);
  double units = std::nearbyint(std::ldexp(magnitude, mantissaBits - exponent));
  // The carry of rounding up goes into the exponent by itself.
  uint64_t bits = (uint64_t(exponent + bias - 1) << mantissaBits) + uint64_t(units);
  return sign | uint32_t(std::min<uint64_t>(bits, infinity));
}

} // namespace vgpu
