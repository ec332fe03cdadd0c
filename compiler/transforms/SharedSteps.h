//===- SharedSteps.h - intermediates that several contractions need -------===//
//
//   M1 = "ijk,jr,kr->ir" (x, b, c)      made as  t = "ijk,kr->ijr" (x, c)  and then with b
//   M2 = "ijk,ir,kr->jr" (x, a, c)      can be   "ijr,ir->jr" (t, a)
//
// The gradients of a decomposition in all of its modes share most of their work so (a dimension
// tree). A step that was made stands for any contraction of the same tensors in the same way: what
// its operands are called, and whether they belong to one equation, does not matter.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_TRANSFORMS_SHAREDSTEPS_H
#define TLC_COMPILER_TRANSFORMS_SHAREDSTEPS_H

#include "compiler/transforms/IterationSpace.h"

#include <optional>

namespace tlc {

/// A tensor that a step made, in terms of the operands that went into it.
struct SharedStep {
  ein::SemiringKind semiring;
  SmallVector<PlacedOperand> leaves;
  PlacedOperand result;
  Block *block;
};

/// The operands of a contraction with some of them replaced by the result of `step`, if that is
/// what they contract to.
std::optional<SmallVector<PlacedOperand>> replaceByStep(ein::ContractOp op, const SharedStep &step);

} // namespace tlc

#endif // TLC_COMPILER_TRANSFORMS_SHAREDSTEPS_H
