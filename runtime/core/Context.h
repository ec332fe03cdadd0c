//===- Context.h - what a tlrt_context holds ------------------------------===//
//
// The runtime is C++20 inside but links with a plain C compiler: no exceptions, no RTTI, no
// function-local statics with guards, nothing from libstdc++ but headers.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_RUNTIME_CORE_CONTEXT_H
#define TLC_RUNTIME_CORE_CONTEXT_H

#include "runtime/core/Memory.h"
#include "runtime/include/tlrt/tlrt.h"

#include <atomic>
#include <pthread.h>

namespace tlrt {

class Pool;

/// The first error since the last `tlrt_context_clear`.
struct ErrorSlot {
  int32_t status = TLRT_OK;
  char message[1024] = "";
};

/// The context behind a handle: the default one for NULL.
tlrt_context &resolve(tlrt_context *context);

} // namespace tlrt

struct tlrt_context {
  int32_t threads = 1;
  tlrt::Memory memory;
  /// The device that calls use; -1 is the default.
  int32_t gpu = -1;

  pthread_mutex_t errorMutex = PTHREAD_MUTEX_INITIALIZER;
  tlrt::ErrorSlot error;

  /// The process's workers, from the first parallel loop on.
  std::atomic<tlrt::Pool *> pool{nullptr};
};

#endif // TLC_RUNTIME_CORE_CONTEXT_H
