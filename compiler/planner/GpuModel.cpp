//===- GpuModel.cpp - what a GPU can do, for predicted seconds ------------===//

#include "compiler/planner/GpuModel.h"

#include <algorithm>
#include <cmath>

namespace tlc::planner {

double GpuModel::seconds(const GpuProduct &product, const GpuTile &tile) const {
  double tiles = product.batch * std::ceil(product.m / tile.m) * std::ceil(product.n / tile.n);
  double rounds = std::max(std::ceil(tiles / processors), tile.resident);
  double work = tile.m * tile.n * std::ceil(product.k / tile.k) * tile.k;
  double arithmetic = rounds * work / (tile.rate * clocksPerSecond);
  return launchSeconds + std::max(product.bytes / bytesPerSecond, arithmetic);
}

MachineModel GpuModel::machine() const {
  // What large products reach of the peak, and two operations a multiply-add.
  double perRate = 2 * 0.8 * processors * clocksPerSecond;
  MachineModel machine;
  machine.f32FlopsPerSecond = f32 * perRate;
  machine.f64FlopsPerSecond = tensorF64 * perRate;
  machine.otherFlopsPerSecond = other * perRate;
  machine.bytesPerSecond = machine.elementwiseBytesPerSecond = bytesPerSecond;
  machine.cacheBytes = 40e6;
  machine.stepSeconds = launchSeconds;
  machine.narrowRows = 64;
  machine.packedPasses = 1;
  return machine;
}

} // namespace tlc::planner
