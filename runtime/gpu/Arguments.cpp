//===- Arguments.cpp - tensors of the caller that are on the device -------===//
//
// A view may be of memory on the device. It is used in place, which the elements' order must
// allow: dense, the last dimension fastest, the first one at a multiple of 16 bytes.
//
//===----------------------------------------------------------------------===//

#include "runtime/gpu/Device.h"
#include "runtime/include/tlrt/gpu.h"

#include <cstring>

namespace {

using tlrt::gpu::Device;
using tlrt::gpu::deviceOf;

const char *nameAt(const tlrt_signature *signature, int64_t index) {
  const char *name = signature->names;
  for (int64_t i = 0; i < index; ++i)
    name += strlen(name) + 1;
  return name;
}

int64_t sizeOf(const tlrt_view &view) {
  int64_t size = 1;
  for (int32_t i = 0; i < view.rank; ++i)
    size *= view.shape[i];
  return size;
}

bool isDense(const tlrt_view &view) {
  int64_t stride = 1;
  for (int32_t i = view.rank; i-- > 0;) {
    if (view.shape[i] != 1 && view.strides[i] != stride)
      return false;
    stride *= view.shape[i];
  }
  return true;
}

/// Bytes of an element on the device, by tlrt_dtype.
constexpr int64_t kBytes[] = {1, 1, 4, 8, 2, 2, 4, 8, 8, 16};

/// Kernels read and write as many bytes at a time.
constexpr uintptr_t kAlignment = 16;

bool overlap(const tlrt_view &a, const tlrt_view &b) {
  auto *aData = static_cast<const char *>(a.data), *bData = static_cast<const char *>(b.data);
  return aData < bData + sizeOf(b) * kBytes[b.dtype] && bData < aData + sizeOf(a) * kBytes[a.dtype];
}

int32_t checkDense(tlrt_context *context, const char *what, const char *name,
                   const tlrt_view &view) {
  if (sizeOf(view) == 0)
    return TLRT_OK;
  if (reinterpret_cast<uintptr_t>(view.data) % kAlignment != 0)
    return tlrt_fail(context, TLRT_ERROR_DATA,
                     "%s '%s' is on the GPU, where tensors begin at multiples of %d bytes; copy it "
                     "into one that does",
                     what, name, int(kAlignment));
  if (isDense(view))
    return TLRT_OK;
  return tlrt_fail(context, TLRT_ERROR_DATA,
                   "%s '%s' is on the GPU, where tensors must be dense and row-major; copy it into "
                   "one that is",
                   what, name);
}

/// How many of the views are on the device.
int64_t countOnDevice(const Device &gpu, const tlrt_view *views, int64_t count) {
  int64_t found = 0;
  for (int64_t i = 0; i < count; ++i)
    found += gpu.isOnDevice(views[i].data);
  return found;
}

} // namespace

int32_t tlrt_gpu_has(tlrt_context *context, const void *data) {
  return deviceOf(context).isOnDevice(data);
}

int32_t tlrt_gpu_bind_inputs(tlrt_context *context, const tlrt_view *inputs,
                             const tlrt_signature *signature, const void **data,
                             void **temporaries) {
  Device &gpu = deviceOf(context);
  for (int64_t i = 0; i < signature->count; ++i)
    if (gpu.isOnDevice(inputs[i].data))
      if (int32_t status = checkDense(context, "input", nameAt(signature, i), inputs[i]))
        return status;
  return tlrt_bind_inputs(context, inputs, signature, data, temporaries);
}

int32_t tlrt_gpu_bind_output(tlrt_context *context, const tlrt_view *inputs, int64_t input_count,
                             const tlrt_view *output, const tlrt_signature *signature,
                             int64_t index, const int64_t *extents, void **data, void **temporary) {
  Device &gpu = deviceOf(context);
  const char *name = nameAt(signature, index);
  if (gpu.isOnDevice(output->data)) {
    if (int32_t status = checkDense(context, "output", name, *output))
      return status;
    for (int64_t i = 0; i < input_count; ++i)
      if (inputs[i].data && overlap(*output, inputs[i]))
        return tlrt_fail(context, TLRT_ERROR_DATA,
                         "output '%s' is on the GPU and overlaps an input; give it memory of its "
                         "own",
                         name);
  }
  if (int32_t status = tlrt_bind_output(context, inputs, input_count, output, signature, index,
                                        extents, data, temporary))
    return status;
  bool staysThere =
      !output->data && input_count > 0 && countOnDevice(gpu, inputs, input_count) == input_count;
  if (!staysThere)
    return TLRT_OK;
  // Dtype and rank come before the extents, which are followed by as many places.
  const int64_t *argument = signature->arguments;
  for (int64_t i = 0; i < index; ++i)
    argument += 2 + 2 * argument[1];
  tlrt_release(context, *temporary);
  *temporary = *data = tlrt_gpu_alloc(context, int32_t(argument[1]), extents, kBytes[argument[0]]);
  return *data ? TLRT_OK : TLRT_ERROR_RESOURCE;
}

const void *tlrt_gpu_input(tlrt_context *context, void *to, const void *from, int64_t bytes) {
  if (deviceOf(context).isOnDevice(from))
    return from;
  return tlrt_gpu_upload(context, to, from, bytes) ? nullptr : to;
}

void *tlrt_gpu_output(tlrt_context *context, void *data, void *otherwise) {
  return deviceOf(context).isOnDevice(data) ? data : otherwise;
}
