//===- ReduceKernel.h - sums at the speed of memory -----------------------===//
//
// Long sums of a nest are shared among threads such that neighbouring threads read neighbours:
//
//   rows       the elements of a sum are contiguous: a warp for each sum, or a block for long ones;
//              a thread adds 16 bytes of neighbours at a time, then the lanes exchange their sums
//   columns    the sums are contiguous: 32 sums a block, each shared by 8 threads
//
// The order of a sum is the same in every run.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_GPU_REDUCEKERNEL_H
#define TLC_COMPILER_CODEGEN_GPU_REDUCEKERNEL_H

#include "compiler/codegen/gpu/Kernel.h"

namespace tlc::codegen {

struct ReduceKernelConfig {
  unsigned threads = 256;
  /// Shorter sums are left to the kernel with a thread for each,
  int64_t longSum = 64;
  /// and so are columns where there are more of them.
  int64_t manyColumns = 65536;
  /// Sums of at most this many elements are a warp's.
  int64_t warpSum = 4096;
  /// Sums of a block of columns.
  int64_t columns = 32;
};

/// Emits the nest as one of these kernels; false if it is neither.
bool emitReduceKernel(KernelModule &module, Emitter &emitter, Location loc, const Nest &nest,
                      const ReduceKernelConfig &config = {});

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_GPU_REDUCEKERNEL_H
