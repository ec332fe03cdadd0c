//===- PlanNames.h - how indices and tensors of a plan are called ---------===//

#ifndef TLC_COMPILER_PLANNER_PLANNAMES_H
#define TLC_COMPILER_PLANNER_PLANNAMES_H

#include "compiler/planner/Planner.h"

#include <string>

namespace tlc::planner {

/// Names from the labels, or from the numbers: indices a, b, .., i26, ..; operands #0, #1, ..;
/// results of steps t0, t1, ..
class PlanNames {
public:
  PlanNames(const Network &network, const Plan &plan, const Labels &labels);

  std::string index(int number) const;
  std::string node(int number) const;
  /// "ij", or "batch i" if some index has a name longer than one letter.
  std::string indices(const std::vector<int> &numbers) const;
  /// "ij,jk->ik".
  std::string equation(const StepCost &step) const;
  const std::vector<int> &indicesOf(int node) const;

private:
  const Network &network;
  const Plan &plan;
  const Labels &labels;
  int numInputs;
  bool longNames = false;
};

} // namespace tlc::planner

#endif // TLC_COMPILER_PLANNER_PLANNAMES_H
