//===- EinSimplify.cpp - the laws of a semiring, applied ------------------===//
//
// The product distributes over the sum, so a sum of products of sums of products is one sum
// of products:
//
//   %t = ein.contract "ij,jk->ik" (%a, %b)              %t is read once
//   %r = ein.contract "ij,jk->ik" (%t, %c)
// becomes
//   %r = ein.contract "ij,jk,kl->il" (%a, %b, %c)
//
// and the order is chosen anew by ein-order-contractions. The other way round, what only one
// operand has is summed there first:
//
//   %r = ein.contract "ij,jk->k" (%a, %b)
// becomes
//   %s = ein.contract "ij->j" (%a)
//   %r = ein.contract "i,ij->j" (%s, %b)
//
// Never changes the type of a result, and never rounds where the program did not: an
// intermediate is merged only if it is stored as it is accumulated.
//
//===----------------------------------------------------------------------===//

#include "compiler/transforms/IterationSpace.h"
#include "compiler/transforms/Passes.h"
#include "dialects/ein/SumType.h"

#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace tlc {

#define GEN_PASS_DEF_EINSIMPLIFY
#include "compiler/transforms/Passes.h.inc"

namespace {

using ein::ContractOp;
using mlir::OpRewritePattern;
using mlir::PatternRewriter;

/// Merged contractions stay within what the planner orders exactly: a greedy order of more operands
/// may be worse than the one that the program was written in.
constexpr unsigned maxMergedOperands = 16;

Type elementType(Value value) { return cast<RankedTensorType>(value.getType()).getElementType(); }

//===----------------------------------------------------------------------===//
// Merging
//===----------------------------------------------------------------------===//

/// One operand, nothing summed, no change of type: other positions of the same elements.
bool isView(ContractOp op) {
  return op.getInputs().size() == 1 && op.getEpilogue().empty() &&
         op.getResultMap().getNumResults() == op.getNumDims() &&
         elementType(op.getInputs()[0]) == elementType(op.getResult());
}

/// Whether a contraction can be part of its only reader without more work or other rounding.
LogicalResult checkMergeable(ContractOp inner, ContractOp outer, AffineMap positions,
                             PatternRewriter &rewriter) {
  auto refuse = [&](const char *reason) { return rewriter.notifyMatchFailure(outer, reason); };
  if (inner.getInputs().size() == 1)
    return refuse("a sum over one operand is taken early");
  if (!inner.getEpilogue().empty())
    return refuse("the intermediate has an epilogue");
  if (inner.getSemiring() != outer.getSemiring())
    return refuse("the semirings differ");
  Type element = elementType(inner.getInputs()[0]);
  if (ein::isWidening(outer))
    return refuse("the intermediate would be summed in another type");
  if (elementType(inner.getResult()) != element || ein::accumulatorType(element) != element)
    return refuse("the intermediate is rounded");
  if (!inner->hasOneUse() || inner->getBlock() != outer->getBlock())
    return refuse("the intermediate has other uses, or is outside the loop");
  if (inner.getInputs().size() + outer.getInputs().size() - 1 > maxMergedOperands)
    return refuse("too many operands");
  // Read at x + dx, each element would be computed again for every pair.
  for (AffineExpr position : positions.getResults())
    if (!isa<AffineDimExpr, AffineConstantExpr>(position))
      return refuse("the intermediate is read at overlapping positions");
  return success();
}

struct MergeContractions : OpRewritePattern<ContractOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ContractOp op, PatternRewriter &rewriter) const override {
    for (unsigned number = 0; number < op.getInputs().size(); ++number) {
      ContractOp inner = op.getInputs()[number].getDefiningOp<ContractOp>();
      if (!inner)
        continue;
      bool isMergeable = isView(inner) ||
                         succeeded(checkMergeable(inner, op, op.getInputMaps()[number], rewriter));
      if (isMergeable && succeeded(merge(op, number, inner, rewriter)))
        return success();
    }
    return failure();
  }

