//===- SweepOrder.cpp - one tensor after another, along a front -----------===//
//
// On a square lattice of n x n tensors, halving and halving again makes two quarters with n legs
// each meet over n / 2 more: 2^(3n/2) multiplications. Moving a front across, one tensor at a time,
// takes 2^(n + 1):
//
//   # # # . .
//   # # + . .      + is absorbed next: two of its legs are in the front already
//   # # . . .
//
// A sweep absorbs, of the tensors next to the front, the one that makes it grow least (the rule of
// I. King, 1970, for matrices with small profiles) and does not run ahead: distances to where the
// front should end are known beforehand (S. Sloan, 1986).
//
// Where to begin and to end is a matter of separators. The network is dissected a few times; the
// parts are swept from far away towards the separators around them, and meet there. A network that
// is not dissected is swept from one end to the other.
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/IndexGraph.h"

#include <limits>

namespace tlc::planner {
namespace {

class Sweep {
public:
  Sweep(const Problem &problem, const SweepParameters &parameters, uint64_t seed, Budget &budget)
      : problem(problem), parameters(parameters), random(seed), budget(budget),
        graph(problem, seed, budget), indicesOf(problem.numTensors), holders(problem.numIndices()),
        counts(problem.numIndices(), 0), side(problem.numIndices(), -1),
        layer(problem.numTensors, -1), inFront(problem.numIndices(), false),
        isNear(problem.numTensors, false) {
    for (int tensor = 0; tensor < problem.numTensors; ++tensor)
      forEachIndex(problem.tensor(tensor), problem.numWords, [&](int index) {
        indicesOf[tensor].push_back(index);
        holders[index].push_back(tensor);
        ++counts[index];
      });
    forEachIndex(problem.output.data(), problem.numWords, [&](int index) { ++counts[index]; });
  }

  Path run() {
    std::vector<int> tensors(problem.numTensors);
    for (int tensor = 0; tensor < problem.numTensors; ++tensor)
      tensors[tensor] = tensor;
    contractRegion(tensors, graph.vertices(), parameters.depth);
    return std::move(path);
  }

private:
  int contractRegion(const std::vector<int> &tensors, const std::vector<int> &indices, int depth);
  int sweep(const std::vector<int> &tensors);
  void findLayers(const std::vector<int> &tensors);
  void spread(std::vector<int> &reached);
  double growth(int tensor) const;
  void absorb(int tensor);
  int nextTensor(const std::vector<int> &tensors);
  int contract(int lhs, int rhs) {
    path.push_back(std::minmax(lhs, rhs));
    return problem.numTensors + static_cast<int>(path.size()) - 1;
  }

