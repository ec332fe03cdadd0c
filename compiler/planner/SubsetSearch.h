//===- SubsetSearch.h - optimal trees over a few tensors ------------------===//
//
// Dynamic programming over the subsets of at most 16 tensors: the best tree over a subset S is
// the best split of S in two, each contracted in its best way,
//
//   best(S) = min over S = A + B of  best(A) + best(B) + cost(A, B)
//
// (with `max` for the `+` when the largest intermediate is to be small). All splits count, those
// without a common index (outer products) too. There are 3^n / 2 of them, so the cost of one must
// be a few multiplications, whatever the number of indices. With
//
//   size(X)   the product of the extents of the indices that X's contraction keeps
//   touch(X)  the product of the extents of all indices of X's tensors
//
// an index common to A and B is one that touches both, and their product is
// touch(A) * touch(B) / touch(A + B). So the multiplications are
//
//   size(A) * size(B) / common(A, B) = ratio(A) * ratio(B) * touch(S),  ratio = size / touch
//
// exact for hyperedges too. Both are found for all subsets at once: the sum of the logarithms of
// the indices that lie within X is a zeta transform over the sets of holders.
//
// A subset whose result alone exceeds the cost of a known tree is skipped whole, which leaves few
// subsets in networks with local structure.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_PLANNER_SUBSETSEARCH_H
#define TLC_COMPILER_PLANNER_SUBSETSEARCH_H

#include "compiler/planner/StepModel.h"

#include <limits>

namespace tlc::planner {

class SubsetSearch {
public:
  static constexpr int maxTensors = 16;

  explicit SubsetSearch(const StepModel &model) : model(model) {}

  /// Starts a new network of `count` tensors without indices.
  void reset(int count);
  /// An index of the tensors in the bits of `holders`; `isOutside`: the result has it.
  void addIndex(uint32_t holders, bool isOutside, double log);
  /// Whether a tensor is an operand, of the operands' type. (All are at first.)
  void setIntermediate(int tensor) { isIntermediate |= 1u << tensor; }
  /// Whether the result of all is the network's.
  void setLast(bool value) { isLast = value; }

  /// The cost of the best tree, if it is within `bound`; infinity if there is none.
  double run(double bound);
  /// Its steps in SSA form.
  Path path() const;
  /// Splits that were looked at.
  size_t work() const { return splits; }

  static constexpr double infinity = std::numeric_limits<double>::infinity();

private:
  bool prepare();
  template <Objective objective> void search(double bound);
  template <Objective objective> void searchSubset(uint32_t subset, double bound);
  template <Objective objective> double lowerBound(uint32_t subset) const;
  int emit(uint32_t subset, Path &path) const;

  const StepModel &model;
  int numTensors = 0;
  uint32_t isIntermediate = 0;
  bool isLast = true;
  size_t splits = 0;
  /// Sums of logarithms of the indices whose holders lie within a set: of all, and of the summed.
  std::vector<double> within, summedWithin;
  std::vector<double> size, touch, ratio, bytes, best;
  std::vector<uint32_t> split; ///< the part of the best split that has the first tensor
  /// Subsets that have a tree within the bound, by their first tensor.
  std::vector<std::vector<uint32_t>> feasible;
};

} // namespace tlc::planner

#endif // TLC_COMPILER_PLANNER_SUBSETSEARCH_H
