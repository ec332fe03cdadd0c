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

} // namespace tlc::planner