private:
  /// Puts the operands of `inner` in the place of operand `number`.
  static LogicalResult merge(ContractOp op, unsigned number, ContractOp inner,
                             PatternRewriter &rewriter) {
    AffineMap positions = op.getInputMaps()[number];
    // A dimension of the inner result is the position at which it is read, a summed one is new.
    SmallVector<unsigned> innerResult = resultDims(inner);
    SmallVector<AffineExpr> substitution(inner.getNumDims());
    for (auto [dim, position] : llvm::zip_equal(innerResult, positions.getResults()))
      substitution[dim] = position;
    unsigned numDims = op.getNumDims();
    for (AffineExpr &expr : substitution)
      if (!expr)
        expr = rewriter.getAffineDimExpr(numDims++);

    SmallVector<PlacedOperand> operands = placedOperands(op), merged;
    llvm::append_range(merged, ArrayRef(operands).take_front(number));
    for (PlacedOperand &operand : placedOperands(inner)) {
      for (AffineExpr &position : operand.positions) {
        AffineExpr composed = position.replaceDimsAndSymbols(substitution, {});
        // x + dx read at dx = 0 is x, but of another extent than the operand's.
        if (isa<AffineDimExpr>(composed) && !isa<AffineDimExpr>(position))
          return rewriter.notifyMatchFailure(op, "a window closes to a single dimension");
        position = composed;
      }
      merged.push_back(std::move(operand));
    }
    llvm::append_range(merged, ArrayRef(operands).drop_front(number + 1));
    if (!areDimensionsDetermined(merged, resultDims(op), numDims))
      return rewriter.notifyMatchFailure(op, "an extent is known from the intermediate only");

    auto extentOf = [&](unsigned dim) {
      for (auto [innerDim, position] : llvm::zip_equal(innerResult, positions.getResults()))
        if (position == rewriter.getAffineDimExpr(dim))
          return runtimeExtent(rewriter, inner, innerDim);
      return runtimeExtent(rewriter, op, dim);
    };
    rewriter.replaceOp(op, rebuildContraction(rewriter, op, merged, extentOf));
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Early sums
//===----------------------------------------------------------------------===//

/// Whether the dimension can be summed in operand `number` alone: nothing else has it, and
/// there it stands alone wherever it occurs.
bool isOwn(unsigned dim, unsigned number, ArrayRef<PlacedOperand> operands) {
  for (auto [other, operand] : llvm::enumerate(operands))
    if (other != number && operand.uses(dim))
      return false;
  return operands[number].hasAlone(dim) &&
         llvm::all_of(operands[number].positions, [&](AffineExpr position) {
           return isa<AffineDimExpr>(position) || !position.isFunctionOfDim(dim);
         });
}

struct ReduceEarly : OpRewritePattern<ContractOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ContractOp op, PatternRewriter &rewriter) const override {
    SmallVector<PlacedOperand> operands = placedOperands(op);
    SmallVector<unsigned> result = resultDims(op);
    if (ein::isWidening(op))
      return rewriter.notifyMatchFailure(op, "the early sum would be in another type");
    if (operands.size() < 2)
      return rewriter.notifyMatchFailure(op, "one operand: nothing comes after");
    for (unsigned number = 0; number < operands.size(); ++number) {
      SmallVector<unsigned> own;
      for (unsigned dim = 0; dim < op.getNumDims(); ++dim)
        if (!llvm::is_contained(result, dim) && isOwn(dim, number, operands))
          own.push_back(dim);
      if (own.empty())
        continue;
      operands[number] = reduce(op, operands[number], own, rewriter);
      // The sum is in the accumulator's type; operands have one type.
      for (PlacedOperand &operand : operands)
        operand.value = widen(rewriter, op.getLoc(), operand.value);
      auto extentOf = [&](unsigned dim) { return runtimeExtent(rewriter, op, dim); };
      rewriter.replaceOp(op, rebuildContraction(rewriter, op, operands, extentOf));
      return success();
    }
    return rewriter.notifyMatchFailure(op, "each summed dimension is in two operands");
  }

