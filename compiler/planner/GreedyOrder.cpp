//===- GreedyOrder.cpp - an order by contracting the best pair ------------===//
//
// Repeatedly contracts the two tensors A and B, among those that share an index, for which
//
//   size(C) / bias - (size(A) + size(B)) * bias
//
// is least, C being the result; tensors that share nothing are multiplied last, the smallest
// first. A heap of candidates makes it near linear in the number of neighbours. With a random
// bias and noise on the logarithm of the score, many trials find orders that are far
// better than the one with bias 1 and no noise. (The scores are those of J. Gray's cotengra.)
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/Search.h"

#include <cmath>
#include <queue>
#include <tuple>

namespace tlc::planner {
namespace {

/// An index in more tensors than this does not make two of them neighbours: batch indices of
/// large networks would make all pairs candidates.
constexpr size_t maxHolders = 24;

struct Candidate {
  double score;
  int lhs, rhs;
  bool operator<(const Candidate &other) const {
    return std::tie(other.score, other.lhs, other.rhs) < std::tie(score, lhs, rhs);
  }
};

class GreedySearch {
public:
  GreedySearch(const Problem &problem, const GreedyParameters &parameters, Random &random)
      : problem(problem), parameters(parameters), random(random), numWords(problem.numWords),
        kernel(kernels()), holders(problem.numIndices()), counts(problem.numIndices(), 0),
        atLeastTwo(numWords, 0), atLeastThree(numWords, 0), result(numWords) {
    int capacity = 2 * problem.numTensors - 1;
    sets.reserve(size_t(capacity) * numWords);
    sets = problem.tensors;
    isAlive.assign(problem.numTensors, true);
    seen.assign(capacity, -1);
    forEachIndex(problem.output.data(), numWords, [&](int index) { ++counts[index]; });
    for (int node = 0; node < problem.numTensors; ++node) {
      forEachIndex(set(node), numWords, [&](int index) {
        ++counts[index];
        holders[index].push_back(node);
      });
      sizes.push_back(std::exp2(problem.logSize(set(node))));
    }
    for (int index = 0; index < problem.numIndices(); ++index)
      mark(index);
  }

  Path run() {
    for (int node = 0; node < problem.numTensors; ++node)
      pushCandidates(node, /*onlyLater=*/true);
    while (!candidates.empty()) {
      Candidate next = candidates.top();
      candidates.pop();
      if (isAlive[next.lhs] && isAlive[next.rhs])
        pushCandidates(contract(next.lhs, next.rhs), /*onlyLater=*/false);
    }
    contractRest();
    return std::move(path);
  }

  /// Pairs that were scored.
  size_t numScored() const { return scored; }

private:
  const Word *set(int node) const { return sets.data() + size_t(node) * numWords; }
  void mark(int index);
  void keep(int lhs, int rhs);
  int contract(int lhs, int rhs);
  void pushCandidates(int node, bool onlyLater);
  double score(int lhs, int rhs);
  void contractRest();

  const Problem &problem;
  GreedyParameters parameters;
  Random &random;
  int numWords;
  const Kernels &kernel;
  std::vector<Word> sets;
  std::vector<double> sizes;
  std::vector<bool> isAlive;
  std::vector<std::vector<int>> holders; ///< nodes that have, or had, an index
  std::vector<int> counts;               ///< live ones, the network's result being one
  std::vector<Word> atLeastTwo, atLeastThree, result;
  std::vector<int> seen; ///< the node whose neighbours were looked at last
  std::priority_queue<Candidate> candidates;
  Path path;
  size_t scored = 0;
};

void GreedySearch::mark(int index) {
  counts[index] >= 2 ? insert(atLeastTwo.data(), index) : erase(atLeastTwo.data(), index);
  counts[index] >= 3 ? insert(atLeastThree.data(), index) : erase(atLeastThree.data(), index);
}

/// Puts the indices that a contraction keeps into `result`.
void GreedySearch::keep(int lhs, int rhs) {
  const Word *a = set(lhs), *b = set(rhs);
  for (int word = 0; word < numWords; ++word)
    result[word] =
        ((a[word] ^ b[word]) & atLeastTwo[word]) | (a[word] & b[word] & atLeastThree[word]);
}

int GreedySearch::contract(int lhs, int rhs) {
  int node = static_cast<int>(isAlive.size());
  path.push_back({lhs, rhs});
  keep(lhs, rhs);
  for (int operand : {lhs, rhs}) {
    isAlive[operand] = false;
    forEachIndex(set(operand), numWords, [&](int index) { --counts[index]; });
  }
  for (int operand : {lhs, rhs})
    forEachIndex(set(operand), numWords, [&](int index) {
      bool isKept = contains(result.data(), index);
      if (operand == lhs || !contains(set(lhs), index)) {
        counts[index] += isKept;
        mark(index);
        if (isKept)
          holders[index].push_back(node);
      }
    });
  sets.insert(sets.end(), result.begin(), result.end());
  sizes.push_back(std::exp2(problem.logSize(set(node))));
  isAlive.push_back(true);
  return node;
}

double GreedySearch::score(int lhs, int rhs) {
  ++scored;
  keep(lhs, rhs);
  double size = std::exp2(problem.logSize(result.data()));
  double difference = size / parameters.bias - (sizes[lhs] + sizes[rhs]) * parameters.bias;
  // With noise, only the order of magnitude counts.
  if (parameters.temperature == 0)
    return difference;
  double noise = -std::log(-std::log(random.uniform()));
  double magnitude = std::log(std::abs(difference) + 1e-30);
  return (difference < 0 ? -magnitude : magnitude) - parameters.temperature * noise;
}

void GreedySearch::pushCandidates(int node, bool onlyLater) {
  seen[node] = node;
  forEachIndex(set(node), numWords, [&](int index) {
    std::vector<int> &nodes = holders[index];
    std::erase_if(nodes, [&](int other) { return !isAlive[other]; });
    if (nodes.size() > maxHolders)
      return;
    for (int other : nodes) {
      if (seen[other] == node || (onlyLater && other < node))
        continue;
      seen[other] = node;
      candidates.push({score(node, other), std::min(node, other), std::max(node, other)});
    }
  });
}

void GreedySearch::contractRest() {
  using Entry = std::pair<double, int>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> rest;
  for (int node = 0; node < int(isAlive.size()); ++node)
    if (isAlive[node])
      rest.push({sizes[node], node});
  while (rest.size() > 1) {
    int lhs = rest.top().second;
    rest.pop();
    int rhs = rest.top().second;
    rest.pop();
    int node = contract(std::min(lhs, rhs), std::max(lhs, rhs));
    rest.push({sizes[node], node});
  }
}

} // namespace

Path greedyOrder(const Problem &problem, const GreedyParameters &parameters, Random &random,
                 Budget &budget) {
  GreedySearch search(problem, parameters, random);
  Path path = search.run();
  budget.spend(double(search.numScored()) * (200 + 4.0 * problem.numWords) +
               600.0 * problem.numTensors);
  return path;
}

} // namespace tlc::planner
