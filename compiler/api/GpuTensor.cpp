//===- GpuTensor.cpp - tensors in the memory of a GPU ---------------------===//
//
//   auto w = tensor.toGpu();
//   auto y = (*f)({w->view()});      // y[0] is on the GPU, too
//   y->front().toHost()
//
//===----------------------------------------------------------------------===//

#include "compiler/api/TensorAccess.h"
#include "compiler/support/DType.h"
#include "runtime/include/tlrt/gpu.h"

#include <fmt/format.h>

#include <memory>

namespace tlc {

/// A context for calls on the device.
static std::shared_ptr<tlrt_context> contextFor(int device) {
  std::shared_ptr<tlrt_context> context(tlrt_context_create(1), ContextDeleter());
  tlrt_gpu_select(context.get(), device);
  return context;
}

Expected<Tensor> Tensor::toGpu(int device) const {
  Expected<Tensor> host = toHost();
  if (!host)
    return host;
  std::shared_ptr<tlrt_context> context = contextFor(device);
  if (!tlrt_gpu_capability(context.get()))
    return runtimeError(context.get(), TLRT_ERROR_DATA);
  void *data = tlrt_gpu_alloc(context.get(), static_cast<int32_t>(extents.size()), extents.data(),
                              byteSize(elementType));
  if (!data)
    return runtimeError(context.get(), TLRT_ERROR_RESOURCE);
  std::shared_ptr<void> owner(data,
                              [context](void *block) { tlrt_gpu_release(context.get(), block); });
  if (int32_t status =
          tlrt_gpu_upload(context.get(), data, host->raw(), size() * byteSize(elementType)))
    return runtimeError(context.get(), status);
  return TensorAccess::makeOnGpu(std::move(owner), elementType, extents, device);
}

Expected<Tensor> Tensor::toHost() const {
  if (!isOnGpu())
    return *this;
  Expected<Tensor> host = zeros(elementType, extents);
  if (!host)
    return host;
  std::shared_ptr<tlrt_context> context = contextFor(gpu);
  if (!tlrt_gpu_capability(context.get()))
    return runtimeError(context.get(), TLRT_ERROR_DATA);
  if (int32_t status =
          tlrt_gpu_download(context.get(), host->raw(), raw(), size() * byteSize(elementType)))
    return runtimeError(context.get(), status);
  return host;
}

} // namespace tlc
