//===- Program.cpp - memory, copies and launches for compiled code --------===//
//
//   tlrt_gpu_start      the device is open, the program's PTX is a module on it
//   tlrt_gpu_launch     kernel 3 of the program, 128 blocks of 256 threads
//   tlrt_gpu_finish     everything is done, or an error names a kernel
//
//===----------------------------------------------------------------------===//

#include "runtime/include/tlrt/gpu.h"

#include "runtime/gpu/Device.h"

#include <cinttypes>
#include <climits>
#include <cstdlib>
#include <cstring>

namespace {

using tlrt::gpu::Address;
using tlrt::gpu::Device;
using tlrt::gpu::device;
using tlrt::gpu::Handle;
using tlrt::gpu::Lock;

/// Constant data on the device.
struct Constant {
  const void *data;
  Address address;
  Constant *next;
};

struct Kernel {
  const char *name;
  Handle function;
  int64_t sharedBytes;
};

/// A program on the device.
struct Loaded {
  Handle module;
  Constant *constants;
  Kernel *kernels;
};

Address toAddress(const void *data) { return reinterpret_cast<Address>(data); }
void *toPointer(Address address) { return reinterpret_cast<void *>(address); }

void unload(Loaded *loaded) {
  if (loaded->module)
    device().driver.unloadModule(loaded->module);
  while (Constant *constant = loaded->constants) {
    loaded->constants = constant->next;
    device().release(constant->address);
    free(constant);
  }
  free(loaded->kernels);
  free(loaded);
}

int32_t failLoading(tlrt_context *context, int error, const char *log) {
  Device &gpu = device();
  int version = 0;
  gpu.driver.driverVersion(&version);
  if (error == tlrt::gpu::kUnsupportedPtx)
    return tlrt_fail(context, TLRT_ERROR_DATA,
                     "the driver of GPU '%s' is for CUDA %d.%d, which is too old for this code",
                     gpu.name, version / 1000, version % 1000 / 10);
  return tlrt_fail(context, TLRT_ERROR_INTERNAL, "GPU '%s' does not take the code: %s: %s",
                   gpu.name, gpu.driver.nameOf(error), log);
}

int32_t load(tlrt_context *context, const tlrt_gpu_program &program, Loaded *loaded) {
  Device &gpu = device();
  char log[2048] = "";
  int options[] = {tlrt::gpu::kErrorLogBuffer, tlrt::gpu::kErrorLogBytes};
  void *values[] = {log, reinterpret_cast<void *>(sizeof log)};
  if (int error = gpu.driver.loadModule(&loaded->module, program.ptx, 2, options, values))
    return failLoading(context, error, log);
  size_t count = size_t(program.kernel_count);
  loaded->kernels = static_cast<Kernel *>(calloc(count ? count : 1, sizeof(Kernel)));
  if (!loaded->kernels)
    return tlrt_fail(context, TLRT_ERROR_RESOURCE, "no memory for %zu kernels", count);
  const char *name = program.kernels;
  for (size_t i = 0; i < count; ++i, name += strlen(name) + 1) {
    loaded->kernels[i].name = name;
    if (int error = gpu.driver.getFunction(&loaded->kernels[i].function, loaded->module, name))
      return tlrt_fail(context, TLRT_ERROR_INTERNAL, "GPU '%s' has no kernel '%s': %s", gpu.name,
                       name, gpu.driver.nameOf(error));
  }
  return TLRT_OK;
}

/// The product of the extents and `elementBytes`; false if it overflows or an extent is negative.
bool productOf(int32_t rank, const int64_t *shape, int64_t elementBytes, int64_t &bytes) {
  bytes = elementBytes;
  bool fits = true, isEmpty = false;
  for (int32_t i = 0; i < rank; ++i) {
    isEmpty |= shape[i] == 0;
    fits &= shape[i] >= 0 && !__builtin_mul_overflow(bytes, shape[i], &bytes);
  }
  if (isEmpty)
    bytes = 0;
  return fits || isEmpty;
}

/// For finding the kernel that fails.
bool waitsAfterLaunches() {
  const char *text = getenv("TLRT_GPU_WAIT");
  return text && *text == '1';
}

} // namespace

int32_t tlrt_gpu_start(tlrt_context *context, tlrt_gpu_program *program) {
  Device &gpu = device();
  Lock lock(gpu.mutex);
  if (int32_t status = gpu.open(context))
    return status;
  if (program->state)
    return TLRT_OK;
  auto *loaded = static_cast<Loaded *>(calloc(1, sizeof(Loaded)));
  if (!loaded)
    return tlrt_fail(context, TLRT_ERROR_RESOURCE, "no memory for a GPU program");
  if (int32_t status = load(context, *program, loaded)) {
    unload(loaded);
    return status;
  }
  program->state = loaded;
  return TLRT_OK;
}

int32_t tlrt_gpu_finish(tlrt_context *context) {
  Lock lock(device().mutex);
  return device().finish(context);
}

void tlrt_gpu_unload(tlrt_gpu_program *program) {
  if (!program || !program->state)
    return;
  Lock lock(device().mutex);
  device().open(nullptr);
  unload(static_cast<Loaded *>(program->state));
  program->state = nullptr;
}

