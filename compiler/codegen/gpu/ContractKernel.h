//===- ContractKernel.h - products of two tensors in tiles ----------------===//
//
// A nest with two inputs is a product of matrices over any semiring:
//
//   result[b, m, n] = (+) over k of a[b, m, k] (*) b[b, k, n]
//
// where b, m, n and k stand for any number of dimensions: m occur in the first input alone, n in
// the second alone, b in both. A block computes a tile of the result from tiles of the inputs in
// shared memory, a thread some rows times some columns of it in registers:
//
//   read the tiles of the next k into registers        while
//   accumulate over the tiles of this k                two stages in shared memory
//   write the registers to the other stage; barrier
//
// A sum has the order of its elements, as in the kernel without tiles.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_GPU_CONTRACTKERNEL_H
#define TLC_COMPILER_CODEGEN_GPU_CONTRACTKERNEL_H

#include "compiler/codegen/gpu/ContractDims.h"
#include "compiler/codegen/gpu/Kernel.h"

namespace tlc::codegen {

struct ContractKernelConfig {
  /// The tile of the result, and how much of the sum is in shared memory at a time.
  int64_t tileM = 64, tileN = 64, tileK = 16;
  /// Rows and columns of a thread.
  int64_t rows = 4, columns = 4;

  unsigned threads() const { return tileM / rows * (tileN / columns); }
};

/// Emits a product in tiles, and its launch.
void emitContractKernel(KernelModule &module, Emitter &emitter, Location loc,
                        const NestSpace &space, const ContractDims &dims,
                        const ContractKernelConfig &config);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_GPU_CONTRACTKERNEL_H
