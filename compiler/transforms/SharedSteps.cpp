//===- SharedSteps.cpp - intermediates that several contractions need -----===//

#include "compiler/transforms/SharedSteps.h"

#include "llvm/ADT/DenseMap.h"

namespace tlc {
namespace {

/// Finds operands of a contraction for the leaves of a step, with one name for each dimension.
class StepMatcher {
public:
  StepMatcher(ein::ContractOp op, const SharedStep &step)
      : step(step), operands(placedOperands(op)), result(resultDims(op)),
        isUsed(operands.size(), false) {}

  std::optional<SmallVector<PlacedOperand>> run() {
    if (!match(0))
      return std::nullopt;
    SmallVector<PlacedOperand> rest;
    for (auto [operand, used] : llvm::zip(operands, isUsed))
      if (!used)
        rest.push_back(operand);
    PlacedOperand shared{step.result.value, {}};
    for (AffineExpr position : step.result.positions)
      shared.positions.push_back(names.lookup(position));
    rest.push_back(std::move(shared));
    return rest;
  }

private:
  bool match(size_t leaf);
  bool unify(const PlacedOperand &leaf, const PlacedOperand &operand,
             SmallVectorImpl<AffineExpr> &added);
  bool keepsTheSame();

  const SharedStep &step;
  SmallVector<PlacedOperand> operands;
  SmallVector<unsigned> result;
  SmallVector<bool> isUsed;
  /// The contraction's dimension for each of the step's, and back.
  llvm::DenseMap<AffineExpr, AffineExpr> names, origins;
};

} // namespace

/// Gives names to the dimensions of a leaf that have none yet.
bool StepMatcher::unify(const PlacedOperand &leaf, const PlacedOperand &operand,
                        SmallVectorImpl<AffineExpr> &added) {
  if (leaf.value != operand.value)
    return false;
  for (auto [from, to] : llvm::zip_equal(leaf.positions, operand.positions)) {
    // Positions such as x + dx are not looked into.
    if (!isa<AffineDimExpr>(from) || !isa<AffineDimExpr>(to))
      return false;
    AffineExpr name = names.lookup(from), origin = origins.lookup(to);
    if (!name && !origin) {
      names[from] = to;
      origins[to] = from;
      added.push_back(from);
    } else if (name != to || origin != from) {
      return false;
    }
  }
  return true;
}

/// Whether what the contraction still needs of the matched operands is what the step keeps.
bool StepMatcher::keepsTheSame() {
  for (auto [from, to] : names) {
    unsigned dim = cast<AffineDimExpr>(to).getPosition();
    bool isNeeded = llvm::is_contained(result, dim);
    for (auto [operand, used] : llvm::zip(operands, isUsed))
      isNeeded |= !used && operand.uses(dim);
    if (isNeeded != llvm::is_contained(step.result.positions, from))
      return false;
  }
  return true;
}

bool StepMatcher::match(size_t leaf) {
  if (leaf == step.leaves.size())
    return keepsTheSame();
  for (size_t i = 0; i < operands.size(); ++i) {
    if (isUsed[i])
      continue;
    SmallVector<AffineExpr> added;
    isUsed[i] = true;
    if (unify(step.leaves[leaf], operands[i], added) && match(leaf + 1))
      return true;
    isUsed[i] = false;
    for (AffineExpr from : added) {
      origins.erase(names.lookup(from));
      names.erase(from);
    }
  }
  return false;
}

std::optional<SmallVector<PlacedOperand>> replaceByStep(ein::ContractOp op,
                                                        const SharedStep &step) {
  bool isPart = step.leaves.size() <= op.getInputs().size() &&
                step.semiring == op.getSemiring().getKind() &&
                step.block->findAncestorOpInBlock(*op.getOperation());
  return isPart ? StepMatcher(op, step).run() : std::nullopt;
}

} // namespace tlc
