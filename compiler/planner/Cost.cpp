//===- Cost.cpp - what a contraction order costs --------------------------===//
//
// A step on tensors with index sets A and B keeps an index that the result or another live
// tensor holds, and sums the others. Its multiplications are the product of the extents of
// A | B. For ij,jk->ik with extents 2, 3, 4: 24 multiplications, 48 flops.
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/Cost.h"
#include "compiler/planner/Layout.h"

#include <map>

namespace tlc::planner {

int64_t accumulatorBytes(DType type) {
  return type == DType::F16 || type == DType::BF16 ? 4 : byteSize(type);
}

//===----------------------------------------------------------------------===//
// NetworkState
//===----------------------------------------------------------------------===//

NetworkState::NetworkState(const Network &network)
    : holders(network.sizes.size(), 0), atLeastTwo(network.sizes.size()),
      atLeastThree(network.sizes.size()) {
  size_t universe = network.sizes.size();
  for (int64_t size : network.sizes)
    extents.push_back(planningExtent(size));
  for (const std::vector<int> &input : network.inputs) {
    IndexSet set(universe);
    for (int index : input)
      set.insert(index);
    set.forEach([&](int index) { ++holders[index]; });
    sets.push_back(std::move(set));
  }
  IndexSet output(universe);
  for (int index : network.output)
    output.insert(index);
  output.forEach([&](int index) { ++holders[index]; });
  for (size_t index = 0; index < universe; ++index)
    setHolders(static_cast<int>(index), holders[index]);
}

double NetworkState::size(const IndexSet &set) const {
  double product = 1;
  set.forEach([&](int index) { product *= extents[index]; });
  return saturate(product);
}

void NetworkState::setHolders(int index, int count) {
  holders[index] = count;
  count >= 2 ? atLeastTwo.insert(index) : atLeastTwo.erase(index);
  count >= 3 ? atLeastThree.insert(index) : atLeastThree.erase(index);
}

uint64_t NetworkState::keptWord(int lhs, int rhs, size_t number) const {
  uint64_t a = sets[lhs].word(number), b = sets[rhs].word(number);
  return ((a ^ b) & atLeastTwo.word(number)) | (a & b & atLeastThree.word(number));
}

IndexSet NetworkState::kept(int lhs, int rhs) const {
  IndexSet result = sets[lhs];
  for (size_t number = 0; number < result.numWords(); ++number)
    result.setWord(number, keptWord(lhs, rhs, number));
  return result;
}

double NetworkState::keptSize(int lhs, int rhs) const {
  double product = 1;
  for (size_t number = 0; number < sets[lhs].numWords(); ++number)
    IndexSet::forEachBit(keptWord(lhs, rhs, number), number,
                         [&](int index) { product *= extents[index]; });
  return saturate(product);
}

int NetworkState::contract(int lhs, int rhs) {
  IndexSet result = kept(lhs, rhs);
  sets[lhs].forEach([&](int index) { setHolders(index, holders[index] - 1); });
  sets[rhs].forEach([&](int index) { setHolders(index, holders[index] - 1); });
  result.forEach([&](int index) { setHolders(index, holders[index] + 1); });
  sets.push_back(std::move(result));
  return numNodes() - 1;
}

Path contractEqualSets(NetworkState &state) {
  Path path;
  std::map<IndexSet, int> bySet;
  for (int node = 0; node < state.numNodes(); ++node) {
    auto [entry, isNew] = bySet.try_emplace(state.indices(node), node);
    if (isNew)
      continue;
    path.push_back({entry->second, node});
    bySet.erase(entry);
    // The product comes by again, as the last node so far.
    state.contract(path.back().first, node);
  }
  return path;
}

//===----------------------------------------------------------------------===//
// Evaluation
//===----------------------------------------------------------------------===//

namespace {

/// Evaluates the steps of a path one by one.
class Evaluator {
public:
  Evaluator(const Network &network, const MachineModel &machine)
      : network(network), machine(machine), state(network), order(network.inputs),
        rates(machine.ratesOf(network.type, network.semiring)) {
    for (size_t i = 0; i < network.inputs.size(); ++i)
      callerBytes += state.size(state.indices(int(i))) * byteSize(network.type);
    double outputSize = 1;
    for (int index : network.output)
      outputSize *= state.extent(index);
    callerBytes += outputSize * byteSize(network.type);
  }

  StepCost binaryStep(int lhs, int rhs, bool last);
  StepCost unaryStep();

private:
  double bytes(int node) const {
    bool isOperand = node < static_cast<int>(network.inputs.size());
    return saturate(state.size(state.indices(node)) *
                    double(isOperand ? byteSize(network.type) : accumulatorBytes(network.type)));
  }
  bool areScattered(const StepCost &step) const;
  void finish(StepCost &step, bool last);

