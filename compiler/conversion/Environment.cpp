#include "compiler/conversion/Environment.h"

#include "compiler/conversion/ScalarCode.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace tlc {

const CurrentSlice *Environment::slice(StringRef name) const {
  auto found = slices.find(name);
  return found == slices.end() ? nullptr : &found->second;
}

Size Environment::sizeOf(tl::VariableAttr variable) {
  if (variable.isStatic())
    return {variable.getExtent(), {}, {}};
  return runtimeExtent(variable.getRuntimeExtent());
}

SmallVector<Size> Environment::sizesOf(tl::TensorOp tensor) {
  SmallVector<Size> sizes;
  for (auto [position, extent] : llvm::enumerate(tensor.getTensorType().getShape()))
    sizes.push_back(ShapedType::isStatic(extent)
                        ? Size{extent, {}, {}}
                        : runtimeExtent(tensor.getRuntimeExtent(position)));
  return sizes;
}

Value Environment::index(Location loc, int64_t value) {
  return mlir::arith::ConstantIndexOp::create(builder, loc, value);
}

Value Environment::sizeValue(Location loc, const Size &size) {
  return size.isStatic() ? index(loc, size.fixed) : size.value;
}

TypedAttr zeroOf(ein::SemiringKind semiring, Type element) {
  return ein::SemiringAttr::get(element.getContext(), semiring).getZero(element);
}

TypedAttr oneOf(ein::SemiringKind semiring, Type element) {
  return ein::SemiringAttr::get(element.getContext(), semiring).getOne(element);
}

RankedTensorType tensorTypeOf(ArrayRef<Size> sizes, Type element) {
  SmallVector<int64_t> shape;
  for (const Size &size : sizes)
    shape.push_back(size.fixed);
  return RankedTensorType::get(shape, element);
}

SmallVector<Value> dynamicSizes(ArrayRef<Size> sizes) {
  SmallVector<Value> values;
  for (const Size &size : sizes)
    if (!size.isStatic())
      values.push_back(size.value);
  return values;
}

Value buildFill(Environment &env, Location loc, ArrayRef<Size> sizes, TypedAttr element) {
  auto body = [&](OpBuilder &builder, Location at, ValueRange) {
    return ein::buildConstant(builder, at, element);
  };
  return ein::MapOp::create(env.builder, loc, tensorTypeOf(sizes, element.getType()), ValueRange(),
                            ArrayRef<AffineMap>(), body, dynamicSizes(sizes));
}

Value buildConvert(Environment &env, Location loc, Value tensor, Type element,
                   ein::SemiringKind semiring) {
  RankedTensorType type = cast<RankedTensorType>(tensor.getType());
  if (type.getElementType() == element)
    return tensor;
  auto body = [&](OpBuilder &builder, Location at, ValueRange arguments) {
    return ScalarCode(builder, at).convert(arguments[0], element, semiring);
  };
  AffineMap identity = env.builder.getMultiDimIdentityMap(type.getRank());
  return ein::MapOp::create(env.builder, loc, type.clone(element), ValueRange(tensor), identity,
                            body);
}

Value buildGather(Environment &env, Location loc, Value source, ArrayRef<Size> sizes, AffineMap map,
                  ValueRange symbols, TypedAttr fill) {
  return ein::GatherOp::create(env.builder, loc, tensorTypeOf(sizes, elementOf(source)), source,
                               symbols, dynamicSizes(sizes), map, fill);
}

} // namespace tlc
