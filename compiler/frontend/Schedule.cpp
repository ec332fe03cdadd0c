//===- Schedule.cpp - the dependence graph decides [F1] [R3] --------------===//
//
// A tensor depends on what its equations read. The strongly connected components of that graph,
// in topological order, are the steps of the program:
//
//   one tensor that does not depend on itself        computed once
//   a shift of one index by a constant               a loop over it (Loops.cpp)
//   a cycle, idempotent semiring, monotone           the least fixpoint
//   a cycle with `until <tolerance>, <steps>`        an iteration
//   any other cycle                                  an error that prints it
//
// Tarjan's algorithm yields components after those they depend on, which also stratifies
// negation: a relation under `not` must be in an earlier component.
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Loops.h"

#include <algorithm>
#include <deque>

using namespace tlc;
using namespace tlc::frontend;
using namespace tlc::program;

namespace {

/// Strongly connected components, without recursion: programs may be long.
class Tarjan {
public:
  explicit Tarjan(const std::vector<std::vector<int>> &edges)
      : edges(edges), order(edges.size(), -1), low(edges.size()), isOnStack(edges.size()) {}

  std::vector<std::vector<int>> run() {
    for (size_t node = 0; node < edges.size(); ++node)
      if (order[node] < 0)
        visit(static_cast<int>(node));
    return std::move(components);
  }

private:
  void enter(int node) {
    order[node] = low[node] = counter++;
    stack.push_back(node);
    isOnStack[node] = true;
    frames.push_back({node, 0});
  }

  void visit(int root) {
    enter(root);
    while (!frames.empty()) {
      auto &[node, next] = frames.back();
      if (next < edges[node].size()) {
        int target = edges[node][next++];
        if (order[target] < 0)
          enter(target);
        else if (isOnStack[target])
          low[node] = std::min(low[node], order[target]);
        continue;
      }
      int done = node;
      frames.pop_back();
      if (!frames.empty())
        low[frames.back().first] = std::min(low[frames.back().first], low[done]);
      if (low[done] == order[done])
        close(done);
    }
  }

  void close(int root) {
    std::vector<int> &component = components.emplace_back();
    int node;
    do {
      node = stack.back();
      stack.pop_back();
      isOnStack[node] = false;
      component.push_back(node);
    } while (node != root);
    std::sort(component.begin(), component.end());
  }

  const std::vector<std::vector<int>> &edges;
  std::vector<int> order, low;
  std::vector<bool> isOnStack;
  std::vector<int> stack;
  std::vector<std::pair<int, size_t>> frames;
  std::vector<std::vector<int>> components;
  int counter = 0;
};

class Scheduler {
public:
  explicit Scheduler(Analysis &analysis) : analysis(analysis) {}

  void run() {
    buildEdges();
    component.assign(analysis.tensors.size(), -1);
    std::vector<std::vector<int>> components = Tarjan(edges).run();
    for (size_t i = 0; i < components.size(); ++i)
      for (int tensor : components[i])
        component[tensor] = static_cast<int>(i);
    for (const std::vector<int> &members : components)
      schedule(members);
  }

private:
  void buildEdges() {
    edges.resize(analysis.tensors.size());
    for (size_t e = 0; e < analysis.program.equations.size(); ++e) {
      int tensor = analysis.program.equations[e].tensor;
      for (const RefUse &use : analysis.equations[e].refs) {
        edges[tensor].push_back(use.ref().tensor);
        // Who reads the slices of a virtual tensor must be in its loop [E12].
        if (use.virtualIndex)
          edges[use.ref().tensor].push_back(tensor);
      }
    }
  }

  bool isComputed(int tensor) const { return !analysis.tensors[tensor].equations.empty(); }

  void schedule(const std::vector<int> &members) {
    int first = members[0];
    bool isSelf = std::count(edges[first].begin(), edges[first].end(), first) != 0;
    bool isVirtual = analysis.tensors[first].virtualPosition >= 0;
    if (members.size() == 1 && !isSelf && !isVirtual) {
      if (isComputed(first))
        add(Evaluate{first, analysis.tensors[first].equations});
      return;
    }
    size_t messages = analysis.diagnostics.all().size();
    if (std::optional<Loop> loop = makeLoop(analysis, members)) {
      add(std::move(*loop));
      return;
    }
    if (analysis.diagnostics.all().size() != messages)
      return;
    bool hasVirtual = std::any_of(members.begin(), members.end(), [&](int tensor) {
      return analysis.tensors[tensor].virtualPosition >= 0;
    });
    if (hasVirtual)
      reportVirtual(members);
    else
      scheduleCycle(members);
  }

  template <typename T> void add(T value) {
    analysis.program.schedule.push_back(Step{std::move(value)});
  }

  void reportVirtual(const std::vector<int> &members) {
    for (int tensor : members)
      if (analysis.tensors[tensor].virtualPosition >= 0) {
        analysis.diagnostics.error(analysis.tensors[tensor].range, diag::VirtualNotLoop,
                                   analysis.tensor(tensor).name);
        return;
      }
  }

  //===- true cycles ------------------------------------------------------===//

