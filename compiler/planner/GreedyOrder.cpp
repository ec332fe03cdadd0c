//===- GreedyOrder.cpp - a contraction order for many operands ------------===//
//
// Repeatedly contracts the two tensors for which size(result) - size(lhs) - size(rhs) is
// least, among those that share an index; equal index sets (Hadamard products) come first,
// tensors that share nothing are multiplied last, the smallest first. A heap of candidates
// makes it near linear in the number of index pairs. (D. G. A. Smith and J. Gray's
// opt_einsum made this score popular.)
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/Cost.h"

#include <queue>
#include <tuple>

namespace tlc::planner {
namespace {

/// An index in more tensors than this does not make two of them neighbours: batch indices of
/// large networks would make all pairs candidates.
constexpr size_t maxHolders = 128;

class GreedySearch {
public:
  explicit GreedySearch(const Network &network)
      : state(network), holders(network.sizes.size()), path(contractEqualSets(state)) {
    alive.assign(state.numNodes(), true);
    for (auto [lhs, rhs] : path)
      alive[lhs] = alive[rhs] = false;
    for (int node = 0; node < state.numNodes(); ++node)
      if (alive[node])
        addHolder(node);
  }

  Path run() {
    for (int node = 0; node < state.numNodes(); ++node)
      if (alive[node])
        pushCandidates(node, /*onlyLater=*/true);
    contractNeighbours();
    contractRest();
    return std::move(path);
  }

private:
  /// Least score first; ties by number, so that results are reproducible.
  using Candidate = std::tuple<double, int, int>;

  void contractNeighbours();
  void contractRest();

  void addHolder(int node) {
    state.indices(node).forEach([&](int index) { holders[index].push_back(node); });
  }
  /// The live tensors with an index; forgets the dead ones.
  const std::vector<int> &liveHolders(int index) {
    std::erase_if(holders[index], [&](int node) { return !alive[node]; });
    return holders[index];
  }
  int contract(int lhs, int rhs) {
    path.push_back({lhs, rhs});
    alive[lhs] = alive[rhs] = false;
    alive.push_back(true);
    int node = state.contract(lhs, rhs);
    addHolder(node);
    return node;
  }
  void pushCandidates(int node, bool onlyLater);

  NetworkState state;
  std::vector<bool> alive;
  std::vector<std::vector<int>> holders;
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> candidates;
  Path path;
};

void GreedySearch::pushCandidates(int node, bool onlyLater) {
  std::vector<int> neighbours;
  state.indices(node).forEach([&](int index) {
    const std::vector<int> &nodes = liveHolders(index);
    if (nodes.size() <= maxHolders)
      neighbours.insert(neighbours.end(), nodes.begin(), nodes.end());
  });
  std::sort(neighbours.begin(), neighbours.end());
  neighbours.erase(std::unique(neighbours.begin(), neighbours.end()), neighbours.end());
  double size = state.size(state.indices(node));
  for (int other : neighbours) {
    if (other == node || (onlyLater && other < node))
      continue;
    double score = state.keptSize(node, other) - size - state.size(state.indices(other));
    candidates.push({score, std::min(node, other), std::max(node, other)});
  }
}

void GreedySearch::contractNeighbours() {
  while (!candidates.empty()) {
    auto [score, lhs, rhs] = candidates.top();
    candidates.pop();
    if (alive[lhs] && alive[rhs])
      pushCandidates(contract(lhs, rhs), /*onlyLater=*/false);
  }
}

void GreedySearch::contractRest() {
  using Entry = std::pair<double, int>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> rest;
  for (int node = 0; node < state.numNodes(); ++node)
    if (alive[node])
      rest.push({state.size(state.indices(node)), node});
  while (rest.size() > 1) {
    int lhs = rest.top().second;
    rest.pop();
    int rhs = rest.top().second;
    rest.pop();
    int node = contract(std::min(lhs, rhs), std::max(lhs, rhs));
    rest.push({state.size(state.indices(node)), node});
  }
}

} // namespace

Path greedyOrder(const Network &network) { return GreedySearch(network).run(); }

} // namespace tlc::planner
