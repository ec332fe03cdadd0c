//===- Context.cpp - threads, memory and the last error -------------------===//

#include "runtime/core/Context.h"

#include "runtime/core/System.h"
#include "runtime/cpu/Pool.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <new>

namespace {

constexpr int32_t kMaxThreads = 1024;

/// Last error of calls without a context.
thread_local tlrt::ErrorSlot threadError;

constinit tlrt_context defaultContext;
pthread_once_t defaultOnce = PTHREAD_ONCE_INIT;

/// Records the error if it is the first.
void record(tlrt::ErrorSlot &slot, int32_t status, const char *format, va_list arguments) {
  if (slot.status != TLRT_OK)
    return;
  slot.status = status;
  vsnprintf(slot.message, sizeof slot.message, format, arguments);
}

} // namespace

tlrt_context &tlrt::resolve(tlrt_context *context) {
  if (context)
    return *context;
  pthread_once(&defaultOnce, [] { defaultContext.memory.setLimit(tlrt_default_memory_limit()); });
  return defaultContext;
}

tlrt_context *tlrt_context_create(int32_t threads) {
  void *place = malloc(sizeof(tlrt_context));
  if (!place)
    return nullptr;
  auto *context = new (place) tlrt_context;
  context->threads = threads <= 0 ? tlrt::availableCores() : threads;
  if (context->threads > kMaxThreads)
    context->threads = kMaxThreads;
  context->memory.setLimit(tlrt_default_memory_limit());
  return context;
}

void tlrt_context_destroy(tlrt_context *context) {
  if (!context)
    return;
  tlrt::Pool::release(context->pool.load(), context->threads - 1);
  context->memory.trim();
  pthread_mutex_destroy(&context->errorMutex);
  free(context);
}

void tlrt_context_set_memory_limit(tlrt_context *context, uint64_t bytes) {
  tlrt::Memory &memory = tlrt::resolve(context).memory;
  uint64_t limit = bytes ? bytes : tlrt_default_memory_limit();
  // Blocks that are kept for the next call stay if nothing changes.
  if (limit != memory.limit())
    memory.trim();
  memory.setLimit(limit);
}

uint64_t tlrt_context_peak_memory(const tlrt_context *context) {
  return context ? context->memory.peak() : tlrt::resolve(nullptr).memory.peak();
}

uint64_t tlrt_default_memory_limit(void) {
  uint64_t available = tlrt::availableMemory();
  return available == UINT64_MAX ? available : available / 5 * 4;
}

int32_t tlrt_context_threads(const tlrt_context *context) { return context ? context->threads : 1; }

const char *tlrt_context_message(const tlrt_context *context) {
  return context ? context->error.message : threadError.message;
}

void tlrt_context_clear(tlrt_context *context) {
  tlrt::ErrorSlot &slot = context ? context->error : threadError;
  slot.status = TLRT_OK;
  slot.message[0] = '\0';
}

int32_t tlrt_fail(tlrt_context *context, int32_t status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  if (context) {
    pthread_mutex_lock(&context->errorMutex);
    record(context->error, status, format, arguments);
    pthread_mutex_unlock(&context->errorMutex);
  } else {
    record(threadError, status, format, arguments);
  }
  va_end(arguments);
  return status;
}
