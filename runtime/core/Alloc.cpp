//===- Alloc.cpp - tensors and scratch memory -----------------------------===//
//
// Sizes come from files and callers, so that they are multiplied with care:
//
//   tlrt_alloc(c, 2, {1 << 40, 1 << 40}, 4)   an error, not a block of 0 bytes
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Context.h"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>

namespace {

/// Writes "2x3" for messages, cut with "..." after a few extents.
void printShape(char *text, size_t size, int32_t rank, const int64_t *shape) {
  if (rank == 0)
    snprintf(text, size, "()");
  size_t at = 0;
  for (int32_t i = 0; i < rank; ++i) {
    if (size - at < 32) {
      snprintf(text + at, size - at, "x...");
      return;
    }
    at += size_t(snprintf(text + at, size - at, "%s%" PRId64, i ? "x" : "", shape[i]));
  }
}

/// The product of the extents and `elementBytes`; false if it overflows. Zero if an extent is.
bool productOf(int32_t rank, const int64_t *shape, int64_t elementBytes, int64_t &bytes) {
  bytes = elementBytes;
  for (int32_t i = 0; i < rank; ++i)
    if (shape[i] == 0) {
      bytes = 0;
      return true;
    }
  for (int32_t i = 0; i < rank; ++i)
    if (__builtin_mul_overflow(bytes, shape[i], &bytes))
      return false;
  return true;
}

//===----------------------------------------------------------------------===//
// Workspaces
//===----------------------------------------------------------------------===//

constexpr int32_t kSlots = 4;

struct Workspaces {
  void *data[kSlots];
  uint64_t bytes[kSlots];
};
thread_local Workspaces workspaces;

pthread_once_t workspaceOnce = PTHREAD_ONCE_INIT;
pthread_key_t workspaceKey;

void freeWorkspaces(void *pointer) {
  auto *mine = static_cast<Workspaces *>(pointer);
  for (int32_t i = 0; i < kSlots; ++i) {
    tlrt::freeBlock(mine->data[i]);
    mine->data[i] = nullptr;
    mine->bytes[i] = 0;
  }
}

/// Has the calling thread's workspaces freed when it ends.
void registerThread() {
  pthread_once(&workspaceOnce, [] { pthread_key_create(&workspaceKey, freeWorkspaces); });
  pthread_setspecific(workspaceKey, &workspaces);
}

} // namespace

void *tlrt_alloc(tlrt_context *context, int32_t rank, const int64_t *shape, int64_t element_bytes) {
  for (int32_t i = 0; i < rank; ++i)
    if (shape[i] < 0) {
      tlrt_fail(context, TLRT_ERROR_DATA, "extent %d of a tensor is %" PRId64, i, shape[i]);
      return nullptr;
    }
  char text[160];
  int64_t bytes;
  if (!productOf(rank, shape, element_bytes, bytes)) {
    printShape(text, sizeof text, rank, shape);
    tlrt_fail(context, TLRT_ERROR_RESOURCE,
              "a tensor of shape %s needs more bytes than there are addresses", text);
    return nullptr;
  }
  tlrt::Memory &memory = tlrt::resolve(context).memory;
  if (void *data = memory.allocate(uint64_t(bytes)))
    return data;
  printShape(text, sizeof text, rank, shape);
  tlrt_fail(context, TLRT_ERROR_RESOURCE,
            "a tensor of shape %s needs %" PRId64 " bytes, but %" PRIu64 " of the limit of %" PRIu64
            " bytes are in use",
            text, bytes, memory.inUse(), memory.limit());
  return nullptr;
}

void tlrt_release(tlrt_context *context, void *data) {
  tlrt::resolve(context).memory.release(data);
}

void *tlrt_workspace(tlrt_context *context, int32_t slot, int64_t bytes) {
  if (slot < 0 || slot >= kSlots || bytes < 0) {
    tlrt_fail(context, TLRT_ERROR_INTERNAL, "internal error: workspace %d of %" PRId64 " bytes",
              slot, bytes);
    return nullptr;
  }
  Workspaces &mine = workspaces;
  if (mine.data[slot] && mine.bytes[slot] >= uint64_t(bytes))
    return mine.data[slot];
  registerThread();
  tlrt::freeBlock(mine.data[slot]);
  mine.data[slot] = nullptr;
  uint64_t limit = tlrt::resolve(context).memory.limit();
  if (uint64_t(bytes) <= limit)
    mine.data[slot] = tlrt::allocateBlock(uint64_t(bytes));
  mine.bytes[slot] = mine.data[slot] ? uint64_t(bytes) : 0;
  if (!mine.data[slot])
    tlrt_fail(context, TLRT_ERROR_RESOURCE,
              "scratch memory of %" PRId64 " bytes is not to be had under the limit of %" PRIu64,
              bytes, limit);
  return mine.data[slot];
}
