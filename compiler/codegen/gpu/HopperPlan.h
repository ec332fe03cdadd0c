//===- HopperPlan.h - products of matrices for wgmma and the copy engine --===//
//
// A contraction of any rank as tiles that Hopper's copy engine fetches and its matrix units
// multiply, without a transposition:
//
//   result[b, m.., n..] = sum over k.. of left[b, m.., k..] * right[b, k.., n..]
//
// A tile of the result has up to 128 positions along m and 256 along n. They are a box: so many
// along each dimension of the group. Each operand's tile is a box of its tensor, whose contiguous
// dimension decides how it lies in shared memory:
//
//   along k         rows of 32 to 128 bytes along k, one for each position
//   along m or n    panels of such rows along m or n, with a row for each k
//
// This file has numbers only: a plan is tested, printed and chosen without making code.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_GPU_HOPPERPLAN_H
#define TLC_COMPILER_CODEGEN_GPU_HOPPERPLAN_H

#include "dialects/Mlir.h"

#include <optional>

namespace tlc::codegen {

struct HopperConfig {
  /// Positions of a tile; each of the two consumers computes half of the rows.
  int64_t tileM = 128, mostN = 256;
  /// Bytes of a row in shared memory: the widest swizzle.
  int64_t rowBytes = 128;
  /// Tiles that wait for the matrix units.
  int64_t mostStages = 8;
  /// Shared memory of a block.
  int64_t sharedBytes = 227 * 1024;
  /// Blocks that share the right operand's tiles: 1 or 2.
  int64_t cluster = 2;
  /// Neighbouring tiles along m that are computed together, for the cache.
  int64_t rasterM = 16;
  /// Smaller products are left to other kernels.
  int64_t leastM = 32, leastN = 16, leastK = 16;
  /// Tiles that keep all multiprocessors busy.
  int64_t wantedTiles = 132;

  /// Rows of a tile for each consumer.
  static constexpr int64_t consumerRows = 64;
  static constexpr int64_t consumers = 2, threads = (consumers + 1) * 128;
};

/// Changes what "n=128 stages=3 cluster=1 tiles=4" names: mostN, mostStages, cluster, wantedTiles.
HopperConfig hopperConfig(StringRef changes);

/// What a plan is made from: the contraction's numbers.
struct HopperProblem {
  /// Of each dimension of the iteration space.
  SmallVector<int64_t> extents;
  SmallVector<bool> reduced;
  /// In elements, for each dimension.
  SmallVector<int64_t> strides[2], resultStrides;
  /// Bytes of an input's and the result's element; f32 inputs are rounded to TF32. 0: only threads
  /// can store the result.
  int64_t bytes = 2, resultBytes = 2;
};

/// How many positions along a dimension a tile has.
struct TileSide {
  unsigned dim;
  int64_t extent, box;
  int64_t tiles() const { return (extent + box - 1) / box; }
  bool isRagged() const { return extent % box != 0; }
};

/// The position in a tile is a number with these digits, the fastest first; a digit of value d is
/// d * weight along `dim`.
struct TileDigit {
  unsigned dim;
  int64_t size, weight;
};

/// The positions of a tile along m or n.
struct TileGroup {
  SmallVector<TileSide> sides;
  SmallVector<TileDigit> digits;
  /// Of all sides.
  int64_t positions = 1;
  int64_t tiles() const;
  bool isRagged() const;
};

/// A tensor map: the contiguous dimension first.
struct BoxPlan {
  SmallVector<unsigned> dims;
  SmallVector<int64_t> extents, strides, box; // strides in elements
  /// log2 of the chunks of 16 bytes in a row: CUtensorMapSwizzle.
  int64_t swizzle = 0;
};

struct OperandPlan {
  /// Which input of the nest.
  unsigned input;
  bool isAlongK;
  BoxPlan box;
  /// Boxes that a block asks for, which follow each other along the contiguous dimension.
  int64_t boxes = 1;
  int64_t boxBytes = 0;
  /// How many blocks of the cluster ask for a part of the tile, along which dimension of the box;
  /// all of them get the whole.
  int64_t parts = 1;
  size_t splitDim = 0;
  /// In shared memory, with room for all positions of the matrix instruction.
  int64_t stageBytes = 0;
  /// The descriptor's distances, and how far the next k of an instruction is, in bytes.
  int64_t leadingBytes = 0, strideBytes = 0, stepBytes = 0;

  int64_t loadedBytes() const { return parts * boxes * boxBytes; }
};

/// The result's boxes, if the copy engine writes them.
struct StorePlan {
  BoxPlan box;
  /// Columns of a box, of which there are several in a tile.
  int64_t columns = 0;
  int64_t rowBytes() const { return int64_t(16) << box.swizzle; }
};

struct HopperPlan {
  HopperConfig config;
  TileGroup m, n;
  /// The dimension of k that a tile covers, and those it has one position of.
  TileSide k;
  SmallVector<TileSide> outerK, batch;
  OperandPlan left, right;
  std::optional<StorePlan> store;
  /// Columns of the matrix instruction.
  int64_t columns = 0;
  int64_t stages = 0, cluster = 1;

  int64_t kTiles() const;
  int64_t batches() const;
  int64_t stageBytes() const { return left.stageBytes + right.stageBytes; }
  /// Bytes that come into a block for a stage.
  int64_t loadedBytes() const { return left.loadedBytes() + right.loadedBytes(); }
  /// Where the result's boxes and the barriers are in shared memory, and where it ends.
  int64_t storeOffset() const { return stages * stageBytes(); }
  int64_t storeBytes() const;
  int64_t barrierOffset() const { return storeOffset() + HopperConfig::consumers * storeBytes(); }
  int64_t sharedBytes() const { return barrierOffset() + 16 * stages; }
};

/// None if the copy engine cannot fetch the operands, or if the product is small.
std::optional<HopperPlan> planHopper(const HopperProblem &problem, HopperConfig config = {});

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_GPU_HOPPERPLAN_H
