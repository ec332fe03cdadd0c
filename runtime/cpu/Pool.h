//===- Pool.h - the worker threads of a context ---------------------------===//
//
// One loop at a time runs on the workers and the calling thread, which all draw the next few
// iterations from a shared counter. So a slow core does fewer of them, and a thread that never
// shows up delays nobody: the caller waits only for workers that took part.
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
  /// Starts up to `workers` threads; null if there is no memory.
  static Pool *create(int32_t workers);
  /// Ends the threads. `pool` may be null.
  static void destroy(Pool *pool);

  /// Runs the loop; false, and nothing done, if another loop is running.
  bool tryRun(LoopBody body, void *argument, int64_t n);

  /// The process was forked since: the threads are not there.
  bool isStale() const;

private:
  explicit Pool(int32_t workers);
  ~Pool();

  static void *threadMain(void *pool);
  void work();
  bool enter();
  void leave();
  uint32_t awaitEpoch(uint32_t seen);
  void closeAndWait();

  // Bits of `state`; the rest counts the workers inside the current loop.
  static constexpr uint32_t kOpen = 1u << 31;
  static constexpr uint32_t kCallerWaits = 1u << 30;
  static constexpr uint32_t kCount = kCallerWaits - 1;

  // The current loop: written while no worker is inside and `state` is closed.
  LoopBody body = nullptr;
  void *argument = nullptr;
  uint64_t n = 0;
  uint64_t chunk = 1;

  int32_t threads = 0;
  pthread_t *handles = nullptr;
  uint32_t generation; ///< of the process, counted in forks

  std::atomic<bool> busy{false};
  std::atomic<bool> stopping{false};
  // Apart, so that drawing iterations does not disturb the waiting.
  alignas(64) std::atomic<uint64_t> next{0};
  alignas(64) std::atomic<uint32_t> state{0};
  alignas(64) std::atomic<uint32_t> epoch{0}; ///< counts loops; workers wait for it to change
  std::atomic<uint32_t> sleepers{0};
};

} // namespace tlrt

#endif // TLC_RUNTIME_CPU_POOL_H
