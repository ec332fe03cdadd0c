//===- Slicing.cpp - orders that stay within a limit of memory ------------===//
//
// Where an order's intermediates are too large, some indices can be fixed in turn:
//
//   ij,jk,kl,li->   with k sliced is the sum over k of   ij,j,l,li->
//
// Every tensor with k is smaller by the extent of k; steps that do not involve k are done again
// in every turn. Indices are chosen one by one among those of the tensors alive at the peak: the
// one with the least overhead for what it saves. (J. Gray and S. Kourtis, arXiv 2002.01935.)
//
// Slicing starts from several orders: the best one, one with small intermediates, and one for which
// results above the limit cost more. The cheapest outcome that fits wins.
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/Slicing.h"
#include "compiler/planner/MemoryPool.h"

#include <cmath>
#include <numeric>

namespace tlc::planner {
namespace {

Network fixIndices(const Network &network, const std::vector<int> &sliced) {
  Network turn = network;
  for (int index : sliced)
    turn.sizes[index] = 1;
  return turn;
}

class Slicer {
public:
  Slicer(const Network &network, const Options &options, Path path)
      : network(network), options(options), path(std::move(path)) {}

  /// Slices until the plan fits or nothing is left to slice. After each index the order is
  /// adapted, since others may be better once it is gone.
  Plan run() {
    Plan plan = evaluateSliced(network, path, {}, options.machine);
    while (plan.peakBytes > options.memory) {
      int index = choose(plan);
      if (index < 0)
        return plan;
      std::vector<int> sliced = plan.sliced;
      sliced.push_back(index);
      Options adapting = options;
      adapting.memory = 0;
      adapting.start = path;
      Path adapted = planner::plan(fixIndices(network, sliced), adapting).path;
      plan = evaluateSliced(network, path, sliced, options.machine);
      Plan other = evaluateSliced(network, adapted, sliced, options.machine);
      if (objectiveOf(other, options.objective) < objectiveOf(plan, options.objective)) {
        plan = std::move(other);
        path = std::move(adapted);
      }
    }
    return plan;
  }

private:
  int choose(const Plan &plan) const;
  std::vector<std::vector<int>> tensorsAtPeak(const Plan &plan) const;
  std::vector<double> involvedFlops(const Plan &plan) const;

