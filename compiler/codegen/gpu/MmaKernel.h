//===- MmaKernel.h - products of two tensors on tensor cores --------------===//
//
// The product of ContractKernel.h, where there are instructions for it: sums of products of bf16,
// f16, f64, i8, and of f32 where it may be rounded (tf32). A block computes a tile of the result, a
// warp a part of it in registers, while the next tiles of the inputs are on their way to a ring of
// stages in shared memory:
//
//   wait for the tile of this k; barrier        everybody is done with the stage that is filled
//   next ask for the tile that is `stages - 1` ahead multiply and add, 32 bytes of k at a time
//
// At the end the tile of sums goes through shared memory, so that neighbouring threads finish and
// write neighbouring elements of the result, 16 bytes at a time where they are aligned.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_GPU_MMAKERNEL_H
#define TLC_COMPILER_CODEGEN_GPU_MMAKERNEL_H

#include "compiler/codegen/gpu/ContractDims.h"
#include "compiler/codegen/gpu/Kernel.h"
#include "compiler/codegen/gpu/MmaKind.h"

namespace tlc::codegen {

struct MmaKernelConfig {
  /// The tile of the result of a block and of a warp.
  int64_t tileM = 64, tileN = 64, warpM = 32, warpN = 32;
  /// Tiles of the inputs in shared memory.
  int64_t stages = 3;
  /// Rows of tiles that are computed together, for the second cache.
  int64_t group = 8;

  unsigned warps() const { return tileM / warpM * (tileN / warpN); }
  unsigned threads() const { return 32 * warps(); }
};

/// Emits a product on tensor cores, and its launch.
void emitMmaKernel(KernelModule &module, Emitter &emitter, Location loc, const NestSpace &space,
                   const ContractDims &dims, const MmaKind &kind, const MmaKernelConfig &config);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_GPU_MMAKERNEL_H
