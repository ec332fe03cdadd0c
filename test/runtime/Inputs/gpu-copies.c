/* Copies blocks of several sizes to the GPU and back, the large ones through pinned memory. */
#include "tlrt/gpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
  const int64_t sizes[] = {1, 1000, 262144, 4194304, 4194305, 13000001};
  if (!tlrt_gpu_capability(NULL))
    return 1;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; ++i) {
    size_t bytes = (size_t)sizes[i];
    unsigned char *from = malloc(bytes), *to = calloc(bytes, 1);
    for (size_t at = 0; at < bytes; ++at)
      from[at] = (unsigned char)(at * 2654435761u >> 13);
    unsigned char last = from[bytes - 1];
    void *device = tlrt_gpu_alloc(NULL, 1, &sizes[i], 1);
    int status = !device || tlrt_gpu_upload(NULL, device, from, sizes[i]);
    /* The caller's memory may be used again at once. */
    from[bytes - 1] = (unsigned char)~last;
    status = status || tlrt_gpu_download(NULL, to, device, sizes[i]);
    from[bytes - 1] = last;
    printf("%zu: %s\n", bytes, status || memcmp(from, to, bytes) ? "wrong" : "same");
    tlrt_gpu_release(NULL, device);
    free(from);
    free(to);
  }
  return 0;
}
