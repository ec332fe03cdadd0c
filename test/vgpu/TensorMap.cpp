//===- TensorMap.cpp - boxes of tensors in global memory ------------------===//

#include "test/vgpu/TensorMap.h"

#include <algorithm>

namespace vgpu {

uint64_t TensorMap::boxBytes() const {
  uint64_t bytes = elementBytes;
  for (int i = 0; i < rank; ++i)
    bytes *= box[i];
  return bytes;
}

void TensorMap::forEachRun(const int32_t *at,
                           const std::function<void(uint64_t, uint64_t, uint64_t)> &action) const {
  uint64_t rows = boxBytes() / box[0] / elementBytes;
  int64_t begin = std::max<int64_t>(at[0], 0);
  int64_t end = std::min<int64_t>(int64_t(at[0]) + box[0], int64_t(extents[0]));
  uint64_t rowBytes = uint64_t(box[0]) * elementBytes;
  for (uint64_t row = 0; row < rows; ++row) {
    bool inside = begin < end;
    uint64_t rest = row, base = address;
    for (int i = 1; i < rank; ++i) {
      int64_t position = int64_t(at[i]) + int64_t(rest % box[i]);
      rest /= box[i];
      inside &= position >= 0 && position < int64_t(extents[i]);
      base += uint64_t(position) * strides[i];
    }
    if (!inside) {
      action(row * rowBytes, 0, rowBytes);
      continue;
    }
    auto bytes = [&](int64_t count) { return uint64_t(count) * elementBytes; };
    if (begin > at[0])
      action(row * rowBytes, 0, bytes(begin - at[0]));
    action(row * rowBytes + bytes(begin - at[0]), base + bytes(begin), bytes(end - begin));
    if (end < int64_t(at[0]) + box[0])
      action(row * rowBytes + bytes(end - at[0]), 0, bytes(at[0] + box[0] - end));
  }
}

/// Bytes of CUtensorMapDataType.
static uint8_t bytesOf(int type) {
  static constexpr uint8_t bytes[] = {1, 2, 4, 4, 8, 8, 2, 4, 8, 2, 4, 4, 4};
  return type >= 0 && type < int(std::size(bytes)) ? bytes[type] : 0;
}

const char *encodeTensorMap(TensorMap &map, int type, uint32_t rank, uint64_t address,
                            const uint64_t *extents, const uint64_t *strides, const uint32_t *box,
                            const uint32_t *elementStrides, int interleave, int swizzle, int fill) {
  map = TensorMap();
  map.elementBytes = bytesOf(type);
  if (!map.elementBytes)
    return "there is no such type";
  if (rank < 1 || rank > 5)
    return "the rank is not from 1 to 5";
  if (address % 16 != 0)
    return "the address is not a multiple of 16";
  if (interleave != 0 || fill != 0)
    return "interleaving and NaNs outside are not supported";
  if (swizzle < 0 || swizzle > 3)
    return "there is no such swizzle";
  map.rank = uint8_t(rank);
  map.swizzle = uint8_t(swizzle);
  map.address = address;
  for (uint32_t i = 0; i < rank; ++i) {
    if (extents[i] < 1 || extents[i] > uint64_t(1) << 32)
      return "an extent is not from 1 to 2^32";
    if (box[i] < 1 || box[i] > 256)
      return "a side of the box is not from 1 to 256";
    if (elementStrides[i] != 1)
      return "steps within the box are not supported";
    if (i > 0 && (strides[i - 1] % 16 != 0 || strides[i - 1] >= uint64_t(1) << 40))
      return "a stride is no multiple of 16 bytes, or 2^40 or more";
    map.extents[i] = extents[i];
    map.strides[i] = i == 0 ? map.elementBytes : strides[i - 1];
    map.box[i] = uint16_t(box[i]);
  }
  uint64_t inner = uint64_t(box[0]) * map.elementBytes;
  if (inner % 16 != 0)
    return "a row of the box is no multiple of 16 bytes";
  if (swizzle && inner > uint64_t(16) << swizzle)
    return "a row of the box is longer than the swizzle";
  if (swizzle && inner != uint64_t(16) << swizzle)
    return "rows of the box that are shorter than the swizzle are not supported";
  return nullptr;
}

} // namespace vgpu
