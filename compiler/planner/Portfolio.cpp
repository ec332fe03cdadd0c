//===- Portfolio.cpp - which searches are tried, and for how long ---------===//
//
// No search is best everywhere: elimination orders suit networks that are close to trees, nested
// dissection suits large sparse ones, annealing improves all of them where there is time. The
// cheap ones give seeds; the best seed is annealed, and annealing starts again from nothing
// as long as there is budget. Ties go to the earlier order, so plans are reproducible.
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/Search.h"

#include <cmath>
#include <limits>

namespace tlc::planner {
namespace {

class Portfolio {
public:
  Portfolio(const Problem &problem, const StepModel &model, const Options &options, Budget &budget,
            std::string &method)
      : problem(problem), tree(problem, model), options(options), budget(budget), method(method),
        random(options.seed), total(budget.nanoseconds()) {}

  Path run();

private:
  void consider(const char *name);
  void seed(Path path, const char *name) {
    tree.build(path);
    consider(name);
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
  std::string &method;
  Random random;
  double total;
  Path best;
  double bestValue = std::numeric_limits<double>::infinity();
};

/// Keeps the tree at hand if it is the best so far.
void Portfolio::consider(const char *name) {
  double value = tree.value();
  if (value >= bestValue)
    return;
  bestValue = value;
  best = tree.path();
  method = name;
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
  seed(eliminationOrder(problem, EliminationRule::MinDegree, 0, random, budget), "min-degree");
  // The work of counting edges grows with the square of the degree.
  double estimate = 2.5 * problem.numWords * std::pow(double(problem.numIndices()), 1.5) * 10;
  if (estimate < 0.1 * total)
    seed(eliminationOrder(problem, EliminationRule::MinFill, 0, random, budget), "min-fill");
}

void Portfolio::dissect(double share) {
  for (int trial = 0; !hasSpent(share); ++trial) {
    DissectionParameters parameters;
    parameters.imbalance = random.uniform(1.05, 1.6);
    parameters.leafIndices = 20 + static_cast<int>(random.next() % 100);
    seed(dissectionOrder(problem, parameters, random.next(), budget), "nested dissection");
  }
}

void Portfolio::annealAll() {
  if (problem.numTensors < 3)
    return;
  for (int round = 0; !budget.isSpent(); ++round) {
    double left = budget.nanoseconds();
    AnnealingParameters parameters;
    bool isWarm = round % 2 == 0;
    parameters.first = isWarm ? 1.5 : 0.05;
    parameters.nanoseconds = std::min(left * 0.97, std::max(0.25 * total, 1e6));
    tree.build(best);
    anneal(tree, parameters, random, budget);
    improveSubtrees(tree, 8, budget);
    consider("annealing");
  }
}

Path Portfolio::run() {
  greedy();
  if (problem.numTensors == 2 || options.method == Method::Greedy)
    return best;
  if (options.method == Method::RandomGreedy) {
    randomGreedy(128, std::numeric_limits<double>::infinity());
    return best;
  }
  if (options.method == Method::Automatic && !budget.isSpent()) {
    eliminate();
    randomGreedy(128, 0.15);
    if (problem.numIndices() > 150)
      dissect(0.35);
  }
  annealAll();
  return best;
}

} // namespace

Path searchOrder(const Problem &problem, const StepModel &model, const Options &options,
                 Budget &budget, std::string &method) {
  return Portfolio(problem, model, options, budget, method).run();
}

} // namespace tlc::planner
