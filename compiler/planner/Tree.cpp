//===- Tree.cpp - a contraction tree with costs ---------------------------===//

#include "compiler/planner/Tree.h"

#include <cmath>

namespace tlc::planner {

Tree::Tree(const Problem &problem, const StepModel &model)
    : problem(problem), model(model), nodes(2 * problem.numTensors - 1),
      sets(nodes.size() * problem.numWords) {
  std::copy(problem.tensors.begin(), problem.tensors.end(), sets.begin());
  for (int leaf = 0; leaf < problem.numTensors; ++leaf)
    nodes[leaf].size = saturate(std::exp2(problem.logSize(set(leaf))));
}

void Tree::update(int node, const Word *kept) {
  TreeNode &entry = nodes[node];
  std::copy(kept, kept + problem.numWords, set(node));
  entry.size = saturate(std::exp2(problem.logSize(kept)));
  double join = kernels().logUnion(problem, set(entry.left), set(entry.right));
  entry.cost = saturate(stepCost(saturate(std::exp2(join)), entry.left, entry.right, entry.size));
}

void Tree::build(const Path &path) {
  // Live tensors with each index, the result of the whole being one.
  std::vector<int> holders(problem.numIndices(), 0);
  int numWords = problem.numWords;
  for (int leaf = 0; leaf < numLeaves(); ++leaf)
    forEachIndex(set(leaf), numWords, [&](int index) { ++holders[index]; });
  forEachIndex(problem.output.data(), numWords, [&](int index) { ++holders[index]; });
  std::vector<Word> kept(numWords);
  for (size_t step = 0; step < path.size(); ++step) {
    int node = numLeaves() + static_cast<int>(step);
    auto [lhs, rhs] = path[step];
    nodes[node].left = lhs;
    nodes[node].right = rhs;
    for (int word = 0; word < numWords; ++word)
      kept[word] = set(lhs)[word] | set(rhs)[word];
    forEachIndex(kept.data(), numWords, [&](int index) {
      holders[index] -= contains(set(lhs), index) + contains(set(rhs), index) - 1;
      if (holders[index] == 1)
        erase(kept.data(), index);
    });
    update(node, kept.data());
  }
}

std::vector<int> Tree::postorder() const {
  std::vector<int> order, stack;
  if (numLeaves() > 1)
    stack.push_back(root());
  while (!stack.empty()) {
    int node = stack.back();
    stack.pop_back();
    order.push_back(node);
    for (int child : {nodes[node].left, nodes[node].right})
      if (!isLeaf(child))
        stack.push_back(child);
  }
  std::reverse(order.begin(), order.end());
  return order;
}

Path Tree::path() const {
  std::vector<int> number(nodes.size());
  for (int leaf = 0; leaf < numLeaves(); ++leaf)
    number[leaf] = leaf;
  Path path;
  for (int node : postorder()) {
    number[node] = numLeaves() + static_cast<int>(path.size());
    path.push_back(std::minmax({number[nodes[node].left], number[nodes[node].right]}));
  }
  return path;
}

double Tree::total() const {
  double sum = 0;
  for (size_t node = numLeaves(); node < nodes.size(); ++node)
    sum += nodes[node].cost;
  return saturate(sum);
}

double Tree::largest() const {
  double size = 0;
  for (size_t node = numLeaves(); node < nodes.size(); ++node)
    size = std::max(size, nodes[node].size);
  return size;
}

double Tree::value() const { return model.objective == Objective::Size ? largest() : total(); }

} // namespace tlc::planner
