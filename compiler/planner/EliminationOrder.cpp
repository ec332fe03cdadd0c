//===- EliminationOrder.cpp - contracting by summing index after index ----===//

#include "compiler/planner/EliminationOrder.h"

#include <cmath>
#include <numeric>
#include <queue>
#include <tuple>

namespace tlc::planner {

Elimination::Elimination(const Problem &problem, EliminationRule rule, double noise, Random &random,
                         Budget &budget)
    : problem(problem), rule(rule), noise(noise), random(random), budget(budget),
      numWords(problem.numWords), sets(problem.tensors), isAlive(problem.numTensors, true),
      isSummed(problem.numIndices(), false), holders(problem.numIndices()), neighbours(numWords) {
  sets.reserve(size_t(2 * problem.numTensors) * numWords);
  for (int node = 0; node < problem.numTensors; ++node) {
    forEachIndex(set(node), numWords, [&](int index) { holders[index].push_back(node); });
    logs.push_back(problem.logSize(set(node)));
  }
  if (rule != EliminationRule::MinFill)
    return;
  adjacency.assign(size_t(problem.numIndices()) * numWords, 0);
  for (int node = 0; node < problem.numTensors; ++node)
    forEachIndex(set(node), numWords, [&](int index) {
      for (int word = 0; word < numWords; ++word)
        adjacency[size_t(index) * numWords + word] |= set(node)[word];
    });
}

void Elimination::gatherNeighbours(int index) {
  std::fill(neighbours.begin(), neighbours.end(), 0);
  for (int node : holders[index])
    for (int word = 0; word < numWords; ++word)
      neighbours[word] |= set(node)[word];
  budget.spend(double(holders[index].size() + 2) * numWords * 1.2 + 150);
}

/// What the rule wants least of.
double Elimination::score(int index) {
  gatherNeighbours(index);
  double value =
      rule == EliminationRule::MinFill ? missingEdges(index) : problem.logSize(neighbours.data());
  return noise > 0 ? value - noise * std::log2(-std::log(random.uniform())) : value;
}

/// Pairs of neighbours that are not neighbours of each other, weighted by the extents' logarithms.
double Elimination::missingEdges(int index) {
  erase(neighbours.data(), index);
  std::vector<Word> missing(numWords);
  double sum = 0;
  forEachIndex(neighbours.data(), numWords, [&](int other) {
    const Word *adjacent = adjacency.data() + size_t(other) * numWords;
    for (int word = 0; word < numWords; ++word)
      missing[word] = neighbours[word] & ~adjacent[word];
    sum += problem.logs[other] * problem.logSize(missing.data());
    budget.spend(numWords * 5.0 + 30);
  });
  // Ties go to the index whose tensors make the smallest result.
  return sum + 1e-3 * problem.logSize(neighbours.data());
}

int Elimination::contract(int lhs, int rhs) {
  int node = static_cast<int>(isAlive.size());
  path.push_back({std::min(lhs, rhs), std::max(lhs, rhs)});
  isAlive[lhs] = isAlive[rhs] = false;
  isAlive.push_back(true);
  std::vector<Word> kept(numWords);
  for (int word = 0; word < numWords; ++word)
    kept[word] = set(lhs)[word] | set(rhs)[word];
  forEachIndex(kept.data(), numWords, [&](int index) {
    std::vector<int> &nodes = holders[index];
    std::erase_if(nodes, [&](int other) { return other == lhs || other == rhs; });
    if (nodes.empty() && !contains(problem.output.data(), index)) {
      erase(kept.data(), index);
      isSummed[index] = true;
    } else {
      nodes.push_back(node);
    }
  });
  sets.insert(sets.end(), kept.begin(), kept.end());
  logs.push_back(problem.logSize(kept.data()));
  budget.spend(400 + 4.0 * numWords);
  return node;
}

/// Contracts the smallest two until one is left.
int Elimination::contractAll(std::vector<int> nodes) {
  auto isLarger = [&](int a, int b) { return std::tie(logs[a], a) > std::tie(logs[b], b); };
  std::priority_queue queue(nodes.begin(), nodes.end(), isLarger);
  while (queue.size() > 1) {
    int lhs = queue.top();
    queue.pop();
    int rhs = queue.top();
    queue.pop();
    queue.push(contract(lhs, rhs));
  }
  return queue.top();
}

void Elimination::eliminate(int index) {
  int node = contractAll(holders[index]);
  if (rule != EliminationRule::MinFill)
    return;
  forEachIndex(set(node), numWords, [&](int other) {
    Word *adjacent = adjacency.data() + size_t(other) * numWords;
    for (int word = 0; word < numWords; ++word)
      adjacent[word] |= set(node)[word];
    erase(adjacent, index);
  });
}

void Elimination::sum(const std::vector<int> &indices) {
  // Scores go stale when neighbours change: an entry counts if its version is the index's.
  struct Entry {
    double score;
    int index, version;
    bool operator<(const Entry &other) const {
      return std::tie(other.score, other.index) < std::tie(score, index);
    }
  };
  std::priority_queue<Entry> queue;
  std::vector<int> version(problem.numIndices(), -1);
  for (int index : indices)
    if (!isSummed[index] && !holders[index].empty() && !contains(problem.output.data(), index)) {
      version[index] = 0;
      queue.push({score(index), index, 0});
    }
  while (!queue.empty()) {
    Entry next = queue.top();
    queue.pop();
    if (isSummed[next.index] || next.version != version[next.index])
      continue;
    std::vector<int> affected;
    gatherNeighbours(next.index);
    forEachIndex(neighbours.data(), numWords, [&](int other) {
      if (other != next.index && version[other] >= 0)
        affected.push_back(other);
    });
    // An index in one tensor only goes with that tensor's next step.
    if (holders[next.index].size() > 1)
      eliminate(next.index);
    version[next.index] = -1;
    for (int other : affected)
      if (!isSummed[other])
        queue.push({score(other), other, ++version[other]});
  }
}

Path Elimination::finish() {
  std::vector<int> rest;
  for (int node = 0; node < int(isAlive.size()); ++node)
    if (isAlive[node])
      rest.push_back(node);
  contractAll(rest);
  return std::move(path);
}

Path eliminationOrder(const Problem &problem, EliminationRule rule, double noise, Random &random,
                      Budget &budget) {
  Elimination elimination(problem, rule, noise, random, budget);
  std::vector<int> all(problem.numIndices());
  std::iota(all.begin(), all.end(), 0);
  elimination.sum(all);
  return elimination.finish();
}

} // namespace tlc::planner
