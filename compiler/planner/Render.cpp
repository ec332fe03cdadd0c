//===- Render.cpp - a plan as a table and as a graph ----------------------===//
//
//   step  operands  equation   kind  batch    m    n    k  flops  result  live bytes   seconds
//   t0    B C       jk,kl->jl  gemm      1    2  100  100  40000     200       82400  2.47e-06
//   t1    A t0      ij,jl->il  gemm      1  100  100    2  40000   10000       82400  1.11e-06
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/Cost.h"
#include "compiler/planner/PlanNames.h"

#include <fmt/format.h>

#include <array>

namespace tlc::planner {
namespace {

/// What a step is to a code generator.
std::string kindOf(const StepCost &step) {
  if (step.rhs < 0)
    return step.k > 1 ? "reduce" : "copy";
  if (step.k <= 1) {
    if (step.m > 1 && step.n > 1)
      return "outer";
    return step.m > 1 || step.n > 1 ? "scale" : "hadamard";
  }
  if (step.m > 1 && step.n > 1)
    return step.batch > 1 ? "batched gemm" : "gemm";
  if (step.m > 1 || step.n > 1)
    return step.batch > 1 ? "batched gemv" : "gemv";
  return step.batch > 1 ? "batched dot" : "dot";
}

class Renderer {
public:
  Renderer(const Network &network, const Plan &plan, const Labels &labels)
      : network(network), plan(plan), names(network, plan, labels) {}

  std::string table() const;
  std::string dot() const;

private:
  int numInputs() const { return static_cast<int>(network.inputs.size()); }
  std::string totals() const;

  const Network &network;
  const Plan &plan;
  PlanNames names;
};

/// Counts in full up to a million.
std::string number(double value) {
  return value < 1e6 && value == double(int64_t(value)) ? fmt::format("{:.0f}", value)
                                                        : fmt::format("{:.4g}", value);
}

std::string Renderer::table() const {
  using Row = std::array<std::string, 12>;
  std::vector<Row> rows = {{"step", "operands", "equation", "kind", "batch", "m", "n", "k", "flops",
                            "result", "live bytes", "seconds"}};
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const StepCost &step = plan.steps[i];
    std::string operands = names.node(step.lhs);
    if (step.rhs >= 0)
      operands += " " + names.node(step.rhs);
    rows.push_back({fmt::format("t{}", i), operands, names.equation(step), kindOf(step),
                    number(step.batch), number(step.m), number(step.n), number(step.k),
                    number(step.flops), number(step.resultSize), number(step.liveBytes),
                    fmt::format("{:.2e}", step.seconds)});
  }
  constexpr size_t numTextColumns = 4;
  std::array<size_t, 12> widths{};
  for (const Row &row : rows)
    for (size_t column = 0; column < row.size(); ++column)
      widths[column] = std::max(widths[column], row[column].size());
  std::string text;
  for (const Row &row : rows) {
    std::string line;
    for (size_t column = 0; column < row.size(); ++column)
      line += column < numTextColumns ? fmt::format("{:<{}}  ", row[column], widths[column])
                                      : fmt::format("{:>{}}  ", row[column], widths[column]);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text + totals();
}

std::string Renderer::totals() const {
  std::string text =
      fmt::format("order: {}{}\n"
                  "total: {} flops ({} multiplications), largest result {} elements, "
                  "peak {} bytes, {:.2e} seconds predicted\n",
                  plan.method, plan.optimal ? " (optimal)" : "", number(plan.flops),
                  number(plan.muls), number(plan.largest), number(plan.peakBytes), plan.seconds);
  if (plan.slices > 1) {
    text += fmt::format("slices: {} of them, over {}; {:.3g} times the flops without\n",
                        number(plan.slices), names.indices(plan.sliced), plan.sliceOverhead);
  }
  return text;
}

/// A name as a quoted string of Graphviz.
std::string quoted(const std::string &text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\')
      result += '\\';
    result += c;
  }
  return result + "\"";
}

std::string Renderer::dot() const {
  std::string text = "digraph plan {\n  rankdir=BT;\n";
  for (int node = 0; node < numInputs(); ++node)
    text += fmt::format("  n{} [shape=box, label={}];\n", node,
                        quoted(names.node(node) + " " + names.indices(network.inputs[node])));
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const StepCost &step = plan.steps[i];
    int node = numInputs() + static_cast<int>(i);
    text += fmt::format("  n{} [label={}];\n", node,
                        quoted(fmt::format("{} {} ({} flops)", names.node(node),
                                           names.indices(step.indices), number(step.flops))));
    text += fmt::format("  n{} -> n{};\n", step.lhs, node);
    if (step.rhs >= 0)
      text += fmt::format("  n{} -> n{};\n", step.rhs, node);
  }
  return text + "}\n";
}

} // namespace

std::string renderComparison(const Plan &plan, const Plan &other) {
  return fmt::format("{}: {} flops, largest result {} elements ({} times the flops)\n",
                     other.method, number(other.flops), number(other.largest),
                     number(plan.flops > 0 ? other.flops / plan.flops : 1));
}

std::string renderPlan(const Network &network, const Plan &plan, const Labels &labels) {
  return Renderer(network, plan, labels).table();
}

std::string planDot(const Network &network, const Plan &plan, const Labels &labels) {
  return Renderer(network, plan, labels).dot();
}

} // namespace tlc::planner
