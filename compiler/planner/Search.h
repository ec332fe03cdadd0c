//===- Search.h - the searches for a contraction order --------------------===//
//
// Each takes a problem and gives a path over its tensors, in SSA form. Which ones are tried, and
// for how long, is decided in Portfolio.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_PLANNER_SEARCH_H
#define TLC_COMPILER_PLANNER_SEARCH_H

#include "compiler/planner/Tree.h"

#include <algorithm>
#include <functional>
#include <limits>

namespace tlc::planner {

/// How much a search may still do. Searches count their steps, each with the nanoseconds that
/// it takes on a processor of 2020, and not the time that passes: the same budget gives the
/// same plan on every machine, however busy.
class Budget {
public:
  /// The progress of shorter searches is not worth telling about.
  static constexpr double longSeconds = 0.5;

  explicit Budget(double seconds, std::function<void(double)> progress = {})
      : left(seconds * 1e9 * currentSpeed), whole(left),
        progress(seconds < longSeconds ? nullptr : std::move(progress)) {}

  void spend(double nanoseconds) {
    left -= nanoseconds;
    if (progress && left < nextReport)
      report();
  }
  bool isSpent() const { return left <= 0; }
  double nanoseconds() const { return left; }

private:
  /// How much faster current processors are.
  static constexpr double currentSpeed = 1.3;
  static constexpr double reportedPart = 0.01;

  void report() {
    progress(std::clamp(1 - left / whole, 0.0, 1.0));
    nextReport = left - reportedPart * whole;
  }

  double left, whole, nextReport = std::numeric_limits<double>::infinity();
  std::function<void(double)> progress;
};

/// How a greedy search scores the contraction of A and B to C:
/// size(C) / bias - (size(A) + size(B)) * bias, on a logarithmic scale with noise added.
struct GreedyParameters {
  double bias = 1;
  double temperature = 0;
};

/// Contracts the pair with the least score until one tensor is left.
Path greedyOrder(const Problem &problem, const GreedyParameters &parameters, Random &random,
                 Budget &budget);

/// Which index is summed next.
enum class EliminationRule {
  MinDegree, ///< the one whose tensors make the smallest result
  MinFill,   ///< the one that makes the fewest pairs of indices neighbours
};

/// Sums the indices one by one, each by contracting the tensors that have it. `noise` in bits.
Path eliminationOrder(const Problem &problem, EliminationRule rule, double noise, Random &random,
                      Budget &budget);

struct DissectionParameters {
  int leafIndices = 60;   ///< indices that are not separated further
  double imbalance = 1.2; ///< of the two sides, at most
  EliminationRule rule = EliminationRule::MinDegree;
};

/// Sums the indices of two halves of the network before those that separate them, recursively.
Path dissectionOrder(const Problem &problem, const DissectionParameters &parameters, uint64_t seed,
                     Budget &budget);

struct SweepParameters {
  int depth = 1;           ///< how often the network is dissected before its parts are swept
  int leafIndices = 60;    ///< parts with fewer indices are not
  double imbalance = 1.2;  ///< of the two sides, at most
  double straightness = 1; ///< bits by which the front may grow to absorb what lies a step behind
};

/// Absorbs tensor after tensor along fronts that move towards small separators.
Path sweepOrder(const Problem &problem, const SweepParameters &parameters, uint64_t seed,
                Budget &budget);

/// Anneals a tree by rotations, from inverse temperature `first` to `last` (per bit), and leaves
/// the best tree seen.
struct AnnealingParameters {
  double first = 0.1, last = 12;
  double nanoseconds = 1e7; ///< how long
};
void anneal(Tree &tree, const AnnealingParameters &parameters, Random &random, Budget &budget);

struct FoundOrder {
  Path path;
  double value = 0; ///< in the objective
  std::string method;
};

/// Tries searches until the budget is spent, and gives the best order found. With `start`, an order
/// of the problem, only better ones near it are looked for.
FoundOrder searchOrder(const Problem &problem, const StepModel &model, const Options &options,
                       const Path &start, Budget &budget);

/// Makes parts of up to `leaves` subtrees optimal until none gets better.
void improveSubtrees(Tree &tree, int leaves, Budget &budget);

} // namespace tlc::planner

#endif // TLC_COMPILER_PLANNER_SEARCH_H
