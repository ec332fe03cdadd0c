//===- Device.h - the device, its stream and its memory -------------------===//
//
// Memory that is released is kept for the next request of about the size: work is in order in one
// stream, so that a block may be written again at once.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_RUNTIME_GPU_DEVICE_H
#define TLC_RUNTIME_GPU_DEVICE_H

#include "runtime/gpu/Driver.h"
#include "runtime/include/tlrt/tlrt.h"

#include <pthread.h>

namespace tlrt::gpu {

class Device {
public:
  /// Opens the driver and the device once; every call makes the device the thread's.
  int32_t open(tlrt_context *context);

  /// 0 if there is no memory. The mutex is held.
  Address allocate(uint64_t bytes);
  /// Takes the block back, to be kept; false if it is none of this memory.
  bool release(Address address);
  /// Gives the kept blocks back to the driver.
  void trim();

  /// Waits for all work. On failure says which kernels have been launched since the last time.
  int32_t finish(tlrt_context *context);
  /// Records that a kernel is on its way.
  void launched(const char *name);
  int32_t fail(tlrt_context *context, const char *what, int error);

  Driver driver{};
  Handle stream = nullptr;
  char name[128] = "";
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

private:
  struct Block {
    Address address;
    uint64_t bytes;
    bool isFree;
  };

  int32_t openOnce(tlrt_context *context);
  bool grow();

  bool isOpen = false;
  Handle primary = nullptr;
  Block *blocks = nullptr;
  size_t count = 0, capacity = 0;
  char firstKernel[128] = "", lastKernel[128] = "";
  int64_t launches = 0;
};

/// The process's device.
Device &device();

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
