//===- ExactOrder.cpp - optimal contraction order -------------------------===//
//
// Dynamic programming over the subsets of the operands: the best tree over a subset S is the
// best split of S in two, each contracted in its best way,
//
//   best(S) = min over S = A + B of  best(A) + best(B) + cost(A, B)
//
// (with `max` for the first `+` when the largest intermediate is to be small). All splits
// count, those without a common index (outer products) too. There are 3^n / 2 of them, so the
// cost of one must be a few multiplications, whatever the number of indices. With
//
//   size(X)   the product of the extents of the indices that X's contraction keeps
//   touch(X)  the product of the extents of all indices of X's operands
//
// an index common to A and B is one that touches both, and their product is
// touch(A) * touch(B) / touch(A + B). So the multiplications are
//
//   size(A) * size(B) / common(A, B) = ratio(A) * ratio(B) * touch(S),  ratio = size / touch
//
// exact for hyperedges too. A subset whose result alone exceeds the cost of a known tree is
// skipped whole, which leaves few subsets in networks with local structure.
//
// Operands A and B with equal index sets are contracted beforehand. No order is worse for it:
// wherever B is multiplied otherwise, that step costs as much as A B and sums nothing, since A
// still has all of B's indices. Except an index that only the other factor has: then B is a
// means to sum it early, so networks with such indices are searched as they are.
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/Cost.h"

#include <limits>

namespace tlc::planner {
namespace {

constexpr int maxOperands = 16;
/// Products of extents up to this can be multiplied with each other without overflow.
constexpr double maxTouch = 1e150;

class SubsetSearch {
public:
  SubsetSearch(const Network &network, const Options &options)
      : options(options), numOperands(static_cast<int>(network.inputs.size())),
        rate(options.machine.flopsPerSecond(network.type, network.semiring)),
        operandBytes(double(byteSize(network.type))),
        resultBytes(double(accumulatorBytes(network.type))) {
    if (numOperands > maxOperands)
      return;
    size_t count = size_t(1) << numOperands;
    size.assign(count, 1);
    touch.assign(count, 1);
    ratio.assign(count, 1);
    best.assign(count, std::numeric_limits<double>::infinity());
    split.assign(count, 0);
    collectIndices(network);
    fillSizes();
  }

  bool isFeasible() const { return numOperands <= maxOperands && touch.back() < maxTouch; }

  template <Objective objective> void search(double bound);
  Path path() const;

private:
  struct IndexClass {
    uint32_t operands = 0;
    bool inOutput = false;
    double extent = 1;
  };

  void collectIndices(const Network &network);
  void fillSizes();
  template <Objective objective> double stepCost(uint32_t lhs, uint32_t rhs) const;
  int emit(uint32_t subset, Path &path) const;

