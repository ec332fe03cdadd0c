//===- PlannerTest.cpp - the planner against exhaustive search ------------===//
//
// planner-test NAME runs one of the tests below and prints "NAME: ok" or what differs. Costs
// are computed here a second time, from the definition, index by index.
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/Planner.h"
#include "compiler/planner/Paths.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <string_view>

using namespace tlc::planner;

namespace {

using Set = std::set<int>;
using Random = std::mt19937;

int failures = 0;

template <typename... Args>
void expect(bool condition, fmt::format_string<Args...> format, Args &&...args) {
  if (condition)
    return;
  ++failures;
  fmt::print("failed: {}\n", fmt::format(format, std::forward<Args>(args)...));
}

int pick(Random &random, int low, int high) {
  return low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1));
}

/// Operands of rank 0 to 4 over a few indices: hyperedges, batch indices, indices in one operand
/// only and disconnected parts all occur.
Network randomNetwork(Random &random, int numInputs, int numIndices) {
  Network network;
  for (int index = 0; index < numIndices; ++index)
    network.sizes.push_back(pick(random, 1, 9));
  Set used;
  for (int input = 0; input < numInputs; ++input) {
    std::vector<int> indices;
    for (int rank = pick(random, 0, 4); rank > 0; --rank)
      indices.push_back(pick(random, 0, numIndices - 1));
    used.insert(indices.begin(), indices.end());
    network.inputs.push_back(indices);
  }
  for (int index : used)
    if (pick(random, 0, 3) == 0)
      network.output.push_back(index);
  return network;
}

/// Puts indices that only one operand has into the output: networks without them are searched
/// with equal operands contracted beforehand.
void keepOwnIndices(Network &network) {
  for (int index = 0; index < int(network.sizes.size()); ++index) {
    int holders = 0;
    for (const std::vector<int> &input : network.inputs)
      holders += std::count(input.begin(), input.end(), index) > 0;
    if (holders == 1 && !std::count(network.output.begin(), network.output.end(), index))
      network.output.push_back(index);
  }
}

struct Cost {
  double flops = 0, muls = 0, largest = 0;
};

double product(const Network &network, const Set &indices) {
  double result = 1;
  for (int index : indices)
    result *= double(network.sizes[index]);
  return result;
}

/// Contracts two of the live tensors: the definition of a step's cost.
Set contractSets(const Network &network, std::vector<Set> &live, size_t lhs, size_t rhs,
                 Cost &cost) {
  Set involved = live[lhs];
  involved.insert(live[rhs].begin(), live[rhs].end());
  live.erase(live.begin() + long(std::max(lhs, rhs)));
  live.erase(live.begin() + long(std::min(lhs, rhs)));
  Set kept;
  for (int index : involved) {
    bool isNeeded = std::count(network.output.begin(), network.output.end(), index);
    for (const Set &other : live)
      isNeeded |= other.contains(index);
    if (isNeeded)
      kept.insert(index);
  }
  double muls = product(network, involved), size = product(network, kept);
  cost.muls += muls;
  cost.flops += muls > size ? 2 * muls : muls;
  cost.largest = std::max(cost.largest, size);
  live.push_back(kept);
  return kept;
}

std::vector<Set> operandSets(const Network &network) {
  std::vector<Set> sets;
  for (const std::vector<int> &input : network.inputs)
    sets.emplace_back(input.begin(), input.end());
  return sets;
}

/// The least flops and the least largest result over all binary trees.
void searchAll(const Network &network, const std::vector<Set> &live, const Cost &cost, Cost &best) {
  if (live.size() == 1) {
    best.flops = std::min(best.flops, cost.flops);
    best.largest = std::min(best.largest, cost.largest);
    return;
  }
  if (cost.flops >= best.flops && cost.largest >= best.largest)
    return;
  for (size_t lhs = 0; lhs < live.size(); ++lhs)
    for (size_t rhs = lhs + 1; rhs < live.size(); ++rhs) {
      std::vector<Set> next = live;
      Cost total = cost;
      contractSets(network, next, lhs, rhs, total);
      searchAll(network, next, total, best);
    }
}

