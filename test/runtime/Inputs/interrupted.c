/* A signal in the middle of writing: the handler removes the unfinished file. */
#include "check.h"
#include "tlrt/io.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void onSignal(int signal) {
  (void)signal;
  tlrt_io_cleanup();
  _exit(0);
}

int main(int count, char **arguments) {
  CHECK(count == 2 && chdir(arguments[1]) == 0);
  size_t bytes = 1 << 20;
  char *data = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(data != MAP_FAILED);
  /* Writing stops half-way, at elements that cannot be read. */
  CHECK(!mprotect(data + bytes / 2, bytes / 2, PROT_NONE));
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = onSignal;
  sigaction(SIGSEGV, &action, NULL);
  int64_t shape[] = {(int64_t)bytes}, strides[] = {1};
  tlrt_view view = {data, shape, strides, 1, TLRT_I8};
  tlrt_write(NULL, "a.npy", &view);
  return 1; /* not reached */
}
