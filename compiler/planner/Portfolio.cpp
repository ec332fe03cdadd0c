//===- Portfolio.cpp - which searches are tried, and for how long ---------===//
//
// No search is best everywhere: elimination orders suit networks that are close to trees, nested
// dissection suits large sparse ones, annealing improves all of them where there is time. The
// cheap ones give seeds; the best seed is annealed, and annealing starts again from nothing
// as long as there is budget. Ties go to the earlier order, so plans are reproducible.
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/Search.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tlc::planner {
namespace {

/// Networks of fewer indices are not dissected: their halves are smaller than a leaf.
constexpr int minDissected = 100;
/// Inverse temperatures, per bit, and the share of the budget that one annealing gets.
constexpr double hotStart = 0.2, warmStart = 0.8, roundShare = 0.25;
/// Longer annealings, times the cube of the number of tensors, do not get further.
constexpr double usefulNanoseconds = 1000;
/// Reached from nothing so often, an order is the best that will be found.
constexpr int enoughTimes = 8;
/// Parts that are made optimal after annealing.
constexpr int partSize = 8;

class Portfolio {
public:
  Portfolio(const Problem &problem, const StepModel &model, const Options &options, Budget &budget)
      : problem(problem), tree(problem, model), options(options), budget(budget),
        random(options.seed), total(budget.nanoseconds()) {}

  void run();
  void improve(const Path &start);

  FoundOrder best{{}, std::numeric_limits<double>::infinity(), ""};

private:
  void consider(const char *name);
  void seed(Path path, const char *name) {
    tree.build(path);
    consider(name);
    seeds.push_back({tree.value(), std::move(path)});
  }
  void greedy();
  void randomGreedy(int trials, double share);
  void eliminate();
  void dissect(double share);
  void annealAll();
  bool hasSpent(double share) const { return budget.nanoseconds() <= total * (1 - share); }

  const Problem &problem;
  Tree tree;
  const Options &options;
  Budget &budget;
  Random random;
  double total;
  struct Seed {
    double value;
    Path path;
  };
  std::vector<Seed> seeds; ///< what annealing can start from
};

/// Keeps the tree at hand if it is the best so far.
void Portfolio::consider(const char *name) {
  double value = tree.value();
  if (value < best.value)
    best = {tree.path(), value, name};
}

void Portfolio::greedy() { seed(greedyOrder(problem, {}, random, budget), "greedy"); }

void Portfolio::randomGreedy(int trials, double share) {
  for (int trial = 0; trial < trials && !hasSpent(share); ++trial) {
    GreedyParameters parameters{random.uniform(0.1, 4),
                                std::exp2(random.uniform(std::log2(1e-3), 0))};
    seed(greedyOrder(problem, parameters, random, budget), "random greedy");
  }
}

void Portfolio::eliminate() {
  // What scoring all indices again and again takes; counting edges, times the degree.
  double work = double(problem.numIndices()) * (1500 + 500.0 * problem.numWords);
  if (work < 0.05 * total)
    seed(eliminationOrder(problem, EliminationRule::MinDegree, 0, random, budget), "min-degree");
  if (10 * work < 0.1 * total)
    seed(eliminationOrder(problem, EliminationRule::MinFill, 0, random, budget), "min-fill");
}

void Portfolio::dissect(double share) {
  if (problem.numIndices() < minDissected)
    return;
  // Halves of halves, or fronts that move towards separators: neither is better everywhere.
  do {
    DissectionParameters parameters;
    parameters.imbalance = random.uniform(1.02, 1.6);
    parameters.leafIndices = 20 + static_cast<int>(random.next() % 100);
    seed(dissectionOrder(problem, parameters, random.next(), budget), "nested dissection");
    SweepParameters fronts;
    fronts.imbalance = random.uniform(1.02, 1.4);
    fronts.depth = 1 + static_cast<int>(random.next() % 3);
    fronts.straightness = std::exp2(random.uniform(-2, 2));
    seed(sweepOrder(problem, fronts, random.next(), budget), "sweep");
  } while (!hasSpent(share));
}

void Portfolio::annealAll() {
  std::vector<Seed> starts = std::move(seeds);
  std::stable_sort(starts.begin(), starts.end(),
                   [](const Seed &a, const Seed &b) { return a.value < b.value; });
  size_t next = 0;
  int timesReached = 0;
  for (int round = 0; !budget.isSpent(); ++round) {
    // In turn: the best order so far, warmed up a little; nothing that is known; the next of
    // the seeds, which may be in a better region than the best of them.
    AnnealingParameters parameters;
    bool isHot = round % 3 == 1;
    parameters.first = isHot ? hotStart : warmStart;
    // The last part of the budget is for the exact search.
    double useful = usefulNanoseconds * std::pow(double(problem.numTensors), 3);
    parameters.nanoseconds =
        std::min({budget.nanoseconds() * 0.97, std::max(roundShare * total, 1e6), useful});
    if (round % 3 == 2 && next + 1 < starts.size())
      tree.build(starts[++next].path);
    else
      tree.build(best.path);
    anneal(tree, parameters, random, budget);
    improveSubtrees(tree, partSize, budget);
    double known = best.value;
    consider("annealing");
    if (best.value < known * (1 - 1e-9))
      timesReached = 0;
    if (isHot && tree.value() <= best.value * (1 + 1e-9) && ++timesReached == enoughTimes)
      return;
  }
}

void Portfolio::run() {
  greedy();
  if (problem.numTensors == 2 || options.method == Method::Greedy)
    return;
  if (options.method == Method::RandomGreedy) {
    randomGreedy(128, std::numeric_limits<double>::infinity());
    return;
  }
  if (options.method == Method::Automatic && !budget.isSpent()) {
    dissect(0.15);
    eliminate();
    randomGreedy(128, 0.25);
  }
  annealAll();
}

void Portfolio::improve(const Path &start) {
  seed(start, "given");
  while (problem.numTensors > 2 && !budget.isSpent()) {
    AnnealingParameters parameters;
    parameters.first = warmStart;
    parameters.nanoseconds = std::min(budget.nanoseconds() * 0.9, total / 2);
    tree.build(best.path);
    anneal(tree, parameters, random, budget);
    improveSubtrees(tree, partSize, budget);
    consider("annealing");
  }
}

} // namespace

FoundOrder searchOrder(const Problem &problem, const StepModel &model, const Options &options,
                       const Path &start, Budget &budget) {
  Portfolio portfolio(problem, model, options, budget);
  if (start.empty())
    portfolio.run();
  else
    portfolio.improve(start);
  return std::move(portfolio.best);
}

} // namespace tlc::planner
