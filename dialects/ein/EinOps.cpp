//===- EinOps.cpp - builders and queries of the ein operations ------------===//
//
// Their text is in EinAssembly.cpp, their rules are in EinVerifiers.cpp.
//
//===----------------------------------------------------------------------===//

#include "dialects/ein/EinDialect.h"
#include "dialects/ein/EinEquation.h"

#include "mlir/Dialect/Complex/IR/Complex.h"
#include "llvm/Support/MathExtras.h"

namespace tlc::ein {

//===----------------------------------------------------------------------===//
// Kinds in the text of reduce, scatter and normalize
//===----------------------------------------------------------------------===//

template <typename KindAttr, typename Kind>
static mlir::ParseResult parseKind(mlir::OpAsmParser &parser, KindAttr &kind,
                                   std::optional<Kind> (*symbolize)(StringRef)) {
  StringRef keyword;
  llvm::SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&keyword))
    return failure();
  std::optional<Kind> value = symbolize(keyword);
  if (!value)
    return parser.emitError(loc) << "unknown kind '" << keyword << "'";
  kind = KindAttr::get(parser.getContext(), *value);
  return success();
}

static mlir::ParseResult parseCombineKeyword(mlir::OpAsmParser &parser, CombineKindAttr &kind) {
  return parseKind<CombineKindAttr, CombineKind>(parser, kind, symbolizeCombineKind);
}
static void printCombineKeyword(mlir::OpAsmPrinter &printer, Operation *, CombineKindAttr kind) {
  printer << stringifyCombineKind(kind.getValue());
}
static mlir::ParseResult parseNormalizeKeyword(mlir::OpAsmParser &parser, NormalizeKindAttr &kind) {
  return parseKind<NormalizeKindAttr, NormalizeKind>(parser, kind, symbolizeNormalizeKind);
}
static void printNormalizeKeyword(mlir::OpAsmPrinter &printer, Operation *,
                                  NormalizeKindAttr kind) {
  printer << stringifyNormalizeKind(kind.getValue());
}

//===----------------------------------------------------------------------===//
// Elements in the text of gather
//===----------------------------------------------------------------------===//

/// `0.5 : f32`, or `(0.5, 1.0) : complex<f32>`: the attribute of a complex number would take the
/// colon after it for its own.
static mlir::ParseResult parseElement(mlir::OpAsmParser &parser, TypedAttr &element) {
  if (failed(parser.parseOptionalLParen()))
    return parser.parseAttribute(element);
  double real, imaginary;
  ComplexType type;
  if (parser.parseFloat(real) || parser.parseComma() || parser.parseFloat(imaginary) ||
      parser.parseRParen() || parser.parseColonType(type))
    return failure();
  if (!isa<FloatType>(type.getElementType()))
    return parser.emitError(parser.getNameLoc()) << "expected a complex number of floats";
  element = mlir::complex::NumberAttr::get(type, real, imaginary);
  return success();
}

static void printElement(mlir::OpAsmPrinter &printer, Operation *, TypedAttr element) {
  mlir::complex::NumberAttr number = dyn_cast<mlir::complex::NumberAttr>(element);
  if (!number) {
    printer << element;
    return;
  }
  // As doubles, because that is how they are read, infinities by their bits.
  mlir::Builder builder(number.getContext());
  auto printPart = [&](llvm::APFloat part) {
    bool losesInfo;
    part.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
    printer.printAttributeWithoutType(builder.getF64FloatAttr(part.convertToDouble()));
  };
  printer << '(';
  printPart(number.getReal());
  printer << ", ";
  printPart(number.getImag());
  printer << ") : " << number.getType();
}

} // namespace tlc::ein

#define GET_OP_CLASSES
#include "dialects/ein/EinOps.cpp.inc"