  const Options &options;
  int numOperands;
  double rate, operandBytes, resultBytes;
  /// Indices with the same holders are one index.
  std::vector<IndexClass> classes;
  std::vector<double> size, touch, ratio, best;
  std::vector<uint32_t> split; ///< the part of the best split that has the first operand
};

void SubsetSearch::collectIndices(const Network &network) {
  std::vector<IndexClass> all(network.sizes.size());
  for (size_t index = 0; index < all.size(); ++index)
    all[index].extent = planningExtent(network.sizes[index]);
  for (int operand = 0; operand < numOperands; ++operand)
    for (int index : network.inputs[operand])
      all[index].operands |= 1u << operand;
  for (int index : network.output)
    all[index].inOutput = true;
  auto key = [](const IndexClass &c) { return std::pair(c.operands, c.inOutput); };
  std::sort(all.begin(), all.end(), [&](auto &a, auto &b) { return key(a) < key(b); });
  for (const IndexClass &index : all) {
    if (!index.operands)
      continue;
    if (!classes.empty() && key(classes.back()) == key(index))
      classes.back().extent *= index.extent;
    else
      classes.push_back(index);
  }
}

void SubsetSearch::fillSizes() {
  for (uint32_t subset = 1; subset < size.size(); ++subset) {
    bool isOperand = std::has_single_bit(subset);
    for (const IndexClass &index : classes) {
      if (!(index.operands & subset))
        continue;
      touch[subset] *= index.extent;
      // An operand still has the indices that only it has.
      if (isOperand || index.inOutput || (index.operands & ~subset))
        size[subset] *= index.extent;
    }
    ratio[subset] = size[subset] / touch[subset];
  }
}

template <Objective objective> double SubsetSearch::stepCost(uint32_t lhs, uint32_t rhs) const {
  uint32_t both = lhs | rhs;
  double muls = ratio[lhs] * ratio[rhs] * touch[both];
  // Extents are whole numbers: something is summed if muls is at least twice the result.
  double flops = muls > 1.5 * size[both] ? 2 * muls : muls;
  // Among orders of equal flops the one that writes less.
  if constexpr (objective == Objective::Flops)
    return flops + 1e-9 * size[both];
  auto bytes = [&](uint32_t subset) {
    return size[subset] * (std::has_single_bit(subset) ? operandBytes : resultBytes);
  };
  double written = both + 1 == size.size() ? operandBytes : resultBytes;
  return stepSeconds(options.machine, rate, flops, bytes(lhs) + bytes(rhs) + size[both] * written);
}

template <Objective objective> void SubsetSearch::search(double bound) {
  // The costs of Size and Write do not depend on the split.
  constexpr bool dependsOnResultOnly =
      objective == Objective::Size || objective == Objective::Write;
  for (uint32_t subset = 1; subset < best.size(); ++subset) {
    if (std::has_single_bit(subset)) {
      best[subset] = 0;
      continue;
    }
    if (objective != Objective::Seconds && size[subset] > bound)
      continue;
    double least = bound;
    uint32_t first = subset & -subset, rest = subset ^ first;
    // The part with the first operand is `first` and any proper subset of the rest.
    for (uint32_t other = rest; other; other = (other - 1) & rest) {
      uint32_t lhs = subset ^ other;
      double cost =
          objective == Objective::Size ? std::max(best[lhs], best[other]) : best[lhs] + best[other];
      if (!(cost < least || (cost == least && split[subset] == 0)))
        continue;
      if constexpr (dependsOnResultOnly)
        cost = objective == Objective::Size ? std::max(cost, size[subset]) : cost + size[subset];
      else
        cost += stepCost<objective>(lhs, other);
      if (cost < least || (cost == least && split[subset] == 0)) {
        least = best[subset] = cost;
        split[subset] = lhs;
      }
    }
  }
}

Path SubsetSearch::path() const {
  Path path;
  uint32_t all = static_cast<uint32_t>(best.size() - 1);
  if (split[all])
    emit(all, path);
  return path;
}

int SubsetSearch::emit(uint32_t subset, Path &path) const {
  if (std::has_single_bit(subset))
    return std::countr_zero(subset);
  int lhs = emit(split[subset], path);
  int rhs = emit(subset ^ split[subset], path);
  path.push_back({lhs, rhs});
  return numOperands + static_cast<int>(path.size()) - 1;
}

} // namespace

static Path searchSubsets(const Network &network, const Options &options, double bound) {
  SubsetSearch search(network, options);
  if (!search.isFeasible())
    return {};
  // Sums in another order differ in the last bits: the known tree itself must be found.
  bound *= 1 + 1e-8;
  switch (options.objective) {
  case Objective::Flops:
    search.search<Objective::Flops>(bound);
    break;
  case Objective::Size:
    search.search<Objective::Size>(bound);
    break;
  case Objective::Write:
    search.search<Objective::Write>(bound);
    break;
  case Objective::Seconds:
    search.search<Objective::Seconds>(bound);
    break;
  }
  return search.path();
}

Path exactOrder(const Network &network, const Options &options, double bound) {
  NetworkState state(network);
  bool hasOwnIndices = false;
  for (int index = 0; index < int(network.sizes.size()); ++index)
    hasOwnIndices |= state.isOwn(index);
  Path path = hasOwnIndices ? Path() : contractEqualSets(state);
  std::vector<bool> isUsed(state.numNodes(), false);
  for (auto [lhs, rhs] : path)
    isUsed[lhs] = isUsed[rhs] = true;
  // What is left is a network of its own.
  Network rest;
  rest.output = network.output;
  rest.sizes = network.sizes;
  rest.type = network.type;
  rest.semiring = network.semiring;
  std::vector<int> nodes;
  for (int node = 0; node < state.numNodes(); ++node)
    if (!isUsed[node]) {
      nodes.push_back(node);
      rest.inputs.emplace_back();
      state.indices(node).forEach([&](int index) { rest.inputs.back().push_back(index); });
    }
  if (nodes.size() == 1)
    return path;
  if (int(nodes.size()) > options.exactLimit)
    return {};
  Path found = searchSubsets(rest, options, bound);
  if (found.empty())
    return {};
  for (auto [lhs, rhs] : found) {
    path.push_back({nodes[lhs], nodes[rhs]});
    nodes.push_back(static_cast<int>(network.inputs.size() + path.size()) - 1);
  }
  return path;
}

} // namespace tlc::planner