bool isClose(double a, double b) { return std::abs(a - b) <= 1e-9 * std::max(a, b); }

/// Exact plans are as good as the best of all binary trees.
void testExhaustive() {
  Random random(1);
  for (int trial = 0; trial < 300; ++trial) {
    int numInputs = pick(random, 2, trial % 10 ? 6 : 8);
    Network network = randomNetwork(random, numInputs, pick(random, 2, 9));
    if (trial % 2)
      keepOwnIndices(network);
    constexpr double infinity = std::numeric_limits<double>::infinity();
    Cost best{infinity, infinity, infinity};
    searchAll(network, operandSets(network), {}, best);
    Plan byFlops = plan(network, {.objective = Objective::Flops});
    Plan bySize = plan(network, {.objective = Objective::Size});
    expect(byFlops.optimal && isClose(byFlops.flops, best.flops),
           "network {}: {} flops planned, {} are enough", trial, byFlops.flops, best.flops);
    expect(bySize.optimal && isClose(bySize.largest, best.largest),
           "network {}: largest {} planned, {} is enough", trial, bySize.largest, best.largest);
  }
}

/// Matrix chains of 3 to 14 against the textbook's recurrence over intervals.
void testMatrixChain() {
  Random random(2);
  for (int trial = 0; trial < 40; ++trial) {
    int n = pick(random, 3, 14);
    Network network;
    for (int i = 0; i <= n; ++i)
      network.sizes.push_back(pick(random, 2, 60));
    for (int i = 0; i < n; ++i)
      network.inputs.push_back({i, i + 1});
    network.output = {0, n};
    std::vector<std::vector<double>> best(n + 1, std::vector<double>(n + 1, 0));
    for (int length = 2; length <= n; ++length)
      for (int i = 0; i + length <= n; ++i) {
        double least = std::numeric_limits<double>::infinity();
        for (int k = i + 1; k < i + length; ++k)
          least = std::min(least, best[i][k] + best[k][i + length] +
                                      2.0 * double(network.sizes[i] * network.sizes[k] *
                                                   network.sizes[i + length]));
        best[i][i + length] = least;
      }
    Plan found = plan(network, {.objective = Objective::Flops});
    expect(found.optimal && isClose(found.flops, best[0][n]), "chain of {}: {} flops, not {}", n,
           found.flops, best[0][n]);
  }
}

/// A path is valid and its costs are those of the definition.
void checkPlan(const Network &network, const Plan &found, std::string_view name) {
  int n = static_cast<int>(network.inputs.size());
  expect(int(found.path.size()) == n - 1, "{}: {} steps for {} operands", name, found.path.size(),
         n);
  std::vector<int> numbers;
  for (int node = 0; node < n; ++node)
    numbers.push_back(node);
  std::vector<Set> live = operandSets(network);
  Cost cost;
  for (size_t step = 0; step < found.path.size(); ++step) {
    auto position = [&](int node) {
      return size_t(std::find(numbers.begin(), numbers.end(), node) - numbers.begin());
    };
    size_t lhs = position(found.path[step].first), rhs = position(found.path[step].second);
    if (lhs >= numbers.size() || rhs >= numbers.size() || lhs == rhs)
      return expect(false, "{}: step {} uses a tensor that is not there", name, step);
    Set kept = contractSets(network, live, lhs, rhs, cost);
    const std::vector<int> &stored = found.steps[step].indices;
    expect(Set(stored.begin(), stored.end()) == kept && stored.size() == kept.size(),
           "{}: step {} keeps other indices", name, step);
    numbers.erase(numbers.begin() + long(std::max(lhs, rhs)));
    numbers.erase(numbers.begin() + long(std::min(lhs, rhs)));
    numbers.push_back(n + int(step));
  }
  expect(isClose(cost.flops, found.flops) && isClose(cost.muls, found.muls) &&
             isClose(cost.largest, found.largest),
         "{}: costs differ: flops {} and {}, muls {} and {}, largest {} and {}", name, found.flops,
         cost.flops, found.muls, cost.muls, found.largest, cost.largest);
  expect(found.peakBytes > 0 && found.seconds > 0, "{}: no bytes or seconds", name);
}

