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
// Steps that other contractions have made already are not made again (see SharedSteps.h).
//
// With a limit of memory, a contraction may have what the tensors that are alive beside it leave.
// If its intermediates do not fit, it is sliced (see SlicedContraction.h).
//
//===----------------------------------------------------------------------===//

#include "compiler/transforms/ContractionNetwork.h"
#include "compiler/transforms/IterationSpace.h"
#include "compiler/transforms/LiveBytes.h"
#include "compiler/transforms/Passes.h"
#include "compiler/transforms/SharedSteps.h"
#include "compiler/transforms/SlicedContraction.h"
#include "compiler/transforms/Unrolling.h"

#include <array>

namespace tlc {

#define GEN_PASS_DEF_EINORDERCONTRACTIONS
#include "compiler/transforms/Passes.h.inc"

namespace {

/// Replaces one contraction by the steps of its plan.
class PlanBuilder {
public:
  PlanBuilder(ein::ContractOp op, const planner::Plan &plan, std::vector<SharedStep> &shared)
      : op(op), plan(plan), shared(shared), loc(op.getLoc()), extents(op.getStaticExtents()),
        sliced(plan.sliced.begin(), plan.sliced.end()) {}

  void run();

private:
  using Operands = std::array<PlacedOperand, 2>;

  Operands operandsOf(OpBuilder &builder, const planner::StepCost &step, ValueRange at);
  ein::ContractOp buildStep(OpBuilder &builder, const Operands &operands, ArrayRef<int> indices);
  Operands buildSteps(OpBuilder &builder, ValueRange at);
  void share(const planner::StepCost &step);
  std::function<Value(unsigned)> extentsAt(OpBuilder &builder) {
    return [&](unsigned dim) { return runtimeExtent(builder, op, dim); };
  }

  ein::ContractOp op;
  const planner::Plan &plan;
  std::vector<SharedStep> &shared;
  Location loc;
  SmallVector<int64_t> extents;
  SmallVector<unsigned> sliced;
  /// Operands, and the results of the steps so far.
  SmallVector<PlacedOperand> nodes;
  /// The operands that went into each.
  SmallVector<SmallVector<unsigned>> leaves;
};

/// The operands of a step, of one type; those of the contraction at the values of sliced
/// dimensions.
PlanBuilder::Operands PlanBuilder::operandsOf(OpBuilder &builder, const planner::StepCost &step,
                                              ValueRange at) {
  Operands operands;
  for (auto [operand, number] : llvm::zip(operands, std::array{step.lhs, step.rhs})) {
    bool isGiven = number < static_cast<int>(op.getInputs().size());
    operand = isGiven ? sliceOperand(builder, loc, nodes[number], sliced, at) : nodes[number];
  }
  if (operands[0].type().getElementType() != operands[1].type().getElementType())
    for (PlacedOperand &operand : operands)
      operand.value = widen(builder, loc, operand.value);
  return operands;
}

/// A contraction with these dimensions of the result, but for the sliced ones, and the elements of
/// the accumulator.
ein::ContractOp PlanBuilder::buildStep(OpBuilder &builder, const Operands &operands,
                                       ArrayRef<int> indices) {
  SmallVector<unsigned> kept;
  SmallVector<int64_t> shape;
  for (int dim : indices)
    if (!llvm::is_contained(sliced, static_cast<unsigned>(dim))) {
      kept.push_back(static_cast<unsigned>(dim));
      shape.push_back(extents[dim]);
    }
  Type element = ein::accumulatorType(operands[0].type().getElementType());
  return buildContraction(builder, loc, op.getSemiring().getKind(), operands, kept,
                          RankedTensorType::get(shape, element), extentsAt(builder));
}

/// Remembers the last node, which the step has made, for other contractions.
void PlanBuilder::share(const planner::StepCost &step) {
  for (unsigned input = leaves.size(); input < op.getInputs().size(); ++input)
    leaves.push_back({input});
  leaves.push_back(leaves[step.lhs]);
  llvm::append_range(leaves.back(), leaves[step.rhs]);
  SharedStep made{op.getSemiring().getKind(), {}, nodes.back(), op->getBlock()};
  for (unsigned input : leaves.back())
    made.leaves.push_back(nodes[input]);
  shared.push_back(std::move(made));
}

/// Makes all steps but the last, whose operands it gives.
PlanBuilder::Operands PlanBuilder::buildSteps(OpBuilder &builder, ValueRange at) {
  nodes = placedOperands(op);
  for (const planner::StepCost &step : ArrayRef(plan.steps).drop_back()) {
    ein::ContractOp made = buildStep(builder, operandsOf(builder, step, at), step.indices);
    PlacedOperand result{made.getResult(), {}};
    for (int dim : step.indices)
      if (!llvm::is_contained(sliced, static_cast<unsigned>(dim)))
        result.positions.push_back(builder.getAffineDimExpr(dim));
    nodes.push_back(std::move(result));
    if (sliced.empty())
      share(step);
  }
  return operandsOf(builder, plan.steps.back(), at);
}

void PlanBuilder::run() {
  OpBuilder builder(op);
  ein::ContractOp root;
  if (sliced.empty()) {
    root = rebuildContraction(builder, op, buildSteps(builder, {}), extentsAt(builder));
  } else {
    ArrayRef<int> indices = plan.steps.back().indices;
    SmallVector<unsigned> dims(indices.begin(), indices.end());
    PlacedOperand sum;
    sum.value = buildSlicedLoops(builder, op, sliced, dims, [&](OpBuilder &inner, ValueRange at) {
      return buildStep(inner, buildSteps(inner, at), indices).getResult();
    });
    if (sum.value.getType() == op.getType() && op.getEpilogue().empty()) {
      op.replaceAllUsesWith(sum.value);
      return op.erase();
    }
    for (unsigned dim : dims)
      sum.positions.push_back(builder.getAffineDimExpr(dim));
    root = rebuildContraction(builder, op, sum, extentsAt(builder));
  }
  op.replaceAllUsesWith(root.getResult());
  op.erase();
}

class EinOrderContractions : public impl::EinOrderContractionsBase<EinOrderContractions> {
public:
  using EinOrderContractionsBase::EinOrderContractionsBase;

