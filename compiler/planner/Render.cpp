//===- Render.cpp - a plan as a table and as a graph ----------------------===//
//
//   step  operands  equation   kind  batch    m    n    k  flops  result  live bytes   seconds
//   t0    B C       jk,kl->jl  gemm      1    2  100  100  40000     200       82400  5.16e-06
//   t1    A t0      ij,jl->il  gemm      1  100  100    2  40000   10000       82400  5.16e-06
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/Cost.h"

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
      : network(network), plan(plan), labels(labels) {
    for (size_t index = 0; index < network.sizes.size(); ++index)
      longNames |= indexName(int(index)).size() > 1;
  }

  std::string table() const;
  std::string dot() const;

private:
  std::string indexName(int index) const {
    if (index < int(labels.indices.size()))
      return labels.indices[index];
    if (index < 26)
      return std::string(1, char('a' + index));
    return fmt::format("i{}", index);
  }
  int numInputs() const { return static_cast<int>(network.inputs.size()); }
  std::string nodeName(int node) const {
    if (node >= numInputs())
      return fmt::format("t{}", node - numInputs());
    if (node < int(labels.operands.size()))
      return labels.operands[node];
    return fmt::format("#{}", node);
  }
  const std::vector<int> &indicesOf(int node) const {
    return node < numInputs() ? network.inputs[node] : plan.steps[node - numInputs()].indices;
  }
  /// "ij", or "batch i" if some name is longer than one letter.
  std::string indexString(const std::vector<int> &indices) const {
    std::string text;
    for (int index : indices) {
      if (longNames && !text.empty())
        text += ' ';
      text += indexName(index);
    }
    return text;
  }
  std::string equation(const StepCost &step) const {
    std::string text = indexString(indicesOf(step.lhs));
    if (step.rhs >= 0)
      text += (longNames ? ", " : ",") + indexString(indicesOf(step.rhs));
    return text + (longNames ? " -> " : "->") + indexString(step.indices);
  }
  std::string totals() const;

  const Network &network;
  const Plan &plan;
  const Labels &labels;
  bool longNames = false;
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
    std::string operands = nodeName(step.lhs);
    if (step.rhs >= 0)
      operands += " " + nodeName(step.rhs);
    rows.push_back({fmt::format("t{}", i), operands, equation(step), kindOf(step),
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
  if (numInputs() > 2) {
    Plan naive = leftToRight(network);
    text +=
        fmt::format("left to right: {} flops, largest result {} elements ({} times the flops)\n",
                    number(naive.flops), number(naive.largest),
                    number(plan.flops > 0 ? naive.flops / plan.flops : 1));
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
                        quoted(nodeName(node) + " " + indexString(network.inputs[node])));
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const StepCost &step = plan.steps[i];
    int node = numInputs() + static_cast<int>(i);
    text += fmt::format("  n{} [label={}];\n", node,
                        quoted(fmt::format("{} {} ({} flops)", nodeName(node),
                                           indexString(step.indices), number(step.flops))));
    text += fmt::format("  n{} -> n{};\n", step.lhs, node);
    if (step.rhs >= 0)
      text += fmt::format("  n{} -> n{};\n", step.rhs, node);
  }
  return text + "}\n";
}

} // namespace

std::string renderPlan(const Network &network, const Plan &plan, const Labels &labels) {
  return Renderer(network, plan, labels).table();
}

std::string planDot(const Network &network, const Plan &plan, const Labels &labels) {
  return Renderer(network, plan, labels).dot();
}

} // namespace tlc::planner
