//===- StepModel.h - the cost of one step in the objective ----------------===//
//
// A step joins tensors A and B. Its multiplications are the size of A | B, the union of their
// indices, its result has the size of what is kept. Every objective is a function of these sizes;
// a tree costs the sum over its steps (for the largest intermediate: their maximum, whose
// place the sum of the sizes takes where a search needs something smoother).
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_PLANNER_STEPMODEL_H
#define TLC_COMPILER_PLANNER_STEPMODEL_H

#include "compiler/planner/Cost.h"

#include <algorithm>

namespace tlc::planner {

class StepModel {
public:
  StepModel(const Network &network, const Options &options)
      : objective(options.objective), machine(options.machine),
        rates(options.machine.ratesOf(network.type, network.semiring)),
        operandBytes(double(byteSize(network.type))),
        resultBytes(double(accumulatorBytes(network.type))),
        sizeCap(options.sizeCap > 0 ? options.sizeCap : maxCost) {}

  template <Objective Which> double costOf(const StepSizes &sizes) const {
    if constexpr (Which == Objective::Size || Which == Objective::Write)
      return sizes.result;
    // All trees have as many starts of steps.
    if constexpr (Which == Objective::Seconds)
      return stepSeconds(machine, rates, sizes);
    // Extents are whole numbers: something is summed if the union is twice the result.
    double flops = sizes.join > 1.5 * sizes.result ? 2 * sizes.join : sizes.join;
    // Among orders of equal flops the one that writes less.
    return flops + 1e-9 * sizes.result;
  }

  double cost(const StepSizes &sizes) const {
    return costWithoutCap(sizes) * penalty(sizes.result);
  }

  /// How many times its cost a step counts for whose result is above the cap.
  double penalty(double result) const { return result > sizeCap ? result / sizeCap : 1; }

  /// What any step takes at least that makes so many elements: it sums two for each, or none.
  double leastSeconds(double result) const {
    const ShapeRates &vector = rates[size_t(StepShape::Vector)];
    const ShapeRates &product = rates[size_t(StepShape::Product)];
    const ShapeRates &copies = rates[size_t(StepShape::Elementwise)];
    return result * std::min({2 * product.flop + product.result, 2 * vector.flop + vector.result,
                              copies.flop + copies.result});
  }

  double elementBytes(bool isOperand) const { return isOperand ? operandBytes : resultBytes; }

  const Objective objective;

private:
  double costWithoutCap(const StepSizes &sizes) const {
    switch (objective) {
    case Objective::Flops:
      return costOf<Objective::Flops>(sizes);
    case Objective::Seconds:
      return costOf<Objective::Seconds>(sizes);
    case Objective::Size:
    case Objective::Write:
      break;
    }
    return costOf<Objective::Write>(sizes);
  }

  MachineModel machine;
  TypeRates rates;
  double operandBytes, resultBytes, sizeCap;
};

} // namespace tlc::planner

#endif // TLC_COMPILER_PLANNER_STEPMODEL_H
