//===- ExactOrder.cpp - optimal contraction order -------------------------===//
//
// The order of SubsetSearch.h for a whole network.
//
// Operands A and B with equal index sets are contracted beforehand. No order is worse for it:
// wherever B is multiplied otherwise, that step costs as much as A B and sums nothing, since A
// still has all of B's indices. Except an index that only the other factor has: then B is a
// means to sum it early, so networks with such indices are searched as they are.
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/SubsetSearch.h"

#include <cmath>

namespace tlc::planner {

Path exactOrder(const Network &network, const Options &options, double bound) {
  NetworkState state(network);
  bool hasOwnIndices = false;
  for (int index = 0; index < int(network.sizes.size()); ++index)
    hasOwnIndices |= state.isOwn(index);
  Path path = hasOwnIndices ? Path() : contractEqualSets(state);
  std::vector<bool> isUsed(state.numNodes(), false);
  for (auto [lhs, rhs] : path)
    isUsed[lhs] = isUsed[rhs] = true;
  std::vector<int> nodes;
  for (int node = 0; node < state.numNodes(); ++node)
    if (!isUsed[node])
      nodes.push_back(node);
  if (nodes.size() == 1)
    return path;
  if (int(nodes.size()) > std::min(options.exactLimit, SubsetSearch::maxTensors))
    return {};
  StepModel model(network, options);
  SubsetSearch search(model);
  search.reset(static_cast<int>(nodes.size()));
  std::vector<uint32_t> holders(network.sizes.size(), 0);
  for (size_t tensor = 0; tensor < nodes.size(); ++tensor) {
    state.indices(nodes[tensor]).forEach([&](int index) { holders[index] |= 1u << tensor; });
    if (nodes[tensor] >= int(network.inputs.size()))
      search.setIntermediate(static_cast<int>(tensor));
  }
  std::vector<bool> isOutput(network.sizes.size(), false);
  for (int index : network.output)
    isOutput[index] = true;
  for (size_t index = 0; index < holders.size(); ++index)
    if (holders[index])
      search.addIndex(holders[index], isOutput[index], std::log2(state.extent(int(index))));
  if (search.run(bound) == SubsetSearch::infinity)
    return {};
  for (auto [lhs, rhs] : search.path()) {
    path.push_back({nodes[lhs], nodes[rhs]});
    nodes.push_back(static_cast<int>(network.inputs.size() + path.size()) - 1);
  }
  return path;
}

} // namespace tlc::planner
