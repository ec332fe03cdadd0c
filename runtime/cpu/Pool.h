//===- Pool.h - the worker threads of the process -------------------------===//
//
// One pool serves all contexts. A loop is posted in a slot, where idle workers find it; they and
// the calling thread draw the next few iterations from its counter. So a slow core does fewer of
// them, and a thread that never shows up delays nobody: the caller waits only for workers that
// took part.
//
// Several threads may run loops at once. A worker joins a loop only while fewer threads work on it
// than its context allows and fewer are at work, in all loops of the process, than there are cores:
// with two callers on two cores, each runs its loop alone, and when one is done a worker helps the
// other.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_RUNTIME_CPU_POOL_H
#define TLC_RUNTIME_CPU_POOL_H

#include <atomic>
#include <cstdint>
#include <pthread.h>

namespace tlrt {

using LoopBody = void (*)(void *argument, int64_t i);

/// The calling thread runs iterations of a loop.
extern constinit thread_local bool insideLoop;

class Pool {
public:
  /// The process's pool with at least `workers` threads, or as many as can be had; null if there is
  /// no memory. Each call needs a `release` with the same number.
  static Pool *acquire(int32_t workers);
  /// The last one ends the threads. `pool` may be null, or one from before a fork.
  static void release(Pool *pool, int32_t workers);

  /// Runs the loop on the calling thread and those workers that join, `threads` in all at most;
  /// false, and nothing done, if too many loops are running.
  bool tryRun(LoopBody body, void *argument, int64_t n, int32_t threads);

  /// The process was forked since: the threads are not there.
  bool isStale() const;

private:
  /// A loop that workers can join. Apart, so that one does not disturb the other's threads.
  struct alignas(64) Slot {
    // Bits of `state`; the rest counts the workers inside. A free slot's is 0.
    static constexpr uint32_t kClaimed = 1u << 31;
    static constexpr uint32_t kOpen = 1u << 30;
    static constexpr uint32_t kCallerWaits = 1u << 29;
    static constexpr uint32_t kCount = kCallerWaits - 1;

    std::atomic<uint32_t> state{0};
    // Written while the slot is claimed and not open.
    int32_t threads = 0;
    LoopBody body = nullptr;
    void *argument = nullptr;
    uint64_t n = 0;
    uint64_t chunk = 1;
    alignas(64) std::atomic<uint64_t> next{0};

    bool claim();
    int32_t enter();
    void leave();
    bool runNext();
    void closeAndWait();
  };
  static constexpr int kSlots = 32;

  Pool();
  ~Pool();
  void growFor(int32_t workers);
  void grow(int32_t workers);
  static void *threadMain(void *pool);
  uint32_t awaitEpoch(uint32_t seen);
  bool help(Slot &slot);
  bool beginWork(int32_t most);
  void announce(int32_t workers);

  Slot slots[kSlots];
  alignas(64) std::atomic<uint32_t> epoch{0}; ///< counts what workers may want to look at
  std::atomic<uint32_t> sleepers{0};
  std::atomic<int32_t> atWork{0};    ///< threads in loops
  std::atomic<int32_t> openLoops{0}; ///< that workers may join
  std::atomic<bool> stopping{false};

  // Of `acquire` and `release`, under their mutex.
  int32_t references = 0;
  int64_t wanted = 0; ///< workers, by all contexts together
  int32_t threads = 0;
  int32_t capacity = 0;
  pthread_t *handles = nullptr;
  const int32_t cores;
  const uint32_t generation; ///< of the process, counted in forks
};

} // namespace tlrt

#endif // TLC_RUNTIME_CPU_POOL_H