/// Greedy orders of large networks: rings with hyperedges, chains, a batch index everywhere.
void testGreedy() {
  Random random(3);
  for (int trial = 0; trial < 20; ++trial) {
    int n = pick(random, 17, 120);
    Network network = randomNetwork(random, n, n);
    for (int64_t &size : network.sizes)
      size = std::min<int64_t>(size, 2);
    checkPlan(network, plan(network), "random");
    checkPlan(network, leftToRight(network), "left to right");
  }
  Network ring;
  for (int i = 0; i < 400; ++i) {
    ring.inputs.push_back({i, (i + 1) % 400, 400});
    ring.sizes.push_back(3);
  }
  ring.sizes.push_back(7);
  ring.output = {400};
  auto start = std::chrono::steady_clock::now();
  Plan found = plan(ring, {.objective = Objective::Flops});
  std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  checkPlan(ring, found, "ring");
  expect(found.largest <= 3 * 3 * 7, "ring: largest {}", found.largest);
  fmt::print(stderr, "ring of 400: {:.4f} s\n", seconds.count());
}

/// Sixteen operands in a dense random network, and in a grid: exact, and how long it takes.
void testSixteen() {
  Network dense, grid;
  for (int i = 0; i < 16; ++i)
    dense.inputs.push_back({});
  Random random(4);
  for (int i = 0; i < 16; ++i)
    for (int j = i + 1; j < 16; ++j)
      if (pick(random, 0, 2) == 0) {
        int index = int(dense.sizes.size());
        dense.sizes.push_back(pick(random, 2, 5));
        dense.inputs[i].push_back(index);
        dense.inputs[j].push_back(index);
      }
  grid.inputs.resize(16);
  for (int i = 0; i < 16; ++i)
    for (int j : {i % 4 < 3 ? i + 1 : -1, i < 12 ? i + 4 : -1})
      if (j >= 0) {
        grid.inputs[i].push_back(int(grid.sizes.size()));
        grid.inputs[j].push_back(int(grid.sizes.size()));
        grid.sizes.push_back(4);
      }
  for (const auto &[name, network] : {std::pair("dense", dense), std::pair("grid", grid)})
    for (Objective objective :
         {Objective::Flops, Objective::Size, Objective::Write, Objective::Seconds}) {
      auto start = std::chrono::steady_clock::now();
      Plan found = plan(network, {.objective = objective});
      std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
      checkPlan(network, found, name);
      expect(found.optimal, "{}: not optimal", name);
      fmt::print(stderr, "{} {}: {:.4f} s\n", name, int(objective), seconds.count());
    }
}

/// No pair to choose: one operand, scalars, extents 0 and 1; and networks with a problem.
void testEdges() {
  Network one{.inputs = {{0, 1, 1}}, .output = {0}, .sizes = {4, 3}};
  Plan found = plan(one);
  expect(found.path.empty() && found.steps.size() == 1 && found.flops == 24 && found.optimal,
         "one operand: {} flops", found.flops);
  Network scalars{.inputs = {{}, {}, {}}, .output = {}, .sizes = {}};
  checkPlan(scalars, plan(scalars), "scalars");
  Network empty{.inputs = {{0, 1}, {1, 2}, {2, 0}}, .output = {0}, .sizes = {0, 1, 5}};
  expect(plan(empty).path.size() == 2, "extent 0");
  auto problem = [](Network network, std::string_view text) {
    expect(findProblem(network) == text, "problem '{}', not '{}'", findProblem(network), text);
  };
  problem(one, "");
  problem({.inputs = {}, .output = {}, .sizes = {}}, "the network has no inputs");
  problem({.inputs = {{0}, {7}}, .output = {}, .sizes = {2}}, "index 7 of input 1 has no size");
  problem({.inputs = {{0}}, .output = {1}, .sizes = {2, 2}},
          "index 1 of the output is in no input");
  problem({.inputs = {{0}}, .output = {0, 0}, .sizes = {2}}, "index 0 is twice in the output");
}

