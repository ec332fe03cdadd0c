//===- Pool.cpp - the worker threads of a context -------------------------===//

#include "runtime/cpu/Pool.h"

#include <climits>
#include <csignal>
#include <cstdlib>
#include <linux/futex.h>
#include <new>
#include <sys/syscall.h>
#include <unistd.h>

namespace tlrt {
namespace {

/// Turns of a waiting loop before the thread sleeps: some tens of microseconds, the time
/// between two phases of a packed product.
constexpr int kSpins = 1000;

std::atomic<uint32_t> forks{0};
pthread_once_t forkOnce = PTHREAD_ONCE_INIT;

inline void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

void futexWait(std::atomic<uint32_t> &word, uint32_t expected) {
  syscall(SYS_futex, reinterpret_cast<uint32_t *>(&word), FUTEX_WAIT_PRIVATE, expected, nullptr,
          nullptr, 0);
}

void futexWake(std::atomic<uint32_t> &word, int count) {
  syscall(SYS_futex, reinterpret_cast<uint32_t *>(&word), FUTEX_WAKE_PRIVATE, count, nullptr,
          nullptr, 0);
}

} // namespace

constinit thread_local bool insideLoop = false;

Pool::Pool(int32_t workers) {
  pthread_once(&forkOnce, [] { pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1); }); });
  generation = forks.load();
  handles = static_cast<pthread_t *>(calloc(size_t(workers), sizeof(pthread_t)));
  // Signals are the program's business: they go to its own threads.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  while (handles && threads < workers &&
         pthread_create(&handles[threads], nullptr, threadMain, this) == 0)
    ++threads;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Pool::~Pool() {
  if (!isStale()) {
    stopping.store(true);
    epoch.fetch_add(1);
    futexWake(epoch, INT_MAX);
    for (int32_t i = 0; i < threads; ++i)
      pthread_join(handles[i], nullptr);
  }
  free(handles);
}

Pool *Pool::create(int32_t workers) {
  void *place = aligned_alloc(alignof(Pool), sizeof(Pool));
  return place ? new (place) Pool(workers) : nullptr;
}

void Pool::destroy(Pool *pool) {
  if (!pool)
    return;
  pool->~Pool();
  free(pool);
}

bool Pool::isStale() const { return generation != forks.load(std::memory_order_relaxed); }

void *Pool::threadMain(void *pointer) {
  auto &pool = *static_cast<Pool *>(pointer);
  uint32_t seen = 0;
  insideLoop = true;
  for (;;) {
    seen = pool.awaitEpoch(seen);
    if (pool.stopping.load())
      return nullptr;
    if (pool.enter()) {
      pool.work();
      pool.leave();
    }
  }
}

/// Waits, first awake and then asleep, until the epoch is not `seen`.
uint32_t Pool::awaitEpoch(uint32_t seen) {
  for (int i = 0; i < kSpins; ++i) {
    uint32_t now = epoch.load(std::memory_order_acquire);
    if (now != seen)
      return now;
    pause();
  }
  // The caller raises the epoch and then looks for sleepers; we do it the other way round, so
  // that one of us sees the other.
  sleepers.fetch_add(1);
  uint32_t now;
  while ((now = epoch.load()) == seen)
    futexWait(epoch, seen);
  sleepers.fetch_sub(1);
  return now;
}

/// Joins the current loop, unless it is closed already.
bool Pool::enter() {
  uint32_t now = state.load(std::memory_order_relaxed);
  while (now & kOpen)
    if (state.compare_exchange_weak(now, now + 1, std::memory_order_acquire,
                                    std::memory_order_relaxed))
      return true;
  return false;
}

void Pool::leave() {
  uint32_t before = state.fetch_sub(1, std::memory_order_acq_rel);
  if ((before & kCallerWaits) && (before & kCount) == 1)
    futexWake(state, 1);
}

void Pool::work() {
  for (;;) {
    uint64_t begin = next.fetch_add(chunk, std::memory_order_relaxed);
    if (begin >= n)
      return;
    uint64_t end = n - begin < chunk ? n : begin + chunk;
    for (uint64_t i = begin; i < end; ++i)
      body(argument, int64_t(i));
  }
}

/// Lets no more workers in, and waits for those that are inside.
void Pool::closeAndWait() {
  uint32_t now = state.fetch_and(~kOpen, std::memory_order_acq_rel) & ~kOpen;
  for (int i = 0; i < kSpins && now; ++i) {
    pause();
    now = state.load(std::memory_order_acquire);
  }
  if (!now)
    return;
  now = state.fetch_or(kCallerWaits, std::memory_order_acq_rel) | kCallerWaits;
  while (now & kCount) {
    futexWait(state, now);
    now = state.load(std::memory_order_acquire);
  }
}

bool Pool::tryRun(LoopBody newBody, void *newArgument, int64_t count) {
  if (busy.exchange(true, std::memory_order_acquire))
    return false;
  body = newBody;
  argument = newArgument;
  n = uint64_t(count);
  // One at a time where there are few; in larger lots where drawing would be the work.
  uint64_t lots = uint64_t(threads + 1) * 64;
  chunk = n / lots > 1 ? n / lots : 1;
  next.store(0, std::memory_order_relaxed);
  state.store(kOpen, std::memory_order_release);
  epoch.fetch_add(1);
  if (sleepers.load())
    futexWake(epoch, n > INT_MAX ? INT_MAX : int(n) - 1);
  work();
  closeAndWait();
  busy.store(false, std::memory_order_release);
  return true;
}

} // namespace tlrt
