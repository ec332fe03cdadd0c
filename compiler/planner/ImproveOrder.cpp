//===- ImproveOrder.cpp - optimal orders of parts of a tree ---------------===//
//
// A greedy tree is rarely optimal even in its parts. A part, a node with up to eight subtrees
// below it, is a contraction of eight tensors, whose optimal order is known:
//
//   ((A B) C) D    becomes    (A C) (B D)
//
// with the subtrees A, B, C and D as they are.
//
// Parts are taken in the order of the cost of their root, until no part gets better. (J. Gray's
// cotengra calls it subtree reconfiguration.)
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/Cost.h"

#include <numeric>

namespace tlc::planner {
namespace {

constexpr size_t maxLeaves = 8;
constexpr int maxRounds = 4;

class TreeImprover {
public:
  TreeImprover(const Network &network, const Path &path, const Options &options)
      : network(network), options(options), state(network),
        numInputs(static_cast<int>(network.inputs.size())), children(numInputs, {-1, -1}),
        localNumber(network.sizes.size(), -1) {
    for (auto [lhs, rhs] : path) {
      state.contract(lhs, rhs);
      children.push_back({lhs, rhs});
    }
    for (int node = 0; node < state.numNodes(); ++node) {
      indices.emplace_back();
      state.indices(node).forEach([&](int index) { indices.back().push_back(index); });
    }
  }

  Path run() {
    bool isBetter = true;
    for (int round = 0; round < maxRounds && isBetter; ++round) {
      isBetter = false;
      for (int node : hottestFirst())
        isBetter |= improve(node);
    }
    return path();
  }

private:
  /// Some subtrees of a node: their roots, and the steps from them up to the node.
  struct Part {
    std::vector<int> leaves, inner;
    Network network;
    Path path;
  };

  double size(int node) const {
    double product = 1;
    for (int index : indices[node])
      product *= state.extent(index);
    return product;
  }
  std::vector<int> hottestFirst() const;
  Part cut(int node);
  int emit(const Part &part, int node, Path &path) const;
  bool improve(int node);
  Path path() const;

  const Network &network;
  const Options &options;
  NetworkState state;
  int numInputs;
  /// The last node is the root; it stays so.
  std::vector<std::pair<int, int>> children;
  std::vector<std::vector<int>> indices;
  std::vector<int> localNumber; ///< of an index in the part at hand
};

std::vector<int> TreeImprover::hottestFirst() const {
  std::vector<double> cost(children.size(), 0);
  for (int node = numInputs; node < int(children.size()); ++node)
    cost[node] = size(node) + size(children[node].first) + size(children[node].second);
  std::vector<int> nodes(children.size() - numInputs);
  std::iota(nodes.begin(), nodes.end(), numInputs);
  std::stable_sort(nodes.begin(), nodes.end(), [&](int a, int b) { return cost[a] > cost[b]; });
  return nodes;
}

TreeImprover::Part TreeImprover::cut(int node) {
  Part part;
  part.leaves = {node};
  while (part.leaves.size() < maxLeaves) {
    // The largest intermediate is the one that another order might avoid.
    int largest = -1;
    for (int i = 0; i < int(part.leaves.size()); ++i)
      if (part.leaves[i] >= numInputs &&
          (largest < 0 || size(part.leaves[i]) > size(part.leaves[largest])))
        largest = i;
    if (largest < 0)
      break;
    int opened = part.leaves[largest];
    part.inner.push_back(opened);
    part.leaves[largest] = children[opened].first;
    part.leaves.push_back(children[opened].second);
  }
  part.network.type = network.type;
  part.network.semiring = network.semiring;
  auto local = [&](int index) {
    if (localNumber[index] < 0) {
      localNumber[index] = static_cast<int>(part.network.sizes.size());
      part.network.sizes.push_back(network.sizes[index]);
    }
    return localNumber[index];
  };
  for (int leaf : part.leaves) {
    part.network.inputs.emplace_back();
    for (int index : indices[leaf])
      part.network.inputs.back().push_back(local(index));
  }
  for (int index : indices[node])
    part.network.output.push_back(local(index));
  for (int leaf : part.leaves)
    for (int index : indices[leaf])
      localNumber[index] = -1;
  emit(part, node, part.path);
  return part;
}

int TreeImprover::emit(const Part &part, int node, Path &path) const {
  auto leaf = std::find(part.leaves.begin(), part.leaves.end(), node);
  if (leaf != part.leaves.end())
    return static_cast<int>(leaf - part.leaves.begin());
  int lhs = emit(part, children[node].first, path);
  int rhs = emit(part, children[node].second, path);
  path.push_back({lhs, rhs});
  return static_cast<int>(part.leaves.size() + path.size()) - 1;
}

bool TreeImprover::improve(int node) {
  Part part = cut(node);
  if (part.leaves.size() < 3)
    return false;
  double known = objectiveOf(evaluate(part.network, part.path, options.machine), options.objective);
  Path best = exactOrder(part.network, options, known);
  if (best.empty())
    return false;
  Plan plan = evaluate(part.network, best, options.machine);
  if (objectiveOf(plan, options.objective) >= known * (1 - 1e-6))
    return false;
  // The same inner nodes get other children; the last of them is `node`.
  std::vector<int> global(part.network.sizes.size());
  for (size_t leaf = 0; leaf < part.leaves.size(); ++leaf)
    for (size_t i = 0; i < indices[part.leaves[leaf]].size(); ++i)
      global[part.network.inputs[leaf][i]] = indices[part.leaves[leaf]][i];
  std::vector<int> nodes = part.leaves;
  nodes.insert(nodes.end(), part.inner.rbegin(), part.inner.rend());
  for (size_t step = 0; step < best.size(); ++step) {
    int inner = nodes[part.leaves.size() + step];
    children[inner] = {nodes[best[step].first], nodes[best[step].second]};
    indices[inner].clear();
    for (int index : plan.steps[step].indices)
      indices[inner].push_back(global[index]);
  }
  return true;
}

Path TreeImprover::path() const {
  std::vector<int> number(children.size(), -1), stack = {static_cast<int>(children.size()) - 1};
  std::iota(number.begin(), number.begin() + numInputs, 0);
  Path result;
  while (!stack.empty()) {
    int node = stack.back();
    auto [lhs, rhs] = children[node];
    if (number[lhs] < 0) {
      stack.push_back(lhs);
    } else if (number[rhs] < 0) {
      stack.push_back(rhs);
    } else {
      stack.pop_back();
      number[node] = numInputs + static_cast<int>(result.size());
      result.push_back({number[lhs], number[rhs]});
    }
  }
  return result;
}

} // namespace

Path improveOrder(const Network &network, const Path &path, const Options &options) {
  return path.empty() ? path : TreeImprover(network, path, options).run();
}

} // namespace tlc::planner
