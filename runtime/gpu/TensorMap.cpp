//===- TensorMap.cpp - tensors as the copy engine sees them ---------------===//
//
// A kernel that copies boxes of a tensor gets 128 bytes that describe it, which only the driver can
// write. The same tensors come again and again, so that the last ones are kept.
//
//===----------------------------------------------------------------------===//

#include "runtime/include/tlrt/gpu.h"

#include "runtime/gpu/Device.h"

#include <cstring>

namespace {

using tlrt::gpu::Address;
using tlrt::gpu::Device;
using tlrt::gpu::deviceOf;
using tlrt::gpu::Lock;

constexpr int kMaxRank = 5;
/// How many numbers describe a tensor of the highest rank.
constexpr size_t kNumbers = 3 + 3 * kMaxRank - 1;
constexpr size_t kMapBytes = 128, kAlignment = 16;

struct Kept {
  const Device *device;
  Address address;
  int64_t tensor[kNumbers];
  alignas(64) unsigned char map[kMapBytes];
};
constexpr size_t kKept = 64;
Kept kept[kKept];
size_t next;
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

size_t numbersOf(const int64_t *tensor) { return 3 + 3 * size_t(tensor[1]) - 1; }

Kept *find(const Device &gpu, Address address, const int64_t *tensor) {
  for (Kept &each : kept)
    if (each.device == &gpu && each.address == address &&
        !memcmp(each.tensor, tensor, numbersOf(tensor) * sizeof *tensor))
      return &each;
  return nullptr;
}

int encode(Device &gpu, Kept &into, Address address, const int64_t *tensor) {
  auto rank = static_cast<unsigned>(tensor[1]);
  const int64_t *extent = tensor + 3, *stride = extent + rank, *side = stride + rank - 1;
  uint64_t extents[kMaxRank], strides[kMaxRank];
  unsigned box[kMaxRank], steps[kMaxRank];
  for (unsigned i = 0; i < rank; ++i) {
    extents[i] = uint64_t(extent[i]);
    strides[i] = i + 1 < rank ? uint64_t(stride[i]) : 0;
    box[i] = static_cast<unsigned>(side[i]);
    steps[i] = 1;
  }
  return gpu.driver.encodeTensorMap(into.map, int(tensor[0]), rank, address, extents, strides, box,
                                    steps, 0, int(tensor[2]), tlrt::gpu::kPromoteTo128, 0);
}

} // namespace

int32_t tlrt_gpu_tensor_map(tlrt_context *context, void *map, void *data, const int64_t *tensor) {
  Device &gpu = deviceOf(context);
  Lock lock(mutex);
  auto address = reinterpret_cast<Address>(data);
  Kept *found = find(gpu, address, tensor);
  if (!found) {
    if (!gpu.driver.encodeTensorMap)
      return tlrt_fail(context, TLRT_ERROR_DATA,
                       "the driver of GPU '%s' is too old for this code: it has no tensor maps",
                       gpu.name);
    if (address % kAlignment != 0)
      return tlrt_fail(context, TLRT_ERROR_DATA,
                       "a tensor is at %p on GPU '%s': this code needs a multiple of %d bytes",
                       data, gpu.name, int(kAlignment));
    found = &kept[next++ % kKept];
    found->device = nullptr;
    if (int error = encode(gpu, *found, address, tensor))
      return gpu.fail(context, "a tensor cannot be described to it", error);
    found->device = &gpu;
    found->address = address;
    memcpy(found->tensor, tensor, numbersOf(tensor) * sizeof *tensor);
  }
  memcpy(map, found->map, kMapBytes);
  return TLRT_OK;
}

int64_t tlrt_gpu_multiprocessors(tlrt_context *context) {
  return deviceOf(context).multiprocessors;
}
