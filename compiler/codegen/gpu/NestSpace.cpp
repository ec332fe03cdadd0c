//===- NestSpace.cpp - the iteration space of a nest, for kernels ---------===//

#include "compiler/codegen/gpu/NestSpace.h"

#include "compiler/codegen/cpu/Element.h"

namespace tlc::codegen {

NestSpace::NestSpace(OpBuilder &builder, Location loc, const Nest &original)
    : nest(original), loc(loc), origin(simplifyDims(builder, loc, nest)) {
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
