//===- ImproveOrder.cpp - optimal orders of parts of a tree ---------------===//
//
// A tree found by a heuristic is rarely optimal even in its parts. A part, a node with up to nine
// subtrees below it, is a contraction of nine tensors, whose optimal order is known:
//
//   ((A B) C) D    becomes    (A C) (B D)
//
// with the subtrees A, B, C and D as they are.
//
// Parts are taken in the order of the cost of their root, until no part gets better. (J. Gray's
// cotengra calls it subtree reconfiguration.)
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/Search.h"
#include "compiler/planner/SubsetSearch.h"

#include <numeric>

namespace tlc::planner {
namespace {

constexpr int maxRounds = 8;

class TreeImprover {
public:
  TreeImprover(Tree &tree, int maxLeaves, Budget &budget)
      : tree(tree), maxLeaves(maxLeaves), budget(budget), search(tree.model) {}

  void run() {
    bool isBetter = true;
    for (int round = 0; round < maxRounds && isBetter && !budget.isSpent(); ++round) {
      isBetter = false;
      for (int node : hottestFirst())
        if (!budget.isSpent())
          isBetter |= improve(node);
    }
  }

private:
  std::vector<int> hottestFirst() const;
  void cut(int node);
  void describe(int node);
  double currentCost() const;
  bool improve(int node);
  void rebuild(int node);

  Tree &tree;
  int maxLeaves;
  Budget &budget;
  SubsetSearch search;
  /// The part at hand: the roots of its subtrees, and its steps from the top down.
  std::vector<int> leaves, inner;
  std::vector<Word> kept;
};

std::vector<int> TreeImprover::hottestFirst() const {
  std::vector<int> nodes(tree.numLeaves() - 1);
  std::iota(nodes.begin(), nodes.end(), tree.numLeaves());
  std::stable_sort(nodes.begin(), nodes.end(),
                   [&](int a, int b) { return tree[a].cost > tree[b].cost; });
  return nodes;
}

void TreeImprover::cut(int node) {
  leaves = {node};
  inner.clear();
  while (int(leaves.size()) < maxLeaves) {
    // The largest intermediate is the one that another order might avoid.
    int largest = -1;
    for (int i = 0; i < int(leaves.size()); ++i)
      if (!tree.isLeaf(leaves[i]) &&
          (largest < 0 || tree[leaves[i]].size > tree[leaves[largest]].size))
        largest = i;
    if (largest < 0)
      return;
    int opened = leaves[largest];
    inner.push_back(opened);
    leaves[largest] = tree[opened].left;
    leaves.push_back(tree[opened].right);
  }
}

void TreeImprover::describe(int node) {
  const Problem &problem = tree.problem;
  search.reset(static_cast<int>(leaves.size()));
  search.setLast(node == tree.root());
  for (size_t leaf = 0; leaf < leaves.size(); ++leaf)
    if (!tree.isLeaf(leaves[leaf]))
      search.setIntermediate(static_cast<int>(leaf));
  const Word *outside = tree.set(node);
  for (int word = 0; word < problem.numWords; ++word) {
    Word all = 0;
    for (int leaf : leaves)
      all |= tree.set(leaf)[word];
    for (; all; all &= all - 1) {
      int bit = std::countr_zero(all);
      uint32_t holders = 0;
      for (size_t leaf = 0; leaf < leaves.size(); ++leaf)
        holders |= uint32_t(tree.set(leaves[leaf])[word] >> bit & 1) << leaf;
      search.addIndex(holders, outside[word] >> bit & 1, problem.logs[word * 64 + bit]);
    }
  }
}

double TreeImprover::currentCost() const {
  bool isMaximum = tree.model.objective == Objective::Size;
  double cost = 0;
  for (int node : inner)
    cost = isMaximum ? std::max(cost, tree[node].size) : cost + tree[node].cost;
  return cost;
}

bool TreeImprover::improve(int node) {
  cut(node);
  if (leaves.size() < 3)
    return false;
  describe(node);
  double known = currentCost();
  double best = search.run(known);
  budget.spend(double(search.work()) * 5 + 60 * double(size_t(1) << leaves.size()));
  if (best >= known * (1 - 1e-6))
    return false;
  rebuild(node);
  return true;
}

void TreeImprover::rebuild(int node) {
  // The same inner nodes get other children; the last of them is `node`.
  std::vector<int> nodes = leaves;
  nodes.insert(nodes.end(), inner.rbegin(), inner.rend());
  std::vector<uint32_t> members;
  for (size_t leaf = 0; leaf < leaves.size(); ++leaf)
    members.push_back(1u << leaf);
  kept.resize(tree.problem.numWords);
  for (auto [lhs, rhs] : search.path()) {
    int target = nodes[members.size()];
    members.push_back(members[lhs] | members[rhs]);
    tree[target].left = nodes[lhs];
    tree[target].right = nodes[rhs];
    // What other subtrees of the part or the outside have too.
    for (size_t word = 0; word < kept.size(); ++word) {
      Word others = tree.set(node)[word];
      for (size_t leaf = 0; leaf < leaves.size(); ++leaf)
        if (!(members.back() >> leaf & 1))
          others |= tree.set(leaves[leaf])[word];
      kept[word] = (tree.set(nodes[lhs])[word] | tree.set(nodes[rhs])[word]) & others;
    }
    tree.update(target, kept.data());
  }
}

} // namespace

void improveSubtrees(Tree &tree, int leaves, Budget &budget) {
  if (tree.numLeaves() > 2)
    TreeImprover(tree, leaves, budget).run();
}

} // namespace tlc::planner
