//===- IndexGraph.cpp - the graph of indices, and what separates it -------===//

#include "compiler/planner/IndexGraph.h"

#include <metis.h>

#include <algorithm>
#include <cmath>
#include <mutex>

namespace tlc::planner {
namespace {

/// Tensors of more indices make a path of them rather than a clique of their pairs.
constexpr size_t maxClique = 64;

} // namespace

IndexGraph::IndexGraph(const Problem &problem, uint64_t seed, Budget &budget)
    : problem(problem), seed(seed), budget(budget), neighbours(problem.numIndices()),
      isVertex(problem.numIndices(), false), local(problem.numIndices(), -1) {
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
        neighbours[indices[i]].push_back(indices[j]);
        neighbours[indices[j]].push_back(indices[i]);
      }
    }
  }
  for (std::vector<int> &others : neighbours) {
    std::sort(others.begin(), others.end());
    others.erase(std::unique(others.begin(), others.end()), others.end());
  }
}

std::vector<int> IndexGraph::vertices() const {
  std::vector<int> indices;
  for (int index = 0; index < problem.numIndices(); ++index)
    if (isVertex[index])
      indices.push_back(index);
  return indices;
}

std::array<std::vector<int>, 3> IndexGraph::separate(const std::vector<int> &indices,
                                                     double imbalance) {
  for (size_t i = 0; i < indices.size(); ++i)
    local[indices[i]] = static_cast<int>(i);
  std::vector<idx_t> starts = {0}, edges, weights;
  for (int index : indices) {
    for (int other : neighbours[index])
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
  options[METIS_OPTION_UFACTOR] = static_cast<idx_t>(std::lround((imbalance - 1) * 1000));
  options[METIS_OPTION_NITER] = 20;
  options[METIS_OPTION_NSEPS] = 3;
  idx_t count = static_cast<idx_t>(indices.size()), separatorWeight = 0;
  std::vector<idx_t> sides(indices.size());
  // METIS draws its random numbers from the C library's generator, which it seeds.
  static std::mutex mutex;
  std::lock_guard lock(mutex);
  int status = METIS_ComputeVertexSeparator(&count, starts.data(), edges.data(), weights.data(),
                                            options, &separatorWeight, sides.data());
  std::array<std::vector<int>, 3> parts;
  if (status != METIS_OK)
    return parts;
  for (size_t i = 0; i < sides.size(); ++i)
    parts[sides[i]].push_back(indices[i]);
  return parts;
}

} // namespace tlc::planner
