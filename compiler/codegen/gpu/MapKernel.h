//===- MapKernel.h - elementwise nests at the speed of memory -------------===//
//
// A nest that reduces nothing moves each element once. Two kernels make its accesses wide:
//
//   vectors       a thread has 16 bytes of neighbours, in the result and in every input that is
//                 contiguous along the same dimension
//   transposes    y[i, j] = x[j, i]: squares of 32 x 32 elements of the inputs that are contiguous
//                 along another dimension go through shared memory, so that a warp reads 32
//                 neighbours, and writes 32 neighbours
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_GPU_MAPKERNEL_H
#define TLC_COMPILER_CODEGEN_GPU_MAPKERNEL_H

#include "compiler/codegen/gpu/Kernel.h"

namespace tlc::codegen {

struct MapKernelConfig {
  unsigned threads = 256;
  /// What a thread reads or writes at a time.
  int64_t vectorBytes = 16;
  /// The side of a square that is transposed, and the least extent that pays.
  int64_t square = 32, leastExtent = 8;
};

/// Emits the nest as one of these kernels; false if it is neither.
bool emitMapKernel(KernelModule &module, Emitter &emitter, Location loc, const Nest &nest,
                   const MapKernelConfig &config = {});

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_GPU_MAPKERNEL_H
