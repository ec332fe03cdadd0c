//===- SubsetSearch.cpp - optimal trees over a few tensors ----------------===//

#include "compiler/planner/SubsetSearch.h"

#include <bit>
#include <cmath>

namespace tlc::planner {

/// Products of extents up to 2 to this can be multiplied with each other without overflow.
static constexpr double maxLog = 480;

void SubsetSearch::reset(int count) {
  numTensors = count;
  isIntermediate = 0;
  isLast = true;
  size_t subsets = size_t(1) << count;
  within.assign(subsets, 0);
  summedWithin.assign(subsets, 0);
}

void SubsetSearch::addIndex(uint32_t holders, bool isOutside, double log) {
  within[holders] += log;
  if (!isOutside)
    summedWithin[holders] += log;
}

bool SubsetSearch::prepare() {
  size_t subsets = within.size();
  size.resize(subsets);
  touch.resize(subsets);
  ratio.resize(subsets);
  for (std::vector<double> *sums : {&within, &summedWithin})
    for (int tensor = 0; tensor < numTensors; ++tensor)
      for (size_t bit = size_t(1) << tensor, high = 0; high < subsets; high += 2 * bit)
        for (size_t low = high; low < high + bit; ++low)
          (*sums)[low + bit] += (*sums)[low];
  if (within.back() > maxLog)
    return false;
  for (size_t subset = 0; subset < subsets; ++subset) {
    double touched = within.back() - within[subsets - 1 - subset];
    // A tensor still has the indices that only it has.
    double summed = std::has_single_bit(subset) ? 0 : summedWithin[subset];
    touch[subset] = std::exp2(touched);
    size[subset] = std::exp2(touched - summed);
    ratio[subset] = std::exp2(-summed);
  }
  if (model.objective == Objective::Seconds) {
    bytes.resize(subsets);
    for (size_t subset = 0; subset < subsets; ++subset) {
      bool isOperand = std::has_single_bit(subset) ? !(isIntermediate & subset)
                                                   : isLast && subset + 1 == subsets;
      bytes[subset] = size[subset] * model.elementBytes(isOperand);
    }
  }
  return true;
}

/// A subset costs at least this much: nothing is faster than its result elementwise.
template <Objective objective> double SubsetSearch::lowerBound(uint32_t subset) const {
  if constexpr (objective == Objective::Seconds)
    return model.leastSeconds(size[subset]);
  return size[subset];
}

template <Objective objective> void SubsetSearch::searchSubset(uint32_t subset, double bound) {
  constexpr bool isMaximum = objective == Objective::Size;
  // What does not depend on the split is added at the end.
  constexpr bool dependsOnResultOnly = isMaximum || objective == Objective::Write;
  double penalty = model.penalty(size[subset]);
  double fixed = isMaximum ? size[subset] : dependsOnResultOnly ? size[subset] * penalty : 0;
  double least = isMaximum ? bound : bound - fixed;
  uint32_t chosen = 0;
  uint32_t first = subset & -subset, rest = subset ^ first;
  auto consider = [&](uint32_t lhs, uint32_t other) {
    double parts = isMaximum ? std::max(best[lhs], best[other]) : best[lhs] + best[other];
    if (parts > least)
      return;
    if constexpr (!dependsOnResultOnly) {
      StepSizes step{ratio[lhs] * touch[subset] * ratio[other], size[lhs], size[other],
                     size[subset]};
      if constexpr (objective == Objective::Seconds)
        step.bytes = bytes[lhs] + bytes[other] + bytes[subset];
      parts += model.costOf<objective>(step) * penalty;
    }
    if (parts < least || (parts == least && !chosen)) {
      least = parts;
      chosen = lhs;
    }
  };
  // The part with the first tensor is `first` and any proper subset of the rest: those of the rest,
  // or, if there are fewer, those that have a tree.
  const std::vector<uint32_t> &candidates = feasible[std::countr_zero(first)];
  size_t numSubsets = size_t(1) << std::popcount(rest);
  if (candidates.size() < numSubsets) {
    splits += candidates.size();
    for (uint32_t lhs : candidates)
      if (!(lhs & ~subset))
        consider(lhs, subset ^ lhs);
  } else {
    splits += numSubsets;
    for (uint32_t other = rest; other; other = (other - 1) & rest)
      consider(subset ^ other, other);
  }
  if (!chosen)
    return;
  best[subset] = isMaximum ? std::max(least, fixed) : least + fixed;
  split[subset] = chosen;
  feasible[std::countr_zero(first)].push_back(subset);
}

template <Objective objective> void SubsetSearch::search(double bound) {
  uint32_t subsets = static_cast<uint32_t>(best.size());
  for (uint32_t subset = 1; subset < subsets; ++subset) {
    if (std::has_single_bit(subset)) {
      best[subset] = 0;
      feasible[std::countr_zero(subset)].push_back(subset);
    } else if (lowerBound<objective>(subset) <= bound) {
      searchSubset<objective>(subset, bound);
    }
  }
}

double SubsetSearch::run(double bound) {
  splits = within.size();
  if (!prepare())
    return infinity;
  best.assign(within.size(), infinity);
  split.assign(within.size(), 0);
  feasible.resize(numTensors);
  for (std::vector<uint32_t> &subsets : feasible)
    subsets.clear();
  // Sums in another order differ in the last bits: the known tree itself must be found.
  bound *= 1 + 1e-8;
  switch (model.objective) {
  case Objective::Flops:
    search<Objective::Flops>(bound);
    break;
  case Objective::Size:
    search<Objective::Size>(bound);
    break;
  case Objective::Write:
    search<Objective::Write>(bound);
    break;
  case Objective::Seconds:
    search<Objective::Seconds>(bound);
    break;
  }
  return best.back();
}

Path SubsetSearch::path() const {
  Path path;
  emit(static_cast<uint32_t>(best.size() - 1), path);
  return path;
}

int SubsetSearch::emit(uint32_t subset, Path &path) const {
  if (std::has_single_bit(subset))
    return std::countr_zero(subset);
  int lhs = emit(split[subset], path);
  int rhs = emit(subset ^ split[subset], path);
  path.push_back({lhs, rhs});
  return numTensors + static_cast<int>(path.size()) - 1;
}

} // namespace tlc::planner
