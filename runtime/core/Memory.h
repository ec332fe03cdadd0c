//===- Memory.h - counted blocks of aligned memory ------------------------===//
//
// Tensors come in two sizes. Small blocks are malloc's. Big ones are mapped at 2 MiB
// boundaries, so that the kernel can back them with huge pages, and a few are kept when they
// are released: a program that is called again and again then touches no new pages.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_RUNTIME_CORE_MEMORY_H
#define TLC_RUNTIME_CORE_MEMORY_H

#include <atomic>
#include <cstdint>
#include <pthread.h>

namespace tlrt {

/// Stands in the 64 bytes before the data of every block.
struct BlockHeader {
  void *base;        ///< what malloc or mmap gave
  uint64_t mapped;   ///< bytes to unmap; 0: malloc's
  uint64_t capacity; ///< usable bytes from the data on, which the limit counts
};

/// A block of at least `bytes` bytes, aligned to 64, or null.
void *allocateBlock(uint64_t bytes);
void freeBlock(void *data);
BlockHeader &blockHeader(void *data);

/// The blocks in use under one limit.
class Memory {
public:
  /// Null if the limit or the machine does not allow it.
  void *allocate(uint64_t bytes);
  void release(void *data);
  /// Gives the kept blocks back to the system.
  void trim();

  void setLimit(uint64_t bytes) {
    limitBytes.store(bytes, std::memory_order_relaxed);
    peakBytes.store(0, std::memory_order_relaxed);
  }
  uint64_t limit() const { return limitBytes.load(std::memory_order_relaxed); }
  /// Bytes of live and kept blocks.
  uint64_t inUse() const { return used.load(std::memory_order_relaxed); }

  /// The most bytes of live blocks, without those that are kept, since the limit was set.
  uint64_t peak() const { return peakBytes.load(std::memory_order_relaxed); }

private:
  static constexpr int kKept = 4;
  static constexpr uint64_t kKeptBytes = uint64_t(512) << 20;

  bool charge(uint64_t bytes);
  void discharge(uint64_t bytes);
  void notePeak();
  void *takeKept(uint64_t bytes);
  bool keep(void *data);

  std::atomic<uint64_t> limitBytes{UINT64_MAX};
  std::atomic<uint64_t> used{0}, peakBytes{0};
  pthread_mutex_t keptMutex = PTHREAD_MUTEX_INITIALIZER;
  void *kept[kKept] = {};
  std::atomic<uint64_t> keptBytes{0};
};

} // namespace tlrt

#endif // TLC_RUNTIME_CORE_MEMORY_H
