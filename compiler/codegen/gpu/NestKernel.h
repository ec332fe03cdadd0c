//===- NestKernel.h - a nest as a kernel ----------------------------------===//
//
// Every dense operation is a nest (see Nest.h). Two kernels are right for all of them:
//
//   a thread for each element of the result      which runs over the reduced dimensions alone
//   a block for each element of the result       whose threads share a long sum among them
//
// The sum of a thread, and the tree that combines the threads of a block, have the same order in
// every run.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_GPU_NESTKERNEL_H
#define TLC_COMPILER_CODEGEN_GPU_NESTKERNEL_H

#include "compiler/codegen/gpu/Kernel.h"

namespace tlc::codegen {

struct NestKernelConfig {
  /// Threads of a block.
  unsigned threads = 256;
  /// Sums of at least this many elements are shared by a block,
  int64_t longSum = 256;
  /// if there are at most this many of them.
  int64_t fewResults = 8192;
};

/// Emits the nest as a kernel and its launch.
void emitNestKernel(KernelModule &module, Emitter &emitter, Location loc, const Nest &nest,
                    const NestKernelConfig &config = {});

/// Emits a thread for each point of the parallel dimensions, which runs over the others.
void emitPointKernel(KernelModule &module, Emitter &emitter, Location loc, ArrayRef<Value> trips,
                     ArrayRef<bool> isParallel,
                     function_ref<void(OpBuilder &, Location, ArrayRef<Value>)> body);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_GPU_NESTKERNEL_H
