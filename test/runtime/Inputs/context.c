/* Contexts: errors, memory under a limit, workspaces. */
#include "check.h"
#include "tlrt/tlrt.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

static int isAligned(const void *data, uintptr_t to) { return (uintptr_t)data % to == 0; }

static void errors(tlrt_context *context) {
  CHECK(!strcmp(tlrt_context_message(context), ""));
  CHECK(tlrt_fail(context, TLRT_ERROR_DATA, "first %d", 1) == TLRT_ERROR_DATA);
  CHECK(tlrt_fail(context, TLRT_ERROR_INTERNAL, "second") == TLRT_ERROR_INTERNAL);
  CHECK(!strcmp(tlrt_context_message(context), "first 1"));
  tlrt_context_clear(context);
  CHECK(!strcmp(tlrt_context_message(context), ""));
  char big[5000];
  memset(big, 'x', sizeof big - 1);
  big[sizeof big - 1] = 0;
  tlrt_fail(context, TLRT_ERROR_DATA, "%s", big);
  CHECK(strlen(tlrt_context_message(context)) > 500);
  tlrt_context_clear(context);
}

static void memory(tlrt_context *context) {
  int64_t small[] = {3, 5}, big[] = {1024, 1024}, empty[] = {0, 1LL << 62, 1LL << 62};
  int64_t huge[] = {1LL << 40, 1LL << 40}, negative[] = {2, -1};
  float *a = tlrt_alloc(context, 2, small, 4);
  char *b = tlrt_alloc(context, 2, big, 8);
  void *c = tlrt_alloc(context, 3, empty, 8);
  void *scalar = tlrt_alloc(context, 0, NULL, 16);
  CHECK(a && b && c && scalar);
  CHECK(isAligned(a, 64) && isAligned(b, 64) && isAligned(c, 64) && isAligned(scalar, 64));
  memset(a, 1, 60);
  memset(b, 1, 8 << 20);
  tlrt_release(context, a);
  tlrt_release(context, b);
  tlrt_release(context, c);
  tlrt_release(context, scalar);
  tlrt_release(context, NULL);
  CHECK(!tlrt_alloc(context, 2, huge, 8));
  CHECK(strstr(tlrt_context_message(context), "1099511627776x1099511627776"));
  tlrt_context_clear(context);
  CHECK(!tlrt_alloc(context, 2, negative, 8));
  CHECK(strstr(tlrt_context_message(context), "extent 1 of a tensor is -1"));
  tlrt_context_clear(context);
}

static void limit(tlrt_context *context) {
  int64_t mega = 1 << 20, large = 5 << 20, unit = 1, all = 1LL << 50;
  CHECK(!tlrt_alloc(context, 1, &all, 1)); /* 1 PiB is above every default limit */
  tlrt_context_clear(context);
  tlrt_context_set_memory_limit(context, 10 << 20);
  for (int round = 0; round < 100; ++round) {
    void *block = tlrt_alloc(context, 1, &large, 1);
    CHECK(block);
    tlrt_release(context, block);
  }
  void *blocks[10];
  for (int i = 0; i < 10; ++i) /* the kept block of 5 MiB makes room */
    CHECK((blocks[i] = tlrt_alloc(context, 1, &mega, 1)));
  CHECK(!tlrt_alloc(context, 1, &unit, 1));
  CHECK(!strcmp(tlrt_context_message(context),
                "a tensor of shape 1 needs 1 bytes, but 10485760 of the limit of 10485760 bytes "
                "are in use"));
  tlrt_context_clear(context);
  for (int i = 0; i < 10; ++i)
    tlrt_release(context, blocks[i]);
  CHECK(!tlrt_workspace(context, 0, 11 << 20));
  CHECK(strstr(tlrt_context_message(context), "scratch memory of 11534336 bytes"));
  tlrt_context_clear(context);
  tlrt_context_set_memory_limit(context, 0);
}

static void *workspaces(void *context) {
  for (int slot = 0; slot < 4; ++slot) {
    char *first = tlrt_workspace(context, slot, 100);
    CHECK(first && isAligned(first, 64));
    CHECK(tlrt_workspace(context, slot, 50) == first);
    char *grown = tlrt_workspace(context, slot, 3 << 20);
    CHECK(grown && isAligned(grown, 64));
    memset(grown, slot, 3 << 20);
    CHECK(tlrt_workspace(context, slot, 0) == grown);
  }
  return NULL;
}

int main(void) {
  tlrt_context *context = tlrt_context_create(3);
  CHECK(context && tlrt_context_threads(context) == 3);
  CHECK(tlrt_context_threads(NULL) == 1);
  tlrt_context *automatic = tlrt_context_create(0);
  CHECK(tlrt_context_threads(automatic) >= 1);
  tlrt_context_destroy(automatic);
  tlrt_context_destroy(NULL);
  tlrt_context *const both[] = {context, NULL};
  for (int i = 0; i < 2; ++i) {
    errors(both[i]);
    memory(both[i]);
    limit(both[i]);
    workspaces(both[i]);
  }
  for (int i = 0; i < 20; ++i) {
    pthread_t thread;
    CHECK(!pthread_create(&thread, NULL, workspaces, context));
    pthread_join(thread, NULL);
  }
  CHECK(!tlrt_workspace(context, 4, 8));
  CHECK(strstr(tlrt_context_message(context), "internal error"));
  tlrt_context_destroy(context);
  puts("contexts work");
  return 0;
}