  void scheduleCycle(const std::vector<int> &members) {
    Fixpoint fixpoint;
    fixpoint.range = analysis.tensors[members[0]].range;
    bool isValid = true;
    for (int tensor : members) {
      fixpoint.body.push_back({tensor, analysis.tensors[tensor].equations});
      for (int equation : analysis.tensors[tensor].equations) {
        const EquationInfo &info = analysis.equations[equation];
        isValid &= checkNegation(equation);
        if (!info.tolerance)
          continue;
        fixpoint.tolerance =
            std::min(fixpoint.tolerance.value_or(*info.tolerance), *info.tolerance);
        fixpoint.maxSteps = std::max(fixpoint.maxSteps.value_or(1), info.maxSteps.value_or(1));
      }
    }
    if (isValid && !fixpoint.tolerance)
      isValid = checkFixpoint(members);
    if (isValid)
      add(std::move(fixpoint));
  }

  bool isInCycle(int tensor, int other) const { return component[tensor] == component[other]; }

  // Rule [R3]: no recursion through `not`.
  bool checkNegation(int number) {
    const Equation &equation = analysis.program.equations[number];
    for (const RefUse &use : analysis.equations[number].refs) {
      if (!use.isNegated || !isInCycle(equation.tensor, use.ref().tensor))
        continue;
      analysis.diagnostics.error(use.node->range, diag::NegativeCycle,
                                 describeCycle(equation.tensor, use.ref().tensor, "not "));
      return false;
    }
    return true;
  }

  bool checkFixpoint(const std::vector<int> &members) {
    for (int tensor : members) {
      const Tensor &entry = analysis.tensor(tensor);
      for (int number : analysis.tensors[tensor].equations) {
        Equation &equation = analysis.program.equations[number];
        const RefUse *use = recursiveUse(number);
        if (!use)
          continue;
        std::string cycle = describeCycle(tensor, use->ref().tensor, "");
        if (!isIdempotent(entry.semiring)) {
          analysis.diagnostics.error(use->node->range, diag::NumericCycle, cycle,
                                     name(entry.semiring));
          return false;
        }
        if (equation.projection != Projection::Sum || !isMonotone(*equation.rhs, tensor)) {
          analysis.diagnostics.error(use->node->range, diag::NonMonotoneCycle, cycle);
          return false;
        }
      }
    }
    return true;
  }

  const RefUse *recursiveUse(int number) {
    int tensor = analysis.program.equations[number].tensor;
    for (const RefUse &use : analysis.equations[number].refs)
      if (isInCycle(tensor, use.ref().tensor))
        return &use;
    return nullptr;
  }

  bool hasRecursion(Expr &expr, int tensor) {
    if (auto *ref = std::get_if<Ref>(&expr.value))
      return isInCycle(ref->tensor, tensor);
    bool result = false;
    forEachChild(expr, [&](ExprPtr &child) { result = result || hasRecursion(*child, tensor); });
    return result;
  }

  /// More in the tensors of the cycle means more in `expr`, in the order of their semirings.
  bool isMonotone(Expr &expr, int tensor) {
    if (std::holds_alternative<Ref>(expr.value) || !hasRecursion(expr, tensor))
      return true;
    if (auto *reduce = std::get_if<Reduce>(&expr.value))
      return reduce->kind == ReduceKind::Sum && isMonotone(*reduce->operand, tensor);
    if (auto *binary = std::get_if<Binary>(&expr.value)) {
      if (binary->op == BinaryOp::Multiply || binary->op == BinaryOp::Add)
        return isMonotone(*binary->lhs, tensor) && isMonotone(*binary->rhs, tensor);
      return isThreshold(*binary, tensor);
    }
    return false;
  }

  /// `e > 0` over relations, where e has no negative part.
  bool isThreshold(Binary &binary, int tensor) {
    bool isBoolean = analysis.tensor(tensor).semiring == Semiring::OrAnd;
    return isBoolean && binary.op == BinaryOp::Greater &&
           std::holds_alternative<Number>(binary.rhs->value) && isNonNegative(*binary.lhs);
  }

  bool isNonNegative(Expr &expr) {
    if (auto *ref = std::get_if<Ref>(&expr.value))
      return analysis.tensor(ref->tensor).isRelation;
    if (auto *number = std::get_if<Number>(&expr.value))
      return number->value >= 0;
    auto *binary = std::get_if<Binary>(&expr.value);
    auto *call = std::get_if<Call>(&expr.value);
    auto *reduce = std::get_if<Reduce>(&expr.value);
    bool isSafe = (binary && (binary->op == BinaryOp::Multiply || binary->op == BinaryOp::Add)) ||
                  (call && (call->function == "step" || call->function == "relu")) ||
                  (reduce && reduce->kind == ReduceKind::Sum);
    forEachChild(expr, [&](ExprPtr &child) { isSafe = isSafe && isNonNegative(*child); });
    return isSafe;
  }

  /// "A -> not B -> A": from a tensor through what it reads back to it.
  std::string describeCycle(int from, int through, const char *mark) {
    std::vector<int> previous(analysis.tensors.size(), -1);
    std::deque<int> queue{through};
    previous[through] = through;
    while (!queue.empty() && previous[from] < 0) {
      int node = queue.front();
      queue.pop_front();
      for (int next : edges[node])
        if (previous[next] < 0 && isInCycle(next, from)) {
          previous[next] = node;
          queue.push_back(next);
        }
    }
    std::vector<int> path;
    for (int node = from; node != through && node >= 0; node = previous[node])
      path.push_back(node);
    std::string result = analysis.tensor(from).name + " -> " + mark + analysis.tensor(through).name;
    for (auto node = path.rbegin(); node != path.rend(); ++node)
      result += " -> " + analysis.tensor(*node).name;
    return result;
  }

  Analysis &analysis;
  std::vector<std::vector<int>> edges;
  std::vector<int> component;
};

} // namespace

void frontend::makeSchedule(Analysis &analysis) { Scheduler(analysis).run(); }
