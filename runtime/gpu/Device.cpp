//===- Device.cpp - the device, its stream and its memory -----------------===//

#include "runtime/gpu/Device.h"

#include "runtime/core/Context.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace tlrt::gpu {

/// Code is compiled for this compute capability, or a later one.
static constexpr int kLeastMajor = 8;
static constinit Device devices[kMostDevices];

Device &device(int number) { return devices[number]; }

Device &deviceOf(tlrt_context *context) {
  int number = context ? context->gpu : -1;
  if (number < 0) {
    const char *chosen = getenv("TLRT_GPU_DEVICE");
    number = chosen && *chosen ? atoi(chosen) : 0;
  }
  // Numbers that no driver has find their error when the device is opened.
  return devices[number < 0 || number >= kMostDevices ? kMostDevices - 1 : number];
}

int Device::number() const { return int(this - devices); }

//===----------------------------------------------------------------------===//
// Opening
//===----------------------------------------------------------------------===//

int32_t Device::fail(tlrt_context *context, const char *what, int error) {
  return tlrt_fail(context, error == kOutOfMemory ? TLRT_ERROR_RESOURCE : TLRT_ERROR_INTERNAL,
                   "GPU '%s': %s: %s", name, what, driver.nameOf(error));
}

int32_t Device::openOnce(tlrt_context *context) {
  char message[512];
  if (!openDriver(driver, message, sizeof message))
    return tlrt_fail(context, TLRT_ERROR_DATA, "%s", message);
  if (int error = driver.init(0))
    return tlrt_fail(context, TLRT_ERROR_DATA, "no GPU to run on: the driver says %s",
                     driver.nameOf(error));
  int count = 0, handle, major = 0, minor = 0;
  driver.deviceCount(&count);
  if (number() >= count)
    return tlrt_fail(context, TLRT_ERROR_DATA,
                     "no GPU to run on: device %d is asked for, the driver has %d", number(),
                     count);
  if (int error = driver.deviceGet(&handle, number()))
    return fail(context, "cannot be opened", error);
  driver.deviceName(name, sizeof name, handle);
  driver.deviceAttribute(&multiprocessors, kMultiprocessors, handle);
  driver.deviceAttribute(&major, kCapabilityMajor, handle);
  driver.deviceAttribute(&minor, kCapabilityMinor, handle);
  capability = 10 * major + minor;
  if (major < kLeastMajor)
    return tlrt_fail(context, TLRT_ERROR_DATA,
                     "GPU '%s' has compute capability %d.%d, but the code needs %d.0", name, major,
                     minor, kLeastMajor);
  if (int error = driver.retainContext(&primary, handle))
    return fail(context, "cannot be opened", error);
  driver.setContext(primary);
  if (int error = driver.createStream(&stream, 1)) // apart from the default stream
    return fail(context, "gives no stream", error);
  isOpen = true;
  return TLRT_OK;
}

int32_t Device::open(tlrt_context *context) {
  if (!isOpen)
    return openOnce(context);
  driver.setContext(primary);
  return TLRT_OK;
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

bool Device::grow() {
  if (count < capacity)
    return true;
  size_t wanted = capacity ? 2 * capacity : 64;
  void *larger = realloc(blocks, wanted * sizeof(Block));
  if (!larger)
    return false;
  blocks = static_cast<Block *>(larger);
  capacity = wanted;
  return true;
}

Address Device::allocate(uint64_t bytes) {
  bytes = bytes ? bytes : 1;
  Block *best = nullptr;
  for (Block *block = blocks; block < blocks + count; ++block) {
    bool fits = block->isFree && block->bytes >= bytes && block->bytes - bytes <= bytes / 4;
    if (fits && (!best || block->bytes < best->bytes))
      best = block;
  }
  if (best) {
    best->isFree = false;
    return best->address;
  }
  Address address = 0;
  if (!grow())
    return 0;
  if (driver.allocate(&address, bytes)) {
    // Launches that wait may use blocks that have been released behind them.
    submit(nullptr);
    trim();
    if (driver.allocate(&address, bytes))
      return 0;
  }
  blocks[count++] = {address, bytes, false};
  return address;
}

bool Device::release(Address address) {
  for (Block *block = blocks; block < blocks + count; ++block)
    if (block->address == address) {
      block->isFree = true;
      return true;
    }
  return false;
}

void Device::trim() {
  size_t kept = 0;
  for (size_t i = 0; i < count; ++i) {
    if (blocks[i].isFree)
      driver.free(blocks[i].address);
    else
      blocks[kept++] = blocks[i];
  }
  count = kept;
}

//===----------------------------------------------------------------------===//
// Work
//===----------------------------------------------------------------------===//

int32_t Device::launch(tlrt_context *context, const Kernel &kernel, const Launches::Sizes &sizes,
                       const void *parameters, size_t bytes) {
  if (!launches.add(kernel, sizes, parameters, bytes))
    return tlrt_fail(context, TLRT_ERROR_RESOURCE, "no memory to launch kernel '%s'", kernel.name);
  if (launched++ == 0)
    snprintf(firstKernel, sizeof firstKernel, "%s", kernel.name);
  snprintf(lastKernel, sizeof lastKernel, "%s", kernel.name);
  return TLRT_OK;
}

int32_t Device::submit(tlrt_context *context) {
  const char *failed = "";
  if (int error = launches.submit(driver, stream, failed))
    return tlrt_fail(context, TLRT_ERROR_INTERNAL, "GPU '%s': kernel '%s' cannot be launched: %s",
                     name, failed, driver.nameOf(error));
  return TLRT_OK;
}

bool Device::isOnDevice(const void *data) const {
  unsigned type = 0;
  return isOpen && data &&
         !driver.pointerAttribute(&type, kMemoryType, reinterpret_cast<Address>(data)) &&
         type == kDeviceMemory;
}

int32_t Device::finish(tlrt_context *context) {
  if (int32_t status = submit(context))
    return status;
  int error = driver.synchronize(stream);
  int64_t number = launched;
  launched = 0;
  if (error == kSuccess)
    return TLRT_OK;
  if (number == 0)
    return fail(context, "its work failed", error);
  if (number == 1)
    return tlrt_fail(context, TLRT_ERROR_INTERNAL, "GPU '%s': kernel '%s' failed: %s", name,
                     lastKernel, driver.nameOf(error));
  return tlrt_fail(context, TLRT_ERROR_INTERNAL,
                   "GPU '%s': one of the kernels from '%s' to '%s' failed: %s; TLRT_GPU_WAIT=1 "
                   "tells which",
                   name, firstKernel, lastKernel, driver.nameOf(error));
}

} // namespace tlrt::gpu
