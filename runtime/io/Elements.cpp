//===- Elements.cpp - elements in files and in memory ---------------------===//

#include "runtime/io/Elements.h"

#include <cstring>

namespace tlrt {
namespace {

/// Reverses the bytes of each number.
void swapParts(unsigned char *bytes, uint64_t count, uint8_t partBytes) {
  for (uint64_t i = 0; i < count; ++i, bytes += partBytes)
    for (uint8_t low = 0, high = partBytes - 1; low < high; ++low, --high) {
      unsigned char kept = bytes[low];
      bytes[low] = bytes[high];
      bytes[high] = kept;
    }
}

template <typename From, typename To> void widen(const void *from, void *to, uint64_t count) {
  const char *source = static_cast<const char *>(from);
  char *target = static_cast<char *>(to);
  for (uint64_t i = 0; i < count; ++i) {
    From value;
    memcpy(&value, source + i * sizeof(From), sizeof value);
    To wide = static_cast<To>(value);
    memcpy(target + i * sizeof(To), &wide, sizeof wide);
  }
}

} // namespace

int64_t elementBytes(int32_t dtype) {
  switch (dtype) {
  case TLRT_BOOL:
  case TLRT_I8:
    return 1;
  case TLRT_F16:
  case TLRT_BF16:
    return 2;
  case TLRT_I32:
  case TLRT_F32:
    return 4;
  case TLRT_I64:
  case TLRT_F64:
  case TLRT_C64:
    return 8;
  case TLRT_C128:
    return 16;
  default:
    return 0;
  }
}

const char *typeName(int32_t dtype) {
  static const char *const names[] = {"bool", "i8",  "i32", "i64", "f16",
                                      "bf16", "f32", "f64", "c64", "c128"};
  return names[dtype];
}

void convertElements(const ElementFormat &format, unsigned char *from, void *to, uint64_t count) {
  if (format.swapped)
    swapParts(from, count * (format.bytes / format.partBytes), format.partBytes);
  switch (format.kind) {
  case ElementFormat::Copy:
    memcpy(to, from, count * format.bytes);
    break;
  case ElementFormat::Bool: // a file may hold any byte; generated code counts on 0 and 1
    for (uint64_t i = 0; i < count; ++i)
      static_cast<unsigned char *>(to)[i] = from[i] != 0;
    break;
  case ElementFormat::FromU8:
    widen<uint8_t, int32_t>(from, to, count);
    break;
  case ElementFormat::FromI16:
    widen<int16_t, int32_t>(from, to, count);
    break;
  case ElementFormat::FromU16:
    widen<uint16_t, int32_t>(from, to, count);
    break;
  case ElementFormat::FromU32:
    widen<uint32_t, int64_t>(from, to, count);
    break;
  }
}

// As in NumPy, the extents of an empty tensor must not overflow either, so that no product of
// some of them does.
bool countElements(int32_t rank, const int64_t *shape, int64_t &count) {
  int64_t product = 1;
  count = 1;
  for (int32_t i = 0; i < rank; ++i) {
    count = shape[i] == 0 ? 0 : count;
    if (__builtin_mul_overflow(product, shape[i] == 0 ? 1 : shape[i], &product))
      return false;
  }
  count = count ? product : 0;
  return true;
}

void setRowMajorStrides(tlrt_tensor &tensor) {
  int64_t stride = 1;
  for (int32_t i = tensor.view.rank - 1; i >= 0; --i) {
    tensor.strides[i] = stride;
    stride *= tensor.shape[i] == 0 ? 1 : tensor.shape[i];
  }
}

void resetTensor(tlrt_tensor &tensor) {
  memset(&tensor, 0, sizeof tensor);
  tensor.view.shape = tensor.shape;
  tensor.view.strides = tensor.strides;
  tensor.view.dtype = TLRT_F64;
}

ElementWalk::ElementWalk(const tlrt_view &view)
    : view(view), bytes(elementBytes(view.dtype)), at(static_cast<const char *>(view.data)) {}

const void *ElementWalk::next() {
  const void *element = at;
  for (int32_t i = view.rank - 1; i >= 0; --i) {
    at += view.strides[i] * bytes;
    if (++position[i] < view.shape[i])
      break;
    at -= view.strides[i] * view.shape[i] * bytes;
    position[i] = 0;
  }
  return element;
}

void ElementWalk::gather(void *to, int64_t count) {
  char *target = static_cast<char *>(to);
  for (int64_t i = 0; i < count; ++i, target += bytes)
    memcpy(target, next(), size_t(bytes));
}

bool isRowMajor(const tlrt_view &view) {
  int64_t stride = 1;
  for (int32_t i = view.rank - 1; i >= 0; --i) {
    if (view.shape[i] != 1 && view.strides[i] != stride)
      return false;
    stride *= view.shape[i];
  }
  return true;
}

} // namespace tlrt