namespace tlc::ein {

void EinDialect::registerOperations() {
  addOperations<
#define GET_OP_LIST
#include "dialects/ein/EinOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Linear forms
//===----------------------------------------------------------------------===//

/// Adds factor * expr to the form; false where that is not linear or overflows.
static bool addScaled(AffineExpr expr, int64_t factor, LinearForm &form) {
  if (AffineConstantExpr constant = dyn_cast<AffineConstantExpr>(expr)) {
    int64_t product;
    return !llvm::MulOverflow(constant.getValue(), factor, product) &&
           !llvm::AddOverflow(form.constant, product, form.constant);
  }
  if (AffineDimExpr dim = dyn_cast<AffineDimExpr>(expr)) {
    if (dim.getPosition() >= form.coefficients.size())
      return false;
    int64_t &coefficient = form.coefficients[dim.getPosition()];
    return !llvm::AddOverflow(coefficient, factor, coefficient);
  }
  mlir::AffineBinaryOpExpr binary = dyn_cast<mlir::AffineBinaryOpExpr>(expr);
  if (!binary)
    return false;
  if (binary.getKind() == AffineExprKind::Add)
    return addScaled(binary.getLHS(), factor, form) && addScaled(binary.getRHS(), factor, form);
  if (binary.getKind() != AffineExprKind::Mul)
    return false;
  // The constant of a product is on the right, unless both sides are.
  AffineConstantExpr scale = dyn_cast<AffineConstantExpr>(binary.getRHS());
  int64_t product;
  return scale && !llvm::MulOverflow(scale.getValue(), factor, product) &&
         addScaled(binary.getLHS(), product, form);
}

std::optional<LinearForm> linearForm(AffineExpr expr, unsigned numDims) {
  LinearForm form;
  form.coefficients.assign(numDims, 0);
  if (!addScaled(expr, 1, form))
    return std::nullopt;
  return form;
}

//===----------------------------------------------------------------------===//
// ContractOp and MapOp
//===----------------------------------------------------------------------===//

void ContractOp::build(OpBuilder &builder, OperationState &state, RankedTensorType resultType,
                       ValueRange inputs, ArrayRef<AffineMap> maps, SemiringKind kind,
                       ValueRange extents) {
  build(builder, state, resultType, inputs, extents, /*epilogue_inputs=*/ValueRange(),
        builder.getAffineMapArrayAttr(maps), SemiringAttr::get(builder.getContext(), kind));
}

SmallVector<AffineMap> ContractOp::getInputMaps() {
  SmallVector<AffineMap> maps(getIndexingMaps().getAsValueRange<AffineMapAttr>());
  maps.pop_back();
  return maps;
}

AffineMap ContractOp::getResultMap() {
  return cast<AffineMapAttr>(getIndexingMaps().getValue().back()).getValue();
}

SmallVector<AffineMap> ContractOp::getEpilogueInputMaps() {
  return SmallVector<AffineMap>(getEpilogueMaps().getAsValueRange<AffineMapAttr>());
}

SmallVector<int64_t> ContractOp::getStaticExtents() {
  SmallVector<int64_t> extents(getNumDims(), ShapedType::kDynamic);
  auto learn = [&](AffineMap map, RankedTensorType type) {
    for (auto [position, size] : llvm::zip_equal(map.getResults(), type.getShape()))
      if (AffineDimExpr dim = dyn_cast<AffineDimExpr>(position))
        if (ShapedType::isStatic(size))
          extents[dim.getPosition()] = size;
  };
  for (auto [input, map] : llvm::zip_equal(getInputs(), getInputMaps()))
    learn(map, cast<RankedTensorType>(input.getType()));
  learn(getResultMap(), getResult().getType());
  return extents;
}

std::string ContractOp::getEquation() {
  return printEquation(getInputMaps(), getResultMap(), getNumDims()).value_or("");
}

void MapOp::build(OpBuilder &builder, OperationState &state, RankedTensorType resultType,
                  ValueRange inputs, ArrayRef<AffineMap> maps,
                  function_ref<Value(OpBuilder &, Location, ValueRange)> body, ValueRange extents) {
  build(builder, state, resultType, inputs, extents, builder.getAffineMapArrayAttr(maps));
  SmallVector<Type> types;
  for (Value input : inputs)
    types.push_back(cast<RankedTensorType>(input.getType()).getElementType());
  OpBuilder::InsertionGuard guard(builder);
  Block *block = builder.createBlock(state.regions.front().get(), {}, types,
                                     SmallVector<Location>(types.size(), state.location));
  YieldOp::create(builder, state.location, body(builder, state.location, block->getArguments()));
}

SmallVector<AffineMap> MapOp::getInputMaps() {
  return SmallVector<AffineMap>(getIndexingMaps().getAsValueRange<AffineMapAttr>());
}

//===----------------------------------------------------------------------===//
// AttentionOp
//===----------------------------------------------------------------------===//

void AttentionOp::build(OpBuilder &builder, OperationState &state, RankedTensorType resultType,
                        ValueRange inputs, ArrayRef<AffineMap> maps) {
  build(builder, state, resultType, inputs, builder.getAffineMapArrayAttr(maps));
}

SmallVector<AffineMap> AttentionOp::getInputMaps() {
  SmallVector<AffineMap> maps(getIndexingMaps().getAsValueRange<AffineMapAttr>());
  maps.pop_back();
  return maps;
}

AffineMap AttentionOp::getResultMap() {
  return cast<AffineMapAttr>(getIndexingMaps().getValue().back()).getValue();
}

SmallVector<std::optional<AttentionRole>> AttentionOp::getRoles() {
  SmallVector<AffineMap> maps = getInputMaps();
  SmallVector<std::optional<AttentionRole>> roles;
  for (unsigned dim = 0; dim < getNumDims(); ++dim) {
    bool query = maps[0].isFunctionOfDim(dim), key = maps[1].isFunctionOfDim(dim);
    bool value = maps[2].isFunctionOfDim(dim), result = getResultMap().isFunctionOfDim(dim);
    std::optional<AttentionRole> &role = roles.emplace_back();
    if (query && key && !value && !result)
      role = AttentionRole::Depth;
    else if (!query && key && value && !result)
      role = AttentionRole::Key;
    else if (!query && !key && value && result)
      role = AttentionRole::Value;
    else if (result)
      role = AttentionRole::Slice;
  }
  return roles;
}

//===----------------------------------------------------------------------===//
// LoopOp and FixpointOp
//===----------------------------------------------------------------------===//

void LoopOp::build(
    OpBuilder &builder, OperationState &state, Value lower, Value upper, ValueRange inits,
    function_ref<SmallVector<Value>(OpBuilder &, Location, Value, ValueRange)> body) {
  build(builder, state, inits.getTypes(), lower, upper, inits);
  SmallVector<Type> types = {builder.getIndexType()};
  llvm::append_range(types, inits.getTypes());
  OpBuilder::InsertionGuard guard(builder);
  Block *block = builder.createBlock(state.regions.front().get(), {}, types,
                                     SmallVector<Location>(types.size(), state.location));
  YieldOp::create(
      builder, state.location,
      body(builder, state.location, block->getArgument(0), block->getArguments().drop_front()));
}

void FixpointOp::build(OpBuilder &builder, OperationState &state, ValueRange inits,
                       std::optional<double> tolerance, std::optional<int64_t> maxSteps,
                       function_ref<SmallVector<Value>(OpBuilder &, Location, ValueRange)> body) {
  RankedTensorType flag = RankedTensorType::get({}, builder.getI1Type());
  build(builder, state, inits.getTypes(), flag, inits,
        tolerance ? builder.getF64FloatAttr(*tolerance) : FloatAttr(),
        maxSteps ? builder.getI64IntegerAttr(*maxSteps) : IntegerAttr());
  SmallVector<Type> types(inits.getTypes());
  OpBuilder::InsertionGuard guard(builder);
  Block *block = builder.createBlock(state.regions.front().get(), {}, types,
                                     SmallVector<Location>(types.size(), state.location));
  YieldOp::create(builder, state.location, body(builder, state.location, block->getArguments()));
}

} // namespace tlc::ein
