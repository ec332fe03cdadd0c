//===- HopperEpilogue.h - from sums in registers to the result ------------===//
//
// A consumer has 64 rows of a tile in its 128 threads. Register 4 j + 2 h + e of lane l of warp w
// is
//
//   row 16 w + l / 4 + 8 h      column 8 j + 2 (l % 4) + e
//
// The sums are finished there (a fused map may read other tensors) and stored: by the threads
// themselves, or by the copy engine from shared memory, which runs beside the next tile.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_GPU_HOPPEREPILOGUE_H
#define TLC_COMPILER_CODEGEN_GPU_HOPPEREPILOGUE_H

#include "compiler/codegen/gpu/HopperPlan.h"
#include "compiler/codegen/gpu/NestSpace.h"

namespace tlc::codegen {

/// The first position of a tile along each dimension, i32.
using TilePlace = llvm::DenseMap<unsigned, Value>;

class HopperEpilogue {
public:
  /// `thread` and `consumer` are i32.
  /// `storeMap` describes the result to the copy engine, if the plan has boxes for it. `shared` is
  /// the address of shared memory.
  HopperEpilogue(OpBuilder &builder, Location loc, const NestSpace &space, const HopperPlan &plan,
                 Value thread, Value consumer, Value shared, Value storeMap);

  void store(const TilePlace &place, ArrayRef<Value> sums);
  /// After the last tile.
  void finish();

private:
  /// A row or column of the tile.
  struct Line {
    /// Along the dimensions of its group, i32.
    TilePlace at;
    /// Whether it is in the result; null: always.
    Value isInside;
  };

  Line lineOf(const TilePlace &place, const TileGroup &group, Value position, int64_t tile);
  Line clamp(const TileGroup &group, Line line);
  SmallVector<Value> pointOf(OpBuilder &inside, const TilePlace &place, const Line &row,
                             const Line &column);
  Value pairOf(OpBuilder &at, const SmallVector<Value> &point, ArrayRef<Value> sums);
  void storeByThreads(const TilePlace &place, ArrayRef<Value> sums);
  void storeByEngine(const TilePlace &place, ArrayRef<Value> sums);
  void writeBox(const TilePlace &place, ArrayRef<Value> sums, int64_t first, Value box);
  void sendBox(const TilePlace &place, int64_t first, Value box);
  /// Lets the first thread of the consumer do something.
  void onFirst(function_ref<void(OpBuilder &)> body);
  void syncConsumer();
  Value finished(OpBuilder &at, ArrayRef<Value> point, Value sum);
  bool canStorePairs() const;

  OpBuilder &builder;
  Location loc;
  const NestSpace &space;
  const HopperPlan &plan;
  Value thread, consumer, shared, storeMap;
  /// The first row and column of this thread.
  Value row, column;
};

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_GPU_HOPPEREPILOGUE_H
