//===- Program.cpp - memory, copies and launches for compiled code --------===//
//
//   tlrt_gpu_start      the device is open, the program's PTX is a module on it
//   tlrt_gpu_launch     kernel 3 of the program, 128 blocks of 256 threads
//   tlrt_gpu_finish     everything is done, or an error names a kernel
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Context.h"
#include "runtime/gpu/Device.h"
#include "runtime/include/tlrt/gpu.h"

#include <cinttypes>
#include <climits>
#include <cstdlib>
#include <cstring>

namespace {

using tlrt::gpu::Address;
using tlrt::gpu::Device;
using tlrt::gpu::deviceOf;
using tlrt::gpu::Handle;
using tlrt::gpu::Kernel;
using tlrt::gpu::kMostDevices;
using tlrt::gpu::Launches;
using tlrt::gpu::Lock;

/// Constant data on the device.
struct Constant {
  const void *data;
  Address address;
  Constant *next;
};

/// A program on one device.
struct Loaded {
  Handle module;
  Constant *constants;
  Kernel *kernels;
};

/// What tlrt_gpu_program::state points to: the program on each device that has run it.
struct State {
  Loaded *on[kMostDevices];
};

/// Guards the states of all programs while they are made.
pthread_mutex_t stateMutex = PTHREAD_MUTEX_INITIALIZER;

int numberOf(const Device &gpu) { return int(&gpu - &tlrt::gpu::device(0)); }

/// The program on the device; null before tlrt_gpu_start has loaded it.
Loaded *&loadedOn(const Device &gpu, const tlrt_gpu_program &program) {
  return static_cast<State *>(program.state)->on[numberOf(gpu)];
}

Address toAddress(const void *data) { return reinterpret_cast<Address>(data); }
void *toPointer(Address address) { return reinterpret_cast<void *>(address); }

void unload(Device &gpu, Loaded *loaded) {
  // A graph may hold its kernels.
  gpu.submit(nullptr);
  gpu.launches.forgetGraphs(gpu.driver);
  if (loaded->module)
    gpu.driver.unloadModule(loaded->module);
  while (Constant *constant = loaded->constants) {
    loaded->constants = constant->next;
    gpu.release(constant->address);
    free(constant);
  }
  free(loaded->kernels);
  free(loaded);
}

int32_t failLoading(tlrt_context *context, Device &gpu, int error, const char *log) {
  int version = 0;
  gpu.driver.driverVersion(&version);
  if (error == tlrt::gpu::kUnsupportedPtx)
    return tlrt_fail(context, TLRT_ERROR_DATA,
                     "the driver of GPU '%s' is for CUDA %d.%d, which is too old for this code",
                     gpu.name, version / 1000, version % 1000 / 10);
  return tlrt_fail(context, TLRT_ERROR_INTERNAL, "GPU '%s' does not take the code: %s: %s",
                   gpu.name, gpu.driver.nameOf(error), log);
}

/// "sm_90a" is 90, for that capability alone.
struct Arch {
  int capability;
  bool isExact;

