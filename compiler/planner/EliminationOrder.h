//===- EliminationOrder.h - contracting by summing index after index ------===//
//
// Summing an index means contracting all the tensors that have it:
//
//   ij,jk,jl,kl   summing j:   (ij,jk,jl) -> ikl,   leaves   ikl,kl
//
// An order of the indices so gives a tree over the tensors. What it costs depends on the largest
// tensor that comes up, which is the treewidth of the graph whose vertices are the indices and
// whose cliques are the tensors; the rules are those for sparse matrix factorisation. They
// are fast, and for networks that are close to trees they find what annealing does not.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_PLANNER_ELIMINATIONORDER_H
#define TLC_COMPILER_PLANNER_ELIMINATIONORDER_H

#include "compiler/planner/Search.h"

namespace tlc::planner {

class Elimination {
public:
  Elimination(const Problem &problem, EliminationRule rule, double noise, Random &random,
              Budget &budget);

  /// Sums these indices, in the order that the rule says.
  void sum(const std::vector<int> &indices);
  /// Contracts what is left and gives the path.
  Path finish();

private:
  const Word *set(int node) const { return sets.data() + size_t(node) * numWords; }
  double score(int index);
  double missingEdges(int index);
  void eliminate(int index);
  int contract(int lhs, int rhs);
  int contractAll(std::vector<int> nodes);
  void gatherNeighbours(int index);

  const Problem &problem;
  EliminationRule rule;
  double noise;
  Random &random;
  Budget &budget;
  int numWords;
  std::vector<Word> sets;
  std::vector<double> logs; ///< log2 of the nodes' sizes
  std::vector<bool> isAlive, isSummed;
  std::vector<std::vector<int>> holders; ///< live nodes with an index
  std::vector<Word> neighbours;          ///< scratch: the union of an index's tensors
  std::vector<Word> adjacency;           ///< for MinFill: of each index
  Path path;
};

} // namespace tlc::planner

#endif // TLC_COMPILER_PLANNER_ELIMINATIONORDER_H
