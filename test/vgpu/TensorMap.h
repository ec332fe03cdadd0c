//===- TensorMap.h - boxes of tensors in global memory --------------------===//
//
// The copy engine moves boxes of a tensor of 1 to 5 dimensions, the first of which is contiguous:
//
//   extents {100, 50}, strides {-, 256}, box {64, 8}, at (64, 48):   8 rows of 64 elements, of
//   which 2 rows of 36 are inside; the others are zeros, or are not written
//
// In shared memory a box is dense, and its chunks of 16 bytes are swizzled so that neighbours of a
// column are in different banks.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_TEST_VGPU_TENSORMAP_H
#define TLC_TEST_VGPU_TENSORMAP_H

#include "test/vgpu/Machine.h"

namespace vgpu {

struct TensorMap {
  static constexpr uint32_t kMagic = 0x7E5A0A9Bu;

  uint32_t magic = kMagic;
  uint8_t elementBytes = 0, rank = 0, swizzle = 0, reserved = 0;
  uint64_t address = 0;
  uint64_t extents[5]{};
  /// In bytes; that of the first dimension is elementBytes.
  uint64_t strides[5]{};
  uint16_t box[5]{};

  uint64_t boxBytes() const;
  /// Calls action(offset in the box, address in global memory, or 0 if outside, bytes) for each
  /// run of elements along the first dimension.
  void forEachRun(const int32_t *at,
                  const std::function<void(uint64_t, uint64_t, uint64_t)> &action) const;
};
static_assert(sizeof(TensorMap) <= 128);

/// Where a byte of an unswizzled box is: `swizzle` is log2 of the chunks of a row.
inline uint64_t swizzled(uint64_t address, int swizzle) {
  return address ^ (address >> 3 & ((uint64_t(1) << swizzle) - 1) << 4);
}

/// The arguments of cuTensorMapEncodeTiled. Returns why they are not allowed, or null.
const char *encodeTensorMap(TensorMap &map, int type, uint32_t rank, uint64_t address,
                            const uint64_t *extents, const uint64_t *strides, const uint32_t *box,
                            const uint32_t *elementStrides, int interleave, int swizzle, int fill);

} // namespace vgpu

#endif // TLC_TEST_VGPU_TENSORMAP_H
