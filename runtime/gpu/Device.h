//===- Device.h - a device, its stream and its memory ---------------------===//
//
// A process may use several devices, each with a stream of its own. What a call uses is its
// context's choice.
//
// Memory that is released is kept for the next request of about the size: work is in order in one
// stream, so that a block may be written again at once.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_RUNTIME_GPU_DEVICE_H
#define TLC_RUNTIME_GPU_DEVICE_H

#include "runtime/gpu/Driver.h"
#include "runtime/gpu/Launches.h"
#include "runtime/gpu/Staging.h"
#include "runtime/include/tlrt/tlrt.h"

#include <pthread.h>

namespace tlrt::gpu {

class Device {
public:
  /// Opens the driver and the device once; every call makes the device the thread's.
  int32_t open(tlrt_context *context);
  bool isReady() const { return isOpen; }

  /// 0 if there is no memory. The mutex is held.
  Address allocate(uint64_t bytes);
  /// Takes the block back, to be kept; false if it is none of this memory.
  bool release(Address address);
  /// Gives the kept blocks back to the driver.
  void trim();
  /// Whether the driver knows the address as a device's.
  bool isOnDevice(const void *data) const;

  /// Puts a kernel behind all work so far.
  int32_t launch(tlrt_context *context, const Kernel &kernel, const Launches::Sizes &sizes,
                 const void *parameters, size_t bytes);
  /// Gives the driver the launches that wait: before any other work.
  int32_t submit(tlrt_context *context);
  /// Waits for all work. On failure says which kernels have been launched since the last time.
  int32_t finish(tlrt_context *context);
  int32_t fail(tlrt_context *context, const char *what, int error);

  Driver driver{};
  Handle stream = nullptr;
  Staging staging;
  Launches launches;
  char name[128] = "";
  /// The compute capability, 90 for 9.0.
  int capability = 0;
  int multiprocessors = 1;
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

private:
  struct Block {
    Address address;
    uint64_t bytes;
    bool isFree;
  };

  int32_t openOnce(tlrt_context *context);
  int number() const;
  bool grow();

  bool isOpen = false;
  Handle primary = nullptr;
  Block *blocks = nullptr;
  size_t count = 0, capacity = 0;
  char firstKernel[128] = "", lastKernel[128] = "";
  int64_t launched = 0;
};

/// Devices that a process may use.
inline constexpr int kMostDevices = 16;

/// Device number `number` of the driver, which may not be there: see Device::open.
Device &device(int number);
/// The device of a context: what tlrt_gpu_select chose, else TLRT_GPU_DEVICE of the environment,
/// else the first.
Device &deviceOf(tlrt_context *context);

class Lock {
public:
  explicit Lock(pthread_mutex_t &mutex) : mutex(mutex) { pthread_mutex_lock(&mutex); }
  ~Lock() { pthread_mutex_unlock(&mutex); }
  Lock(const Lock &) = delete;
  Lock &operator=(const Lock &) = delete;

private:
  pthread_mutex_t &mutex;
};

} // namespace tlrt::gpu

#endif // TLC_RUNTIME_GPU_DEVICE_H
