/* One pool for all contexts: callers at once, contexts that come and go, and how many threads are
 * at work. */
#define _GNU_SOURCE
#include "check.h"
#include "tlrt/tlrt.h"

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

static int max(int a, int b) { return a > b ? a : b; }

static int cores(void) {
  cpu_set_t set;
  CHECK(!sched_getaffinity(0, sizeof set, &set));
  return CPU_COUNT(&set);
}

/* Plain memory: a race, if two threads had the same iteration or the loop returned too early. */
typedef struct Squares {
  tlrt_context *context;
  int64_t values[500];
} Squares;

static void square(void *argument, int64_t i) { ((Squares *)argument)->values[i] = i * i; }

static void squares(tlrt_context *context, int64_t n) {
  Squares job = {context, {0}};
  tlrt_parallel_for(context, square, &job, n);
  for (int64_t i = 0; i < 500; ++i)
    CHECK(job.values[i] == (i < n ? i * i : 0));
}

static void *manyContexts(void *argument) {
  for (int round = 0; round < 60; ++round) {
    tlrt_context *context = tlrt_context_create(1 + round % 4);
    for (int loop = 0; loop < 10; ++loop)
      squares(context, (round * 31 + loop * 7) % 500);
    squares(argument, 200); /* one context for all threads */
    tlrt_context_destroy(context);
  }
  return NULL;
}

static void inThreads(int count, void *(*run)(void *), void *argument) {
  pthread_t threads[40];
  for (int i = 0; i < count; ++i)
    CHECK(!pthread_create(&threads[i], NULL, run, argument));
  for (int i = 0; i < count; ++i)
    pthread_join(threads[i], NULL);
}

/* How many threads are at work in loops, until `done`, and the most of them lately. */
static int working, most, done;

static void work(void *argument, int64_t i) {
  (void)argument, (void)i;
  int now = __atomic_add_fetch(&working, 1, __ATOMIC_RELAXED);
  int before = __atomic_load_n(&most, __ATOMIC_RELAXED);
  while (before < now &&
         !__atomic_compare_exchange_n(&most, &before, now, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
    continue;
  usleep(100);
  __atomic_sub_fetch(&working, 1, __ATOMIC_RELAXED);
}

static void *workLong(void *argument) {
  tlrt_context *context = tlrt_context_create(*(int *)argument);
  while (!__atomic_load_n(&done, __ATOMIC_RELAXED))
    tlrt_parallel_for(context, work, NULL, 100);
  tlrt_context_destroy(context);
  return NULL;
}

/* Workers that came when there were fewer callers finish what they do, then go: looks until that
 * has happened, for some seconds at most. */
static void noMoreThan(int limit, int callers, int threads) {
  pthread_t handles[8];
  done = 0;
  for (int i = 0; i < callers; ++i)
    CHECK(!pthread_create(&handles[i], NULL, workLong, &threads));
  int seen = limit + 1;
  for (int look = 0; look < 300 && (seen > limit || seen < callers); ++look) {
    usleep(10000);
    seen = __atomic_exchange_n(&most, 0, __ATOMIC_RELAXED);
  }
  __atomic_store_n(&done, 1, __ATOMIC_RELAXED);
  for (int i = 0; i < callers; ++i)
    pthread_join(handles[i], NULL);
  CHECK(seen >= callers && seen <= limit);
}

/* Each thread waits, for some seconds at most, until the other one has come. */
typedef struct Meeting {
  pthread_t first;
  int hasFirst, hasSecond;
} Meeting;

static void meet(void *argument, int64_t i) {
  (void)i;
  Meeting *meeting = argument;
  if (!__atomic_exchange_n(&meeting->hasFirst, 1, __ATOMIC_ACQ_REL))
    __atomic_store_n(&meeting->first, pthread_self(), __ATOMIC_RELEASE);
  else if (__atomic_load_n(&meeting->first, __ATOMIC_ACQUIRE) != pthread_self())
    __atomic_store_n(&meeting->hasSecond, 1, __ATOMIC_RELEASE);
  for (int wait = 0; wait < 5000 && !__atomic_load_n(&meeting->hasSecond, __ATOMIC_ACQUIRE); ++wait)
    usleep(1000);
}

int main(void) {
  tlrt_context *shared = tlrt_context_create(3);
  inThreads(6, manyContexts, shared);
  inThreads(40, manyContexts, shared); /* more loops than the pool has places for */
  noMoreThan(3, 1, 3);
  noMoreThan(max(3, cores()), 3, 2);
  noMoreThan(max(5, cores()), 5, 4);
  for (int threads = 2; threads <= 3; ++threads) {
    tlrt_context *context = tlrt_context_create(threads);
    Meeting meeting = {0};
    tlrt_parallel_for(context, meet, &meeting, 2);
    CHECK(meeting.hasSecond);
    tlrt_context_destroy(context);
  }
  tlrt_context_destroy(shared);
  puts("one pool serves all");
  return 0;
}
