//===- DissectionOrder.cpp - separate, and contract the sides first -------===//
//
// Nested dissection (A. George, 1973) for tensor networks: in the graph of the indices a small set
// S of vertices separates two halves (see IndexGraph.h).
//
//   left | S | right
//
// The indices of the left half are summed first, those of the right half next, and those of S
// last, when the network is two tensors over S. The halves are treated likewise, down to some
// tens of indices, which are summed by minimum degree. On a grid of n x n no order has
// smaller tensors but for a constant factor.
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/EliminationOrder.h"
#include "compiler/planner/IndexGraph.h"

namespace tlc::planner {
namespace {

class Dissection {
public:
  Dissection(const Problem &problem, const DissectionParameters &parameters, uint64_t seed,
             Random &random, Budget &budget)
      : parameters(parameters), elimination(problem, parameters.rule, 0, random, budget),
        graph(problem, seed, budget) {}

  Path run() {
    dissect(graph.vertices());
    return elimination.finish();
  }

private:
  void dissect(const std::vector<int> &indices) {
    if (int(indices.size()) <= parameters.leafIndices)
      return elimination.sum(indices);
    auto [left, right, separator] = graph.separate(indices, parameters.imbalance);
    if (left.empty() || right.empty())
      return elimination.sum(indices);
    dissect(left);
    dissect(right);
    elimination.sum(separator);
  }

  DissectionParameters parameters;
  Elimination elimination;
  IndexGraph graph;
};

} // namespace

Path dissectionOrder(const Problem &problem, const DissectionParameters &parameters, uint64_t seed,
                     Budget &budget) {
  Random random(seed);
  return Dissection(problem, parameters, seed, random, budget).run();
}

} // namespace tlc::planner
