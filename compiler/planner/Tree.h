//===- Tree.h - a contraction tree with costs -----------------------------===//
//
// A full binary tree whose leaves are the tensors of a problem. Nodes 0 .. n - 1 are the leaves,
// n .. 2n - 2 the inner nodes, the last one is the root. Each node has the indices that its
// tensor keeps, their size, and what the step that makes it costs.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_PLANNER_TREE_H
#define TLC_COMPILER_PLANNER_TREE_H

#include "compiler/planner/Problem.h"
#include "compiler/planner/StepModel.h"

namespace tlc::planner {

struct TreeNode {
  int left = -1, right = -1;
  double size = 1; ///< of the tensor
  double cost = 0; ///< of the step
};

class Tree {
public:
  Tree(const Problem &problem, const StepModel &model);

  /// Makes the tree of a path in SSA form over the problem's tensors.
  void build(const Path &path);
  /// Its steps, children before parents.
  Path path() const;

  int numLeaves() const { return problem.numTensors; }
  int root() const { return 2 * problem.numTensors - 2; }
  bool isLeaf(int node) const { return node < problem.numTensors; }
  const TreeNode &operator[](int node) const { return nodes[node]; }
  TreeNode &operator[](int node) { return nodes[node]; }
  const Word *set(int node) const { return sets.data() + size_t(node) * problem.numWords; }
  Word *set(int node) { return sets.data() + size_t(node) * problem.numWords; }

  /// The sum of the steps' costs.
  double total() const;
  /// The value in the objective, for comparing trees: the sum, or the largest size.
  double value() const;
  double largest() const;

  double stepCost(double join, int lhs, int rhs, double result) const {
    double bytes = nodes[lhs].size * model.elementBytes(isLeaf(lhs)) +
                   nodes[rhs].size * model.elementBytes(isLeaf(rhs)) +
                   result * model.elementBytes(false);
    return model.cost({join, nodes[lhs].size, nodes[rhs].size, result, bytes});
  }
  /// Sets the indices, size and cost of an inner node from its children's.
  void update(int node, const Word *kept);

  /// Inner nodes, children before parents.
  std::vector<int> postorder() const;

  const Problem &problem;
  const StepModel &model;

private:
  std::vector<TreeNode> nodes;
  std::vector<Word> sets;
};

} // namespace tlc::planner

#endif // TLC_COMPILER_PLANNER_TREE_H
