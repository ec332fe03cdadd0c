//===- RenderSvg.cpp - the tree of a plan as a picture --------------------===//
//
// Operands stand in a row at the bottom, in the order in which the tree meets them; a step stands
// above the middle of what it joins, as high as the tree below it is deep. A disc's area
// grows with the logarithm of the step's operations, a line's width with that of the tensor's
// size. Moving over a node shows its figures.
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/PlanNames.h"
#include "compiler/planner/Planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tlc::planner {
namespace {

constexpr double columnWidth = 46, rowHeight = 54, margin = 40;
/// Above this, names would hide the tree.
constexpr int maxNamed = 64;

class TreePicture {
public:
  TreePicture(const Network &network, const Plan &plan, const Labels &labels)
      : plan(plan), names(network, plan, labels), numInputs(int(network.inputs.size())) {
    place();
  }

  std::string draw() const;

private:
  void place();
  std::string edge(int from, int to) const;
  std::string node(int number) const;
  double sizeOf(int number) const {
    return number < numInputs ? 1 : plan.steps[number - numInputs].resultSize;
  }

  const Plan &plan;
  PlanNames names;
  int numInputs;
  std::vector<double> x, y;
};

void TreePicture::place() {
  int count = numInputs + static_cast<int>(plan.steps.size());
  x.assign(count, 0);
  y.assign(count, 0);
  // Operands in the order of a walk from the root, left before right.
  std::vector<int> stack = {count - 1};
  int column = 0;
  while (!stack.empty()) {
    int node = stack.back();
    stack.pop_back();
    if (node < numInputs) {
      x[node] = columnWidth * column++;
      continue;
    }
    const StepCost &step = plan.steps[node - numInputs];
    if (step.rhs >= 0)
      stack.push_back(step.rhs);
    stack.push_back(step.lhs);
  }
  for (int node = numInputs; node < count; ++node) {
    const StepCost &step = plan.steps[node - numInputs];
    int rhs = step.rhs < 0 ? step.lhs : step.rhs;
    x[node] = (x[step.lhs] + x[rhs]) / 2;
    y[node] = std::max(y[step.lhs], y[rhs]) + rowHeight;
  }
}

std::string TreePicture::edge(int from, int to) const {
  double top = y.back();
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" "
                     "stroke-width=\"{:.1f}\"/>\n",
                     x[from], top - y[from], x[to], top - y[to],
                     1 + 0.15 * std::log2(1 + sizeOf(from)));
}

std::string escaped(const std::string &text) {
  std::string result;
  for (char c : text)
    result += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
  return result;
}

std::string TreePicture::node(int number) const {
  bool isInput = number < numInputs;
  double flops = isInput ? 0 : plan.steps[number - numInputs].flops;
  double radius = isInput ? 5 : 4 + 2.2 * std::sqrt(std::log2(1 + flops));
  std::string title = names.node(number) + " " + names.indices(names.indicesOf(number));
  if (!isInput)
    title += fmt::format(": {:.4g} flops, {:.4g} elements", flops, sizeOf(number));
  std::string text = fmt::format(
      "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\" fill=\"{}\"><title>{}</title></circle>\n",
      x[number], y.back() - y[number], radius, isInput ? "#888" : "#2a6fbb", escaped(title));
  if (numInputs <= maxNamed)
    text += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", x[number],
                        y.back() - y[number] + radius + 11, escaped(names.node(number)));
  return text;
}

std::string TreePicture::draw() const {
  double width = columnWidth * std::max(0, numInputs - 1) + 2 * margin;
  double height = y.back() + 2 * margin;
  std::string text = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{:.0f} {:.0f} {:.0f} {:.0f}\" "
      "width=\"{:.0f}\" height=\"{:.0f}\" font-family=\"sans-serif\" font-size=\"11\" "
      "text-anchor=\"middle\">\n<g stroke=\"#999\">\n",
      -margin, -margin, width, height, width, height);
  for (size_t step = 0; step < plan.steps.size(); ++step)
    for (int operand : {plan.steps[step].lhs, plan.steps[step].rhs})
      if (operand >= 0)
        text += edge(operand, numInputs + int(step));
  text += "</g>\n";
  for (int number = 0; number < int(x.size()); ++number)
    text += node(number);
  return text + "</svg>\n";
}

} // namespace

std::string planSvg(const Network &network, const Plan &plan, const Labels &labels) {
  return TreePicture(network, plan, labels).draw();
}

} // namespace tlc::planner
