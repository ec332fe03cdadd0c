//===- NormalizeKernel.h - softmax and norms in one pass ------------------===//
//
// A slice of a softmax or norm belongs to a team of threads, whose lanes combine what they found:
//
//   a warp for each slice     rows of at most 1024 elements
//   a block for each slice    longer ones
//   a thread for each slice   slices that lie across memory: neighbouring threads read neighbours
//
// Where a slice has few elements for each thread, these stay in registers, 16 bytes of neighbours
// at a time if they are aligned: each element is read once and written once. Longer slices are read
// again for each sum, mostly from a cache.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_GPU_NORMALIZEKERNEL_H
#define TLC_COMPILER_CODEGEN_GPU_NORMALIZEKERNEL_H

#include "compiler/codegen/gpu/Kernel.h"

namespace tlc::codegen {

struct NormalizeKernelConfig {
  unsigned threads = 256;
  /// Slices of at most this many elements are a warp's.
  int64_t warpSlice = 1024;
  /// What a thread keeps in registers, in bytes.
  int64_t registerBytes = 128;
};

/// Emits a softmax or norm from `input` to `result` as one kernel; false for argmax.
bool emitNormalizeKernel(KernelModule &module, Emitter &emitter, ein::NormalizeOp op,
                         const Buffer &input, const Buffer &result,
                         const NormalizeKernelConfig &config = {});

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_GPU_NORMALIZEKERNEL_H