private:
  /// Sums the operand over `own`. Each other axis is a dimension of the sum, whatever
  /// position it is read at later.
  static PlacedOperand reduce(ContractOp op, const PlacedOperand &operand, ArrayRef<unsigned> own,
                              PatternRewriter &rewriter) {
    PlacedOperand source{operand.value, {}}, reduced;
    SmallVector<unsigned> kept;
    SmallVector<int64_t> shape;
    unsigned rank = operand.positions.size();
    for (auto [axis, position] : llvm::enumerate(operand.positions)) {
      AffineDimExpr dim = dyn_cast<AffineDimExpr>(position);
      if (dim && llvm::is_contained(own, dim.getPosition())) {
        source.positions.push_back(rewriter.getAffineDimExpr(rank + dim.getPosition()));
        continue;
      }
      source.positions.push_back(rewriter.getAffineDimExpr(axis));
      reduced.positions.push_back(position);
      kept.push_back(axis);
      shape.push_back(operand.type().getDimSize(axis));
    }
    Type element = ein::accumulatorType(operand.type().getElementType());
    // Every axis of the sum stands alone in the operand: no extents are passed.
    reduced.value =
        buildContraction(rewriter, op.getLoc(), op.getSemiring().getKind(), source, kept,
                         RankedTensorType::get(shape, element), [](unsigned) { return Value(); })
            .getResult();
    return reduced;
  }
};

//===----------------------------------------------------------------------===//
// Operands that change nothing
//===----------------------------------------------------------------------===//

/// Whether every element is the semiring's one.
bool isOnes(Value value, ein::SemiringAttr semiring) {
  TypedAttr one = semiring.getOne(elementType(value));
  DenseElementsAttr constant;
  if (mlir::matchPattern(value, mlir::m_Constant(&constant)))
    return constant.isSplat() && constant.getSplatValue<Attribute>() == one;
  ein::MapOp fill = value.getDefiningOp<ein::MapOp>();
  if (!fill || !fill.getInputs().empty())
    return false;
  Attribute element;
  Value yielded = cast<ein::YieldOp>(fill.getBody().front().getTerminator()).getValues()[0];
  return mlir::matchPattern(yielded, mlir::m_Constant(&element)) && element == one;
}

/// x * x = x in these.
bool hasIdempotentProduct(ein::SemiringKind kind) {
  return kind == ein::SemiringKind::OrAnd || kind == ein::SemiringKind::MaxMin;
}

/// Drops operands of ones, and the second of two equal operands where x * x = x.
struct DropNeutralOperands : OpRewritePattern<ContractOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ContractOp op, PatternRewriter &rewriter) const override {
    SmallVector<PlacedOperand> operands = placedOperands(op);
    for (unsigned number = 0; operands.size() > 1 && number < operands.size(); ++number) {
      if (!isNeutral(op, operands, number))
        continue;
      operands.erase(operands.begin() + number);
      // A dimension that only the ones have would no longer be summed over.
      if (!areDimensionsDetermined(operands, resultDims(op), op.getNumDims()))
        return rewriter.notifyMatchFailure(op, "a dimension is in the neutral operand only");
      auto extentOf = [&](unsigned dim) { return runtimeExtent(rewriter, op, dim); };
      rewriter.replaceOp(op, rebuildContraction(rewriter, op, operands, extentOf));
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no operand is neutral");
  }

private:
  static bool isNeutral(ContractOp op, ArrayRef<PlacedOperand> operands, unsigned number) {
    if (isOnes(operands[number].value, op.getSemiring()))
      return true;
    return hasIdempotentProduct(op.getSemiring().getKind()) &&
           llvm::any_of(operands.take_front(number), [&](const PlacedOperand &other) {
             return other.value == operands[number].value &&
                    other.positions == operands[number].positions;
           });
  }
};

/// ein.contract "ij->ij" (%a) is %a.
struct DropCopy : OpRewritePattern<ContractOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ContractOp op, PatternRewriter &rewriter) const override {
    if (!isView(op) || op.getInputs()[0].getType() != op.getResult().getType() ||
        op.getInputMaps()[0] != op.getResultMap())
      return rewriter.notifyMatchFailure(op, "not a copy");
    rewriter.replaceOp(op, op.getInputs()[0]);
    return success();
  }
};

class EinSimplify : public impl::EinSimplifyBase<EinSimplify> {
  void runOnOperation() override {
    mlir::RewritePatternSet patterns(&getContext());
    patterns.add<DropCopy, DropNeutralOperands, MergeContractions, ReduceEarly>(&getContext());
    if (failed(mlir::applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace tlc
