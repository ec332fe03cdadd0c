//===- DissectionOrder.cpp - separate, and contract the sides first -------===//
//
// Nested dissection (A. George, 1973) for tensor networks: in the graph whose vertices are the
// indices and whose cliques are the tensors, a small set S of vertices separates two halves.
//
//   left | S | right
//
// The indices of the left half are summed first, those of the right half next, and those of S
// last, when the network is two tensors over S. The halves are treated likewise, down to some
// tens of indices, which are summed by minimum degree. On a grid of n x n no order has
// smaller tensors but for a constant factor. Separators are METIS' (G. Karypis, V. Kumar).
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/EliminationOrder.h"

#include <metis.h>

#include <cmath>
#include <mutex>
#include <numeric>

namespace tlc::planner {
namespace {

/// Tensors of more indices make a path of them rather than a clique of their pairs.
constexpr size_t maxClique = 64;

class Dissection {
public:
  Dissection(const Problem &problem, const DissectionParameters &parameters, uint64_t seed,
             Random &random, Budget &budget)
      : problem(problem), parameters(parameters), seed(seed), budget(budget),
        elimination(problem, parameters.rule, 0, random, budget), graph(problem.numIndices()),
        local(problem.numIndices(), -1) {
    buildGraph();
  }

  Path run() {
    std::vector<int> indices;
    for (int index = 0; index < problem.numIndices(); ++index)
      if (isVertex[index])
        indices.push_back(index);
    dissect(indices);
    return elimination.finish();
  }

private:
  void buildGraph();
  void dissect(const std::vector<int> &indices);
  /// The side of each: 0 or 1, or 2 for the separator; empty if METIS gives up.
  std::vector<idx_t> separate(const std::vector<int> &indices);

  const Problem &problem;
  DissectionParameters parameters;
  uint64_t seed;
  Budget &budget;
  Elimination elimination;
  std::vector<std::vector<int>> graph;
  std::vector<bool> isVertex;
  std::vector<int> local; ///< number in the part at hand
};

void Dissection::buildGraph() {
  isVertex.assign(problem.numIndices(), false);
  for (int tensor = 0; tensor < problem.numTensors; ++tensor) {
    std::vector<int> indices;
    forEachIndex(problem.tensor(tensor), problem.numWords, [&](int index) {
      if (!contains(problem.output.data(), index))
        indices.push_back(index);
    });
    size_t reach = indices.size() > maxClique ? 1 : indices.size();
    for (size_t i = 0; i < indices.size(); ++i) {
      isVertex[indices[i]] = true;
      for (size_t j = i + 1; j < std::min(indices.size(), i + 1 + reach); ++j) {
        graph[indices[i]].push_back(indices[j]);
        graph[indices[j]].push_back(indices[i]);
      }
    }
  }
  for (std::vector<int> &others : graph) {
    std::sort(others.begin(), others.end());
    others.erase(std::unique(others.begin(), others.end()), others.end());
  }
}

std::vector<idx_t> Dissection::separate(const std::vector<int> &indices) {
  for (size_t i = 0; i < indices.size(); ++i)
    local[indices[i]] = static_cast<int>(i);
  std::vector<idx_t> starts = {0}, edges, weights;
  for (int index : indices) {
    for (int other : graph[index])
      if (local[other] >= 0)
        edges.push_back(local[other]);
    starts.push_back(static_cast<idx_t>(edges.size()));
    weights.push_back(
        std::max<idx_t>(1, static_cast<idx_t>(std::lround(10 * problem.logs[index]))));
  }
  for (int index : indices)
    local[index] = -1;
  budget.spend(1500.0 * double(indices.size()) + 60.0 * double(edges.size()));
  idx_t options[METIS_NOPTIONS];
  METIS_SetDefaultOptions(options);
  options[METIS_OPTION_SEED] = static_cast<idx_t>(seed++ & 0x7fffffff);
  options[METIS_OPTION_UFACTOR] =
      static_cast<idx_t>(std::lround((parameters.imbalance - 1) * 1000));
  options[METIS_OPTION_NITER] = 20;
  options[METIS_OPTION_NSEPS] = 3;
  idx_t count = static_cast<idx_t>(indices.size()), separatorWeight = 0;
  std::vector<idx_t> sides(indices.size());
  // METIS draws its random numbers from the C library's generator, which it seeds.
  static std::mutex mutex;
  std::lock_guard lock(mutex);
  int status = METIS_ComputeVertexSeparator(&count, starts.data(), edges.data(), weights.data(),
                                            options, &separatorWeight, sides.data());
  return status == METIS_OK ? sides : std::vector<idx_t>();
}

void Dissection::dissect(const std::vector<int> &indices) {
  if (int(indices.size()) <= parameters.leafIndices)
    return elimination.sum(indices);
  std::vector<idx_t> sides = separate(indices);
  std::vector<int> parts[3];
  for (size_t i = 0; i < sides.size(); ++i)
    parts[sides[i]].push_back(indices[i]);
  if (parts[0].size() == indices.size() || parts[1].size() == indices.size() ||
      parts[2].size() == indices.size() || sides.empty())
    return elimination.sum(indices);
  dissect(parts[0]);
  dissect(parts[1]);
  elimination.sum(parts[2]);
}

} // namespace

Path dissectionOrder(const Problem &problem, const DissectionParameters &parameters, uint64_t seed,
                     Budget &budget) {
  Random random(seed);
  return Dissection(problem, parameters, seed, random, budget).run();
}

} // namespace tlc::planner