  const Problem &problem;
  SweepParameters parameters;
  Random random;
  Budget &budget;
  IndexGraph graph;
  std::vector<std::vector<int>> indicesOf, holders;
  std::vector<int> counts; ///< tensors with an index that are not absorbed, the front being one
  std::vector<int> side;   ///< scratch: of each index
  /// Of the tensors of the region at hand: steps to its border; -1 for all others.
  std::vector<int> layer;
  std::vector<bool> inFront;
  std::vector<bool> isNear;
  std::vector<int> near; ///< tensors next to the front
  Path path;
};

int Sweep::contractRegion(const std::vector<int> &tensors, const std::vector<int> &indices,
                          int depth) {
  if (depth == 0 || int(indices.size()) < parameters.leafIndices)
    return sweep(tensors);
  auto [left, right, separator] = graph.separate(indices, parameters.imbalance);
  if (left.empty() || right.empty())
    return sweep(tensors);
  for (int index : left)
    side[index] = 0;
  for (int index : right)
    side[index] = 1;
  std::vector<int> parts[2];
  for (int tensor : tensors) {
    int part = 1;
    for (int index : indicesOf[tensor])
      if (side[index] >= 0)
        part = side[index];
    parts[part].push_back(tensor);
  }
  for (const std::vector<int> *indices : {&left, &right})
    for (int index : *indices)
      side[index] = -1;
  if (parts[0].empty() || parts[1].empty())
    return sweep(tensors);
  int lhs = contractRegion(parts[0], left, depth - 1);
  int rhs = contractRegion(parts[1], right, depth - 1);
  return contract(lhs, rhs);
}

/// Numbers the tensors from `reached`, which have their layers, outwards.
void Sweep::spread(std::vector<int> &reached) {
  for (size_t next = 0; next < reached.size(); ++next)
    for (int index : indicesOf[reached[next]])
      for (int other : holders[index])
        if (layer[other] == std::numeric_limits<int>::max()) {
          layer[other] = layer[reached[next]] + 1;
          reached.push_back(other);
        }
}

void Sweep::findLayers(const std::vector<int> &tensors) {
  constexpr int unknown = std::numeric_limits<int>::max();
  for (int tensor : tensors)
    layer[tensor] = unknown;
  std::vector<int> reached;
  for (int tensor : tensors) {
    bool isBorder = false;
    for (int index : indicesOf[tensor]) {
      isBorder |= contains(problem.output.data(), index);
      for (int other : holders[index])
        isBorder |= layer[other] < 0;
    }
    if (isBorder) {
      layer[tensor] = 0;
      reached.push_back(tensor);
    }
  }
  spread(reached);
  // Without a border: from a tensor at one end to those at the other.
  for (int tensor : tensors)
    if (layer[tensor] == unknown) {
      std::vector<int> part = {tensor};
      layer[tensor] = 0;
      spread(part);
      int end = part.back();
      for (int other : part)
        layer[other] = unknown;
      layer[end] = 0;
      part = {end};
      spread(part);
    }
}

/// log2 of how many times the size of the front grows with a tensor.
double Sweep::growth(int tensor) const {
  double log = 0;
  for (int index : indicesOf[tensor])
    if (!inFront[index])
      log += counts[index] > 1 ? problem.logs[index] : 0;
    else if (counts[index] == 2)
      log -= problem.logs[index];
  return log;
}

void Sweep::absorb(int tensor) {
  for (int index : indicesOf[tensor]) {
    // Either the front takes the tensor's place among the holders or there is one less.
    if (inFront[index])
      --counts[index];
    inFront[index] = counts[index] > 1;
    for (int other : holders[index])
      if (!isNear[other] && layer[other] >= 0) {
        isNear[other] = true;
        near.push_back(other);
      }
  }
}

/// The tensor to absorb, which leaves the region.
int Sweep::nextTensor(const std::vector<int> &tensors) {
  int best = -1;
  double least = std::numeric_limits<double>::infinity();
  size_t kept = 0;
  for (int tensor : near) {
    if (layer[tensor] < 0)
      continue;
    near[kept++] = tensor;
    double score = growth(tensor) - parameters.straightness * layer[tensor];
    if (score < least) {
      least = score;
      best = tensor;
    }
  }
  near.resize(kept);
  budget.spend(100 + 25.0 * double(kept));
  if (best < 0) // the farthest of those that nothing connects with the front
    for (int tensor : tensors)
      if (layer[tensor] >= 0 && (best < 0 || layer[tensor] > layer[best]))
        best = tensor;
  return best;
}

int Sweep::sweep(const std::vector<int> &tensors) {
  findLayers(tensors);
  near.clear();
  int front = -1;
  for (size_t i = 0; i < tensors.size(); ++i) {
    int tensor = nextTensor(tensors);
    layer[tensor] = -1;
    absorb(tensor);
    front = front < 0 ? tensor : contract(front, tensor);
  }
  for (int tensor : tensors) {
    isNear[tensor] = false;
    for (int index : indicesOf[tensor])
      inFront[index] = false;
  }
  budget.spend(double(tensors.size()) * 1000);
  return front;
}

} // namespace

Path sweepOrder(const Problem &problem, const SweepParameters &parameters, uint64_t seed,
                Budget &budget) {
  return Sweep(problem, parameters, seed, budget).run();
}

} // namespace tlc::planner
