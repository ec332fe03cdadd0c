/*===- io.h - tensors and facts in files -----------------------------------===*/
/*
 * Reads and writes .npy, .npz (one member: "weights.npz#W"), and text: .csv, .tsv and .txt.
 * Files are not trusted: whatever is in one, the answer is right or an error
 * "<file>: <what was found>, expected <what>" in the context. Each call forgets the
 * context's last error first, and returns a tlrt_status.
 *
 * Text holds a matrix of i64 or, if any cell has a point or an exponent, f64; a single column
 * is a vector. Cells are separated by commas (.csv), tabs (.tsv), or blanks (.txt); quotes as in
 * RFC 4180 (.csv). Empty lines and lines that start with # are skipped, and so is the first line
 * if none of its cells is a number: a header.
 */
#ifndef TLRT_IO_H
#define TLRT_IO_H

#include "tlrt/tlrt.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TLRT_MAX_RANK 64

/* A tensor that owns its elements: row-major, in the byte order of the machine. `view` points
 * to `shape` and `strides`: pass it by address, never by copy. */
typedef struct tlrt_tensor {
  tlrt_view view;
  int64_t shape[TLRT_MAX_RANK];
  int64_t strides[TLRT_MAX_RANK];
} tlrt_tensor;

/* Reads the tensor in `path`. Types that tlrt_dtype lacks are widened if nothing is lost (u8,
 * i16 and u16 to i32, u32 to i64). Release it with tlrt_tensor_free, also after an error. */
TLRT_EXPORT int32_t tlrt_read(tlrt_context *context, const char *path, tlrt_tensor *out);

/* The same without the elements: data is NULL. Reads no more of .npy and .npz than the header. */
TLRT_EXPORT int32_t tlrt_inspect(tlrt_context *context, const char *path, tlrt_tensor *out);

TLRT_EXPORT void tlrt_tensor_free(tlrt_context *context, tlrt_tensor *tensor);

/* Writes the elements of `from`, of any strides, row-major and as `dtype` to `to`. As in NumPy, a
 * type converts to one of the same kind or a later one: Boolean, integer, real, complex. `name`
 * says in the error's message what has the wrong type: "input 'X'". */
TLRT_EXPORT int32_t tlrt_convert(tlrt_context *context, const tlrt_view *from, int32_t dtype,
                                 const char *name, void *to);

/* f16 and bf16, given as bits, from f32 (to nearest, ties to even) and as f32. */
TLRT_EXPORT float tlrt_half_to_float(uint16_t bits);
TLRT_EXPORT float tlrt_bfloat_to_float(uint16_t bits);
TLRT_EXPORT uint16_t tlrt_float_to_half(float value);
TLRT_EXPORT uint16_t tlrt_float_to_bfloat(float value);

/* Writes `view` to `path`: all of it or, after an error, nothing. Floats in text are the
 * shortest that read back as the same number. bf16 becomes f32, for NumPy has none. A .npz has
 * one member, "arr_0" if `path` names none. */
TLRT_EXPORT int32_t tlrt_write(tlrt_context *context, const char *path, const tlrt_view *view);

/* Called for each row of symbols with its line number (from 1). Other values than TLRT_OK end
 * the reading and are returned by tlrt_read_rows. */
typedef int32_t (*tlrt_row)(void *user, int64_t line, int32_t cells, const char *const *cell);

/* Reads a text file as rows of symbols: facts. No header, no comments; empty lines are skipped,
 * blanks around unquoted cells of .csv are dropped, .tsv is taken as it is. UTF-8. */
TLRT_EXPORT int32_t tlrt_read_rows(tlrt_context *context, const char *path, tlrt_row row,
                                   void *user);

/* Removes the temporary files of unfinished tlrt_write calls. May be called by a signal handler
 * that ends the process. */
TLRT_EXPORT void tlrt_io_cleanup(void);

#ifdef __cplusplus
}
#endif

#endif /* TLRT_IO_H */
