//===- IndexGraph.h - the graph of indices, and what separates it ---------===//
//
// The vertices are the indices that are summed, the cliques the tensors:
//
//   ij,jk,kl->   is   i - j - k - l      and {j} separates {i} from {k, l}
//
// A set S of vertices without which the graph falls in two halves is a separator: once both halves
// are contracted, the network is two tensors over S. Small ones are what nested dissection and
// sweeps are made of. They are METIS' (G. Karypis, V. Kumar).
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_PLANNER_INDEXGRAPH_H
#define TLC_COMPILER_PLANNER_INDEXGRAPH_H

#include "compiler/planner/Search.h"

#include <array>

namespace tlc::planner {

class IndexGraph {
public:
  IndexGraph(const Problem &problem, uint64_t seed, Budget &budget);

  /// All indices that are summed.
  std::vector<int> vertices() const;

  /// Two halves, neither above `imbalance` times half the weight, and their separator; empty if
  /// there is no such.
  std::array<std::vector<int>, 3> separate(const std::vector<int> &indices, double imbalance);

private:
  const Problem &problem;
  uint64_t seed;
  Budget &budget;
  std::vector<std::vector<int>> neighbours;
  std::vector<bool> isVertex;
  std::vector<int> local; ///< number in the part at hand
};

} // namespace tlc::planner

#endif // TLC_COMPILER_PLANNER_INDEXGRAPH_H
