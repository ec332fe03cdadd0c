/* Doubles ten numbers on the GPU with the PTX in argv[1]; argv[2] is the length it tells the
 * kernel, argv[3] the bytes of a block of memory that it takes on the way. */
#include "tlrt/gpu.h"

#include <stdio.h>
#include <stdlib.h>

static int fail(int status) {
  printf("status %d: %s\n", status, tlrt_context_message(NULL));
  return status;
}

int main(int argc, char **argv) {
  static char ptx[100000];
  FILE *file = fopen(argv[1], "r");
  ptx[fread(ptx, 1, sizeof ptx - 1, file)] = 0;
  fclose(file);
  float x[10];
  for (int i = 0; i < 10; ++i)
    x[i] = i;
  int64_t shape[] = {10}, large[] = {atoll(argv[3])};
  tlrt_gpu_program program = {NULL, "sm_80", ptx, NULL, "twice\0again", 2};

  int status = tlrt_gpu_start(NULL, &program);
  if (status)
    return fail(status);
  void *device = tlrt_gpu_alloc(NULL, 1, shape, 4);
  void *other = tlrt_gpu_alloc(NULL, 1, large, 1);
  if (!device || !other)
    return fail(TLRT_ERROR_RESOURCE);
  tlrt_gpu_release(NULL, other);
  if (tlrt_gpu_alloc(NULL, 1, large, 1) != other)
    printf("memory is not used again\n");
  tlrt_gpu_upload(NULL, device, x, sizeof x);
  struct {
    void *x;
    int n;
  } parameters = {device, atoi(argv[2])};
  int64_t sizes[] = {1, 1, 1, 64, 1, 1, 0}, none[] = {0, 1, 1, 64, 1, 1, 0};
  for (int kernel = 0; kernel < 2 && !status; ++kernel)
    status = tlrt_gpu_launch(NULL, &program, kernel, sizes, &parameters, sizeof parameters);
  if (!status)
    status = tlrt_gpu_launch(NULL, &program, 0, none, &parameters, sizeof parameters);
  const void *constant = tlrt_gpu_constant(NULL, &program, x, sizeof x);
  if (!constant || tlrt_gpu_constant(NULL, &program, x, sizeof x) != constant)
    printf("a constant is copied twice\n");
  if (!status)
    status = tlrt_gpu_download(NULL, x, device, sizeof x);
  if (status)
    return fail(status);
  printf("%g %g %g\n", x[1], x[5], x[9]);
  tlrt_gpu_release(NULL, device);
  tlrt_gpu_unload(&program);
  return tlrt_gpu_finish(NULL);
}
