//===- EinFuseMaps.cpp - one pass over memory for a chain of maps ---------===//
//
//   %t = ein.map "ij,j" (%x, %b) { add }
//   %r = ein.map "ij" (%t) { exp }
// becomes
//   %r = ein.map "ij,j" (%x, %b) { add, exp }
//
// so that %t is never stored. Maps without computation (fills, transpositions, broadcasts)
// become part of each reader. Any other map becomes part of its only reader, if that reads
// each element once.
//
//===----------------------------------------------------------------------===//

#include "compiler/transforms/Passes.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace tlc {

#define GEN_PASS_DEF_EINFUSEMAPS
#include "compiler/transforms/Passes.h.inc"

namespace {

using ein::MapOp;
using mlir::OpRewritePattern;
using mlir::PatternRewriter;

bool hasAlone(AffineMap map, unsigned dim) {
  return map.getResultPosition(mlir::getAffineDimExpr(dim, map.getContext())).has_value();
}

/// The extent that is passed for a dimension, or null if none is.
Value passedExtent(MapOp op, unsigned dim) {
  SmallVector<AffineMap> maps = op.getInputMaps();
  unsigned number = 0;
  for (unsigned other = 0; other < op.getNumDims(); ++other) {
    bool isPassed = op.getResult().getType().isDynamicDim(other) &&
                    llvm::none_of(maps, [&](AffineMap map) { return hasAlone(map, other); });
    if (other == dim)
      return isPassed ? op.getExtents()[number] : Value();
    number += isPassed;
  }
  return {};
}

/// Whether the body only yields an argument or a constant.
bool computesNothing(MapOp op) {
  return llvm::all_of(op.getBody().front().without_terminator(), [](Operation &nested) {
    return nested.hasTrait<mlir::OpTrait::ConstantLike>();
  });
}

//===----------------------------------------------------------------------===//
// Fusion
//===----------------------------------------------------------------------===//

LogicalResult checkFusible(MapOp producer, MapOp consumer, AffineMap positions,
                           PatternRewriter &rewriter) {
  auto refuse = [&](const char *reason) { return rewriter.notifyMatchFailure(consumer, reason); };
  if (computesNothing(producer))
    return success();
  if (!producer->hasOneUse() || producer->getBlock() != consumer->getBlock())
    return refuse("the intermediate has other uses, or is outside the loop");
  for (unsigned dim = 0; dim < consumer.getNumDims(); ++dim)
    if (!hasAlone(positions, dim))
      return refuse("the intermediate is broadcast");
  return success();
}

/// Clones a body in front of the builder's position and returns what it yields. Dimension d of
/// the body is `positions[d]` here.
Value inlineBody(OpBuilder &builder, MapOp op, ValueRange arguments, AffineMap positions) {
  mlir::IRMapping mapping;
  Block &body = op.getBody().front();
  mapping.map(body.getArguments(), arguments);
  for (Operation &nested : body.without_terminator()) {
    ein::IndexOp index = dyn_cast<ein::IndexOp>(nested);
    if (!index) {
      builder.clone(nested, mapping);
      continue;
    }
    AffineExpr position = positions.getResult(index.getDim());
    Value value;
    if (AffineDimExpr dim = dyn_cast<AffineDimExpr>(position))
      value = ein::IndexOp::create(builder, index.getLoc(), int64_t(dim.getPosition()));
    else
      value = mlir::arith::ConstantIndexOp::create(builder, index.getLoc(),
                                                   cast<AffineConstantExpr>(position).getValue());
    mapping.map(index.getResult(), value);
  }
  return mapping.lookupOrDefault(body.getTerminator()->getOperand(0));
}

/// The consumer with the producer's body in the place of operand `number`.
MapOp fuse(MapOp producer, MapOp consumer, unsigned number, OpBuilder &builder) {
  AffineMap positions = consumer.getInputMaps()[number];
  SmallVector<Value> inputs(consumer.getInputs());
  SmallVector<AffineMap> maps = consumer.getInputMaps();
  inputs.erase(inputs.begin() + number);
  maps.erase(maps.begin() + number);
  llvm::append_range(inputs, producer.getInputs());
  for (AffineMap map : producer.getInputMaps())
    maps.push_back(map.compose(positions));

  SmallVector<Value> extents;
  RankedTensorType type = consumer.getResult().getType();
  for (unsigned dim = 0; dim < consumer.getNumDims(); ++dim) {
    if (!type.isDynamicDim(dim) ||
        llvm::any_of(maps, [&](AffineMap map) { return hasAlone(map, dim); }))
      continue;
    Value extent = passedExtent(consumer, dim);
    if (!extent)
      extent = passedExtent(producer, *positions.getResultPosition(builder.getAffineDimExpr(dim)));
    extents.push_back(extent);
  }
  AffineMap identity = builder.getMultiDimIdentityMap(consumer.getNumDims());
  auto body = [&](OpBuilder &nested, Location, ValueRange arguments) {
    unsigned numOwn = consumer.getInputs().size() - 1;
    Value element = inlineBody(nested, producer, arguments.drop_front(numOwn), positions);
    SmallVector<Value> own(arguments.take_front(numOwn));
    own.insert(own.begin() + number, element);
    return inlineBody(nested, consumer, own, identity);
  };
  return MapOp::create(builder, consumer.getLoc(), type, inputs, maps, body, extents);
}

struct FuseProducer : OpRewritePattern<MapOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MapOp op, PatternRewriter &rewriter) const override {
    for (unsigned number = 0; number < op.getInputs().size(); ++number) {
      MapOp producer = op.getInputs()[number].getDefiningOp<MapOp>();
      if (!producer || failed(checkFusible(producer, op, op.getInputMaps()[number], rewriter)))
        continue;
      MapOp fused = fuse(producer, op, number, rewriter);
      fused->setDiscardableAttrs(op->getDiscardableAttrDictionary());
      rewriter.replaceOp(op, fused);
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no operand is a map to merge");
  }
};

//===----------------------------------------------------------------------===//
// Equal operands
//===----------------------------------------------------------------------===//

/// x * x read as "i,i" (%x, %x) reads %x once.
struct MergeEqualOperands : OpRewritePattern<MapOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MapOp op, PatternRewriter &rewriter) const override {
    SmallVector<AffineMap> maps = op.getInputMaps();
    for (unsigned second = 1; second < maps.size(); ++second)
      for (unsigned first = 0; first < second; ++first)
        if (op.getInputs()[first] == op.getInputs()[second] && maps[first] == maps[second]) {
          rewriter.modifyOpInPlace(op, [&] { merge(op, first, second, maps); });
          return success();
        }
    return rewriter.notifyMatchFailure(op, "all operands differ");
  }

private:
  static void merge(MapOp op, unsigned first, unsigned second, SmallVector<AffineMap> &maps) {
    Block &body = op.getBody().front();
    body.getArgument(second).replaceAllUsesWith(body.getArgument(first));
    body.eraseArgument(second);
    op.getInputsMutable().erase(second);
    maps.erase(maps.begin() + second);
    op.setIndexingMapsAttr(OpBuilder(op).getAffineMapArrayAttr(maps));
  }
};

class EinFuseMaps : public impl::EinFuseMapsBase<EinFuseMaps> {
  void runOnOperation() override {
    mlir::RewritePatternSet patterns(&getContext());
    patterns.add<FuseProducer, MergeEqualOperands>(&getContext());
    if (failed(mlir::applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace tlc
