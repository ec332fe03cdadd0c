//===- Memory.cpp - counted blocks of aligned memory ----------------------===//

#include "runtime/core/Memory.h"

#include <cstdlib>
#include <sys/mman.h>
#include <unistd.h>

namespace tlrt {
namespace {

constexpr uint64_t kAlignment = 64;
constexpr uint64_t kHugePage = uint64_t(2) << 20;

// The sanitizer can only watch what malloc hands out.
#if defined(__SANITIZE_ADDRESS__)
constexpr uint64_t kBig = UINT64_MAX;
#else
constexpr uint64_t kBig = kHugePage;
#endif

constexpr uint64_t roundUp(uint64_t value, uint64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

/// Maps [page with the header][data, 2 MiB aligned] and cuts off the rest.
void *mapBlock(uint64_t bytes) {
  uint64_t page = uint64_t(sysconf(_SC_PAGESIZE));
  uint64_t capacity = roundUp(bytes, page);
  uint64_t length = page + capacity + kHugePage;
  void *raw = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (raw == MAP_FAILED)
    return nullptr;
  uint64_t begin = reinterpret_cast<uint64_t>(raw);
  uint64_t data = roundUp(begin + page, kHugePage);
  uint64_t base = data - page, end = data + capacity;
  if (base > begin)
    munmap(raw, base - begin);
  if (begin + length > end)
    munmap(reinterpret_cast<void *>(end), begin + length - end);
  void *result = reinterpret_cast<void *>(data);
  madvise(result, capacity, MADV_HUGEPAGE); // a wish: the result does not matter
  blockHeader(result) = {reinterpret_cast<void *>(base), page + capacity, capacity};
  return result;
}

} // namespace

BlockHeader &blockHeader(void *data) {
  return *reinterpret_cast<BlockHeader *>(static_cast<char *>(data) - kAlignment);
}

void *allocateBlock(uint64_t bytes) {
  if (bytes > uint64_t(INT64_MAX) - 2 * kHugePage)
    return nullptr;
  if (bytes >= kBig)
    return mapBlock(bytes);
  uint64_t capacity = roundUp(bytes == 0 ? 1 : bytes, kAlignment);
  void *base = aligned_alloc(kAlignment, capacity + kAlignment);
  if (!base)
    return nullptr;
  void *data = static_cast<char *>(base) + kAlignment;
  blockHeader(data) = {base, 0, capacity};
  return data;
}

void freeBlock(void *data) {
  if (!data)
    return;
  BlockHeader header = blockHeader(data);
  if (header.mapped)
    munmap(header.base, header.mapped);
  else
    free(header.base);
}

bool Memory::charge(uint64_t bytes) {
  uint64_t now = used.load(std::memory_order_relaxed);
  do {
    if (bytes > limit() || now > limit() - bytes)
      return false;
  } while (!used.compare_exchange_weak(now, now + bytes, std::memory_order_relaxed));
  return true;
}

// A block may be released through another context than its own; then the count stays at zero.
void Memory::discharge(uint64_t bytes) {
  uint64_t now = used.load(std::memory_order_relaxed);
  while (!used.compare_exchange_weak(now, now < bytes ? 0 : now - bytes, std::memory_order_relaxed))
    ;
}

/// A kept block that fits `bytes` without wasting more than a quarter, or null.
void *Memory::takeKept(uint64_t bytes) {
  pthread_mutex_lock(&keptMutex);
  int best = -1;
  for (int i = 0; i < kKept; ++i) {
    if (!kept[i])
      continue;
    uint64_t capacity = blockHeader(kept[i]).capacity;
    bool fits = capacity >= bytes && capacity - bytes <= bytes / 4;
    if (fits && (best < 0 || capacity < blockHeader(kept[best]).capacity))
      best = i;
  }
  void *data = nullptr;
  if (best >= 0) {
    data = kept[best];
    kept[best] = nullptr;
    keptBytes -= blockHeader(data).capacity;
  }
  pthread_mutex_unlock(&keptMutex);
  return data;
}

bool Memory::keep(void *data) {
  uint64_t capacity = blockHeader(data).capacity;
  bool done = false;
  pthread_mutex_lock(&keptMutex);
  for (int i = 0; i < kKept && !done && keptBytes + capacity <= kKeptBytes; ++i) {
    if (kept[i])
      continue;
    kept[i] = data;
    keptBytes += capacity;
    done = true;
  }
  pthread_mutex_unlock(&keptMutex);
  return done;
}

void Memory::trim() {
  pthread_mutex_lock(&keptMutex);
  for (void *&data : kept) {
    if (!data)
      continue;
    discharge(blockHeader(data).capacity);
    freeBlock(data);
    data = nullptr;
  }
  keptBytes = 0;
  pthread_mutex_unlock(&keptMutex);
}

void *Memory::allocate(uint64_t bytes) {
  if (bytes >= kBig)
    if (void *data = takeKept(bytes)) {
      notePeak();
      return data;
    }
  // The limit counts what was asked for, not the rest of the last page.
  uint64_t capacity = roundUp(bytes == 0 ? 1 : bytes, kAlignment);
  if (!charge(capacity)) {
    trim();
    if (!charge(capacity))
      return nullptr;
  }
  void *data = allocateBlock(bytes);
  if (!data) {
    trim();
    data = allocateBlock(bytes);
  }
  if (!data) {
    discharge(capacity);
    return nullptr;
  }
  blockHeader(data).capacity = capacity;
  notePeak();
  return data;
}

void Memory::notePeak() {
  uint64_t all = inUse(), unused = keptBytes.load(std::memory_order_relaxed);
  uint64_t live = all > unused ? all - unused : 0;
  uint64_t most = peak();
  while (live > most && !peakBytes.compare_exchange_weak(most, live, std::memory_order_relaxed))
    ;
}

void Memory::release(void *data) {
  if (!data)
    return;
  uint64_t capacity = blockHeader(data).capacity;
  if (blockHeader(data).mapped && keep(data))
    return;
  discharge(capacity);
  freeBlock(data);
}

} // namespace tlrt
