//===- PlanNames.cpp - how indices and tensors of a plan are called -------===//

#include "compiler/planner/PlanNames.h"

#include <fmt/format.h>

namespace tlc::planner {

PlanNames::PlanNames(const Network &network, const Plan &plan, const Labels &labels)
    : network(network), plan(plan), labels(labels), numInputs(int(network.inputs.size())) {
  for (int number = 0; number < int(network.sizes.size()); ++number)
    longNames |= index(number).size() > 1;
}

std::string PlanNames::index(int number) const {
  if (number < int(labels.indices.size()))
    return labels.indices[number];
  if (number < 26)
    return std::string(1, char('a' + number));
  return fmt::format("i{}", number);
}

std::string PlanNames::node(int number) const {
  if (number >= numInputs)
    return fmt::format("t{}", number - numInputs);
  if (number < int(labels.operands.size()))
    return labels.operands[number];
  return fmt::format("#{}", number);
}

const std::vector<int> &PlanNames::indicesOf(int node) const {
  return node < numInputs ? network.inputs[node] : plan.steps[node - numInputs].indices;
}

std::string PlanNames::indices(const std::vector<int> &numbers) const {
  std::string text;
  for (int number : numbers) {
    if (longNames && !text.empty())
      text += ' ';
    text += index(number);
  }
  return text;
}

std::string PlanNames::equation(const StepCost &step) const {
  std::string text = indices(indicesOf(step.lhs));
  if (step.rhs >= 0)
    text += (longNames ? ", " : ",") + indices(indicesOf(step.rhs));
  return text + (longNames ? " -> " : "->") + indices(step.indices);
}

} // namespace tlc::planner
