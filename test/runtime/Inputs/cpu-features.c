/* Prints the names of cpu_features.h that this processor has. */
#include "tlrt/cpu_features.h"
#include "tlrt/tlrt.h"

#include <stdio.h>

int main(void) {
#define NAME(name, ...) name,
#if defined(__x86_64__)
  static const char *const names[] = {TLRT_X86_FEATURES(NAME)};
#else
  static const char *const names[] = {TLRT_AARCH64_FEATURES(NAME)};
#endif
  for (unsigned i = 0; i < sizeof names / sizeof *names; ++i)
    printf("%s %d\n", names[i], tlrt_cpu_has(names[i]));
  printf("none %d\n", tlrt_cpu_has(""));
  printf("unknown %d\n", tlrt_cpu_has("sse3,teleport") + tlrt_cpu_has("sse"));
  return 0;
}
