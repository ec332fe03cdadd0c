/* Rounding to bf16 against its definition: the nearest of the two neighbours, ties to even. */
#include "check.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* LLVM's interface: the bits are the lower half of the register of a float. */
float __truncsfbf2(float value);
float __truncdfbf2(double value);

static uint16_t lowerBits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  return (uint16_t)bits;
}

/* The value of a bf16; infinity counts as the next power of two, which rounding wants. */
static double valueOf(uint16_t bits) {
  uint32_t wide = (uint32_t)bits << 16;
  float value;
  memcpy(&value, &wide, 4);
  return isinf(value) ? copysign(0x1p128, value) : value;
}

static uint16_t nearest(double value) {
  uint16_t sign = signbit(value) ? 0x8000 : 0, low = 0, high = 0x7f80;
  double magnitude = fabs(value);
  if (magnitude >= 0x1p128)
    return sign | 0x7f80;
  while (high - low > 1) {
    uint16_t middle = (uint16_t)((low + high) / 2);
    if (valueOf(middle) <= magnitude)
      low = middle;
    else
      high = middle;
  }
  double below = magnitude - valueOf(low), above = valueOf(high) - magnitude;
  uint16_t even = low % 2 == 0 ? low : high;
  return sign | (below < above ? low : above < below ? high : even);
}

static uint64_t state = 1;
static uint64_t nextRandom(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static void check(double value) {
  CHECK(lowerBits(__truncdfbf2(value)) == nearest(value));
  float narrow = (float)value;
  CHECK(lowerBits(__truncsfbf2(narrow)) == nearest(narrow));
}

int main(void) {
  for (int i = 0; i < 300000; ++i) {
    uint64_t bits = nextRandom();
    double any;
    memcpy(&any, &bits, 8);
    if (!isnan(any))
      check(any);
    check(ldexp((double)(int64_t)bits, (int)(bits % 290) - 210));
    /* Near a tie, where rounding twice would go wrong. */
    double tie = (valueOf(bits % 0x7f80) + valueOf(bits % 0x7f80 + 1)) / 2;
    check(tie);
    check(nextafter(tie, 0));
    check(-nextafter(tie, 0x1p1000));
  }
  CHECK((lowerBits(__truncsfbf2(NAN)) & 0x7fff) > 0x7f80);
  CHECK((lowerBits(__truncdfbf2(NAN)) & 0x7fff) > 0x7f80);
  puts("rounded");
  return 0;
}