/// A grid of n x n tensors with bonds of extent 2, and a batch index that all have.
Network gridNetwork(int n, int64_t batch) {
  Network network;
  network.inputs.resize(size_t(n) * n);
  auto bond = [&](int a, int b) {
    network.inputs[a].push_back(int(network.sizes.size()));
    network.inputs[b].push_back(int(network.sizes.size()));
    network.sizes.push_back(2);
  };
  for (int i = 0; i < n * n; ++i) {
    if (i % n < n - 1)
      bond(i, i + 1);
    if (i + n < n * n)
      bond(i, i + n);
  }
  for (std::vector<int> &input : network.inputs)
    input.push_back(int(network.sizes.size()));
  network.output.push_back(int(network.sizes.size()));
  network.sizes.push_back(batch);
  return network;
}

/// Every objective and method on networks with hyperedges, scalars, parts of their own, equal
/// operands and indices in one operand: valid paths, equal for equal seeds, never worse than
/// greedy.
void testSearch() {
  Random random(5);
  for (int trial = 0; trial < 12; ++trial) {
    Network network = randomNetwork(random, pick(random, 17, 60), pick(random, 10, 60));
    for (int64_t &size : network.sizes)
      size = std::min<int64_t>(size, 1 + trial % 4);
    Options options{.objective = Objective::Flops, .seconds = 0.01, .seed = uint64_t(trial)};
    Plan greedy = plan(network, {.objective = Objective::Flops, .method = Method::Greedy});
    for (Method method : {Method::Automatic, Method::RandomGreedy, Method::Annealing}) {
      options.method = method;
      Plan found = plan(network, options);
      checkPlan(network, found, "search");
      expect(found.flops <= greedy.flops * (1 + 1e-6), "network {}: {} flops, greedy has {}", trial,
             found.flops, greedy.flops);
      expect(found.path == plan(network, options).path, "network {}: not reproducible", trial);
    }
    options.method = Method::Automatic;
    for (Objective objective : {Objective::Size, Objective::Write, Objective::Seconds}) {
      options.objective = objective;
      checkPlan(network, plan(network, options), "objective");
    }
    options.objective = Objective::Flops;
    options.start = greedy.path;
    Plan better = plan(network, options);
    checkPlan(network, better, "start");
    expect(better.flops <= greedy.flops * (1 + 1e-6), "network {}: worse than its start", trial);
  }
  Network grid = gridNetwork(10, 3);
  Plan found = plan(grid, {.objective = Objective::Flops, .seconds = 0.05});
  checkPlan(grid, found, "grid");
  expect(found.largest <= 3 << 11, "grid: largest {}", found.largest);
}

/// Several searches at a time: no worse than one, reproducible; and the progress of a long one.
void testThreads() {
  Network grid = gridNetwork(12, 1);
  Options options{.objective = Objective::Flops, .seconds = 0.02};
  Plan alone = plan(grid, options);
  options.threads = 3;
  Plan together = plan(grid, options);
  checkPlan(grid, together, "threads");
  expect(together.flops <= alone.flops, "three searches: {} flops, one: {}", together.flops,
         alone.flops);
  expect(plan(grid, options).path == together.path, "several searches are not reproducible");
  double last = 0;
  int calls = 0;
  options = {.seconds = 0.02, .progress = [&](double) { ++calls; }};
  plan(grid, options);
  expect(calls == 0, "progress of a short search");
  options.seconds = 0.5;
  options.progress = [&](double part) {
    expect(part >= last && part <= 1, "progress goes from {} to {}", last, part);
    last = part;
    ++calls;
  };
  plan(grid, options);
  expect(calls > 20 && last == 1, "{} reports, the last at {}", calls, last);
}

