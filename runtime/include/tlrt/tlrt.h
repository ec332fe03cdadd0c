/*===- tlrt.h - what compiled tensor programs call -------------------------===*/
/*
 * The runtime of tlc: strided views of the caller's tensors, a status with a message,
 * checked memory, a parallel loop, and files. Plain C; needs no compiler, no LLVM.
 */
#ifndef TLRT_TLRT_H
#define TLRT_TLRT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define TLRT_EXPORT __attribute__((visibility("default")))
#define TLRT_PRINTF(at, rest) __attribute__((format(printf, at, rest)))
#else
#define TLRT_EXPORT
#define TLRT_PRINTF(at, rest)
#endif

/* Element types, with NumPy's storage (bool is one byte, 0 or 1; complex is two parts). */
typedef enum tlrt_dtype {
  TLRT_BOOL = 0,
  TLRT_I8 = 1,
  TLRT_I32 = 2,
  TLRT_I64 = 3,
  TLRT_F16 = 4,
  TLRT_BF16 = 5,
  TLRT_F32 = 6,
  TLRT_F64 = 7,
  TLRT_C64 = 8,
  TLRT_C128 = 9
} tlrt_dtype;

/* What went wrong. The values are the exit codes of `tlc run`. */
typedef enum tlrt_status {
  TLRT_OK = 0,
  TLRT_ERROR_DATA = 3,     /* wrong shape, type or file content; I/O error */
  TLRT_ERROR_RESOURCE = 4, /* memory limit or step limit reached */
  TLRT_ERROR_INTERNAL = 70
} tlrt_status;

/*
 * A strided view of memory owned by somebody else. `shape` and `strides` have `rank`
 * entries; strides count elements, and may be zero or negative; `data` is the element at
 * position 0. In an output passed with data == NULL, the callee allocates with
 * tlrt_alloc and fills in shape and strides; release it with tlrt_release.
 */
typedef struct tlrt_view {
  void *data;
  int64_t *shape;
  int64_t *strides;
  int32_t rank;
  int32_t dtype; /* tlrt_dtype */
} tlrt_view;

/* Threads, memory limit and the last error. One call at a time may use a context. Every function
 * takes NULL for the default context: one thread, and a last error for each calling thread. */
typedef struct tlrt_context tlrt_context;

/* A compiled function: inputs and outputs in declaration order. Returns a tlrt_status. */
typedef int32_t (*tlrt_entry)(tlrt_context *context, const tlrt_view *inputs, tlrt_view *outputs);

/*===- context ------------------------------------------------------------===*/

/* A context that runs on `threads` threads (0: one for each core). NULL if out of memory. */
TLRT_EXPORT tlrt_context *tlrt_context_create(int32_t threads);
TLRT_EXPORT void tlrt_context_destroy(tlrt_context *context);
/* Bytes that tlrt_alloc may have in use at once; 0: 80 % of what is free at creation. */
TLRT_EXPORT void tlrt_context_set_memory_limit(tlrt_context *context, uint64_t bytes);
/* The most bytes that tlrt_alloc had in use at once since the limit was set. */
TLRT_EXPORT uint64_t tlrt_context_peak_memory(const tlrt_context *context);
/* 80 % of what the machine, or its container, has free now; UINT64_MAX if that is not known. */
TLRT_EXPORT uint64_t tlrt_default_memory_limit(void);
TLRT_EXPORT int32_t tlrt_context_threads(const tlrt_context *context);
/* The last error's message, or "". Valid until the next call with this context. */
TLRT_EXPORT const char *tlrt_context_message(const tlrt_context *context);
/* Forgets the last error. */
TLRT_EXPORT void tlrt_context_clear(tlrt_context *context);

/*===- called by generated code -------------------------------------------===*/

/* Records an error with a printf-style message; returns `status`. Thread-safe; the first wins. */
TLRT_EXPORT int32_t tlrt_fail(tlrt_context *context, int32_t status, const char *format, ...)
    TLRT_PRINTF(3, 4);

/* rank extents times element_bytes, checked for overflow and against the limit, aligned to
 * 64 bytes. NULL on failure, with the error recorded. Zero-sized requests give a valid
 * pointer. */
TLRT_EXPORT void *tlrt_alloc(tlrt_context *context, int32_t rank, const int64_t *shape,
                             int64_t element_bytes);
TLRT_EXPORT void tlrt_release(tlrt_context *context, void *data);

/* Scratch memory of `bytes` for packed panels, 64-byte aligned, kept by the calling thread between
 * calls: valid until the same thread asks for the same `slot` (0..3) again. NULL on failure, with
 * the error recorded. */
TLRT_EXPORT void *tlrt_workspace(tlrt_context *context, int32_t slot, int64_t bytes);

/*
 * What a compiled function expects of its arguments, for the functions below. For each
 * argument, one after the other: dtype, rank, `rank` extents (-1: any), and its dimensions
 * from the slowest to the fastest in memory. `names` holds as many strings, each ended by 0.
 */
typedef struct tlrt_signature {
  int64_t count;
  const int64_t *arguments;
  const char *names;
} tlrt_signature;

/* Checks every input and gives, in data[i], its elements in the order the signature asks for
 * without gaps. Where the caller's strides differ, that is a copy, which temporaries[i] then
 * owns; else temporaries[i] is NULL. */
TLRT_EXPORT int32_t tlrt_bind_inputs(tlrt_context *context, const tlrt_view *inputs,
                                     const tlrt_signature *signature, const void **data,
                                     void **temporaries);

/* Memory for output `index`, whose extents the program has computed: the caller's, if it is
 * dense and overlaps none of the inputs, else a new block, which *temporary then owns. */
TLRT_EXPORT int32_t tlrt_bind_output(tlrt_context *context, const tlrt_view *inputs,
                                     int64_t input_count, const tlrt_view *output,
                                     const tlrt_signature *signature, int64_t index,
                                     const int64_t *extents, void **data, void **temporary);

/* Hands the elements over: *temporary becomes the output's data where that was NULL, and is
 * copied through the caller's strides where it was not. */
TLRT_EXPORT void tlrt_finish_output(tlrt_context *context, tlrt_view *output,
                                    const tlrt_signature *signature, int64_t index,
                                    const int64_t *extents, void **temporary);

/* Runs body(argument, i) for i = 0 .. n - 1, in any order, on the context's threads; returns
 * when all are done. Calls from inside a body run serially. */
TLRT_EXPORT void tlrt_parallel_for(tlrt_context *context, void (*body)(void *argument, int64_t i),
                                   void *argument, int64_t n);

/* Whether this processor has all of the features, named as in cpu_features.h: "avx2,fma". 0 for
 * a name that is not there. */
TLRT_EXPORT int32_t tlrt_cpu_has(const char *features);

#ifdef __cplusplus
}
#endif

#endif /* TLRT_TLRT_H */
