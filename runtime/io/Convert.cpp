//===- Convert.cpp - tensors of one element type as another ---------------===//
//
//   f64 [0.1, 2]  ->  f32 [0.1f, 2]          i32 [1, 0]  ->  c64 [1+0j, 0+0j]
//
// Blocks of elements pass through the widest type of their kind, so that there is one loop for
// each type and direction, not for each pair of types. Every value is rounded once, but for
// integers that become f16 or bf16: these pass through f32, as in NumPy.
//
//===----------------------------------------------------------------------===//

#include "runtime/io/Elements.h"

#include <cstring>

namespace tlrt {
namespace {

constexpr int64_t blockSize = 512;

/// In NumPy's "same kind" rule, a type converts to one of an equal or later kind.
enum Kind { Boolean, Integer, Real, Complex };

Kind kindOf(int32_t dtype) {
  switch (dtype) {
  case TLRT_BOOL:
    return Boolean;
  case TLRT_I8:
  case TLRT_I32:
  case TLRT_I64:
    return Integer;
  case TLRT_C64:
  case TLRT_C128:
    return Complex;
  default:
    return Real;
  }
}

template <typename From, typename To> void copyBlock(const void *from, void *to, int64_t count) {
  const From *source = static_cast<const From *>(from);
  To *target = static_cast<To *>(to);
  for (int64_t i = 0; i < count; ++i)
    target[i] = static_cast<To>(source[i]);
}

void widenIntegers(int32_t dtype, const void *from, int64_t *to, int64_t count) {
  switch (dtype) {
  case TLRT_BOOL:
    return copyBlock<uint8_t, int64_t>(from, to, count);
  case TLRT_I8:
    return copyBlock<int8_t, int64_t>(from, to, count);
  case TLRT_I32:
    return copyBlock<int32_t, int64_t>(from, to, count);
  default:
    return copyBlock<int64_t, int64_t>(from, to, count);
  }
}

/// Complex numbers are pairs of reals.
void widenReals(int32_t dtype, const void *from, double *to, int64_t count) {
  const uint16_t *halves = static_cast<const uint16_t *>(from);
  switch (dtype) {
  case TLRT_F16:
    for (int64_t i = 0; i < count; ++i)
      to[i] = tlrt_half_to_float(halves[i]);
    return;
  case TLRT_BF16:
    for (int64_t i = 0; i < count; ++i)
      to[i] = tlrt_bfloat_to_float(halves[i]);
    return;
  case TLRT_F32:
    return copyBlock<float, double>(from, to, count);
  case TLRT_C64:
    return copyBlock<float, double>(from, to, 2 * count);
  case TLRT_C128:
    return copyBlock<double, double>(from, to, 2 * count);
  default:
    return copyBlock<double, double>(from, to, count);
  }
}

/// Elements of `dtype` from numbers of type From. Of complex elements, the real parts.
template <typename From> void narrow(const From *from, int32_t dtype, void *to, int64_t count) {
  auto each = [&](auto *target, auto convert, int64_t step = 1) {
    for (int64_t i = 0; i < count; ++i)
      target[i * step] = convert(from[i]);
  };
  switch (dtype) {
  case TLRT_BOOL:
    return each(static_cast<uint8_t *>(to), [](From x) { return uint8_t(x != 0); });
  case TLRT_I8:
    return each(static_cast<int8_t *>(to), [](From x) { return static_cast<int8_t>(x); });
  case TLRT_I32:
    return each(static_cast<int32_t *>(to), [](From x) { return static_cast<int32_t>(x); });
  case TLRT_I64:
    return each(static_cast<int64_t *>(to), [](From x) { return static_cast<int64_t>(x); });
  case TLRT_F16:
    return each(static_cast<uint16_t *>(to),
                [](From x) { return tlrt_float_to_half(static_cast<float>(x)); });
  case TLRT_BF16:
    return each(static_cast<uint16_t *>(to),
                [](From x) { return tlrt_float_to_bfloat(static_cast<float>(x)); });
  case TLRT_F32:
    return each(static_cast<float *>(to), [](From x) { return static_cast<float>(x); });
  case TLRT_F64:
    return each(static_cast<double *>(to), [](From x) { return static_cast<double>(x); });
  case TLRT_C64:
    return each(
        static_cast<float *>(to), [](From x) { return static_cast<float>(x); }, 2);
  default:
    return each(
        static_cast<double *>(to), [](From x) { return static_cast<double>(x); }, 2);
  }
}

void convertComplex(const double *from, int32_t dtype, void *to, int64_t count) {
  if (dtype == TLRT_C64)
    return copyBlock<double, float>(from, to, 2 * count);
  copyBlock<double, double>(from, to, 2 * count);
}

} // namespace
} // namespace tlrt

using namespace tlrt;

extern "C" int32_t tlrt_convert(tlrt_context *context, const tlrt_view *from, int32_t dtype,
                                const char *name, void *to) {
  Kind kind = kindOf(from->dtype);
  if (kindOf(dtype) < kind)
    return tlrt_fail(context, TLRT_ERROR_DATA, "%s has type %s, which does not convert to %s", name,
                     typeName(from->dtype), typeName(dtype));
  int64_t total = 1, bytes = elementBytes(dtype);
  for (int32_t i = 0; i < from->rank; ++i)
    total *= from->shape[i];
  // Complex targets of real elements: the imaginary parts.
  std::memset(to, 0, static_cast<size_t>(total * bytes));
  alignas(16) char packed[16 * blockSize];
  union {
    int64_t integers[blockSize];
    double reals[2 * blockSize];
  } wide;
  ElementWalk walk(*from);
  for (int64_t start = 0; start < total; start += blockSize) {
    int64_t count = total - start < blockSize ? total - start : blockSize;
    void *target = static_cast<char *>(to) + start * bytes;
    walk.gather(packed, count);
    if (kind <= Integer) {
      widenIntegers(from->dtype, packed, wide.integers, count);
      narrow(wide.integers, dtype, target, count);
      continue;
    }
    widenReals(from->dtype, packed, wide.reals, count);
    if (kind == Complex)
      convertComplex(wide.reals, dtype, target, count);
    else
      narrow(wide.reals, dtype, target, count);
  }
  return TLRT_OK;
}