void *tlrt_gpu_alloc(tlrt_context *context, int32_t rank, const int64_t *shape,
                     int64_t element_bytes) {
  Device &gpu = device();
  int64_t bytes;
  if (!productOf(rank, shape, element_bytes, bytes)) {
    tlrt_fail(context, TLRT_ERROR_RESOURCE, "a tensor needs more bytes than there are addresses");
    return nullptr;
  }
  Lock lock(gpu.mutex);
  if (Address address = gpu.allocate(uint64_t(bytes)))
    return toPointer(address);
  size_t left = 0, total = 0;
  gpu.driver.memoryInfo(&left, &total);
  tlrt_fail(context, TLRT_ERROR_RESOURCE,
            "a tensor needs %" PRId64 " bytes, but %zu of %zu bytes of GPU '%s' are free", bytes,
            left, total, gpu.name);
  return nullptr;
}

void tlrt_gpu_release(tlrt_context *context, void *data) {
  if (!data)
    return;
  bool isOurs;
  {
    Lock lock(device().mutex);
    isOurs = device().release(toAddress(data));
  }
  if (!isOurs)
    tlrt_release(context, data);
}

void *tlrt_gpu_constant(tlrt_context *context, tlrt_gpu_program *program, const void *data,
                        int64_t bytes) {
  auto *loaded = static_cast<Loaded *>(program->state);
  {
    Lock lock(device().mutex);
    for (Constant *constant = loaded->constants; constant; constant = constant->next)
      if (constant->data == data)
        return toPointer(constant->address);
  }
  void *copy = tlrt_gpu_alloc(context, 1, &bytes, 1);
  auto *constant = static_cast<Constant *>(malloc(sizeof(Constant)));
  if (!copy || !constant || tlrt_gpu_upload(context, copy, data, bytes)) {
    tlrt_gpu_release(context, copy);
    free(constant);
    return nullptr;
  }
  Lock lock(device().mutex);
  *constant = {data, toAddress(copy), loaded->constants};
  loaded->constants = constant;
  return copy;
}

int32_t tlrt_gpu_upload(tlrt_context *context, void *to, const void *from, int64_t bytes) {
  Device &gpu = device();
  if (bytes == 0)
    return TLRT_OK;
  Lock lock(gpu.mutex);
  int error = gpu.driver.upload(toAddress(to), from, size_t(bytes), gpu.stream);
  return error ? gpu.fail(context, "a copy to it failed", error) : TLRT_OK;
}

int32_t tlrt_gpu_download(tlrt_context *context, void *to, const void *from, int64_t bytes) {
  Device &gpu = device();
  Lock lock(gpu.mutex);
  if (int32_t status = gpu.finish(context))
    return status;
  if (bytes == 0)
    return TLRT_OK;
  int error = gpu.driver.download(to, toAddress(from), size_t(bytes), gpu.stream);
  if (!error)
    error = gpu.driver.synchronize(gpu.stream);
  return error ? gpu.fail(context, "a copy from it failed", error) : TLRT_OK;
}

int32_t tlrt_gpu_fill(tlrt_context *context, void *to, int32_t byte, int64_t bytes) {
  Device &gpu = device();
  if (bytes == 0)
    return TLRT_OK;
  Lock lock(gpu.mutex);
  int error =
      gpu.driver.fill(toAddress(to), static_cast<unsigned char>(byte), size_t(bytes), gpu.stream);
  return error ? gpu.fail(context, "memory cannot be filled", error) : TLRT_OK;
}

int32_t tlrt_gpu_launch(tlrt_context *context, tlrt_gpu_program *program, int64_t kernel,
                        const int64_t *sizes, const void *parameters, int64_t parameter_bytes) {
  Device &gpu = device();
  Kernel &entry = static_cast<Loaded *>(program->state)->kernels[kernel];
  for (int i = 0; i < 6; ++i) {
    if (sizes[i] == 0)
      return TLRT_OK;
    if (sizes[i] < 0 || sizes[i] > INT32_MAX)
      return tlrt_fail(context, TLRT_ERROR_RESOURCE,
                       "kernel '%s' would need a grid of %" PRId64 " x %" PRId64 " x %" PRId64
                       " blocks",
                       entry.name, sizes[0], sizes[1], sizes[2]);
  }
  Lock lock(gpu.mutex);
  if (sizes[6] > entry.sharedBytes) {
    if (int error = gpu.driver.setFunctionAttribute(entry.function, tlrt::gpu::kDynamicSharedBytes,
                                                    int(sizes[6])))
      return gpu.fail(context, entry.name, error);
    entry.sharedBytes = sizes[6];
  }
  auto size = [&](int i) { return static_cast<unsigned>(sizes[i]); };
  auto bytes = size_t(parameter_bytes);
  void *block[] = {tlrt::gpu::kParameterBlock, const_cast<void *>(parameters),
                   tlrt::gpu::kParameterBytes, &bytes, tlrt::gpu::kParameterEnd};
  if (int error = gpu.driver.launch(entry.function, size(0), size(1), size(2), size(3), size(4),
                                    size(5), size(6), gpu.stream, nullptr, block))
    return tlrt_fail(context, TLRT_ERROR_INTERNAL, "GPU '%s': kernel '%s' cannot be launched: %s",
                     gpu.name, entry.name, gpu.driver.nameOf(error));
  gpu.launched(entry.name);
  return waitsAfterLaunches() ? gpu.finish(context) : TLRT_OK;
}
