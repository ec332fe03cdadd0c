//===- Simplify.cpp - a network as independent problems -------------------===//
//
//   ij,ij,jk,k,,lm->il
//
// has two equal operands, a scalar, and a part (lm) that shares nothing with the others. Operands
// with equal indices are multiplied first, which no order is worse for as long as no index is in
// one tensor alone (see ExactOrder.cpp). What remains falls into connected parts, each a problem.
// In a problem, indices that the same tensors have are one index (a bond of several legs).
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/Cost.h"
#include "compiler/planner/Problem.h"

#include <cmath>
#include <numeric>
#include <tuple>

namespace tlc::planner {
namespace {

/// Disjoint sets of numbers.
class UnionFind {
public:
  explicit UnionFind(size_t count) : parents(count) {
    std::iota(parents.begin(), parents.end(), 0);
  }
  int find(int element) {
    while (parents[element] != element)
      element = parents[element] = parents[parents[element]];
    return element;
  }
  void merge(int a, int b) { parents[find(a)] = find(b); }

private:
  std::vector<int> parents;
};

/// An index of the network, or several that the same tensors have.
struct Bond {
  std::vector<int> holders; ///< tensors of the problem
  bool inOutput = false;
  double log = 0;
};

/// Joins bonds with the same holders.
std::vector<Bond> fuse(std::vector<Bond> bonds) {
  auto key = [](const Bond &bond) { return std::tie(bond.holders, bond.inOutput); };
  std::sort(bonds.begin(), bonds.end(),
            [&](const Bond &a, const Bond &b) { return key(a) < key(b); });
  std::vector<Bond> fused;
  for (Bond &bond : bonds) {
    if (!fused.empty() && key(fused.back()) == key(bond))
      fused.back().log += bond.log;
    else
      fused.push_back(std::move(bond));
  }
  return fused;
}

/// Numbers the bonds, those of one extent in words of their own.
void number(Problem &problem, std::vector<Bond> bonds) {
  std::stable_sort(bonds.begin(), bonds.end(),
                   [](const Bond &a, const Bond &b) { return a.log < b.log; });
  std::vector<int> numbers;
  for (size_t i = 0; i < bonds.size(); ++i) {
    if (i == 0 || bonds[i].log - bonds[i - 1].log > 1e-12) {
      problem.logs.resize((problem.logs.size() + 63) / 64 * 64, 0);
      int word = static_cast<int>(problem.logs.size() / 64);
      problem.runs.push_back({word, word, bonds[i].log});
    }
    numbers.push_back(problem.numIndices());
    problem.logs.push_back(bonds[i].log);
    problem.runs.back().end = numbers.back() / 64 + 1;
  }
  problem.logs.resize((problem.logs.size() + 63) / 64 * 64, 0);
  problem.numWords = static_cast<int>(problem.logs.size() / 64);
  problem.output.assign(problem.numWords, 0);
  problem.tensors.assign(size_t(problem.numTensors) * problem.numWords, 0);
  for (size_t i = 0; i < bonds.size(); ++i) {
    for (int tensor : bonds[i].holders)
      insert(problem.tensors.data() + size_t(tensor) * problem.numWords, numbers[i]);
    if (bonds[i].inOutput)
      insert(problem.output.data(), numbers[i]);
  }
}

} // namespace

Parts simplify(const Network &network) {
  NetworkState state(network);
  Parts parts;
  parts.prefix = contractEqualSets(state);
  std::vector<bool> isUsed(state.numNodes(), false);
  for (auto [lhs, rhs] : parts.prefix)
    isUsed[lhs] = isUsed[rhs] = true;
  // The live tensors with each index of extent above 1.
  size_t numIndices = network.sizes.size();
  std::vector<std::vector<int>> holders(numIndices);
  UnionFind sets(state.numNodes());
  for (int node = 0; node < state.numNodes(); ++node)
    if (!isUsed[node])
      state.indices(node).forEach([&](int index) {
        if (state.extent(index) > 1)
          holders[index].push_back(node);
      });
  for (const std::vector<int> &nodes : holders)
    for (int node : nodes)
      sets.merge(node, nodes[0]);
  std::vector<int> problemOf(state.numNodes(), -1), tensorOf(state.numNodes(), -1);
  for (int node = 0; node < state.numNodes(); ++node) {
    if (isUsed[node])
      continue;
    int &number = problemOf[sets.find(node)];
    if (number < 0) {
      number = static_cast<int>(parts.problems.size());
      parts.problems.emplace_back();
    }
    problemOf[node] = number;
    Problem &problem = parts.problems[number];
    tensorOf[node] = problem.numTensors++;
    problem.nodes.push_back(node);
  }
  std::vector<bool> isOutput(numIndices, false);
  for (int index : network.output)
    isOutput[index] = true;
  std::vector<std::vector<Bond>> bonds(parts.problems.size());
  for (size_t index = 0; index < numIndices; ++index) {
    if (holders[index].empty())
      continue;
    Bond bond{{}, isOutput[index], std::log2(state.extent(int(index)))};
    for (int node : holders[index])
      bond.holders.push_back(tensorOf[node]);
    bonds[problemOf[holders[index][0]]].push_back(std::move(bond));
  }
  for (size_t i = 0; i < parts.problems.size(); ++i)
    number(parts.problems[i], fuse(std::move(bonds[i])));
  return parts;
}

} // namespace tlc::planner
