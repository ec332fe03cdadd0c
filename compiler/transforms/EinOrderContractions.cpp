//===- EinOrderContractions.cpp - one contraction as a tree of binary ones ===//
//
//   %r = ein.contract "ij,jk,kl->il" (%a, %b, %c)      j = 2, the others 100
// becomes
//   %t = ein.contract "ij,jk->ik" (%b, %c)
//   %r = ein.contract "ij,jk->ik" (%a, %t)
//
// with 80 thousand operations for 2 million, in the order that compiler/planner finds.
//
// A step sums the dimensions that neither the result nor a tensor still to come has. Every
// order is possible, with positions such as x + dx as well: a dimension that a step keeps
// stands alone in its intermediate, and one that it sums stood alone in one of its operands,
// where it is still (or in an intermediate made from it).
//
// Types narrower than their accumulator are widened where they meet an intermediate, so that
// sums are rounded once, at the root.
//
//===----------------------------------------------------------------------===//

#include "compiler/transforms/ContractionNetwork.h"
#include "compiler/transforms/IterationSpace.h"
#include "compiler/transforms/Passes.h"
#include "compiler/transforms/Unrolling.h"

#include <array>

namespace tlc {

#define GEN_PASS_DEF_EINORDERCONTRACTIONS
#include "compiler/transforms/Passes.h.inc"

namespace {

void order(ein::ContractOp op, int64_t nominalExtent) {
  planner::Plan plan = planner::plan(networkOf(op, nominalExtent));
  OpBuilder builder(op);
  Location loc = op.getLoc();
  SmallVector<int64_t> extents = op.getStaticExtents();
  SmallVector<PlacedOperand> nodes = placedOperands(op);
  auto extentOf = [&](unsigned dim) { return runtimeExtent(builder, op, dim); };
  auto operandsOf = [&](const planner::StepCost &step) {
    std::array<PlacedOperand, 2> operands = {nodes[step.lhs], nodes[step.rhs]};
    if (operands[0].type().getElementType() != operands[1].type().getElementType())
      for (PlacedOperand &operand : operands)
        operand.value = widen(builder, loc, operand.value);
    return operands;
  };
  for (const planner::StepCost &step : ArrayRef(plan.steps).drop_back()) {
    std::array<PlacedOperand, 2> operands = operandsOf(step);
    PlacedOperand result;
    SmallVector<unsigned> kept;
    SmallVector<int64_t> shape;
    for (int dim : step.indices) {
      kept.push_back(static_cast<unsigned>(dim));
      shape.push_back(extents[dim]);
      result.positions.push_back(builder.getAffineDimExpr(dim));
    }
    Type element = ein::accumulatorType(operands[0].type().getElementType());
    result.value = buildContraction(builder, loc, op.getSemiring().getKind(), operands, kept,
                                    RankedTensorType::get(shape, element), extentOf)
                       .getResult();
    nodes.push_back(std::move(result));
  }
  ein::ContractOp root = rebuildContraction(builder, op, operandsOf(plan.steps.back()), extentOf);
  op.replaceAllUsesWith(root.getResult());
  op.erase();
}

class EinOrderContractions : public impl::EinOrderContractionsBase<EinOrderContractions> {
public:
  using EinOrderContractionsBase::EinOrderContractionsBase;

  void runOnOperation() override {
    SmallVector<ein::ContractOp> contractions;
    getOperation()->walk([&](ein::ContractOp op) {
      if (op.getInputs().size() > 2 && !op->hasAttr(unrollAttrName))
        contractions.push_back(op);
    });
    for (ein::ContractOp op : contractions)
      order(op, nominalExtent);
  }
};

} // namespace
} // namespace tlc
