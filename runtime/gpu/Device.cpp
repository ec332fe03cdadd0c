//===- Device.cpp - the device, its stream and its memory -----------------===//

#include "runtime/gpu/Device.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace tlrt::gpu {

/// Code is compiled for this compute capability, or a later one.
static constexpr int kLeastMajor = 8;
static constinit Device theDevice;
Device &device() { return theDevice; }

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
  int devices = 0, number, major = 0, minor = 0;
  driver.deviceCount(&devices);
  const char *chosen = getenv("TLRT_GPU_DEVICE");
  int wanted = chosen && *chosen ? atoi(chosen) : 0;
  if (wanted < 0 || wanted >= devices)
    return tlrt_fail(context, TLRT_ERROR_DATA,
                     "no GPU to run on: device %d is asked for, the driver has %d", wanted,
                     devices);
  if (int error = driver.deviceGet(&number, wanted))
    return fail(context, "cannot be opened", error);
  driver.deviceName(name, sizeof name, number);
  driver.deviceAttribute(&major, kCapabilityMajor, number);
  driver.deviceAttribute(&minor, kCapabilityMinor, number);
  if (major < kLeastMajor)
    return tlrt_fail(context, TLRT_ERROR_DATA,
                     "GPU '%s' has compute capability %d.%d, but the code needs %d.0", name, major,
                     minor, kLeastMajor);
  if (int error = driver.retainContext(&primary, number))
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

void Device::launched(const char *kernel) {
  if (launches++ == 0)
    snprintf(firstKernel, sizeof firstKernel, "%s", kernel);
  snprintf(lastKernel, sizeof lastKernel, "%s", kernel);
}

int32_t Device::finish(tlrt_context *context) {
  int error = driver.synchronize(stream);
  int64_t number = launches;
  launches = 0;
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