  EinOrderContractions(const planner::Options &options, std::vector<ContractionPlan> *plans)
      : options(options), plans(plans) {
    memory = static_cast<int64_t>(options.memory);
  }

  void runOnOperation() override {
    getOperation()->walk([&](mlir::func::FuncOp function) {
      if (function.isExternal())
        return;
      LiveBytes live(function);
      shared.clear();
      SmallVector<ein::ContractOp> contractions;
      function.walk([&](ein::ContractOp op) {
        if (!op->hasAttr(unrollAttrName)) // straight-line code in one step
          contractions.push_back(op);
      });
      for (ein::ContractOp op : contractions)
        visit(op, live.beside(op));
    });
  }

private:
  void visit(ein::ContractOp op, double beside);
  planner::Plan plan(ein::ContractOp op, double beside);
  ein::ContractOp useShared(ein::ContractOp op, double beside, planner::Plan &plan);

  planner::Options options;
  std::vector<SharedStep> shared;
  std::vector<ContractionPlan> *plans = nullptr;
};

} // namespace

planner::Plan EinOrderContractions::plan(ein::ContractOp op, double beside) {
  planner::Network network = networkOf(op, nominalExtent);
  planner::Options chosen = options;
  bool isBinary = op.getInputs().size() <= 2;
  bool isKnown = llvm::none_of(op.getStaticExtents(), ShapedType::isDynamic);
  chosen.memory = isBinary || !isKnown ? 0 : limitFor(op, network, double(memory), beside);
  chosen.unsliceable = unsliceableDims(op);
  if (isBinary)
    chosen.given.clear();
  return planner::plan(network, chosen);
}

/// The contraction, or what is left of it where that is sooner done: with steps of others in place
/// of operands. They live longer for it, so there must be room.
ein::ContractOp EinOrderContractions::useShared(ein::ContractOp op, double beside,
                                                planner::Plan &found) {
  if (!options.given.empty() || found.isLimited)
    return op;
  ein::ContractOp best = op;
  // The largest steps come last.
  for (const SharedStep &step : llvm::reverse(shared)) {
    double kept = beside + bytesOf(step.result.value.getType());
    if (memory > 0 && kept + found.peakBytes > double(memory))
      continue;
    std::optional<SmallVector<PlacedOperand>> operands = replaceByStep(best, step);
    if (!operands)
      continue;
    OpBuilder builder(op);
    auto extentOf = [&](unsigned dim) { return runtimeExtent(builder, best, dim); };
    ein::ContractOp other = buildContraction(builder, op.getLoc(), op.getSemiring().getKind(),
                                             *operands, resultDims(best), best.getType(), extentOf);
    planner::Plan shorter = plan(other, kept);
    if (shorter.isLimited || shorter.seconds >= found.seconds) {
      other.erase();
      continue;
    }
    // What belongs to the old one besides its operands.
    ein::ContractOp whole = rebuildContraction(builder, best, *operands, extentOf);
    other.erase();
    best.replaceAllUsesWith(whole.getResult());
    best.erase();
    best = op = whole;
    found = std::move(shorter);
  }
  return best;
}

void EinOrderContractions::visit(ein::ContractOp op, double beside) {
  if (op.getInputs().size() <= 2) {
    if (plans)
      plans->push_back({op.getEquation(), plan(op, beside)});
    return;
  }
  std::string equation = op.getEquation();
  planner::Plan found = plan(op, beside);
  op = useShared(op, beside, found);
  if (plans)
    plans->push_back({equation, found});
  if (op.getInputs().size() > 2)
    PlanBuilder(op, found, shared).run();
}

std::unique_ptr<mlir::Pass> createEinOrderContractions(const planner::Options &options,
                                                       std::vector<ContractionPlan> *plans) {
  return std::make_unique<EinOrderContractions>(options, plans);
}

} // namespace tlc
