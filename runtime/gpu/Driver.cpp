//===- Driver.cpp - the CUDA driver, opened when it is needed -------------===//

#include "runtime/gpu/Driver.h"

#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>

namespace tlrt::gpu {

const char *Driver::nameOf(int error) const {
  const char *name = nullptr;
  errorName(error, &name);
  return name ? name : "an unknown error";
}

bool openDriver(Driver &driver, char *message, size_t size) {
  const char *chosen = getenv("TLRT_LIBCUDA");
  const char *path = chosen && *chosen ? chosen : "libcuda.so.1";
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(message, size, "no GPU to run on: the driver's library '%s' cannot be opened", path);
    return false;
  }
  auto find = [&](const char *name) {
    void *address = dlsym(library, name);
    if (!address)
      snprintf(message, size, "no GPU to run on: the driver's library '%s' has no function '%s'",
               path, name);
    return address;
  };
#define TLRT_FIND(member, name, parameters)                                                        \
  driver.member = reinterpret_cast<int(*) parameters>(find(#name));                                \
  if (!driver.member)                                                                              \
    return false;
  TLRT_DRIVER_FUNCTIONS(TLRT_FIND)
#undef TLRT_FIND
#define TLRT_FIND(member, name, parameters)                                                        \
  driver.member = reinterpret_cast<int(*) parameters>(dlsym(library, #name));
  TLRT_NEWER_DRIVER_FUNCTIONS(TLRT_FIND)
#undef TLRT_FIND
  return true;
}

} // namespace tlrt::gpu
