//===- ContractChoice.h - which kernel computes a product -----------------===//
//
// Products of two tensors have several kernels, with several tiles each. Each pair is a row of a
// table, with a rate; of those that can compute the nest, the one with the fewest predicted seconds
// (see planner/GpuModel.h) is emitted:
//
//   4096 x 4096 x 4096 bf16     mma128       256 x 256 x 256 bf16     mma64: 16 tiles, not 4
//   4096 x 4096 x 4096 f32      simt128      8 x 4096 x 64            none: a thread for each
//   result
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_GPU_CONTRACTCHOICE_H
#define TLC_COMPILER_CODEGEN_GPU_CONTRACTCHOICE_H

#include "compiler/codegen/gpu/Kernel.h"

namespace tlc::codegen {

struct ContractOptions {
  /// Multiply f32 with 10 bits of mantissa, on tensor cores.
  bool allowTf32 = false;
  /// The name of a row of the table, which is taken wherever it can be, or "nest" for none; empty:
  /// by seconds.
  std::string forced;
};

/// Emits the nest as a product in tiles, and its launch; false if it is none, or too small.
bool emitContraction(KernelModule &module, Emitter &emitter, Location loc, const Nest &nest,
                     const ContractOptions &options);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_GPU_CONTRACTCHOICE_H
