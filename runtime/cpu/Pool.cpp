//===- Pool.cpp - the worker threads of the process -----------------------===//

#include "runtime/cpu/Pool.h"

#include "runtime/core/System.h"

#include <climits>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <linux/futex.h>
#include <new>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace tlrt {
namespace {

/// How long a thread with nothing to do stays awake. In a virtual machine it takes about a
/// millisecond to wake one that sleeps; between two phases of a packed product, or two calls in a
/// row, less passes than this.
constexpr int64_t kAwakeNanoseconds = 500'000;
/// Turns of a waiting loop before it lets other processes' threads have the core.
constexpr int kQuickTurns = 500;

std::atomic<uint32_t> forks{0};
pthread_once_t forkOnce = PTHREAD_ONCE_INIT;
pthread_mutex_t sharedMutex = PTHREAD_MUTEX_INITIALIZER;
Pool *shared = nullptr; ///< under the mutex

/// What a forked child inherits of the pool is left alone.
void forgetPool() {
  shared = nullptr;
  forks.fetch_add(1);
  pthread_mutex_unlock(&sharedMutex);
}

void registerFork() {
  pthread_atfork([] { pthread_mutex_lock(&sharedMutex); },
                 [] { pthread_mutex_unlock(&sharedMutex); }, forgetPool);
}

inline void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

int64_t nanoseconds() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

/// Waits awake; false if nothing came in time. With more threads than cores, whoever waits must
/// not keep those from running that it waits for.
template <typename Ready> bool awaitAwake(Ready ready) {
  for (int turn = 0; turn < kQuickTurns; ++turn) {
    if (ready())
      return true;
    pause();
  }
  for (int64_t end = nanoseconds() + kAwakeNanoseconds; nanoseconds() < end;) {
    if (ready())
      return true;
    sched_yield();
  }
  return ready();
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

//===----------------------------------------------------------------------===//
// Starting and ending
//===----------------------------------------------------------------------===//

Pool::Pool() : cores(availableCores()), generation(forks.load()) {}

Pool::~Pool() {
  stopping.store(true);
  epoch.fetch_add(1);
  futexWake(epoch, INT_MAX);
  for (int32_t i = 0; i < threads; ++i)
    pthread_join(handles[i], nullptr);
  free(handles);
}

/// Enough workers for each context alone and, as far as there are cores, for all at once.
void Pool::growFor(int32_t workers) {
  wanted += workers;
  int32_t together = wanted < cores - 1 ? int32_t(wanted) : cores - 1;
  grow(workers > together ? workers : together);
}

/// Signals are the program's business: they go to its own threads.
void Pool::grow(int32_t workers) {
  if (workers <= threads)
    return;
  if (workers > capacity) {
    auto *larger = static_cast<pthread_t *>(realloc(handles, size_t(workers) * sizeof(pthread_t)));
    if (!larger)
      return;
    handles = larger;
    capacity = workers;
  }
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  while (threads < workers && pthread_create(&handles[threads], nullptr, threadMain, this) == 0)
    ++threads;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Pool *Pool::acquire(int32_t workers) {
  pthread_once(&forkOnce, registerFork);
  pthread_mutex_lock(&sharedMutex);
  if (!shared)
    if (void *place = aligned_alloc(alignof(Pool), sizeof(Pool)))
      shared = new (place) Pool;
  Pool *pool = shared;
  if (pool) {
    ++pool->references;
    pool->growFor(workers);
  }
  pthread_mutex_unlock(&sharedMutex);
  return pool;
}

void Pool::release(Pool *pool, int32_t workers) {
  if (!pool || pool->isStale())
    return;
  pthread_mutex_lock(&sharedMutex);
  pool->wanted -= workers;
  bool isLast = --pool->references == 0;
  if (isLast)
    shared = nullptr;
  pthread_mutex_unlock(&sharedMutex);
  if (!isLast)
    return;
  pool->~Pool();
  free(pool);
}

bool Pool::isStale() const { return generation != forks.load(std::memory_order_relaxed); }

//===----------------------------------------------------------------------===//
// Workers
//===----------------------------------------------------------------------===//

void *Pool::threadMain(void *pointer) {
  auto &pool = *static_cast<Pool *>(pointer);
  insideLoop = true;
  uint32_t seen = 0;
  for (;;) {
    bool helped = false;
    for (Slot &slot : pool.slots)
      helped |= pool.help(slot);
    if (helped)
      continue;
    seen = pool.awaitEpoch(seen);
    if (pool.stopping.load())
      return nullptr;
  }
}

/// Waits, first awake and then asleep, until the epoch is not `seen`.
uint32_t Pool::awaitEpoch(uint32_t seen) {
  uint32_t now = seen;
  if (awaitAwake([&] { return (now = epoch.load(std::memory_order_acquire)) != seen; }))
    return now;
  // Who raises the epoch then looks for sleepers; we do it the other way round, so that one of us
  // sees the other.
  sleepers.fetch_add(1);
  while ((now = epoch.load()) == seen)
    futexWait(epoch, seen);
  sleepers.fetch_sub(1);
  return now;
}

/// Works on the loop in the slot, if there is one that may have another thread. Callers cannot wait
/// for a core, so a worker goes when they have become too many.
bool Pool::help(Slot &slot) {
  int32_t inside = slot.enter();
  if (!inside)
    return false;
  bool worked = false;
  int32_t most = slot.threads > cores ? slot.threads : cores;
  if (inside < slot.threads && beginWork(most)) {
    while (slot.runNext()) {
      worked = true;
      if (atWork.load(std::memory_order_relaxed) > most)
        break;
    }
    atWork.fetch_sub(1);
  }
  slot.leave();
  return worked;
}

/// Counts the thread as one that works, if there are fewer than `most`.
bool Pool::beginWork(int32_t most) {
  int32_t now = atWork.load();
  while (now < most)
    if (atWork.compare_exchange_weak(now, now + 1))
      return true;
  return false;
}

/// Lets the workers look at the slots.
void Pool::announce(int32_t workers) {
  epoch.fetch_add(1);
  if (sleepers.load())
    futexWake(epoch, workers);
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

bool Pool::Slot::claim() {
  uint32_t free = 0;
  return state.load(std::memory_order_relaxed) == 0 &&
         state.compare_exchange_strong(free, kClaimed, std::memory_order_acquire,
                                       std::memory_order_relaxed);
}

/// Joins the loop and counts the workers inside; 0 if there is none, or it is closed already.
int32_t Pool::Slot::enter() {
  uint32_t now = state.load(std::memory_order_relaxed);
  while (now & kOpen)
    if (state.compare_exchange_weak(now, now + 1, std::memory_order_acquire,
                                    std::memory_order_relaxed))
      return int32_t((now & kCount) + 1);
  return 0;
}

void Pool::Slot::leave() {
  uint32_t before = state.fetch_sub(1, std::memory_order_acq_rel);
  if ((before & kCallerWaits) && (before & kCount) == 1)
    futexWake(state, 1);
}

/// Draws the next few iterations and runs them; false if there are no more.
bool Pool::Slot::runNext() {
  uint64_t begin = next.fetch_add(chunk, std::memory_order_relaxed);
  if (begin >= n)
    return false;
  uint64_t end = n - begin < chunk ? n : begin + chunk;
  for (uint64_t i = begin; i < end; ++i)
    body(argument, int64_t(i));
  return true;
}

/// Lets no more workers in, waits for those that are inside, and frees the slot.
void Pool::Slot::closeAndWait() {
  state.fetch_and(~kOpen, std::memory_order_acq_rel);
  auto isAlone = [&] { return (state.load(std::memory_order_acquire) & kCount) == 0; };
  if (!awaitAwake(isAlone)) {
    uint32_t now = state.fetch_or(kCallerWaits, std::memory_order_acq_rel) | kCallerWaits;
    while (now & kCount) {
      futexWait(state, now);
      now = state.load(std::memory_order_acquire);
    }
  }
  state.store(0, std::memory_order_release);
}

bool Pool::tryRun(LoopBody body, void *argument, int64_t count, int32_t mostThreads) {
  Slot *slot = slots;
  while (slot != slots + kSlots && !slot->claim())
    ++slot;
  if (slot == slots + kSlots)
    return false;
  auto n = uint64_t(count);
  slot->threads = mostThreads;
  slot->body = body;
  slot->argument = argument;
  slot->n = n;
  // One at a time where there are few; in larger lots where drawing would be the work.
  uint64_t lots = uint64_t(mostThreads) * 64;
  slot->chunk = n / lots > 1 ? n / lots : 1;
  slot->next.store(0, std::memory_order_relaxed);
  atWork.fetch_add(1);
  openLoops.fetch_add(1);
  slot->state.store(Slot::kClaimed | Slot::kOpen, std::memory_order_release);
  int32_t helpers = mostThreads - 1;
  announce(n - 1 < uint64_t(helpers) ? int32_t(n - 1) : helpers);
  while (slot->runNext())
    continue;
  // The thread counts as idle from here on, and another loop may have a worker instead of it.
  openLoops.fetch_sub(1);
  atWork.fetch_sub(1);
  slot->closeAndWait();
  if (openLoops.load() > 0)
    announce(1);
  return true;
}

} // namespace tlrt
