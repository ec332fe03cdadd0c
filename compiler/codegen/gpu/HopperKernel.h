//===- HopperKernel.h - products of matrices on Hopper --------------------===//
//
// A kernel of three groups of four warps, which stays on its multiprocessor and takes tile after
// tile (see HopperPlan.h):
//
//   the producer     one thread asks the copy engine for the tiles of the next k
//   two consumers    multiply 64 rows each with wgmma, finish the sums in registers, store them
//
// A ring of stages in shared memory lies between them, with two barriers for each stage: `full`
// counts the bytes that come, `empty` the warps that are done with it. A stage is given back one
// product later, so that the matrix units always have the next one.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_GPU_HOPPERKERNEL_H
#define TLC_COMPILER_CODEGEN_GPU_HOPPERKERNEL_H

#include "compiler/codegen/gpu/HopperPlan.h"
#include "compiler/codegen/gpu/Kernel.h"

namespace tlc::codegen {

/// Emits a sum of products of bf16 or f16 (f32 too if `allowTf32`) with f32 sums, and its launch;
/// false if it is none, or if Hopper's copy engine cannot fetch its operands.
bool emitHopperKernel(KernelModule &module, Emitter &emitter, Location loc, const Nest &nest,
                      bool allowTf32, const HopperConfig &config = {});

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_GPU_HOPPERKERNEL_H
