//===- Moves.cpp - the box in which an affine access is inside ------------===//

#include "compiler/codegen/cpu/Moves.h"

#include "compiler/codegen/cpu/Element.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace tlc::codegen {

namespace arith = mlir::arith;

/// Adds factor * expr to the coordinate; false if that is not linear in the dimensions.
static bool addTerm(AffineExpr expr, int64_t factor, Coordinate &coordinate) {
  bool hasDims = false;
  expr.walk([&](AffineExpr part) { hasDims |= isa<AffineDimExpr>(part); });
  if (!hasDims) {
    coordinate.rest = coordinate.rest + expr * factor;
    return true;
  }
  if (AffineDimExpr dim = dyn_cast<AffineDimExpr>(expr)) {
    coordinate.coefficients[dim.getPosition()] += factor;
    return true;
  }
  mlir::AffineBinaryOpExpr binary = cast<mlir::AffineBinaryOpExpr>(expr);
  if (expr.getKind() == AffineExprKind::Add)
    return addTerm(binary.getLHS(), factor, coordinate) &&
           addTerm(binary.getRHS(), factor, coordinate);
  AffineConstantExpr constant = dyn_cast<AffineConstantExpr>(binary.getRHS());
  if (expr.getKind() == AffineExprKind::Mul && constant)
    return addTerm(binary.getLHS(), factor * constant.getValue(), coordinate);
  return false;
}

std::optional<SmallVector<Coordinate>> coordinatesOf(AffineMap map) {
  SmallVector<Coordinate> result;
  for (AffineExpr expr : map.getResults()) {
    Coordinate &coordinate = result.emplace_back();
    coordinate.coefficients.assign(map.getNumDims(), 0);
    coordinate.rest = mlir::getAffineConstantExpr(0, map.getContext());
    if (!addTerm(expr, 1, coordinate))
      return std::nullopt;
  }
  return result;
}

Box boxInside(IndexMath &math, ArrayRef<Coordinate> coordinates, ArrayRef<Value> bases,
              ArrayRef<Value> space, ArrayRef<Value> extents) {
  Box box;
  box.lower.assign(space.size(), math.constant(0));
  SmallVector<Value> upper(space);
  for (auto [coordinate, base, extent] : llvm::zip(coordinates, bases, extents)) {
    Value last = math.sub(extent, math.constant(1));
    const int64_t *found =
        llvm::find_if(coordinate.coefficients, [](int64_t number) { return number != 0; });
    if (found == coordinate.coefficients.end()) {
      bool isStatic =
          known(base) && known(extent) && *known(base) >= 0 && *known(base) < *known(extent);
      if (!isStatic)
        box.isInside = math.both(box.isInside, math.both(math.isLess(math.constant(-1), base),
                                                         math.isLess(base, extent)));
      continue;
    }
    // 0 <= base + c x <= last
    unsigned dim = found - coordinate.coefficients.begin();
    int64_t c = *found;
    Value first = c > 0 ? math.ceilDiv(math.sub(math.constant(0), base), c)
                        : math.ceilDiv(math.sub(base, last), -c);
    Value final = c > 0 ? math.floorDiv(math.sub(last, base), c) : math.floorDiv(base, -c);
    box.lower[dim] = math.max(box.lower[dim], first);
    upper[dim] = math.min(upper[dim], math.add(final, math.constant(1)));
  }
  box.isWhole = !box.isInside;
  for (auto [lower, bound, extent] : llvm::zip(box.lower, upper, space)) {
    box.isWhole &=
        isKnown(lower, 0) && (bound == extent || (known(bound) && known(bound) == known(extent)));
    box.extents.push_back(math.max(math.sub(bound, lower), math.constant(0)));
  }
  if (box.isWhole)
    box.extents.assign(space.begin(), space.end());
  return box;
}

Access accessAt(OpBuilder &builder, Location loc, const Buffer &buffer,
                ArrayRef<Coordinate> coordinates, ArrayRef<Value> bases, Type compute) {
  IndexMath math(builder, loc);
  unsigned numDims = coordinates.empty() ? 0 : coordinates[0].coefficients.size();
  Access access{buffer.pointer, {}, buffer.element, compute};
  access.strides.assign(numDims, math.constant(0));
  Value offset = math.constant(0);
  for (auto [coordinate, base, stride] : llvm::zip(coordinates, bases, buffer.strides)) {
    offset = math.add(offset, math.mul(base, stride));
    for (auto [dim, coefficient] : llvm::enumerate(coordinate.coefficients))
      access.strides[dim] =
          math.add(access.strides[dim], math.mul(math.constant(coefficient), stride));
  }
  access.pointer = elementPointer(builder, loc, buffer.pointer, buffer.element, offset);
  return access;
}

void restrictTo(OpBuilder &builder, Location loc, const Box &box, SmallVectorImpl<Value> &extents,
                ArrayRef<Access *> accesses) {
  IndexMath math(builder, loc);
  extents = box.extents;
  for (Access *access : accesses) {
    Value offset = math.constant(0);
    for (auto [lower, stride] : llvm::zip(box.lower, access->strides))
      offset = math.add(offset, math.mul(lower, stride));
    if (!isKnown(offset, 0))
      access->pointer = elementPointer(builder, loc, access->pointer, access->element, offset);
  }
  if (!box.isInside)
    return;
  extents.insert(extents.begin(),
                 arith::ExtUIOp::create(builder, loc, builder.getI64Type(), box.isInside));
  for (Access *access : accesses)
    access->strides.insert(access->strides.begin(), math.constant(0));
}

Value isInside(IndexMath &math, ArrayRef<Value> position, ArrayRef<Value> extents) {
  Value inside;
  for (auto [at, extent] : llvm::zip(position, extents))
    inside =
        math.both(inside, math.both(math.isLess(math.constant(-1), at), math.isLess(at, extent)));
  return inside;
}

Type moveType(Type element, bool isMoveOnly) {
  if (element.isInteger(1))
    return IntegerType::get(element.getContext(), 8);
  return isMoveOnly ? element : computeType(element);
}

} // namespace tlc::codegen
