//===- MmaOperand.h - tiles of an input for tensor cores ------------------===//
//
// Tiles of an input go through a ring of stages in shared memory. A row of a tile is 128 bytes
// along k, or along the positions where those are what is contiguous in memory:
//
//   [position][k]     the rows that `ldmatrix` wants         (straight)
//   [k][position]     `ldmatrix.trans`, elements of 16 bits  (transposed)
//
// In both, the chunk of 16 bytes number c of row r is at c xor r % 8 (2 (r % 4) for f64), so that
// neither the eight rows that are read together nor the chunks that are written together share a
// bank.
//
// Chunks are copied by cp.async where they are contiguous and aligned in memory, with zeros for
// those behind the last k. Otherwise threads collect the elements in registers, which is right for
// any strides and extents. Positions behind the last one repeat it: what comes of them is not
// stored.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_GPU_MMAOPERAND_H
#define TLC_COMPILER_CODEGEN_GPU_MMAOPERAND_H

#include "compiler/codegen/gpu/ContractDims.h"
#include "compiler/codegen/gpu/Kernel.h"
#include "compiler/codegen/gpu/MmaKind.h"
#include "compiler/codegen/gpu/Neighbours.h"

namespace tlc::codegen {

/// Bytes of a row of a tile along k.
inline constexpr int64_t kRowBytes = 128;

class MmaOperand {
public:
  MmaOperand(const NestSpace &space, const MmaKind &kind, const Access &access,
             ArrayRef<unsigned> dims, int64_t tile, unsigned threads);

  /// How many positions there are, as a value of the function around the kernel.
  Value count(IndexMath &host) const;
  int64_t stageBytes() const { return tile * kRowBytes; }
  /// Whether tiles are collected in registers.
  bool isCollected() const { return layout == Layout::Collected; }
  /// k of a tile.
  int64_t tileK() const { return kRowBytes / elementBytes; }

  // In the kernel.

  /// Finds out what this thread copies of the tiles from `firstPosition` on. `shared` is the first
  /// stage; stages are `stride` bytes apart.
  void place(OpBuilder &builder, Location loc, Value thread, Value firstPosition, Value base,
             Value shared, int64_t stride);
  /// Starts the copies of the tile from k = `firstK` on.
  void copy(OpBuilder &builder, Location loc, Value firstK, Value stage) const;
  /// This thread's chunks of that tile.
  SmallVector<Value> collect(OpBuilder &builder, Location loc, Value firstK) const;
  void write(OpBuilder &builder, Location loc, ArrayRef<Value> chunks, Value stage) const;

  /// Finds out what this lane reads: its warp's positions start at `firstPosition`.
  void placeLane(OpBuilder &builder, Location loc, Value lane, Value firstPosition);
  /// The fragment of 16 positions from `16 block` on in step `step` of a stage.
  SmallVector<Value> fragment(OpBuilder &builder, Location loc, Value stage, int64_t block,
                              int64_t step) const;

  Value totalK;

private:
  enum class Layout { Straight, Transposed, Collected };
  void chooseLayout();
  int64_t rowBytes() const {
    return layout == Layout::Transposed ? tile * elementBytes : kRowBytes;
  }
  int64_t chunkElements() const { return kChunkBytes / elementBytes; }
  int64_t chunksOfThread() const { return tile * kRowBytes / kChunkBytes / threads; }
  Value stagePointer(OpBuilder &builder, Location loc, Value stage) const;
  Value cell(IndexMath &math, OpBuilder &builder, Location loc, Value row, Value chunk) const;
  Value atK(OpBuilder &builder, Location loc, Value pointer, Value k) const;
  Value collectChunk(OpBuilder &builder, Location loc, Value pointer, Value k) const;

  const NestSpace &space;
  const MmaKind &kind;
  Access access;
  SmallVector<unsigned> dims;
  int64_t tile;
  unsigned threads;
  int64_t elementBytes;
  Layout layout = Layout::Collected;
  /// Neighbours along k are closer in memory than neighbouring positions.
  bool isFastAlongK = false;

  Value sharedStart;
  int64_t stageStride = 0;
  /// For each chunk of this thread: its address at k = 0, its k in the tile, its place in a stage.
  SmallVector<Value> pointers, ks, cells;
  /// Where this lane reads in step and block 0; the byte in the chunk for f64.
  Value laneRow, laneChunk, laneByte;
};

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_GPU_MMAOPERAND_H
