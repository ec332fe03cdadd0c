/*===- program.h - the main program of an executable -----------------------===*/
/*
 * `tlc compile --emit=exe` links a table that describes the compiled function with this
 * driver:
 *
 *   ./layer X=x.npy Y=y.npy     reads the input X, writes the output Y; prints other outputs
 */
#ifndef TLRT_PROGRAM_H
#define TLRT_PROGRAM_H

#include "tlrt/io.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A named tensor. An extent of -1 is known when called. `symbols`, for relations, has for each
 * position the names of its values, or NULL. */
typedef struct tlrt_parameter {
  const char *name;
  int32_t dtype;
  int32_t rank;
  const int64_t *shape;
  const char *const *const *symbols;
} tlrt_parameter;

/* `"out.npy" = Y` of the program. The list ends with a NULL tensor. */
typedef struct tlrt_output_file {
  const char *tensor;
  const char *path;
} tlrt_output_file;

typedef struct tlrt_program {
  tlrt_entry entry;
  const tlrt_parameter *inputs;
  int32_t input_count;
  const tlrt_parameter *outputs;
  int32_t output_count;
  const tlrt_output_file *files;
} tlrt_program;

/* Runs the program on the files named by NAME=FILE arguments (`--threads N` too); returns the
 * exit code. */
TLRT_EXPORT int tlrt_main(const tlrt_program *program, int argc, char **argv);

#ifdef __cplusplus
}
#endif

#endif /* TLRT_PROGRAM_H */