  explicit Arch(const char *name) {
    char *end = nullptr;
    capability = int(strtol(name + strlen("sm_"), &end, 10));
    isExact = *end == 'a';
  }
  bool runsOn(int device) const { return isExact ? device == capability : device >= capability; }
  /// Assembled code is for later minors of its major, too.
  bool isAssembledFor(int device) const { return runsOn(device) && device / 10 == capability / 10; }
};

/// The assembled code where the device takes it, which starts at once; else the driver compiles.
int32_t loadModule(tlrt_context *context, Device &gpu, const tlrt_gpu_program &program,
                   Handle *module) {
  char log[2048] = "";
  int options[] = {tlrt::gpu::kErrorLogBuffer, tlrt::gpu::kErrorLogBytes};
  void *values[] = {log, reinterpret_cast<void *>(sizeof log)};
  if (program.cubin && Arch(program.arch).isAssembledFor(gpu.capability) &&
      !gpu.driver.loadModule(module, program.cubin, 0, nullptr, nullptr))
    return TLRT_OK;
  if (int error = gpu.driver.loadModule(module, program.ptx, 2, options, values))
    return failLoading(context, gpu, error, log);
  return TLRT_OK;
}

int32_t load(tlrt_context *context, Device &gpu, const tlrt_gpu_program &program, Loaded *loaded) {
  if (!Arch(program.arch).runsOn(gpu.capability))
    return tlrt_fail(context, TLRT_ERROR_DATA,
                     "GPU '%s' has compute capability %d.%d, but the code is for %s", gpu.name,
                     gpu.capability / 10, gpu.capability % 10, program.arch);
  if (int32_t status = loadModule(context, gpu, program, &loaded->module))
    return status;
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

void tlrt_gpu_select(tlrt_context *context, int32_t device) { tlrt::resolve(context).gpu = device; }

int32_t tlrt_gpu_start(tlrt_context *context, tlrt_gpu_program *program) {
  {
    Lock lock(stateMutex);
    if (!program->state)
      program->state = calloc(1, sizeof(State));
  }
  Device &gpu = deviceOf(context);
  Lock lock(gpu.mutex);
  if (int32_t status = gpu.open(context))
    return status;
  auto *loaded = program->state ? static_cast<Loaded *>(calloc(1, sizeof(Loaded))) : nullptr;
  if (!loaded)
    return tlrt_fail(context, TLRT_ERROR_RESOURCE, "no memory for a GPU program");
  if (loadedOn(gpu, *program)) {
    free(loaded);
    return TLRT_OK;
  }
  if (int32_t status = load(context, gpu, *program, loaded)) {
    unload(gpu, loaded);
    return status;
  }
  loadedOn(gpu, *program) = loaded;
  return TLRT_OK;
}

int32_t tlrt_gpu_capability(tlrt_context *context) {
  Device &gpu = deviceOf(context);
  Lock lock(gpu.mutex);
  return gpu.open(context) ? 0 : gpu.capability;
}

int32_t tlrt_gpu_runs(tlrt_context *context, const char *arch) {
  int capability = tlrt_gpu_capability(context);
  return capability && Arch(arch).runsOn(capability);
}

int32_t tlrt_gpu_finish(tlrt_context *context) {
  Device &gpu = deviceOf(context);
  Lock lock(gpu.mutex);
  return gpu.finish(context);
}

void tlrt_gpu_unload(tlrt_gpu_program *program) {
  if (!program || !program->state)
    return;
  for (int i = 0; i < kMostDevices; ++i) {
    Device &gpu = tlrt::gpu::device(i);
    Loaded *loaded = loadedOn(gpu, *program);
    if (!loaded)
      continue;
    Lock lock(gpu.mutex);
    gpu.open(nullptr);
    unload(gpu, loaded);
  }
  free(program->state);
  program->state = nullptr;
}

static void *allocate(tlrt_context *context, int64_t bytes, const char *what) {
  Device &gpu = deviceOf(context);
  Lock lock(gpu.mutex);
  if (gpu.open(context))
    return nullptr;
  if (Address address = gpu.allocate(uint64_t(bytes)))
    return toPointer(address);
  size_t left = 0, total = 0;
  gpu.driver.memoryInfo(&left, &total);
  tlrt_fail(context, TLRT_ERROR_RESOURCE,
            "%s %" PRId64 " bytes, but %zu of %zu bytes of GPU '%s' are free", what, bytes, left,
            total, gpu.name);
  return nullptr;
}

void *tlrt_gpu_alloc(tlrt_context *context, int32_t rank, const int64_t *shape,
                     int64_t element_bytes) {
  int64_t bytes;
  if (productOf(rank, shape, element_bytes, bytes))
    return allocate(context, bytes, "a tensor needs");
  tlrt_fail(context, TLRT_ERROR_RESOURCE, "a tensor needs more bytes than there are addresses");
  return nullptr;
}

void *tlrt_gpu_arena(tlrt_context *context, int64_t bytes) {
  return allocate(context, bytes, "the program's tensors need");
}

void tlrt_gpu_release(tlrt_context *context, void *data) {
  if (!data)
    return;
  // Mostly the context's device has it.
  int first = numberOf(deviceOf(context));
  for (int i = 0; i < kMostDevices; ++i) {
    Device &gpu = tlrt::gpu::device((first + i) % kMostDevices);
    Lock lock(gpu.mutex);
    if (gpu.isReady() && gpu.release(toAddress(data)))
      return;
  }
  tlrt_release(context, data);
}

void *tlrt_gpu_constant(tlrt_context *context, tlrt_gpu_program *program, const void *data,
                        int64_t bytes) {
  Device &gpu = deviceOf(context);
  Loaded *loaded = loadedOn(gpu, *program);
  {
    Lock lock(gpu.mutex);
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
  Lock lock(gpu.mutex);
  *constant = {data, toAddress(copy), loaded->constants};
  loaded->constants = constant;
  return copy;
}

int32_t tlrt_gpu_upload(tlrt_context *context, void *to, const void *from, int64_t bytes) {
  Device &gpu = deviceOf(context);
  if (bytes == 0)
    return TLRT_OK;
  Lock lock(gpu.mutex);
  if (int32_t status = gpu.submit(context))
    return status;
  int error = gpu.staging.upload(gpu.driver, gpu.stream, toAddress(to), from, size_t(bytes));
  return error ? gpu.fail(context, "a copy to it failed", error) : TLRT_OK;
}

int32_t tlrt_gpu_download(tlrt_context *context, void *to, const void *from, int64_t bytes) {
  Device &gpu = deviceOf(context);
  Lock lock(gpu.mutex);
  if (int32_t status = gpu.finish(context))
    return status;
  if (bytes == 0 || to == from)
    return TLRT_OK;
  int error = tlrt::gpu::kSuccess;
  if (gpu.isOnDevice(to)) {
    error = gpu.driver.copy(toAddress(to), toAddress(from), size_t(bytes), gpu.stream);
    if (!error)
      error = gpu.driver.synchronize(gpu.stream);
  } else {
    error = gpu.staging.download(gpu.driver, gpu.stream, to, toAddress(from), size_t(bytes));
  }
  return error ? gpu.fail(context, "a copy from it failed", error) : TLRT_OK;
}

int32_t tlrt_gpu_fill(tlrt_context *context, void *to, int32_t byte, int64_t bytes) {
  Device &gpu = deviceOf(context);
  if (bytes == 0)
    return TLRT_OK;
  Lock lock(gpu.mutex);
  if (int32_t status = gpu.submit(context))
    return status;
  int error =
      gpu.driver.fill(toAddress(to), static_cast<unsigned char>(byte), size_t(bytes), gpu.stream);
  return error ? gpu.fail(context, "memory cannot be filled", error) : TLRT_OK;
}

int32_t tlrt_gpu_launch(tlrt_context *context, tlrt_gpu_program *program, int64_t kernel,
                        const int64_t *sizes, const void *parameters, int64_t parameter_bytes) {
  Device &gpu = deviceOf(context);
  Kernel &entry = loadedOn(gpu, *program)->kernels[kernel];
  Launches::Sizes narrow;
  for (int i = 0; i < 7; ++i) {
    if (sizes[i] == 0 && i < 6)
      return TLRT_OK;
    if (sizes[i] < 0 || sizes[i] > INT32_MAX)
      return tlrt_fail(context, TLRT_ERROR_RESOURCE,
                       "kernel '%s' would need a grid of %" PRId64 " x %" PRId64 " x %" PRId64
                       " blocks",
                       entry.name, sizes[0], sizes[1], sizes[2]);
    narrow[i] = static_cast<unsigned>(sizes[i]);
  }
  Lock lock(gpu.mutex);
  if (sizes[6] > entry.sharedBytes) {
    if (int error = gpu.driver.setFunctionAttribute(entry.function, tlrt::gpu::kDynamicSharedBytes,
                                                    int(sizes[6])))
      return gpu.fail(context, entry.name, error);
    entry.sharedBytes = sizes[6];
  }
  if (int32_t status = gpu.launch(context, entry, narrow, parameters, size_t(parameter_bytes)))
    return status;
  return waitsAfterLaunches() ? gpu.finish(context) : TLRT_OK;
}