  const Network &network;
  const MachineModel &machine;
  NetworkState state;
  std::vector<std::vector<int>> order; ///< indices of each node as stored
  const TypeRates &rates;
  double callerBytes = 0;
  double intermediateBytes = 0;
};

StepCost Evaluator::binaryStep(int lhs, int rhs, bool last) {
  StepCost step;
  step.lhs = lhs;
  step.rhs = rhs;
  const IndexSet a = state.indices(lhs), b = state.indices(rhs);
  int node = state.contract(lhs, rhs);
  const IndexSet &result = state.indices(node);
  // Stored as a batch of matrices: what both have, the left one's own, the right one's own.
  std::vector<int> batch, left, right;
  IndexSet seen(network.sizes.size());
  auto classify = [&](int index, bool fromLhs) {
    if (seen.contains(index))
      return;
    seen.insert(index);
    double extent = state.extent(index);
    bool isShared = a.contains(index) && b.contains(index);
    if (!result.contains(index)) {
      step.k *= extent;
    } else if (isShared) {
      step.batch *= extent;
      batch.push_back(index);
    } else {
      (fromLhs ? step.m : step.n) *= extent;
      (fromLhs ? left : right).push_back(index);
    }
  };
  for (int index : order[lhs])
    classify(index, true);
  for (int index : order[rhs])
    classify(index, false);
  batch.insert(batch.end(), left.begin(), left.end());
  batch.insert(batch.end(), right.begin(), right.end());
  step.indices = last ? network.output : batch;
  order.push_back(step.indices);
  step.bytesRead = saturate(bytes(lhs) + bytes(rhs));
  step.resultSize = state.size(result);
  finish(step, last);
  return step;
}

StepCost Evaluator::unaryStep() {
  StepCost step;
  step.indices = network.output;
  IndexSet output(network.sizes.size());
  for (int index : network.output)
    output.insert(index);
  state.indices(0).forEach(
      [&](int index) { (output.contains(index) ? step.m : step.k) *= state.extent(index); });
  step.bytesRead = bytes(0);
  step.resultSize = state.size(output);
  finish(step, /*last=*/true);
  return step;
}

bool Evaluator::areScattered(const StepCost &step) const {
  if (step.rhs < 0)
    return false;
  auto stored = [&](const std::vector<int> &indices) {
    std::vector<int> kept;
    std::copy_if(indices.begin(), indices.end(), std::back_inserter(kept),
                 [&](int index) { return network.sizes[index] > 1; });
    return kept;
  };
  return isScattered(stored(order[step.lhs]), stored(order[step.rhs]), stored(step.indices));
}

void Evaluator::finish(StepCost &step, bool last) {
  step.muls = saturate(step.batch * step.m * step.n * step.k);
  step.flops = saturate(step.k > 1 ? 2 * step.muls : step.muls);
  double written = saturate(step.resultSize * double(accumulatorBytes(network.type)));
  step.bytesWritten = last ? saturate(step.resultSize * double(byteSize(network.type))) : written;
  double lhsSize = state.size(state.indices(step.lhs));
  double rhsSize = step.rhs < 0 ? step.resultSize : state.size(state.indices(step.rhs));
  step.seconds = machine.stepSeconds + stepSeconds(machine, rates,
                                                   {step.muls, lhsSize, rhsSize, step.resultSize,
                                                    step.bytesRead + step.bytesWritten},
                                                   areScattered(step));
  // The output belongs to the caller and is counted there.
  if (!last)
    intermediateBytes += written;
  step.liveBytes = saturate(callerBytes + intermediateBytes);
  int numInputs = static_cast<int>(network.inputs.size());
  for (int operand : {step.lhs, step.rhs})
    if (operand >= numInputs)
      intermediateBytes -= bytes(operand);
}

} // namespace

Plan evaluate(const Network &network, const Path &path, const MachineModel &machine) {
  Plan plan;
  plan.path = path;
  plan.method = "given";
  Evaluator evaluator(network, machine);
  if (network.inputs.size() == 1)
    plan.steps.push_back(evaluator.unaryStep());
  for (size_t i = 0; i < path.size(); ++i)
    plan.steps.push_back(evaluator.binaryStep(path[i].first, path[i].second, i + 1 == path.size()));
  for (const StepCost &step : plan.steps) {
    plan.muls = saturate(plan.muls + step.muls);
    plan.flops = saturate(plan.flops + step.flops);
    plan.largest = std::max(plan.largest, step.resultSize);
    plan.peakBytes = std::max(plan.peakBytes, step.liveBytes);
    plan.seconds = saturate(plan.seconds + step.seconds);
  }
  return plan;
}

double objectiveOf(const Plan &plan, Objective objective) {
  switch (objective) {
  case Objective::Flops:
    return plan.flops;
  case Objective::Size:
    return plan.largest;
  case Objective::Seconds:
    return plan.seconds;
  case Objective::Write:
    break;
  }
  double written = 0;
  for (const StepCost &step : plan.steps)
    written += step.resultSize;
  return saturate(written);
}

} // namespace tlc::planner
