/* Drives tlrt/io.h from scripts: file-tool COMMAND ARGUMENTS... */
#include "tlrt/io.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kTypes[] = {"bool", "i8",  "i32", "i64", "f16",
                                     "bf16", "f32", "f64", "c64", "c128"};
static tlrt_context *context;

static void printTensor(const char *path, const tlrt_tensor *tensor) {
  printf("%s: %s", path, kTypes[tensor->view.dtype]);
  for (int i = 0; i < tensor->view.rank; ++i)
    printf("%c%lld", i ? 'x' : ' ', (long long)tensor->view.shape[i]);
  printf("\n");
}

static int report(int status) {
  if (status)
    printf("error %d: %s\n", status, tlrt_context_message(context));
  return status;
}

/* Copies tensors from file to file: the types that NumPy has stay as they are. */
static int convert(const char *from, const char *to) {
  tlrt_tensor tensor;
  int status = tlrt_read(context, from, &tensor);
  if (!status)
    status = tlrt_write(context, to, &tensor.view);
  tlrt_tensor_free(context, &tensor);
  return report(status);
}

/* Reads files, one line of output for each, whatever is in them. */
static int attempt(int count, char **paths,
                   int32_t (*read)(tlrt_context *, const char *, tlrt_tensor *)) {
  int worst = 0;
  for (int i = 0; i < count; ++i) {
    tlrt_tensor tensor;
    int status = report(read(context, paths[i], &tensor));
    if (!status)
      printTensor(paths[i], &tensor);
    tlrt_tensor_free(context, &tensor);
    worst = status > worst ? status : worst;
  }
  return worst;
}

static int32_t printRow(void *user, int64_t line, int32_t cells, const char *const *cell) {
  printf("%lld", (long long)line);
  for (int32_t i = 0; i < cells; ++i)
    printf(" [%s]", cell[i]);
  printf("\n");
  return strcmp(cell[0], "stop") ? TLRT_OK
                                 : tlrt_fail(context, TLRT_ERROR_DATA, "stopped by the callback");
}

/* Writes the 2 x 3 x 4 numbers 0 .. 23 through a view with its first axis reversed, its other two
 * swapped, and a fourth of stride 0 and extent 2. */
static int writeStrided(const char *path, int dtype) {
  double f64[24];
  float f32[24];
  uint16_t bf16[24];
  for (int i = 0; i < 24; ++i) {
    uint32_t bits;
    f64[i] = f32[i] = (float)i;
    memcpy(&bits, &f32[i], 4);
    bf16[i] = (uint16_t)(bits >> 16);
  }
  int64_t shape[] = {2, 4, 3, 2}, strides[] = {-12, 1, 4, 0};
  tlrt_view view = {f64 + 12, shape, strides, 4, TLRT_F64};
  if (dtype == TLRT_BF16)
    view.data = bf16 + 12;
  view.dtype = dtype;
  return report(tlrt_write(context, path, &view));
}

int main(int count, char **arguments) {
  int status = 2;
  context = tlrt_context_create(1);
  const char *command = count > 1 ? arguments[1] : "";
  if (!strcmp(command, "limit")) {
    tlrt_context_set_memory_limit(context, strtoull(arguments[2], NULL, 10));
    status = attempt(count - 3, arguments + 3, tlrt_read);
  } else if (!strcmp(command, "convert")) {
    for (int i = 2; i + 1 < count; i += 2)
      status = convert(arguments[i], arguments[i + 1]);
  } else if (!strcmp(command, "try")) {
    status = attempt(count - 2, arguments + 2, tlrt_read);
  } else if (!strcmp(command, "inspect")) {
    status = attempt(count - 2, arguments + 2, tlrt_inspect);
  } else if (!strcmp(command, "rows")) {
    status = report(tlrt_read_rows(context, arguments[2], printRow, NULL));
  } else if (!strcmp(command, "strided")) {
    status = writeStrided(arguments[2], !strcmp(arguments[3], "bf16") ? TLRT_BF16 : TLRT_F64);
  }
  tlrt_context_destroy(context);
  return status;
}