/// A model of the machine survives its text, and is found again from what it predicts.
void testMachine() {
  MachineModel machine;
  std::optional<MachineModel> same = parseMachine(printMachine(machine));
  expect(same && printMachine(*same) == printMachine(machine), "the text of a model changes it");
  for (std::string text :
       {std::string(), std::string("tlc-machine 0\n"), printMachine(machine).substr(0, 300)})
    expect(!parseMachine(text), "a damaged model is read: {}", text);
  std::string negative = printMachine(machine);
  negative[negative.find("step ") + 5] = '-';
  expect(!parseMachine(negative), "a model with negative numbers is read");
  MachineModel slower = machine;
  for (ShapeRates &rates : slower.rates[0]) {
    rates.flop *= 5;
    rates.operand *= 3;
  }
  Random random(8);
  std::vector<Sample> samples;
  for (int i = 0; i < 60; ++i) {
    double m = pick(random, 2, 300), n = pick(random, 2, 300), k = pick(random, 2, 300);
    Sample sample{TypeClass::F32, {m * n * k, m * k, k * n, m * n, 4 * (m * k + k * n + m * n)}};
    sample.seconds = slower.stepSeconds + stepSeconds(slower, slower.rates[0], sample.sizes);
    samples.push_back(sample);
  }
  MachineModel fitted = fitMachine(samples, machine);
  for (const Sample &sample : samples) {
    double found = fitted.stepSeconds + stepSeconds(fitted, fitted.rates[0], sample.sizes);
    expect(std::abs(std::log(found / sample.seconds)) < 0.15, "fitted {} s, measured {} s", found,
           sample.seconds);
  }
  MachineModel gpu = MachineModel::gpu();
  expect(gpu.stepSeconds > machine.stepSeconds && gpu.rates[0][0].flop < machine.rates[0][0].flop,
         "a GPU starts no later or multiplies no faster");
}

/// Of two orders with equal flops the faster one, of two others not always the one with fewer.
void testSeconds() {
  Network narrow{.inputs = {{0, 1}, {1, 2}, {2, 3}}, .output = {0, 3}, .sizes = {300, 4, 300, 4}};
  for (Objective objective : {Objective::Flops, Objective::Seconds})
    checkPlan(narrow, plan(narrow, {.objective = objective}), "seconds");
  Random random(9);
  for (int trial = 0; trial < 100; ++trial) {
    Network network = randomNetwork(random, pick(random, 3, 7), pick(random, 3, 9));
    for (int64_t &size : network.sizes)
      size *= pick(random, 1, 12);
    Plan bySeconds = plan(network), byFlops = plan(network, {.objective = Objective::Flops});
    expect(bySeconds.seconds <= byFlops.seconds * (1 + 1e-6) || !bySeconds.optimal ||
               std::any_of(byFlops.steps.begin(), byFlops.steps.end(),
                           [](const StepCost &step) { return step.batch > 1; }),
           "network {}: {} s by seconds, {} s by flops", trial, bySeconds.seconds, byFlops.seconds);
  }
}

/// The totals of a sliced plan, from the definition.
void checkSliced(const Network &network, const Plan &found, double memory) {
  Network turn = network;
  double slices = 1;
  for (int index : found.sliced) {
    slices *= double(network.sizes[index]);
    turn.sizes[index] = 1;
  }
  Plan once = evaluate(turn, found.path);
  expect(slices == found.slices && isClose(once.flops * slices, found.flops),
         "sliced: {} flops in {} slices, expected {} in {}", found.flops, found.slices,
         once.flops * slices, slices);
  expect(found.peakBytes <= memory, "sliced: peak {}, limit {}", found.peakBytes, memory);
  double intermediates = once.peakBytes - callerBytes(turn);
  expect(found.peakBytes >= callerBytes(network) + intermediates, "sliced: peak {} is too low",
         found.peakBytes);
}

