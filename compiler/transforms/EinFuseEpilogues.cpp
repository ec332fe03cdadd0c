//===- EinFuseEpilogues.cpp - maps on what a contraction accumulates ------===//
//
//   %t = ein.contract "ij,jk->ik" (%a, %b)
//   %r = ein.map "ij,j" (%t, %bias) { add, relu }
// becomes
//   %r = ein.contract "ij,jk->ik" (%a, %b) epilogue "j" (%bias) { add, relu }
//
// so that %t is never stored: bias, activation, scale and residual are applied where the sum is
// in registers. Fires if nothing else reads %t, and the map reads each of its elements once,
// wherever (a transposition changes where the sum is written).
//
//===----------------------------------------------------------------------===//

#include "compiler/transforms/Passes.h"

#include "mlir/IR/IRMapping.h"

namespace tlc {

#define GEN_PASS_DEF_EINFUSEEPILOGUES
#include "compiler/transforms/Passes.h.inc"

namespace {

using ein::ContractOp;
using ein::MapOp;

/// Whether the operand can be read along the rows of the result: in vectors, or one element for
/// all of a row.
bool isAlongRows(AffineMap map) {
  if (map.getNumDims() == 0)
    return true;
  AffineExpr last = mlir::getAffineDimExpr(map.getNumDims() - 1, map.getContext());
  return map.getNumResults() == 0 || !llvm::is_contained(map.getResults().drop_back(), last);
}

/// Whether the map may be applied to the sums of the contraction that it reads at `place`.
bool canTake(ContractOp contraction, MapOp map, AffineMap place) {
  if (!contraction->hasOneUse() || contraction->getBlock() != map->getBlock())
    return false;
  Type stored = contraction.getResult().getType().getElementType();
  Type operand = cast<RankedTensorType>(contraction.getInputs()[0].getType()).getElementType();
  // An intermediate that is rounded would have to be rounded in the epilogue as well.
  return stored == ein::accumulatorType(operand) && contraction.getEpilogue().empty() &&
         contraction.getExtents().empty() && place.isPermutation();
}

/// Which operand of the map is the contraction that can take it; nothing if none is.
std::optional<unsigned> findContraction(MapOp map) {
  SmallVector<AffineMap> places = map.getInputMaps();
  for (auto [number, input, place] : llvm::enumerate(map.getInputs(), places)) {
    ContractOp contraction = input.getDefiningOp<ContractOp>();
    if (!contraction || !canTake(contraction, map, place))
      continue;
    bool fits = true;
    for (auto [other, otherPlace] : llvm::enumerate(places))
      fits &= other == number || isAlongRows(otherPlace);
    if (fits)
      return number;
  }
  return std::nullopt;
}

/// The contraction with the map as its epilogue, in the map's place.
ContractOp fuse(MapOp map, unsigned number, OpBuilder &builder) {
  ContractOp old = map.getInputs()[number].getDefiningOp<ContractOp>();
  // Axis a of the map is at position place[a] of the sum: the result's map follows the map's axes.
  AffineMap place = map.getInputMaps()[number];
  SmallVector<AffineMap> maps = old.getInputMaps();
  SmallVector<AffineExpr> positions(map.getNumDims());
  for (auto [axis, position] : llvm::enumerate(place.getResults()))
    positions[cast<AffineDimExpr>(position).getPosition()] = old.getResultMap().getResult(axis);
  maps.push_back(AffineMap::get(old.getNumDims(), 0, positions, map.getContext()));
  ContractOp contraction = ContractOp::create(builder, old.getLoc(), map.getResult().getType(),
                                              old.getInputs(), maps, old.getSemiring().getKind());

  Block &body = map.getBody().front();
  OpBuilder::InsertionGuard guard(builder);
  Block *epilogue = builder.createBlock(&contraction.getEpilogue());
  mlir::IRMapping mapping;
  auto addArgument = [&](unsigned argumentNumber) {
    mlir::BlockArgument argument = body.getArgument(argumentNumber);
    mapping.map(argument, epilogue->addArgument(argument.getType(), argument.getLoc()));
  };
  addArgument(number);
  SmallVector<Value> inputs;
  SmallVector<AffineMap> inputMaps;
  for (auto [other, input, otherMap] : llvm::enumerate(map.getInputs(), map.getInputMaps())) {
    if (other == number)
      continue;
    addArgument(other);
    inputs.push_back(input);
    inputMaps.push_back(otherMap);
  }
  for (Operation &op : body)
    builder.clone(op, mapping);
  contraction.getEpilogueInputsMutable().assign(inputs);
  contraction.setEpilogueMapsAttr(builder.getAffineMapArrayAttr(inputMaps));
  contraction->setDiscardableAttrs(old->getDiscardableAttrDictionary());
  return contraction;
}

class EinFuseEpilogues : public impl::EinFuseEpiloguesBase<EinFuseEpilogues> {
  void runOnOperation() override {
    SmallVector<MapOp> maps;
    getOperation()->walk([&](MapOp op) { maps.push_back(op); });
    for (MapOp map : maps) {
      std::optional<unsigned> number = findContraction(map);
      if (!number)
        continue;
      OpBuilder builder(map);
      ContractOp old = map.getInputs()[*number].getDefiningOp<ContractOp>();
      ContractOp fused = fuse(map, *number, builder);
      map.getResult().replaceAllUsesWith(fused.getResult());
      map.erase();
      old.erase();
    }
  }
};

} // namespace
} // namespace tlc
