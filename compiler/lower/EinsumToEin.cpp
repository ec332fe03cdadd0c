//===- EinsumToEin.cpp - an einsum as one contraction ---------------------===//
//
//   "ij,jk->ik"   func.func @main(%0, %1) -> (tensor<8x4xf32> {tl.name = "result"}) {
//                   %r = ein.contract "ij,jk->ik" sum_product (%0, %1)
//                   return %r
//                 }
//
// A size of 1 that is repeated along a label is read at position 0. A repeated label in the
// result (`i->ii`) is a contraction to distinct labels, scattered onto the diagonal of zeros.
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/EinsumToEin.h"

#include "compiler/lower/LowerToTl.h"
#include "dialects/ein/EinDialect.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace tlc {
namespace {

int64_t mlirExtent(int64_t extent) { return extent < 0 ? ShapedType::kDynamic : extent; }

class EinsumLowering {
public:
  EinsumLowering(const EinsumSpec &spec, Type element, ein::SemiringKind semiring,
                 MLIRContext *context)
      : spec(spec), element(element), semiring(semiring), builder(context) {
    for (int label : spec.output)
      if (!llvm::is_contained(distinct, label))
        distinct.push_back(label);
  }

  mlir::OwningOpRef<mlir::ModuleOp> run(const std::vector<std::vector<int64_t>> &shapes) {
    Location loc = builder.getUnknownLoc();
    mlir::OwningOpRef<mlir::ModuleOp> module = mlir::ModuleOp::create(loc);
    builder.setInsertionPointToStart(module->getBody());
    SmallVector<Type> operandTypes;
    for (const std::vector<int64_t> &shape : shapes)
      operandTypes.push_back(
          RankedTensorType::get(llvm::map_to_vector(shape, mlirExtent), element));
    auto functionType = builder.getFunctionType(operandTypes, {typeOf(spec.output)});
    auto function = mlir::func::FuncOp::create(builder, loc, "main", functionType);
    for (unsigned i = 0; i < operandTypes.size(); ++i)
      function.setArgAttrs(i, attributes(std::to_string(i), "input"));
    function.setResultAttrs(0, attributes("result", "output"));
    builder.setInsertionPointToStart(function.addEntryBlock());
    Value result = contract(loc, function.getArguments());
    if (distinct.size() != spec.output.size())
      result = scatterDiagonal(loc, result);
    mlir::func::ReturnOp::create(builder, loc, result);
    return module;
  }

private:
  DictionaryAttr attributes(const std::string &name, const char *kind) {
    return builder.getDictionaryAttr({builder.getNamedAttr("tl.name", builder.getStringAttr(name)),
                                      builder.getNamedAttr("tl.kind", builder.getStringAttr(kind))});
  }

  template <typename Labels> RankedTensorType typeOf(const Labels &labels) {
    SmallVector<int64_t> shape;
    for (int label : labels)
      shape.push_back(mlirExtent(spec.extents[label]));
    return RankedTensorType::get(shape, element);
  }

  template <typename Labels> AffineMap mapOf(const Labels &labels) {
    SmallVector<AffineExpr> positions;
    for (int label : labels)
      positions.push_back(label < 0 ? builder.getAffineConstantExpr(0)
                                    : builder.getAffineDimExpr(label));
    return AffineMap::get(spec.extents.size(), 0, positions, builder.getContext());
  }

  Value contract(Location loc, ValueRange operands) {
    SmallVector<AffineMap> maps;
    for (const std::vector<int> &labels : spec.inputs)
      maps.push_back(mapOf(labels));
    maps.push_back(mapOf(distinct));
    return ein::ContractOp::create(builder, loc, typeOf(distinct), operands, maps, semiring);
  }

  /// result[.., p, .., p, ..] = value[.., p, ..], the semiring's zero elsewhere.
  Value scatterDiagonal(Location loc, Value value) {
    SmallVector<AffineExpr> positions;
    SmallVector<Value> extents;
    for (int label : spec.output) {
      auto dim = static_cast<unsigned>(llvm::find(distinct, label) - distinct.begin());
      positions.push_back(builder.getAffineDimExpr(dim));
      if (spec.extents[label] < 0)
        extents.push_back(mlir::tensor::DimOp::create(builder, loc, value, dim));
    }
    auto attr = ein::SemiringAttr::get(builder.getContext(), semiring);
    auto fill = [&](OpBuilder &b, Location at, ValueRange) -> Value {
      return ein::buildConstant(b, at, attr.getZero(element));
    };
    Value zeros = ein::MapOp::create(builder, loc, typeOf(spec.output), ValueRange(),
                                     ArrayRef<AffineMap>(), fill, extents);
    AffineMap map = AffineMap::get(distinct.size(), 0, positions, builder.getContext());
    return ein::ScatterOp::create(builder, loc, zeros.getType(), value, zeros, ValueRange(), map,
                                  ein::CombineKind::Overwrite);
  }

  const EinsumSpec &spec;
  Type element;
  ein::SemiringKind semiring;
  OpBuilder builder;
  SmallVector<int> distinct; ///< labels of the result, each once
};

} // namespace

mlir::OwningOpRef<mlir::ModuleOp> lowerToEin(const EinsumSpec &spec,
                                             const std::vector<std::vector<int64_t>> &shapes,
                                             DType type, Semiring semiring,
                                             MLIRContext *context) {
  ein::SemiringKind kind = semiringKind(semiring);
  if (type == DType::Bool && semiring == Semiring::SumProduct)
    kind = ein::SemiringKind::OrAnd;
  Type element = elementType(type, context);
  if (!ein::SemiringAttr::get(context, kind).supports(element)) {
    mlir::emitError(mlir::UnknownLoc::get(context))
        << "elements of type " << name(type).data() << " do not carry the semiring "
        << name(semiring).data();
    return nullptr;
  }
  return EinsumLowering(spec, element, kind, context).run(shapes);
}

} // namespace tlc
