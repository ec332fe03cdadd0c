/*===- tlrt/gpu.h - what programs for GPUs call ----------------------------===*/
/*
 * Device memory, copies and launches, on the CUDA driver. Its library (libcuda.so.1, or what the
 * environment's TLRT_LIBCUDA names) is opened by the first call of tlrt_gpu_start: a program that
 * uses no GPU never touches it, and a machine without one gets an error and a message.
 *
 * The device is the context's (tlrt_gpu_select), else number TLRT_GPU_DEVICE of the environment, or
 * 0. All work on a device goes to one stream, in the order of the calls. Any thread may call.
 * Kernels start when somebody needs what they compute; a sequence of them that comes again becomes
 * a graph of the driver's.
 *
 * The memory of views may be on the device, too: such tensors must be dense and row-major, and are
 * read and written where they are.
 */
#ifndef TLRT_GPU_H
#define TLRT_GPU_H

#include "tlrt/tlrt.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The kernels of a compiled function. */
typedef struct tlrt_gpu_program {
  void *state;         /* the runtime's, NULL at first */
  const char *arch;    /* what they are compiled for, such as "sm_80" or "sm_90a" */
  const char *ptx;     /* ended by 0 */
  const void *cubin;   /* the same, assembled for devices of `arch`, or NULL */
  const char *kernels; /* kernel_count names, each ended by 0 */
  int64_t kernel_count;
} tlrt_gpu_program;

/* The device for all calls with this context: a number of the driver's, or -1 for the default. */
TLRT_EXPORT void tlrt_gpu_select(tlrt_context *context, int32_t device);

/* Opens the device, if nobody has, and loads the program, if this is its first call. To be called
 * by every thread before it calls the others. */
TLRT_EXPORT int32_t tlrt_gpu_start(tlrt_context *context, tlrt_gpu_program *program);
/* Whether the device runs code for `arch`: "sm_80" is for it and later ones, "sm_90a" for compute
 * capability 9.0 alone. 0 if there is no device, with the error recorded. */
TLRT_EXPORT int32_t tlrt_gpu_runs(tlrt_context *context, const char *arch);
/* Whether `data` is memory on the device. */
TLRT_EXPORT int32_t tlrt_gpu_has(tlrt_context *context, const void *data);
/* The device's compute capability, such as 90 for 9.0; 0 if there is none, with the error
 * recorded. */
TLRT_EXPORT int32_t tlrt_gpu_capability(tlrt_context *context);
/* Waits until all work is done; its errors are found here. */
TLRT_EXPORT int32_t tlrt_gpu_finish(tlrt_context *context);
/* Gives back what tlrt_gpu_start loaded. */
TLRT_EXPORT void tlrt_gpu_unload(tlrt_gpu_program *program);

/* As tlrt_alloc and tlrt_release, in device memory. The addresses differ from those of all other
 * memory, and tlrt_gpu_release takes what tlrt_alloc gave, too. */
TLRT_EXPORT void *tlrt_gpu_alloc(tlrt_context *context, int32_t rank, const int64_t *shape,
                                 int64_t element_bytes);
TLRT_EXPORT void tlrt_gpu_release(tlrt_context *context, void *data);
/* Memory for all tensors of a call, as tlrt_gpu_alloc. */
TLRT_EXPORT void *tlrt_gpu_arena(tlrt_context *context, int64_t bytes);
/* The device's copy of constant data of the program; NULL on failure. Lives with the program. */
TLRT_EXPORT void *tlrt_gpu_constant(tlrt_context *context, tlrt_gpu_program *program,
                                    const void *data, int64_t bytes);

/* As the functions of tlrt.h, for tensors that may be on the device. An output without memory is
 * allocated there if all inputs are there; it is released with tlrt_gpu_release. */
TLRT_EXPORT int32_t tlrt_gpu_bind_inputs(tlrt_context *context, const tlrt_view *inputs,
                                         const tlrt_signature *signature, const void **data,
                                         void **temporaries);
TLRT_EXPORT int32_t tlrt_gpu_bind_output(tlrt_context *context, const tlrt_view *inputs,
                                         int64_t input_count, const tlrt_view *output,
                                         const tlrt_signature *signature, int64_t index,
                                         const int64_t *extents, void **data, void **temporary);

/* Where kernels read an input that is at `from`: there if that is on the device, else at `to`, to
 * which it is uploaded. NULL on failure. */
TLRT_EXPORT const void *tlrt_gpu_input(tlrt_context *context, void *to, const void *from,
                                       int64_t bytes);
/* Where kernels write an output whose memory is at `data`: there if that is on the device, else at
 * `otherwise`, from which tlrt_gpu_download takes it. */
TLRT_EXPORT void *tlrt_gpu_output(tlrt_context *context, void *data, void *otherwise);

/* To the device; `from` may be used again at once. */
TLRT_EXPORT int32_t tlrt_gpu_upload(tlrt_context *context, void *to, const void *from,
                                    int64_t bytes);
/* From the device, after all work so far; nothing to copy if both are the same place. */
TLRT_EXPORT int32_t tlrt_gpu_download(tlrt_context *context, void *to, const void *from,
                                      int64_t bytes);
TLRT_EXPORT int32_t tlrt_gpu_fill(tlrt_context *context, void *to, int32_t byte, int64_t bytes);

/* Writes what a kernel needs to know of a tensor to copy boxes of it (a CUtensorMap, 128 bytes at a
 * multiple of 64). `tensor` is the CUtensorMapDataType, the rank (1 to 5), the CUtensorMapSwizzle,
 * the extents (the contiguous dimension first), the strides in bytes of all dimensions but the
 * first, and the box. `data` and the strides must be multiples of 16. */
TLRT_EXPORT int32_t tlrt_gpu_tensor_map(tlrt_context *context, void *map, void *data,
                                        const int64_t *tensor);
/* How many blocks of threads the device runs at once, if each has a multiprocessor of its own. */
TLRT_EXPORT int64_t tlrt_gpu_multiprocessors(tlrt_context *context);

/* Runs kernel number `kernel` of the program. `sizes` are the extents of the grid (x, y, z) and of
 * a block (x, y, z), and the bytes of dynamic shared memory. A grid without blocks is nothing to
 * do. The parameters are in one block of memory, laid out as the fields of a C struct. */
TLRT_EXPORT int32_t tlrt_gpu_launch(tlrt_context *context, tlrt_gpu_program *program,
                                    int64_t kernel, const int64_t *sizes, const void *parameters,
                                    int64_t parameter_bytes);

#ifdef __cplusplus
}
#endif

#endif /* TLRT_GPU_H */
