//===- FactoredContraction.h - a contraction with factors of a constant ---===//
//
//   y[u,s] = x[u+dx,c] W[dx,c,s]     with W = C[dx,p,q] U[c,p] V[s,q]
//
// has four operands more or less, and could be ordered as any contraction. But x and U meet in c
// alone: their product does not depend on the window, and is made first,
//
//   t[a,p] = x[a,c] U[c,p]           y[u,s] = t[u+dx,p] C[dx,p,q] V[s,q]
//
// where an order of the four would compute it again for every pair of u and dx.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_TRANSFORMS_FACTOREDCONTRACTION_H
#define TLC_COMPILER_TRANSFORMS_FACTOREDCONTRACTION_H

#include "compiler/planner/Planner.h"
#include "compiler/planner/lowrank/LowRank.h"
#include "compiler/transforms/IterationSpace.h"

namespace tlc {

class FactoredContraction {
public:
  /// The contraction with the factors of `constant` in its place. Extents that are known at run
  /// time only are taken for `nominalExtent`.
  FactoredContraction(ein::ContractOp op, Value constant, const lowrank::Format &format,
                      int64_t nominalExtent);

  double seconds() const { return before.seconds + rest.seconds; }
  double flops() const { return before.flops + rest.flops; }

  /// Replaces the operation; returns what computes its result.
  ein::ContractOp build(ArrayRef<Value> factors);

private:
  /// Number `input` of the contraction, or number `factor` of the factors.
  struct Operand {
    int input = -1, factor = -1;
    SmallVector<AffineExpr> positions;
  };
  /// The product of an operand that is read through a window and a factor, and its axes that stay.
  struct Window {
    unsigned operand;
    int factor;
    SmallVector<unsigned> kept; ///< axes of the operand
    SmallVector<unsigned>
        summed; ///< axis of the operand for each axis of the factor, its ranks last
    SmallVector<unsigned> ranks; ///< dimensions
  };

  bool findWindow(unsigned operand, unsigned factor);
  planner::Network network();
  planner::Network windowNetwork();
  Operand afterWindow();
  Value buildWindow(OpBuilder &builder, Value factor);

  ein::ContractOp op;
  const lowrank::Format &format;
  int64_t nominalExtent;
  SmallVector<Operand> operands;
  SmallVector<int64_t> extents; ///< of all dimensions, those of the ranks last
  std::optional<Window> window;
  planner::Plan before, rest;
};

} // namespace tlc

#endif // TLC_COMPILER_TRANSFORMS_FACTOREDCONTRACTION_H
