//===- GpuModel.h - what a GPU can do, for predicted seconds --------------===//
//
// A product of matrices is cut into tiles, each computed by a block of threads. The processors of
// the device take tiles in turn, a few at a time each:
//
//   seconds = launch + max(bytes / bandwidth, rounds * multiply-adds of a tile / rate)
//
// A small product has too few tiles to keep every processor busy: smaller tiles make more of them,
// but read more for each multiplication. The figures are those of data sheets (sm_80), not
// measured.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_PLANNER_GPUMODEL_H
#define TLC_COMPILER_PLANNER_GPUMODEL_H

namespace tlc::planner {

/// A product of matrices, `batch` times.
struct GpuProduct {
  double m = 1, n = 1, k = 1, batch = 1;
  /// Of the operands and the result, which move once at least.
  double bytes = 0;
};

/// How a kernel computes products.
struct GpuTile {
  /// The tile of the result, and how much of the sum is computed at a time.
  double m = 64, n = 64, k = 16;
  /// Multiply-adds of one processor in a clock.
  double rate = 64;
  /// Tiles that a processor needs at the same time to have that rate.
  double resident = 2;
};

struct GpuModel {
  double processors = 108;
  double clocksPerSecond = 1.41e9;
  double bytesPerSecond = 1.4e12;
  double launchSeconds = 4e-6;
  /// Multiply-adds of one processor in a clock, by the ordinary units and by tensor cores.
  double f32 = 64, f64 = 32, other = 16;
  double tensorHalf = 1024, tensorTf32 = 512, tensorF64 = 64, tensorI8 = 2048;

  double seconds(const GpuProduct &product, const GpuTile &tile) const;
};

} // namespace tlc::planner

#endif // TLC_COMPILER_PLANNER_GPUMODEL_H
