//===- ArenaPlan.cpp - tensors of one function in one block of memory -----===//

#include "compiler/codegen/cpu/ArenaPlan.h"

#include <algorithm>
#include <numeric>

namespace tlc::codegen {

unsigned ArenaPlan::add(int64_t bytes, int64_t begin) {
  tensors.push_back({bytes, begin, INT64_MAX});
  return tensors.size() - 1;
}

void ArenaPlan::end(unsigned number, int64_t end) { tensors[number].end = end; }

ArenaPlan::Placement ArenaPlan::place(int64_t alignment) const {
  Placement placement;
  placement.offsets.resize(tensors.size());
  auto sizeOf = [&](unsigned number) {
    int64_t bytes = std::max<int64_t>(tensors[number].bytes, 1);
    return (bytes + alignment - 1) / alignment * alignment;
  };
  std::vector<unsigned> order(tensors.size()), placed; // by size; by offset
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](unsigned a, unsigned b) { return tensors[a].bytes > tensors[b].bytes; });
  auto startsLater = [&](int64_t offset, unsigned other) {
    return offset < placement.offsets[other];
  };
  for (unsigned number : order) {
    const Tensor &tensor = tensors[number];
    int64_t offset = 0;
    for (unsigned other : placed) {
      bool together = tensor.begin < tensors[other].end && tensors[other].begin < tensor.end;
      if (!together)
        continue;
      if (offset + sizeOf(number) <= placement.offsets[other])
        break;
      offset = std::max(offset, placement.offsets[other] + sizeOf(other));
    }
    placement.offsets[number] = offset;
    placement.bytes = std::max(placement.bytes, offset + sizeOf(number));
    placed.insert(std::upper_bound(placed.begin(), placed.end(), offset, startsLater), number);
  }
  return placement;
}

} // namespace tlc::codegen
