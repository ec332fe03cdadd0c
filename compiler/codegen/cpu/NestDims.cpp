//===- NestDims.cpp - fewer dimensions for the same points ----------------===//
//
// A dimension of extent 1 is none, and neighbours that lie in memory like one are one:
//
//   x[i, j] + y[i, j] over 64 x 32 dense elements      is one dimension of 2048
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/IndexMath.h"
#include "compiler/codegen/cpu/Nest.h"

namespace tlc::codegen {

SmallVector<Access *> accessesOf(Nest &nest) {
  SmallVector<Access *> all;
  for (Access &access : nest.inputs)
    all.push_back(&access);
  for (Access &access : nest.late)
    all.push_back(&access);
  all.push_back(&nest.result);
  return all;
}

bool canMergeDims(const Nest &nest, unsigned outer, unsigned inner) {
  std::optional<int64_t> extent = known(nest.extents[inner]);
  if (!extent || nest.reduced[outer] != nest.reduced[inner])
    return false;
  auto fits = [&](const Access &access) {
    std::optional<int64_t> outerStride = known(access.strides[outer]);
    std::optional<int64_t> innerStride = known(access.strides[inner]);
    return outerStride && innerStride && *outerStride == *innerStride * *extent;
  };
  return llvm::all_of(nest.inputs, fits) && llvm::all_of(nest.late, fits) && fits(nest.result);
}

SmallVector<unsigned> simplifyDims(OpBuilder &builder, Location loc, Nest &nest) {
  IndexMath math(builder, loc);
  SmallVector<unsigned> origin;
  for (unsigned dim = 0; dim < nest.extents.size(); ++dim)
    origin.push_back(dim);
  auto erase = [&](unsigned dim) {
    nest.extents.erase(nest.extents.begin() + dim);
    nest.reduced.erase(nest.reduced.begin() + dim);
    origin.erase(origin.begin() + dim);
    for (Access *access : accessesOf(nest))
      access->strides.erase(access->strides.begin() + dim);
  };
  for (unsigned dim = nest.extents.size(); dim-- > 0;)
    if (isKnown(nest.extents[dim], 1))
      erase(dim);
  for (unsigned dim = nest.extents.size(); dim-- > 1 && !nest.usesPosition;) {
    if (!canMergeDims(nest, dim - 1, dim))
      continue;
    nest.extents[dim - 1] = math.mul(nest.extents[dim - 1], nest.extents[dim]);
    for (Access *access : accessesOf(nest))
      access->strides[dim - 1] = access->strides[dim];
    erase(dim);
  }
  return origin;
}

} // namespace tlc::codegen
