//===- ArenaPlanTest.cpp - tensors of random lifetimes in one block -------===//
//
// usage: arena-plan-test ROUNDS. No two tensors that are alive together may overlap; the block is
// no larger than all tensors side by side, and no smaller than what is alive at once.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/ArenaPlan.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>

using tlc::codegen::ArenaPlan;

namespace {

constexpr int64_t alignment = 256, times = 40;

struct Tensor {
  int64_t bytes, begin, end;
};

bool check(const std::vector<Tensor> &tensors, const ArenaPlan::Placement &placement) {
  auto size = [](const Tensor &t) {
    return (std::max<int64_t>(t.bytes, 1) + alignment - 1) / alignment * alignment;
  };
  int64_t all = 0, most = 0;
  for (int64_t time = 0; time < times; ++time) {
    int64_t alive = 0;
    for (const Tensor &t : tensors)
      alive += t.begin <= time && time < t.end ? size(t) : 0;
    most = std::max(most, alive);
  }
  for (size_t i = 0; i < tensors.size(); ++i) {
    int64_t offset = placement.offsets[i];
    all += size(tensors[i]);
    if (offset % alignment || offset < 0 || offset + tensors[i].bytes > placement.bytes)
      return false;
    for (size_t j = 0; j < i; ++j) {
      bool together = tensors[i].begin < tensors[j].end && tensors[j].begin < tensors[i].end;
      int64_t other = placement.offsets[j];
      if (together && offset < other + size(tensors[j]) && other < offset + size(tensors[i]))
        return false;
    }
  }
  return most <= placement.bytes && placement.bytes <= all;
}

} // namespace

int main(int argc, char **argv) {
  std::mt19937 random(1);
  int wrong = 0, rounds = argc > 1 ? std::atoi(argv[1]) : 100;
  for (int round = 0; round < rounds; ++round) {
    ArenaPlan plan;
    std::vector<Tensor> tensors(random() % 30);
    for (size_t i = 0; i < tensors.size(); ++i) {
      Tensor &t = tensors[i];
      t = {int64_t(random() % 5000), int64_t(random() % times), times};
      plan.add(t.bytes, t.begin);
      if (random() % 4 == 0)
        continue;
      t.end = t.begin + 1 + int64_t(random() % uint64_t(times - t.begin));
      plan.end(unsigned(i), t.end);
    }
    wrong += !check(tensors, plan.place(alignment));
  }
  std::printf("%d plans, %d wrong\n", rounds, wrong);
  return wrong > 0;
}
