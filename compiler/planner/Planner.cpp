//===- Planner.cpp - chooses how to look for an order ---------------------===//

#include "compiler/planner/Planner.h"
#include "compiler/planner/Cost.h"

#include <fmt/format.h>

namespace tlc::planner {

std::string findProblem(const Network &network) {
  if (network.inputs.empty())
    return "the network has no inputs";
  int numSizes = static_cast<int>(network.sizes.size());
  std::vector<bool> isUsed(network.sizes.size(), false), isOutput(network.sizes.size(), false);
  for (size_t input = 0; input < network.inputs.size(); ++input)
    for (int index : network.inputs[input]) {
      if (index < 0 || index >= numSizes || network.sizes[index] < 0)
        return fmt::format("index {} of input {} has no size", index, input);
      isUsed[index] = true;
    }
  for (int index : network.output) {
    if (index < 0 || index >= numSizes || !isUsed[index])
      return fmt::format("index {} of the output is in no input", index);
    if (isOutput[index])
      return fmt::format("index {} is twice in the output", index);
    isOutput[index] = true;
  }
  return "";
}

Path orderForMemory(const Network &network, const Path &path) {
  // With a child's result of size r and a peak of p while it is made, making first the child
  // with the larger p - r keeps the peak of the whole least.
  int numInputs = static_cast<int>(network.inputs.size());
  NetworkState state(network);
  std::vector<double> peak(numInputs, 0), result(numInputs, 0);
  std::vector<std::pair<int, int>> children(numInputs);
  for (auto [lhs, rhs] : path) {
    int node = state.contract(lhs, rhs);
    if (peak[rhs] - result[rhs] > peak[lhs] - result[lhs])
      std::swap(lhs, rhs);
    children.push_back({lhs, rhs});
    result.push_back(state.size(state.indices(node)));
    peak.push_back(
        std::max({peak[lhs], result[lhs] + peak[rhs], result[lhs] + result[rhs] + result.back()}));
  }
  // Postorder without recursion: a chain of thousands of operands is as deep as it is long.
  std::vector<int> number(children.size(), -1), stack;
  for (int input = 0; input < numInputs; ++input)
    number[input] = input;
  Path ordered;
  if (!path.empty())
    stack.push_back(static_cast<int>(children.size()) - 1);
  while (!stack.empty()) {
    int node = stack.back();
    auto [first, second] = children[node];
    if (number[first] < 0) {
      stack.push_back(first);
    } else if (number[second] < 0) {
      stack.push_back(second);
    } else {
      stack.pop_back();
      number[node] = numInputs + static_cast<int>(ordered.size());
      ordered.push_back(std::minmax({number[first], number[second]}));
    }
  }
  return ordered;
}

Plan leftToRight(const Network &network, const MachineModel &machine) {
  Path path;
  int numInputs = static_cast<int>(network.inputs.size());
  for (int input = 1; input < numInputs; ++input)
    path.push_back({input == 1 ? 0 : numInputs + input - 2, input});
  Plan plan = evaluate(network, path, machine);
  plan.method = "left to right";
  return plan;
}

} // namespace tlc::planner
