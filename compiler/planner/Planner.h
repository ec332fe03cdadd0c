//===- Planner.h - in which order to contract -----------------------------===//
//
// A contraction of n tensors can be evaluated two tensors at a time, and the order decides
// what it costs:
//
//   ij,jk,kl->il   with i,k,l = 100 and j = 2
//   (ij,jk->ik) then (ik,kl->il)   1.02 million multiplications
//   (jk,kl->jl) then (ij,jl->il)   0.04 million
//
// A `Network` is the contraction with plain integers for indices; a `Plan` is a binary tree
// over its operands with the cost of each step. Up to `Options::exactLimit` operands the tree
// is optimal among all binary trees, outer products included; beyond, it is the best that a
// portfolio of searches finds within a budget (see README.md).
//
// Laws needed: the product is commutative and distributes over the sum, which holds in every
// semiring of the language. No MLIR here.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_PLANNER_PLANNER_H
#define TLC_COMPILER_PLANNER_PLANNER_H

#include "compiler/planner/Machine.h"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace tlc::planner {

/// A contraction: index numbers of each operand and of the result, and the extent of each index.
/// An index may occur in any number of operands (a hyperedge) and more than once in one
/// operand (a diagonal).
struct Network {
  std::vector<std::vector<int>> inputs;
  std::vector<int> output;
  std::vector<int64_t> sizes; ///< by index number
  DType type = DType::F32;    ///< of the operands; intermediates have the accumulator's type
  Semiring semiring = Semiring::SumProduct;
};

/// "" for a network that can be planned, else what is wrong: "index 7 of input 3 has no size".
std::string findProblem(const Network &network);

enum class Objective {
  Flops,   ///< sum of the steps' flops
  Size,    ///< largest intermediate
  Write,   ///< sum of the sizes of all results
  Seconds, ///< predicted time
};

/// Steps in SSA form: operands are 0 .. n - 1, step k makes n + k.
using Path = std::vector<std::pair<int, int>>;

/// Which searches are used.
enum class Method {
  Automatic,
  Greedy,       ///< one greedy order
  RandomGreedy, ///< the best of 128 greedy orders with noise
  Annealing,    ///< annealing from the greedy order
};

struct Options {
  Objective objective = Objective::Seconds;
  int exactLimit = 16; ///< operands with different index sets; at most 16
  MachineModel machine;
  /// Processor time for networks too large for an exact order, on a current machine: what is
  /// counted is work, so that the plan does not depend on the machine or on what else it does.
  double seconds = 0.1;
  uint64_t seed = 1;
  Method method = Method::Automatic;
  /// Searches at the same time, each for so long; of equal results the first one's counts.
  int threads = 1;
  /// Called now and then with the part of the budget that is spent.
  std::function<void(double)> progress;
  /// Bytes that may be alive at once; 0 is no limit. Where no order stays below, indices are
  /// sliced; a plan whose `peakBytes` is above nevertheless is what needs least.
  double memory = 0;
  std::vector<int> unsliceable; ///< indices
  /// Elements of a result above which a step counts for more than it costs; 0 is no cap.
  double sizeCap = 0;
  /// An order to start from, instead of those that searches without one begin with.
  Path start;
  /// An order to take as it is.
  Path given;
};

/// One binary contraction. With `batch`, `m`, `n` and `k` the products of the extents of the
/// indices that are in both operands and kept, in the left one and kept, in the right one
/// and kept, and summed, it is a batch of matrix products.
struct StepCost {
  int lhs = 0;
  int rhs = -1;             ///< -1: a step on one operand, which only a one-operand network has
  std::vector<int> indices; ///< of the result, in the order in which it is stored
  double batch = 1, m = 1, n = 1, k = 1;
  double muls = 0;  ///< product of the extents of all indices involved
  double flops = 0; ///< twice that if something is summed
  double bytesRead = 0, bytesWritten = 0;
  double resultSize = 0; ///< elements
  double liveBytes = 0;  ///< inputs, output and the intermediates alive during the step
  double seconds = 0;
};

/// Counts are doubles: those of bad orders pass 2^64.
struct Plan {
  Path path; ///< empty for fewer than two operands
  std::vector<StepCost> steps;
  double muls = 0, flops = 0;
  double largest = 0;   ///< elements of the largest result of a step
  double peakBytes = 0; ///< largest `liveBytes` of a step
  double seconds = 0;
  bool optimal = false; ///< no binary tree is better in the objective
  std::string method;   ///< "exact", "greedy", "left to right", "given"
  /// Indices whose values are fixed in turn, by a loop around all steps. Steps are those of one
  /// turn; the totals are of all, and `peakBytes` has operands and result in full.
  std::vector<int> sliced;
  double slices = 1;        ///< turns of that loop
  bool isLimited = false;   ///< the limit of memory ruled out the best order
  double sliceOverhead = 1; ///< flops over those of the best order without a limit
};

/// The best order found. The network must have no problem.
Plan plan(const Network &network, const Options &options = {});

/// The costs of a given order, which must be a valid path of the network.
Plan evaluate(const Network &network, const Path &path, const MachineModel &machine = {});

/// ((0 1) 2) 3 ...: what a plain evaluation would do.
Plan leftToRight(const Network &network, const MachineModel &machine = {});

/// Names for the tables; a missing one is made from the number.
struct Labels {
  std::vector<std::string> indices;
  std::vector<std::string> operands;
};

/// Bytes of the operands and the result.
double callerBytes(const Network &network);

/// "greedy: 2.04e+06 flops, largest result 10000 elements (25.5 times the flops)".
std::string renderComparison(const Plan &plan, const Plan &other);

/// A table as SQL's EXPLAIN prints it: one row a step, and totals.
std::string renderPlan(const Network &network, const Plan &plan, const Labels &labels = {});

/// The tree in Graphviz' language.
std::string planDot(const Network &network, const Plan &plan, const Labels &labels = {});

/// A picture of the tree.
std::string planSvg(const Network &network, const Plan &plan, const Labels &labels = {});

} // namespace tlc::planner

#endif // TLC_COMPILER_PLANNER_PLANNER_H
