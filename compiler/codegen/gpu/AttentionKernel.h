//===- AttentionKernel.h - softmax(Q K) V without the scores in memory ----===//
//
// A block has some queries of one slice (a head, say) and streams over all keys, as the kernel for
// CPUs does (see EmitAttention.cpp): for each query it keeps the largest score so far, the sum of
// the exponentials and the weighted sum of the values, and corrects them when a larger score is
// found.
//
// Both products are those of ContractKernel: 16 x 16 threads, each with some rows (queries) and
// columns (keys, then values) in registers; the queries stay in shared memory, keys and values pass
// through it in parts. A row belongs to 16 neighbouring lanes, so that its maximum and sum need no
// shared memory.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_GPU_ATTENTIONKERNEL_H
#define TLC_COMPILER_CODEGEN_GPU_ATTENTIONKERNEL_H

#include "compiler/codegen/gpu/Kernel.h"

namespace tlc::codegen {

struct AttentionKernelConfig {
  /// Rows and columns of scores of a thread.
  int64_t rows = 4, columns = 4;
  /// How much of the sums is in shared memory at a time.
  int64_t chunk = 32;

  int64_t queries() const { return 16 * rows; }
  int64_t keys() const { return 16 * columns; }
  static constexpr unsigned threads() { return 256; }
};

/// Bytes of a query, or of a value, that the kernel has room for.
inline constexpr int64_t kAttentionRowBytes = 1024;

/// Emits the attention as a kernel and its launch.
LogicalResult emitAttentionKernel(KernelModule &module, Emitter &emitter, ein::AttentionOp op);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_GPU_ATTENTIONKERNEL_H
