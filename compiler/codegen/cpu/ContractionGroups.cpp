//===- ContractionGroups.cpp - a contraction seen as a matrix product -----===//

#include "compiler/codegen/cpu/ContractionGroups.h"

#include "compiler/codegen/cpu/IndexMath.h"

namespace tlc::codegen {

std::optional<ContractionGroups> groupDimensions(AffineMap lhs, AffineMap rhs, AffineMap result) {
  auto occurs = [](AffineMap map, unsigned dim) {
    return llvm::any_of(map.getResults(),
                        [&](AffineExpr expr) { return expr.isFunctionOfDim(dim); });
  };
  ContractionGroups groups;
  for (unsigned dim = 0; dim < result.getNumDims(); ++dim) {
    bool left = occurs(lhs, dim), right = occurs(rhs, dim), kept = occurs(result, dim);
    if (!kept && !(left && right))
      return std::nullopt;
    SmallVector<unsigned> &group = !kept           ? groups.k
                                   : left && right ? groups.batch
                                   : left          ? groups.m
                                                   : groups.n;
    group.push_back(dim);
  }
  return groups;
}

static void mergeGroup(IndexMath &math, Nest &nest, SmallVector<unsigned> &group) {
  llvm::erase_if(group, [&](unsigned dim) { return isKnown(nest.extents[dim], 1); });
  for (bool found = !nest.usesPosition; found;) {
    found = false;
    for (unsigned outer : group)
      for (unsigned inner : group) {
        if (found || outer == inner || !canMergeDims(nest, outer, inner))
          continue;
        nest.extents[inner] = math.mul(nest.extents[inner], nest.extents[outer]);
        nest.extents[outer] = math.constant(1);
        found = true;
      }
    llvm::erase_if(group, [&](unsigned dim) { return isKnown(nest.extents[dim], 1); });
  }
}

void mergeDimensions(OpBuilder &builder, Location loc, Nest &nest, ContractionGroups &groups) {
  IndexMath math(builder, loc);
  for (SmallVector<unsigned> *group : {&groups.batch, &groups.m, &groups.n, &groups.k})
    mergeGroup(math, nest, *group);
}

void finishSums(OpBuilder &builder, Location loc, const Target &target, const Nest &nest,
                const Access &sums) {
  Nest map = nest;
  IndexMath math(builder, loc);
  for (unsigned dim = 0; dim < nest.extents.size(); ++dim)
    if (nest.reduced[dim]) {
      map.extents[dim] = math.constant(1);
      map.reduced[dim] = false;
    }
  map.inputs = {sums};
  map.inputs[0].compute = nest.valueType;
  map.reduction = std::nullopt;
  map.inPlace = sums.pointer == nest.result.pointer;
  map.element = [](const NestPoint &, ValueRange values) { return values[0]; };
  emitNest(builder, loc, target, map);
}

void finishInPlace(OpBuilder &builder, Location loc, const Target &target, const Nest &nest) {
  if (nest.finish)
    finishSums(builder, loc, target, nest, nest.result);
}

} // namespace tlc::codegen