/// Limits of memory: none needed, an order with smaller intermediates, slices, and none possible.
void testSlicing() {
  Network grid = gridNetwork(9, 1);
  Options options{.objective = Objective::Flops, .seconds = 0.05};
  Plan unlimited = plan(grid, options);
  options.memory = unlimited.peakBytes;
  expect(plan(grid, options).slices == 1, "sliced although it fits");
  for (double share : {0.5, 0.2, 0.05}) {
    double caller = callerBytes(grid);
    options.memory = caller + (unlimited.peakBytes - caller) * share;
    Plan found = plan(grid, options);
    checkSliced(grid, found, options.memory);
    expect(found.sliceOverhead >= 1 - 1e-9, "overhead {}", found.sliceOverhead);
  }
  Network chain{.inputs = {{0, 1}, {1, 2}, {2, 0}}, .output = {}, .sizes = {64, 64, 64}};
  options.memory = callerBytes(chain) + 64 * 10;
  checkSliced(chain, plan(chain, options), options.memory);
  options.memory = callerBytes(chain) - 1;
  expect(plan(chain, options).peakBytes > options.memory, "fits where nothing can");
}

/// Paths of other tools, there and back.
void testPaths() {
  Random random(6);
  for (int trial = 0; trial < 50; ++trial) {
    int n = pick(random, 2, 12);
    Network network = randomNetwork(random, n, 8);
    Path path = plan(network).path;
    for (const Path &form : {path, linearPath(path, n)}) {
      std::string text, problem;
      for (auto [lhs, rhs] : form)
        text += fmt::format("{}({}, {})", text.empty() ? "" : ", ", lhs, rhs);
      Path back = parsePath("[" + text + "]", n, problem);
      expect(problem.empty() && evaluate(network, back).flops == evaluate(network, path).flops,
             "path [{}] came back different: {}", text, problem);
    }
  }
  std::string problem;
  Path many = parsePath(R"({"x": 1, "path": [[0, 1, 2], [0, 1]]})", 4, problem);
  expect(many == Path{{0, 1}, {2, 4}, {3, 5}}, "a step on three tensors: {} steps", many.size());
  auto refuse = [&](std::string_view text, std::string_view expected) {
    problem.clear();
    parsePath(text, 3, problem);
    expect(problem == expected, "'{}': '{}', not '{}'", text, problem, expected);
  };
  refuse("[[0, 1]]", "the path has 1 steps, expected 2 for 3 operands");
  refuse("[[0, 3], [1, 2]]", "step 0 names tensor 3, which is not there");
  refuse("[[0, 0], [1, 2]]", "step 0 names tensor 0, which is not there");
  refuse("0, 1", "expected a list of pairs, such as [[0, 1], [2, 3]]");
  refuse("[[0, 1], [0, 1]", "expected a list of pairs, such as [[0, 1], [2, 3]]");
}

/// The tables of the example in Planner.h.
void testRender() {
  Network network{
      .inputs = {{0, 1}, {1, 2}, {2, 3}}, .output = {0, 3}, .sizes = {100, 2, 100, 100}};
  Labels labels{.indices = {"i", "j", "k", "l"}, .operands = {"A", "B", "C"}};
  Plan found = plan(network, {.objective = Objective::Flops});
  fmt::print("{}{}{}{}", renderPlan(network, found, labels),
             renderComparison(found, leftToRight(network)), planDot(network, found, labels),
             planSvg(network, found, labels));
  Labels longLabels{.indices = {"batch", "j", "k", "l"}};
  fmt::print("{}", renderPlan(network, leftToRight(network), longLabels));
}

} // namespace

int main(int argc, char **argv) {
  std::string_view name = argc > 1 ? argv[1] : "";
  if (name == "exhaustive")
    testExhaustive();
  else if (name == "matrix-chain")
    testMatrixChain();
  else if (name == "greedy")
    testGreedy();
  else if (name == "sixteen")
    testSixteen();
  else if (name == "search")
    testSearch();
  else if (name == "slicing")
    testSlicing();
  else if (name == "threads")
    testThreads();
  else if (name == "machine")
    testMachine();
  else if (name == "seconds")
    testSeconds();
  else if (name == "paths")
    testPaths();
  else if (name == "edges")
    testEdges();
  else if (name == "render")
    testRender();
  else
    expect(false, "no test is called '{}'", name);
  if (failures == 0)
    fmt::print("{}: ok\n", name);
  return failures != 0;
}
