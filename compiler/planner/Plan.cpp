//===- Plan.cpp - from a network to its plan ------------------------------===//
//
// Small networks get an exact order, which needs a known one as a bound; the parts of others are
// searched one by one, each with its share of the budget, and their results multiplied at the end,
// the smallest first.
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/Search.h"
#include "compiler/planner/Slicing.h"

#include <cmath>
#include <numeric>
#include <queue>
#include <thread>

namespace tlc::planner {
namespace {

/// What finds the bound for an exact search: more is not worth it.
constexpr double boundSeconds = 1e-3;
constexpr int tensorsWithoutSearch = 8;

class Planning {
public:
  Planning(const Network &network, const Options &options)
      : network(network), options(options), model(network, options), parts(simplify(network)) {}

  Path run();

  std::string method;
  bool isOptimal = false;

private:
  Path searchParts(double seconds);
  FoundOrder searchInThreads(const Problem &problem, double seconds);
  Path projectStart(const Problem &problem) const;

  const Network &network;
  const Options &options;
  StepModel model;
  Parts parts;
};

/// Appends the steps of a part and gives the node of its result.
int append(Path &path, const Path &steps, std::vector<int> nodes, int numInputs) {
  for (auto [lhs, rhs] : steps) {
    path.push_back({nodes[lhs], nodes[rhs]});
    nodes.push_back(numInputs + static_cast<int>(path.size()) - 1);
  }
  return nodes.back();
}

/// The part of the given order that is about a problem's tensors.
Path Planning::projectStart(const Problem &problem) const {
  if (options.start.empty())
    return {};
  // A tensor stands where the first of the operands stands that it is the product of.
  int numInputs = static_cast<int>(network.inputs.size());
  std::vector<int> firstInput(numInputs + parts.prefix.size());
  std::iota(firstInput.begin(), firstInput.begin() + numInputs, 0);
  for (size_t step = 0; step < parts.prefix.size(); ++step)
    firstInput[numInputs + step] = firstInput[parts.prefix[step].first];
  std::vector<int> local(numInputs, -1);
  for (int tensor = 0; tensor < problem.numTensors; ++tensor)
    local[firstInput[problem.nodes[tensor]]] = tensor;
  Path projected;
  for (auto [lhs, rhs] : options.start) {
    int a = local[lhs], b = local[rhs];
    if (a >= 0 && b >= 0) {
      projected.push_back({a, b});
      local.push_back(problem.numTensors + static_cast<int>(projected.size()) - 1);
    } else {
      local.push_back(std::max(a, b));
    }
  }
  return projected;
}

/// Searches at the same time, with seeds of their own; the first of the best orders is taken, so
/// that the outcome depends on their number, but not on when each ends.
FoundOrder Planning::searchInThreads(const Problem &problem, double seconds) {
  Path start = projectStart(problem);
  std::vector<FoundOrder> found(std::max(1, options.threads));
  auto search = [&](size_t number) {
    Options own = options;
    own.seed += number * 0x9e3779b97f4a7c15;
    Budget budget(seconds, number == 0 ? options.progress : nullptr);
    found[number] = searchOrder(problem, model, own, start, budget);
  };
  std::vector<std::thread> threads;
  for (size_t number = 1; number < found.size(); ++number)
    threads.emplace_back(search, number);
  search(0);
  for (std::thread &thread : threads)
    thread.join();
  return *std::min_element(
      found.begin(), found.end(),
      [](const FoundOrder &a, const FoundOrder &b) { return a.value < b.value; });
}

Path Planning::searchParts(double seconds) {
  int numInputs = static_cast<int>(network.inputs.size());
  double numTensors = 0;
  for (const Problem &problem : parts.problems)
    numTensors += problem.numTensors;
  Path path = parts.prefix;
  using Entry = std::pair<double, int>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> results;
  for (const Problem &problem : parts.problems) {
    FoundOrder found;
    if (problem.numTensors > 1) {
      found = searchInThreads(problem, seconds * problem.numTensors / numTensors);
      method = found.method;
    }
    int node = append(path, found.path, problem.nodes, numInputs);
    results.push({problem.logSize(problem.output.data()), node});
  }
  while (results.size() > 1) {
    auto [logA, a] = results.top();
    results.pop();
    auto [logB, b] = results.top();
    results.pop();
    path.push_back(std::minmax(a, b));
    results.push({logA + logB, numInputs + static_cast<int>(path.size()) - 1});
  }
  return path;
}

Path Planning::run() {
  int numInputs = static_cast<int>(network.inputs.size());
  if (numInputs <= 2) {
    method = "exact";
    isOptimal = true;
    return numInputs == 2 ? Path{{0, 1}} : Path();
  }
  int numLive = numInputs - static_cast<int>(parts.prefix.size());
  bool isSmall = options.method == Method::Automatic && numLive <= options.exactLimit;
  Path path = searchParts(!isSmall                          ? options.seconds
                          : numLive <= tensorsWithoutSearch ? 0
                                                            : boundSeconds);
  if (options.progress && !isSmall && options.seconds >= Budget::longSeconds)
    options.progress(1);
  if (!isSmall)
    return path;
  double bound = objectiveOf(evaluate(network, path, options.machine), options.objective);
  // Searches do not count the starts of steps, of which all orders have the same number.
  if (options.objective == Objective::Seconds)
    bound -= (numInputs - 1 - 1e-6) * options.machine.stepSeconds;
  Path exact = exactOrder(network, options, bound);
  if (exact.empty())
    return path;
  method = "exact";
  isOptimal = true;
  return exact;
}

} // namespace

Plan plan(const Network &network, const Options &options) {
  if (!options.given.empty())
    return evaluate(network, options.given, options.machine);
  Planning planning(network, options);
  Path path = planning.run();
  Plan plan = evaluate(network, orderForMemory(network, path), options.machine);
  plan.method = planning.method;
  plan.optimal = planning.isOptimal;
  if (options.memory > 0 && plan.peakBytes > options.memory)
    return fitIntoMemory(network, options, plan);
  return plan;
}

} // namespace tlc::planner