  const Network &network;
  const Options &options;
  Path path;
};

/// The intermediates alive at the step with the most memory in use.
std::vector<std::vector<int>> Slicer::tensorsAtPeak(const Plan &plan) const {
  size_t peak = 0;
  for (size_t step = 0; step < plan.steps.size(); ++step)
    if (plan.steps[step].liveBytes > plan.steps[peak].liveBytes)
      peak = step;
  int numInputs = static_cast<int>(network.inputs.size());
  std::vector<bool> isRead(numInputs + plan.steps.size(), false);
  for (size_t step = 0; step < peak; ++step)
    for (int operand : {plan.steps[step].lhs, plan.steps[step].rhs})
      if (operand >= 0)
        isRead[operand] = true;
  std::vector<std::vector<int>> tensors;
  for (size_t step = 0; step <= peak; ++step)
    if (!isRead[numInputs + step])
      tensors.push_back(plan.steps[step].indices);
  return tensors;
}

/// The flops of the steps that involve each index.
std::vector<double> Slicer::involvedFlops(const Plan &plan) const {
  std::vector<double> flops(network.sizes.size(), 0);
  int numInputs = static_cast<int>(network.inputs.size());
  for (const StepCost &step : plan.steps) {
    IndexSet seen(network.sizes.size());
    for (int operand : {step.lhs, step.rhs}) {
      if (operand < 0)
        continue;
      for (int index :
           operand < numInputs ? network.inputs[operand] : plan.steps[operand - numInputs].indices)
        if (!seen.contains(index)) {
          seen.insert(index);
          flops[index] += step.flops;
        }
    }
  }
  return flops;
}

int Slicer::choose(const Plan &plan) const {
  std::vector<bool> isSliced(network.sizes.size(), false), isFixed(network.sizes.size(), false);
  for (int index : plan.sliced)
    isSliced[index] = true;
  for (int index : options.unsliceable)
    isFixed[index] = true;
  std::vector<std::vector<int>> tensors = tensorsAtPeak(plan);
  std::vector<double> sizes, saved(network.sizes.size(), 0);
  double all = 0;
  for (const std::vector<int> &tensor : tensors) {
    double size = 1;
    for (int index : tensor)
      if (!isSliced[index])
        size *= planningExtent(network.sizes[index]);
    all += size;
    for (int index : tensor)
      saved[index] += size * (1 - 1 / planningExtent(network.sizes[index]));
  }
  std::vector<double> involved = involvedFlops(plan);
  double turn = plan.flops / plan.slices;
  int best = -1;
  double bestScore = 0;
  for (int index = 0; index < int(saved.size()); ++index) {
    if (isSliced[index] || isFixed[index] || saved[index] <= 0)
      continue;
    double extent = planningExtent(network.sizes[index]);
    double overhead = (extent * (turn - involved[index]) + involved[index]) / turn;
    // Bits of overhead for each bit of memory; with none, the one that saves most.
    double score = (std::log2(overhead) + 0.01) / -std::log2(1 - saved[index] / all * 0.999999);
    if (best < 0 || score < bestScore) {
      best = index;
      bestScore = score;
    }
  }
  return best;
}

bool isBetter(const Plan &a, const Plan &b, const Options &options) {
  bool fitsA = a.peakBytes <= options.memory, fitsB = b.peakBytes <= options.memory;
  if (fitsA != fitsB)
    return fitsA;
  if (!fitsA)
    return a.peakBytes < b.peakBytes;
  return objectiveOf(a, options.objective) < objectiveOf(b, options.objective);
}

} // namespace

double callerBytes(const Network &network) {
  double elements = 0;
  auto add = [&](std::vector<int> indices) {
    std::sort(indices.begin(), indices.end());
    indices.erase(std::unique(indices.begin(), indices.end()), indices.end());
    double size = 1;
    for (int index : indices)
      size *= planningExtent(network.sizes[index]);
    elements += size;
  };
  for (const std::vector<int> &input : network.inputs)
    add(input);
  add(network.output);
  return saturate(elements * double(byteSize(network.type)));
}

/// What a loop takes beside operands and result: slices of operands, copied before the steps that
/// read them, intermediates, and the result of a turn, which is added to the whole one. Sums that
/// are wider than the result need a tensor of their own.
static double loopBytes(const Network &network, const Network &turn, const Plan &plan) {
  NetworkState state(turn);
  auto accumulated = double(accumulatorBytes(network.type));
  MemoryPool pool;
  std::vector<double> blocks(network.inputs.size(), 0);
  for (const StepCost &step : plan.steps) {
    for (int operand : {step.lhs, step.rhs}) {
      if (operand < 0 || operand >= int(network.inputs.size()))
        continue;
      const std::vector<int> &indices = network.inputs[operand];
      bool isSliced = std::any_of(indices.begin(), indices.end(), [&](int index) {
        return network.sizes[index] != turn.sizes[index];
      });
      if (isSliced)
        blocks[operand] =
            pool.take(state.size(state.indices(operand)) * double(byteSize(network.type)));
    }
    blocks.push_back(pool.take(step.resultSize * accumulated));
    for (int operand : {step.lhs, step.rhs})
      if (operand >= 0 && blocks[operand] > 0)
        pool.release(blocks[operand]);
  }
  double total = pool.total();
  if (accumulated != double(byteSize(network.type))) {
    double size = 1;
    for (int index : network.output)
      size *= planningExtent(network.sizes[index]);
    total += size * accumulated;
  }
  return total;
}

Plan evaluateSliced(const Network &network, const Path &path, const std::vector<int> &sliced,
                    const MachineModel &machine) {
  Network turn = fixIndices(network, sliced);
  Plan plan = evaluate(turn, orderForMemory(turn, path), machine);
  if (sliced.empty())
    return plan;
  plan.sliced = sliced;
  for (int index : sliced)
    plan.slices *= planningExtent(network.sizes[index]);
  for (double *sum : {&plan.flops, &plan.muls, &plan.seconds})
    *sum = saturate(*sum * plan.slices);
  plan.peakBytes = saturate(callerBytes(network) + loopBytes(network, turn, plan));
  return plan;
}

Plan fitIntoMemory(const Network &network, const Options &options, const Plan &unlimited) {
  Options within = options;
  within.memory = 0;
  within.seconds = options.seconds / 2;
  within.objective = Objective::Size;
  std::vector<Path> starts = {unlimited.path, plan(network, within).path};
  within.objective = options.objective;
  // Half of what is left for intermediates: a step's operand and its result.
  double left = options.memory - callerBytes(network);
  if (left > 0) {
    within.sizeCap = left / double(accumulatorBytes(network.type)) / 2;
    starts.push_back(plan(network, within).path);
  }
  within.memory = options.memory;
  within.seconds = options.seconds / 20;
  Plan best;
  for (Path &start : starts) {
    Plan sliced = Slicer(network, within, std::move(start)).run();
    if (best.steps.empty() || isBetter(sliced, best, options))
      best = std::move(sliced);
  }
  best.method = best.sliced.empty() ? "small intermediates" : "sliced";
  best.isLimited = true;
  best.sliceOverhead = best.flops / std::max(unlimited.flops, 1.0);
  return best;
}

} // namespace tlc::planner
