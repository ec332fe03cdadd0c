/* Calls a function that was compiled for processors without FMA and with it, from several threads
 * at once. Which body has run shows in the last bit of 1.000244140625 squared, less 1: a product
 * that is rounded before the sum loses it. With OWN_ANSWER, this program's tlrt_cpu_has takes the
 * place of the runtime's and says no to everything. */
#include "tlrt/tlrt.h"

#include <pthread.h>
#include <stdio.h>

enum { rows = 8, columns = 64, threads = 4 };

int32_t mm(tlrt_context *context, const tlrt_view *inputs, tlrt_view *outputs);

#ifdef OWN_ANSWER
int32_t tlrt_cpu_has(const char *features) { return !*features; }
#endif

/* The least and the largest element of the product. */
static void *multiply(void *bounds) {
  float a[rows * 2], b[2 * columns], c[rows * columns];
  float near_one = 1.000244140625f;
  for (int i = 0; i < rows; ++i)
    a[2 * i] = -1, a[2 * i + 1] = near_one;
  for (int j = 0; j < columns; ++j)
    b[j] = 1, b[columns + j] = near_one;
  int64_t shapes[][2] = {{rows, 2}, {2, columns}, {rows, columns}};
  int64_t strides[][2] = {{2, 1}, {columns, 1}, {columns, 1}};
  tlrt_view inputs[] = {{a, shapes[0], strides[0], 2, TLRT_F32},
                        {b, shapes[1], strides[1], 2, TLRT_F32}};
  tlrt_view outputs[] = {{c, shapes[2], strides[2], 2, TLRT_F32}};
  float *result = bounds;
  result[0] = result[1] = -1;
  if (mm(NULL, inputs, outputs) != TLRT_OK)
    return NULL;
  result[0] = result[1] = c[0];
  for (int i = 0; i < rows * columns; ++i) {
    result[0] = c[i] < result[0] ? c[i] : result[0];
    result[1] = c[i] > result[1] ? c[i] : result[1];
  }
  return NULL;
}

int main(void) {
  pthread_t others[threads];
  float bounds[threads][2];
  for (int i = 0; i < threads; ++i)
    pthread_create(&others[i], NULL, multiply, bounds[i]);
  for (int i = 0; i < threads; ++i) {
    pthread_join(others[i], NULL);
    double fused = 0x1.0008p-11, rounded = 0x1p-11;
    const char *name = bounds[i][0] != bounds[i][1] ? "mixed"
                       : bounds[i][0] == fused      ? "fused"
                       : bounds[i][0] == rounded    ? "rounded"
                                                    : "wrong";
    printf("%s ", name);
  }
  int has_fma = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  printf("of %s\n", has_fma ? "fused" : "rounded");
  return 0;
}
