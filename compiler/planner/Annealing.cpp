//===- Annealing.cpp - better trees by random rotations -------------------===//
//
// A rotation below a node P exchanges a grandchild with a child,
//
//   P = (Q C), Q = (A B)    becomes    P = (Q' B), Q' = (A C)
//
// and changes only two steps: the one that makes Q and the one that makes P. Q' keeps what A or C
// has and B or P has too, which is exact for hyperedges and results. Every tree can be reached.
//
// A rotation that makes the two steps r times as costly is taken with probability
// r^-beta, beta growing from sweep to sweep. The ratio is that of the two steps, not of the
// whole tree: cheap regions take shape at the same temperatures as costly ones. (J. Liu et al.,
// arXiv 2108.05665.)
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/Search.h"

#include <array>
#include <cmath>
#include <tuple>
#include <utility>

namespace tlc::planner {
namespace {

class Annealer {
public:
  Annealer(Tree &tree, Random &random) : tree(tree), random(random), kernel(kernels()) {
    remember();
  }

  void run(const AnnealingParameters &parameters, Budget &budget);

private:
  /// How much costlier a rotation may be, as quantiles of the distribution.
  static constexpr size_t numThresholds = 1024;

  void setTemperature(double beta);
  void sweep();
  void propose(int parent);
  void remember();
  void restore();

  Tree &tree;
  Random &random;
  const Kernels &kernel;
  std::array<double, numThresholds> thresholds;
  std::vector<std::pair<int, int>> bestChildren;
  double bestValue = 0;
};

void Annealer::setTemperature(double beta) {
  for (size_t i = 0; i < numThresholds; ++i) {
    double log = -std::log2((double(i) + 0.5) / numThresholds) / beta;
    thresholds[i] = log > 1000 ? maxCost : std::exp2(log);
  }
}

void Annealer::propose(int parent) {
  uint64_t bits = random.next();
  TreeNode &upper = tree[parent];
  int inner = upper.left, c = upper.right;
  if (bits & 1)
    std::swap(inner, c);
  if (tree.isLeaf(inner))
    std::swap(inner, c);
  if (tree.isLeaf(inner))
    return;
  TreeNode &lower = tree[inner];
  int a = lower.left, b = lower.right;
  if (bits & 2)
    std::swap(a, b);
  RotationLogs logs =
      kernel.rotation(tree.problem, tree.set(a), tree.set(b), tree.set(c), tree.set(parent));
  double size = saturate(std::exp2(logs.kept));
  double lowerCost = saturate(tree.stepCost(saturate(std::exp2(logs.join)), a, c, size));
  // The step above reads the new tensor.
  double oldSize = std::exchange(lower.size, size);
  double upperCost = saturate(tree.stepCost(saturate(std::exp2(logs.root)), inner, b, upper.size));
  if (lowerCost + upperCost > (lower.cost + upper.cost) * thresholds[bits >> 2 & 1023]) {
    lower.size = oldSize;
    return;
  }
  lower.cost = lowerCost;
  upper.cost = upperCost;
  lower.left = a;
  lower.right = c;
  upper.left = inner;
  upper.right = b;
  Word *set = tree.set(inner);
  const Word *setA = tree.set(a), *setB = tree.set(b), *setC = tree.set(c);
  const Word *setP = tree.set(parent);
  for (int word = 0; word < tree.problem.numWords; ++word)
    set[word] = (setA[word] | setC[word]) & (setB[word] | setP[word]);
}

void Annealer::sweep() {
  for (int node = tree.numLeaves(); node <= tree.root(); ++node)
    propose(node);
}

void Annealer::remember() {
  bestValue = tree.value();
  bestChildren.clear();
  for (int node = tree.numLeaves(); node <= tree.root(); ++node)
    bestChildren.push_back({tree[node].left, tree[node].right});
}

void Annealer::restore() {
  for (int node = tree.numLeaves(); node <= tree.root(); ++node)
    std::tie(tree[node].left, tree[node].right) = bestChildren[node - tree.numLeaves()];
  tree.build(tree.path());
}

void Annealer::run(const AnnealingParameters &parameters, Budget &budget) {
  double sweepCost = double(tree.numLeaves()) * (58 + 2.0 * tree.problem.numWords);
  double nanoseconds = std::min(parameters.nanoseconds, budget.nanoseconds());
  int sweeps = std::max(1, static_cast<int>(nanoseconds / sweepCost));
  // The table of thresholds costs as much as some hundred proposals.
  int perTemperature = std::max(1, 2000 / tree.numLeaves());
  for (int done = 0; done < sweeps; ++done) {
    if (done % perTemperature == 0)
      setTemperature(parameters.first +
                     (parameters.last - parameters.first) * double(done) / sweeps);
    sweep();
    budget.spend(sweepCost);
    if (tree.value() < bestValue)
      remember();
  }
  if (tree.value() > bestValue)
    restore();
}

} // namespace

void anneal(Tree &tree, const AnnealingParameters &parameters, Random &random, Budget &budget) {
  if (tree.numLeaves() > 2)
    Annealer(tree, random).run(parameters, budget);
}

} // namespace tlc::planner
