/* The parallel loop: every iteration once, from several callers, nested, after a fork. */
#include "check.h"
#include "tlrt/tlrt.h"

#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kMost = 100000 };

typedef struct Job {
  tlrt_context *context;
  unsigned char *hits;
  int64_t inner, sum;
} Job;

static void hit(void *argument, int64_t i) { ++((Job *)argument)->hits[i]; }

static void everyIterationOnce(tlrt_context *context, unsigned char *hits) {
  static const int64_t sizes[] = {0, 1, 2, 3, 7, 64, 1000, kMost};
  for (int s = 0; s < 8; ++s) {
    Job job = {context, hits, 0, 0};
    memset(hits, 0, kMost);
    tlrt_parallel_for(context, hit, &job, sizes[s]);
    for (int64_t i = 0; i < kMost; ++i)
      CHECK(hits[i] == (i < sizes[s]));
  }
}

static void add(void *argument, int64_t i) {
  __atomic_fetch_add(&((Job *)argument)->sum, i, __ATOMIC_RELAXED);
}

static void addNested(void *argument, int64_t i) {
  (void)i;
  Job *job = argument;
  Job mine = {job->context, NULL, 0, 0};
  tlrt_parallel_for(job->context, add, &mine, job->inner);
  CHECK(mine.sum == job->inner * (job->inner - 1) / 2);
  __atomic_fetch_add(&job->sum, mine.sum, __ATOMIC_RELAXED);
}

static void nested(tlrt_context *context) {
  Job job = {context, NULL, 100, 0};
  tlrt_parallel_for(context, addNested, &job, 50);
  CHECK(job.sum == 50 * 4950);
}

/* Thousands of short loops, where workers come late or not at all. */
static void *manyLoops(void *argument) {
  tlrt_context *context = argument;
  for (int round = 0; round < 2000; ++round) {
    Job job = {context, NULL, 0, 0};
    int64_t n = round % 37;
    tlrt_parallel_for(context, add, &job, n);
    CHECK(job.sum == n * (n - 1) / 2);
    if (round % 500 == 0)
      usleep(1000); /* lets the workers fall asleep */
  }
  return NULL;
}

static void callers(tlrt_context *shared) {
  pthread_t threads[8];
  tlrt_context *contexts[8];
  for (int i = 0; i < 8; ++i) {
    contexts[i] = i % 2 ? shared : tlrt_context_create(3);
    CHECK(!pthread_create(&threads[i], NULL, manyLoops, contexts[i]));
  }
  for (int i = 0; i < 8; ++i) {
    pthread_join(threads[i], NULL);
    if (contexts[i] != shared)
      tlrt_context_destroy(contexts[i]);
  }
}

static void forked(tlrt_context *context) {
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    nested(context);
    tlrt_context_destroy(context);
    _exit(0);
  }
  int status;
  CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
}

static void failAt7(void *argument, int64_t i) {
  if (i % 7 == 0)
    tlrt_fail(argument, TLRT_ERROR_DATA, "iteration %d", 7);
}

static tlrt_context *kept; /* still there at exit */

int main(void) {
  unsigned char *hits = malloc(kMost);
  for (int32_t threads = 1; threads <= 9; threads += 4) {
    tlrt_context *context = tlrt_context_create(threads);
    everyIterationOnce(context, hits);
    nested(context);
    forked(context);
    callers(context);
    Job job = {context, NULL, 0, 0};
    int64_t n = 3000000;
    tlrt_parallel_for(context, add, &job, n);
    CHECK(job.sum == n * (n - 1) / 2);
    tlrt_parallel_for(context, failAt7, context, 1000);
    CHECK(!strcmp(tlrt_context_message(context), "iteration 7"));
    tlrt_context_destroy(context);
  }
  everyIterationOnce(NULL, hits);
  nested(NULL);
  kept = tlrt_context_create(4);
  manyLoops(kept);
  free(hits);
  puts("loops work");
  return 0;
}
