/*===- tlrt/gpu.h - what programs for GPUs call ----------------------------===*/
/*
 * Device memory, copies and launches, on the CUDA driver. Its library (libcuda.so.1, or what the
 * environment's TLRT_LIBCUDA names) is opened by the first call of tlrt_gpu_start: a program that
 * uses no GPU never touches it, and a machine without one gets an error and a message.
 *
 * The device is number TLRT_GPU_DEVICE of the environment, or 0. All work of a process goes to one
 * stream, in the order of the calls. Any thread may call.
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
  const char *ptx;     /* ended by 0 */
  const char *kernels; /* kernel_count names, each ended by 0 */
  int64_t kernel_count;
} tlrt_gpu_program;

/* Opens the device, if nobody has, and loads the program, if this is its first call. To be called
 * by every thread before it calls the others. */
TLRT_EXPORT int32_t tlrt_gpu_start(tlrt_context *context, tlrt_gpu_program *program);
/* Waits until all work is done; its errors are found here. */
TLRT_EXPORT int32_t tlrt_gpu_finish(tlrt_context *context);
/* Gives back what tlrt_gpu_start loaded. */
TLRT_EXPORT void tlrt_gpu_unload(tlrt_gpu_program *program);

/* As tlrt_alloc and tlrt_release, in device memory. The addresses differ from those of all other
 * memory, and tlrt_gpu_release takes what tlrt_alloc gave, too. */
TLRT_EXPORT void *tlrt_gpu_alloc(tlrt_context *context, int32_t rank, const int64_t *shape,
                                 int64_t element_bytes);
TLRT_EXPORT void tlrt_gpu_release(tlrt_context *context, void *data);
/* The device's copy of constant data of the program; NULL on failure. Lives with the program. */
TLRT_EXPORT void *tlrt_gpu_constant(tlrt_context *context, tlrt_gpu_program *program,
                                    const void *data, int64_t bytes);

/* To the device; `from` may be used again at once. */
TLRT_EXPORT int32_t tlrt_gpu_upload(tlrt_context *context, void *to, const void *from,
                                    int64_t bytes);
/* From the device, after all work so far. */
TLRT_EXPORT int32_t tlrt_gpu_download(tlrt_context *context, void *to, const void *from,
                                      int64_t bytes);
TLRT_EXPORT int32_t tlrt_gpu_fill(tlrt_context *context, void *to, int32_t byte, int64_t bytes);

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
