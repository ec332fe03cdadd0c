//===- NestSpace.cpp - the iteration space of a nest, for kernels ---------===//

#include "compiler/codegen/gpu/NestSpace.h"

#include "compiler/codegen/cpu/Element.h"

namespace tlc::codegen {

SmallVector<Access *> NestSpace::accesses() {
  SmallVector<Access *> all;
  for (Access &access : nest.inputs)
    all.push_back(&access);
  for (Access &access : nest.late)
    all.push_back(&access);
  all.push_back(&nest.result);
  return all;
}

void NestSpace::erase(unsigned dim) {
  nest.extents.erase(nest.extents.begin() + dim);
  nest.reduced.erase(nest.reduced.begin() + dim);
  origin.erase(origin.begin() + dim);
  for (Access *access : accesses())
    access->strides.erase(access->strides.begin() + dim);
}

/// Whether stepping once along `outer` is stepping through all of `inner`.
bool NestSpace::canMerge(unsigned outer, unsigned inner) {
  std::optional<int64_t> extent = known(nest.extents[inner]);
  if (!extent || nest.reduced[outer] != nest.reduced[inner])
    return false;
  return llvm::all_of(accesses(), [&](Access *access) {
    std::optional<int64_t> outerStride = known(access->strides[outer]);
    std::optional<int64_t> innerStride = known(access->strides[inner]);
    return outerStride && innerStride && *outerStride == *innerStride * *extent;
  });
}

NestSpace::NestSpace(OpBuilder &builder, Location loc, const Nest &original)
    : nest(original), loc(loc) {
  IndexMath math(builder, loc);
  for (unsigned dim = 0; dim < nest.extents.size(); ++dim)
    origin.push_back(dim);
  for (unsigned dim = nest.extents.size(); dim-- > 0;)
    if (isKnown(nest.extents[dim], 1))
      erase(dim);
  for (unsigned dim = nest.extents.size(); dim-- > 1 && !nest.usesPosition;) {
    if (!canMerge(dim - 1, dim))
      continue;
    nest.extents[dim - 1] = math.mul(nest.extents[dim - 1], nest.extents[dim]);
    for (Access *access : accesses())
      access->strides[dim - 1] = access->strides[dim];
    erase(dim);
  }
  for (unsigned dim = 0; dim < nest.extents.size(); ++dim)
    (nest.reduced[dim] ? reduced : kept).push_back(dim);
  // Neighbouring threads write neighbouring elements.
  unsigned *contiguous =
      llvm::find_if(kept, [&](unsigned dim) { return isKnown(nest.result.strides[dim], 1); });
  if (contiguous != kept.end())
    std::rotate(contiguous, contiguous + 1, kept.end());
}

SmallVector<Value> NestSpace::extentsOf(ArrayRef<unsigned> dims) const {
  return llvm::map_to_vector(dims, [&](unsigned dim) { return nest.extents[dim]; });
}

Value NestSpace::position(OpBuilder &builder, int64_t original, ArrayRef<Value> point) const {
  IndexMath math(builder, loc);
  const unsigned *found = llvm::find(origin, original);
  if (found == origin.end())
    return math.toIndex(math.constant(0));
  return math.toIndex(point[found - origin.begin()]);
}

Value NestSpace::pointerAt(OpBuilder &builder, const Access &access, ArrayRef<Value> point) const {
  IndexMath math(builder, loc);
  Value offset = math.constant(0);
  for (auto [at, stride] : llvm::zip(point, access.strides))
    if (at)
      offset = math.add(offset, math.mul(at, stride));
  return elementPointer(builder, loc, access.pointer, access.element, offset);
}

Value productOf(IndexMath &math, ArrayRef<Value> extents) {
  Value product = math.constant(1);
  for (Value extent : extents)
    product = math.mul(product, extent);
  return product;
}

SmallVector<Value> delinearize(IndexMath &math, Value number, ArrayRef<Value> extents) {
  SmallVector<Value> point(extents.size());
  for (size_t i = extents.size(); i-- > 0;) {
    point[i] = i == 0 ? number : math.rem(number, extents[i]);
    number = i == 0 ? number : math.div(number, extents[i]);
  }
  return point;
}

} // namespace tlc::codegen
