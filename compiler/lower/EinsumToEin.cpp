//===- EinsumToEin.cpp - the einsum notation as ein -----------------------===//
//
//   "ij,jk->ik"    one ein.contract with the maps (d0, d1), (d1, d2) -> (d0, d2)
//   "i->ii"        a contraction to i, scattered onto the diagonal
//   5x1 by 5x3     the repeated dimension is position 0 of its operand
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/EinsumToEin.h"

#include "compiler/lower/LowerToTl.h"
#include "dialects/ein/EinDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace tlc {

namespace {

class EinsumLowering {
public:
  EinsumLowering(const EinsumSpec &spec, const std::vector<std::vector<int64_t>> &shapes,
                 DType type, Semiring semiring, MLIRContext *context)
      : spec(spec), shapes(shapes), builder(context), element(elementType(type, context)),
        semiring(ein::SemiringAttr::get(context, semiringKind(semiring))) {}

  mlir::OwningOpRef<mlir::ModuleOp> run();

private:
  void createFunction();
  /// The extents of labels that are known at run time only.
  void findExtents();
  RankedTensorType typeOf(ArrayRef<int> labels);
  SmallVector<Value> dynamicExtents(ArrayRef<int> labels);
  Value contract();
  /// Writes elements of the distinct labels of the result to where the labels repeat.
  Value spread(Value value);
  DictionaryAttr attributes(StringRef name, StringRef kind, ArrayRef<int> labels,
                            RankedTensorType type);

  const EinsumSpec &spec;
  const std::vector<std::vector<int64_t>> &shapes;
  OpBuilder builder;
  Location loc = builder.getUnknownLoc();
  Type element;
  ein::SemiringAttr semiring;
  mlir::func::FuncOp function;
  SmallVector<Value> runtimeExtents; ///< by label, null where it is a number
  SmallVector<int> distinct;         ///< the labels of the result, each once
};

} // namespace

DictionaryAttr EinsumLowering::attributes(StringRef name, StringRef kind, ArrayRef<int> labels,
                                          RankedTensorType type) {
  mlir::NamedAttrList list;
  list.set("tl.name", builder.getStringAttr(name));
  list.set("tl.kind", builder.getStringAttr(kind));
  SmallVector<StringRef> names;
  for (auto [axis, label] : llvm::enumerate(labels))
    if (type.isDynamicDim(axis) && label >= 0)
      names.push_back(spec.labelNames[label]);
  if (!names.empty() && names.size() == static_cast<size_t>(type.getNumDynamicDims()))
    list.set("tl.extents", builder.getStrArrayAttr(names));
  return list.getDictionary(builder.getContext());
}

void EinsumLowering::createFunction() {
  SmallVector<Type> types;
  SmallVector<Attribute> dictionaries;
  for (auto [number, shape] : llvm::enumerate(shapes)) {
    SmallVector<int64_t> extents;
    for (int64_t extent : shape)
      extents.push_back(extent < 0 ? ShapedType::kDynamic : extent);
    RankedTensorType type = RankedTensorType::get(extents, element);
    types.push_back(type);
    dictionaries.push_back(attributes(std::to_string(number), "input", spec.inputs[number], type));
  }
  RankedTensorType result = typeOf(spec.output);
  function = mlir::func::FuncOp::create(builder, loc, "main",
                                        builder.getFunctionType(types, Type(result)));
  function.setAllArgAttrs(builder.getArrayAttr(dictionaries));
  function.setAllResultAttrs(
      builder.getArrayAttr(Attribute(attributes("result", "output", spec.output, result))));
  builder.setInsertionPointToEnd(function.addEntryBlock());
}

void EinsumLowering::findExtents() {
  runtimeExtents.assign(spec.extents.size(), Value());
  for (auto [labels, argument] : llvm::zip_equal(spec.inputs, function.getArguments()))
    for (auto [axis, label] : llvm::enumerate(labels))
      if (label >= 0 && spec.extents[label] < 0 && !runtimeExtents[label])
        runtimeExtents[label] = mlir::tensor::DimOp::create(builder, loc, argument, axis);
}

RankedTensorType EinsumLowering::typeOf(ArrayRef<int> labels) {
  SmallVector<int64_t> shape;
  for (int label : labels)
    shape.push_back(spec.extents[label] < 0 ? ShapedType::kDynamic : spec.extents[label]);
  return RankedTensorType::get(shape, element);
}

SmallVector<Value> EinsumLowering::dynamicExtents(ArrayRef<int> labels) {
  SmallVector<Value> values;
  for (int label : labels)
    if (runtimeExtents[label])
      values.push_back(runtimeExtents[label]);
  return values;
}

Value EinsumLowering::contract() {
  unsigned dims = spec.extents.size();
  SmallVector<AffineMap> maps;
  for (ArrayRef<int> labels : spec.inputs) {
    SmallVector<AffineExpr> positions;
    for (int label : labels)
      positions.push_back(label < 0 ? builder.getAffineConstantExpr(0)
                                    : builder.getAffineDimExpr(label));
    maps.push_back(AffineMap::get(dims, 0, positions, builder.getContext()));
  }
  SmallVector<AffineExpr> positions;
  for (int label : distinct)
    positions.push_back(builder.getAffineDimExpr(label));
  maps.push_back(AffineMap::get(dims, 0, positions, builder.getContext()));
  return ein::ContractOp::create(builder, loc, typeOf(distinct), function.getArguments(), maps,
                                 semiring.getKind());
}

Value EinsumLowering::spread(Value value) {
  TypedAttr zero = semiring.getZero(element);
  auto body = [&](OpBuilder &inner, Location at, ValueRange) {
    return ein::buildConstant(inner, at, zero);
  };
  Value init = ein::MapOp::create(builder, loc, typeOf(spec.output), ValueRange(),
                                  ArrayRef<AffineMap>(), body, dynamicExtents(spec.output));
  SmallVector<AffineExpr> positions;
  for (int label : spec.output)
    positions.push_back(builder.getAffineDimExpr(llvm::find(distinct, label) - distinct.begin()));
  AffineMap map = AffineMap::get(distinct.size(), 0, positions, builder.getContext());
  return ein::ScatterOp::create(builder, loc, init.getType(), value, init, ValueRange(), map,
                                ein::CombineKind::Overwrite);
}

mlir::OwningOpRef<mlir::ModuleOp> EinsumLowering::run() {
  if (!semiring.supports(element)) {
    mlir::emitError(loc) << "elements of type " << element << " do not carry the semiring "
                         << ein::stringifySemiringKind(semiring.getKind());
    return {};
  }
  mlir::OwningOpRef<mlir::ModuleOp> module = mlir::ModuleOp::create(loc);
  builder.setInsertionPointToEnd(module->getBody());
  createFunction();
  findExtents();
  for (int label : spec.output)
    if (!llvm::is_contained(distinct, label))
      distinct.push_back(label);
  Value value = contract();
  if (distinct.size() != spec.output.size())
    value = spread(value);
  mlir::func::ReturnOp::create(builder, loc, value);
  return module;
}

mlir::OwningOpRef<mlir::ModuleOp> lowerToEin(const EinsumSpec &spec,
                                             const std::vector<std::vector<int64_t>> &shapes,
                                             DType type, Semiring semiring, MLIRContext *context) {
  context->loadDialect<ein::EinDialect, mlir::func::FuncDialect, mlir::arith::ArithDialect,
                       mlir::tensor::TensorDialect>();
  return EinsumLowering(spec, shapes, type, semiring, context).run();
}

} // namespace tlc
