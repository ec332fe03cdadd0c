//===- Bf16.cpp - rounding to bf16 ----------------------------------------===//
//
// LLVM calls these two functions on processors that have no instruction for it; libgcc has them
// only from version 13 on. A bf16 is the upper half of an f32, and is returned in the lower 16
// bits of the register that returns an f32.
//
//===----------------------------------------------------------------------===//

#include "runtime/include/tlrt/tlrt.h"

#include <bit>

namespace {

/// To the nearest, ties to even; NaNs stay NaNs.
uint32_t roundToBf16(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  if (value != value)
    return (bits >> 16) | 0x40;
  return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
}

/// To f32 with the last bit odd if anything was lost, so that the second rounding to bf16 is
/// the same as one rounding of the f64.
float roundToOdd(double value) {
  float nearest = static_cast<float>(value);
  uint32_t bits = std::bit_cast<uint32_t>(nearest);
  if (value != value || static_cast<double>(nearest) == value)
    return nearest;
  double magnitude = value < 0 ? -value : value;
  double nearestMagnitude = nearest < 0 ? -double(nearest) : double(nearest);
  if (nearestMagnitude > magnitude) // rounded away from zero: the neighbour below
    --bits;
  return std::bit_cast<float>(bits | 1);
}

} // namespace

extern "C" {

TLRT_EXPORT __attribute__((weak)) float __truncsfbf2(float value) {
  return std::bit_cast<float>(roundToBf16(value));
}

TLRT_EXPORT __attribute__((weak)) float __truncdfbf2(double value) {
  return std::bit_cast<float>(roundToBf16(roundToOdd(value)));
}
}
