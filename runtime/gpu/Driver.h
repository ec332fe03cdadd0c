//===- Driver.h - the CUDA driver, opened when it is needed ---------------===//
//
// The functions of libcuda that the runtime uses, with our own prototypes: no header of CUDA is
// needed to build, no library to link.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_RUNTIME_GPU_DRIVER_H
#define TLC_RUNTIME_GPU_DRIVER_H

#include <cstddef>
#include <cstdint>

namespace tlrt::gpu {

/// CUresult. Those that have a meaning here.
enum : int { kSuccess = 0, kOutOfMemory = 2, kInvalidPtx = 218, kUnsupportedPtx = 222 };
/// CUdevice_attribute.
enum : int { kMultiprocessors = 16, kCapabilityMajor = 75, kCapabilityMinor = 76 };
/// CUjit_option.
enum : int { kErrorLogBuffer = 5, kErrorLogBytes = 6 };
/// CUevent_flags.
enum : unsigned { kEventWithoutTime = 2 };
/// CUpointer_attribute and CUmemorytype.
enum : int { kMemoryType = 2 };
enum : unsigned { kDeviceMemory = 2 };
/// CUtensorMapL2promotion.
enum : int { kPromoteTo128 = 2 };
/// CUfunction_attribute.
enum : int { kDynamicSharedBytes = 8 };

using Address = uint64_t;
using Handle = void *;

/// CU_LAUNCH_PARAM_...: what the parameters of a launch in one block begin with and end.
inline void *const kParameterEnd = reinterpret_cast<void *>(0);
inline void *const kParameterBlock = reinterpret_cast<void *>(1);
inline void *const kParameterBytes = reinterpret_cast<void *>(2);

/// CUDA_KERNEL_NODE_PARAMS.
struct KernelNode {
  Handle function;
  unsigned sizes[7];
  void **arguments, **extra;
};

/// One member for each function: its type and its name in the library.
#define TLRT_DRIVER_FUNCTIONS(X)                                                                   \
  X(init, cuInit, (unsigned))                                                                      \
  X(driverVersion, cuDriverGetVersion, (int *))                                                    \
  X(deviceCount, cuDeviceGetCount, (int *))                                                        \
  X(deviceGet, cuDeviceGet, (int *, int))                                                          \
  X(deviceName, cuDeviceGetName, (char *, int, int))                                               \
  X(deviceAttribute, cuDeviceGetAttribute, (int *, int, int))                                      \
  X(retainContext, cuDevicePrimaryCtxRetain, (Handle *, int))                                      \
  X(setContext, cuCtxSetCurrent, (Handle))                                                         \
  X(errorName, cuGetErrorName, (int, const char **))                                               \
  X(loadModule, cuModuleLoadDataEx, (Handle *, const void *, unsigned, int *, void **))            \
  X(unloadModule, cuModuleUnload, (Handle))                                                        \
  X(getFunction, cuModuleGetFunction, (Handle *, Handle, const char *))                            \
  X(setFunctionAttribute, cuFuncSetAttribute, (Handle, int, int))                                  \
  X(allocate, cuMemAlloc_v2, (Address *, size_t))                                                  \
  X(free, cuMemFree_v2, (Address))                                                                 \
  X(memoryInfo, cuMemGetInfo_v2, (size_t *, size_t *))                                             \
  X(upload, cuMemcpyHtoDAsync_v2, (Address, const void *, size_t, Handle))                         \
  X(download, cuMemcpyDtoHAsync_v2, (void *, Address, size_t, Handle))                             \
  X(copy, cuMemcpyDtoDAsync_v2, (Address, Address, size_t, Handle))                                \
  X(allocatePinned, cuMemHostAlloc, (void **, size_t, unsigned))                                   \
  X(pointerAttribute, cuPointerGetAttribute, (void *, int, Address))                               \
  X(createEvent, cuEventCreate, (Handle *, unsigned))                                              \
  X(recordEvent, cuEventRecord, (Handle, Handle))                                                  \
  X(waitForEvent, cuEventSynchronize, (Handle))                                                    \
  X(createGraph, cuGraphCreate, (Handle *, unsigned))                                              \
  X(addKernelNode, cuGraphAddKernelNode,                                                           \
    (Handle *, Handle, const Handle *, size_t, const KernelNode *))                                \
  X(instantiateGraph, cuGraphInstantiateWithFlags, (Handle *, Handle, unsigned long long))         \
  X(destroyGraph, cuGraphDestroy, (Handle))                                                        \
  X(destroyExecutable, cuGraphExecDestroy, (Handle))                                               \
  X(launchGraph, cuGraphLaunch, (Handle, Handle))                                                  \
  X(fill, cuMemsetD8Async, (Address, unsigned char, size_t, Handle))                               \
  X(createStream, cuStreamCreate, (Handle *, unsigned))                                            \
  X(synchronize, cuStreamSynchronize, (Handle))                                                    \
  X(launch, cuLaunchKernel,                                                                        \
    (Handle, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, Handle,         \
     void **, void **))

/// Those that older drivers do not have: null there.
#define TLRT_NEWER_DRIVER_FUNCTIONS(X)                                                             \
  X(encodeTensorMap, cuTensorMapEncodeTiled,                                                       \
    (void *, int, unsigned, Address, const uint64_t *, const uint64_t *, const unsigned *,         \
     const unsigned *, int, int, int, int))

struct Driver {
#define TLRT_DECLARE(member, name, parameters) int(*member) parameters;
  TLRT_DRIVER_FUNCTIONS(TLRT_DECLARE)
  TLRT_NEWER_DRIVER_FUNCTIONS(TLRT_DECLARE)
#undef TLRT_DECLARE

  /// "CUDA_ERROR_OUT_OF_MEMORY".
  const char *nameOf(int error) const;
};

/// Opens the library. On failure writes why into `message`.
bool openDriver(Driver &driver, char *message, size_t size);

} // namespace tlrt::gpu

#endif // TLC_RUNTIME_GPU_DRIVER_H
