#include "mm.h"

#include <stdio.h>

int main(void) {
  float a[] = {1, 2, 3, 4}, b[] = {5, 6, 7, 8}, c[4];
  int64_t shape[] = {2, 2}, strides[] = {2, 1};
  tlrt_view inputs[] = {{a, shape, strides, 2, TLRT_F32}, {b, shape, strides, 2, TLRT_F32}};
  tlrt_view outputs[] = {{c, shape, strides, 2, TLRT_F32}};
  tlrt_context *context = tlrt_context_create(1);
  int32_t status = mm(context, inputs, outputs);
  printf("%d: %g %g %g %g\n", status, c[0], c[1], c[2], c[3]);
  int64_t wrong[] = {2, 3};
  inputs[1].shape = wrong;
  status = mm(context, inputs, outputs);
  printf("%d: %s\n", status, tlrt_context_message(context));
  tlrt_context_destroy(context);
  return 0;
}
