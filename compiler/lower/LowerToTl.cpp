//===- LowerToTl.cpp - the checked program as tl --------------------------===//
//
// A mirror: each struct of Program.h becomes the operation of the same name; numbers of tensors
// become symbols, places in the source locations.
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/LowerToTl.h"

#include "compiler/lower/ExprLowering.h"

#include "mlir/Dialect/Complex/IR/Complex.h"

namespace tlc {

using namespace program;

Type elementType(DType type, MLIRContext *context) {
  mlir::Builder builder(context);
  switch (type) {
  case DType::Bool:
    return builder.getI1Type();
  case DType::I8:
    return builder.getI8Type();
  case DType::I32:
    return builder.getI32Type();
  case DType::I64:
    return builder.getI64Type();
  case DType::F16:
    return builder.getF16Type();
  case DType::BF16:
    return builder.getBF16Type();
  case DType::F32:
    return builder.getF32Type();
  case DType::F64:
    return builder.getF64Type();
  case DType::C64:
    return ComplexType::get(builder.getF32Type());
  case DType::C128:
    return ComplexType::get(builder.getF64Type());
  }
  llvm_unreachable("unknown element type");
}

ein::SemiringKind semiringKind(Semiring semiring) {
  return static_cast<ein::SemiringKind>(semiring);
}

namespace {

class ProgramLowering {
public:
  ProgramLowering(const Program &program, const SourceManager &sources, MLIRContext *context)
      : program(program), sources(sources), builder(context) {}

  mlir::OwningOpRef<mlir::ModuleOp> run();

private:
  Location locationOf(SourceRange range) {
    LineColumn place = sources.lineColumn(range.file, range.begin);
    return mlir::FileLineColLoc::get(builder.getContext(), sources.name(range.file), place.line,
                                     place.column);
  }
  StringAttr runtimeExtent(const Extent &extent) {
    return builder.getStringAttr(program.runtimeExtents[extent.symbol]);
  }
  mlir::FlatSymbolRefAttr symbolOf(int tensor) {
    return mlir::FlatSymbolRefAttr::get(builder.getContext(), program.tensors[tensor].name);
  }
  std::string domainName(int domain);

  RankedTensorType typeOf(const Tensor &tensor);
  DenseElementsAttr valueOf(const Literal &literal, RankedTensorType type);
  void lower(const Domain &domain, int number);
  void lower(const Tensor &tensor);
  void lower(const Query &query);
  void lower(const Equation &equation);
  ArrayAttr firingBounds(const Equation &equation);
  void lower(const Evaluate &evaluate);
  void lower(const Loop &loop);
  void lower(const Fixpoint &fixpoint);
  /// Fills a region with equations.
  void lower(ArrayRef<int> equations, Region &region);
  /// Runs `fill` with the builder in the region's new block.
  void inside(Region &region, function_ref<void()> fill);

  const Program &program;
  const SourceManager &sources;
  OpBuilder builder;
  /// Where operations without a place of their own are.
  Location here = builder.getUnknownLoc();
};

} // namespace

void ProgramLowering::inside(Region &region, function_ref<void()> fill) {
  OpBuilder::InsertionGuard guard(builder);
  if (region.empty())
    region.emplaceBlock();
  builder.setInsertionPointToEnd(&region.front());
  fill();
}

//===----------------------------------------------------------------------===//
// Domains, tensors, queries
//===----------------------------------------------------------------------===//

std::string ProgramLowering::domainName(int domain) {
  const std::string &name = program.domains[domain].name;
  return "domain." + (name.empty() ? std::to_string(domain) : name);
}

void ProgramLowering::lower(const Domain &domain, int number) {
  SmallVector<StringRef> symbols(domain.symbols.begin(), domain.symbols.end());
  tl::DomainOp::create(builder, here, domainName(number), builder.getStrArrayAttr(symbols));
}

RankedTensorType ProgramLowering::typeOf(const Tensor &tensor) {
  SmallVector<int64_t> shape;
  for (const Extent &extent : tensor.shape)
    shape.push_back(extent.isStatic() ? extent.value : ShapedType::kDynamic);
  return RankedTensorType::get(shape, elementType(tensor.type, builder.getContext()));
}

/// Integers as elements of an integer type, one bit for Booleans.
static DenseElementsAttr integersOf(ArrayRef<int64_t> integers, RankedTensorType type) {
  unsigned width = type.getElementTypeBitWidth();
  SmallVector<llvm::APInt> values;
  for (int64_t integer : integers)
    values.push_back(llvm::APInt(64, static_cast<uint64_t>(integer)).trunc(width));
  return DenseElementsAttr::get(type, values);
}

static llvm::APFloat rounded(double real, FloatType type) {
  llvm::APFloat value(real);
  bool isInexact;
  value.convert(type.getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven, &isInexact);
  return value;
}

DenseElementsAttr ProgramLowering::valueOf(const Literal &literal, RankedTensorType type) {
  Type element = type.getElementType();
  if (isa<IntegerType>(element))
    return integersOf(literal.integers, type);
  if (FloatType real = dyn_cast<FloatType>(element)) {
    SmallVector<llvm::APFloat> values;
    for (double each : literal.reals)
      values.push_back(rounded(each, real));
    return DenseElementsAttr::get(type, values);
  }
  FloatType part = cast<FloatType>(cast<ComplexType>(element).getElementType());
  SmallVector<std::complex<llvm::APFloat>> values;
  for (size_t i = 0; i + 1 < literal.reals.size(); i += 2)
    values.emplace_back(rounded(literal.reals[i], part), rounded(literal.reals[i + 1], part));
  return DenseElementsAttr::get(type, values);
}

void ProgramLowering::lower(const Tensor &tensor) {
  RankedTensorType type = typeOf(tensor);
  tl::TensorOp op = tl::TensorOp::create(
      builder, locationOf(tensor.range), static_cast<tl::Origin>(tensor.origin), tensor.name, type,
      semiringKind(tensor.semiring), /*extents=*/nullptr, /*value=*/nullptr, /*path=*/nullptr,
      /*initializer=*/nullptr, /*initializer_arguments=*/nullptr, /*lowrank=*/nullptr,
      /*domains=*/nullptr, tensor.isOutput, tensor.isRelation);
  SmallVector<Attribute> extents, domains;
  for (const Extent &extent : tensor.shape)
    if (!extent.isStatic())
      extents.push_back(runtimeExtent(extent));
  if (!extents.empty())
    op.setExtentsAttr(builder.getArrayAttr(extents));
  bool hasDomain = llvm::any_of(tensor.domains, [](int domain) { return domain >= 0; });
  for (int domain : tensor.domains)
    domains.push_back(domain < 0
                          ? Attribute(builder.getUnitAttr())
                          : mlir::FlatSymbolRefAttr::get(builder.getContext(), domainName(domain)));
  if (hasDomain && domains.size() == tensor.shape.size())
    op.setDomainsAttr(builder.getArrayAttr(domains));
  bool hasValue = !tensor.literal.reals.empty() || !tensor.literal.integers.empty();
  if (hasValue || tensor.origin == Origin::Literal)
    op.setValueAttr(valueOf(tensor.literal, type));
  if (tensor.origin == Origin::File)
    op.setPath(tensor.path);
  if (!tensor.initializer.empty())
    op.setInitializer(tensor.initializer);
  if (!tensor.initializerArguments.empty())
    op.setInitializerArguments(ArrayRef<double>(tensor.initializerArguments));
  if (tensor.lowRank)
    op.setLowrankAttr(builder.getF64FloatAttr(*tensor.lowRank));
}

void ProgramLowering::lower(const Query &query) {
  SmallVector<Attribute> positions;
  for (const Query::Position &position : query.positions)
    positions.push_back(position.fixed >= 0 ? Attribute(builder.getI64IntegerAttr(position.fixed))
                                            : Attribute(builder.getStringAttr(position.variable)));
  tl::QueryOp::create(builder, locationOf(query.range), symbolOf(query.tensor),
                      builder.getArrayAttr(positions), builder.getStringAttr(query.text));
}

//===----------------------------------------------------------------------===//
// Equations and the schedule
//===----------------------------------------------------------------------===//

ArrayAttr ProgramLowering::firingBounds(const Equation &equation) {
  SmallVector<Attribute> bounds;
  for (const Bound &bound : equation.fireUpper) {
    if (bound.extent.isStatic())
      bounds.push_back(builder.getI64IntegerAttr(bound.extent.value + bound.offset));
    else
      bounds.push_back(builder.getArrayAttr(
          {runtimeExtent(bound.extent), builder.getI64IntegerAttr(bound.offset)}));
  }
  return bounds.empty() ? ArrayAttr() : builder.getArrayAttr(bounds);
}

void ProgramLowering::lower(const Equation &equation) {
  auto locate = [&](SourceRange range) { return locationOf(range); };
  ExprLowering exprs(program, equation, builder, locate);
  SmallVector<Attribute> variables;
  for (const Variable &variable : equation.variables)
    variables.push_back(tl::VariableAttr::get(
        builder.getContext(), builder.getStringAttr(variable.name), variable.extent.value,
        variable.extent.isStatic() ? StringAttr() : runtimeExtent(variable.extent)));
  tl::EquationOp op = tl::EquationOp::create(
      builder, locationOf(equation.range), StringRef(program.tensors[equation.tensor].name),
      exprs.map(equation.lhs), builder.getArrayAttr(variables),
      static_cast<tl::Projection>(equation.projection), /*loop_variable=*/IntegerAttr(),
      equation.loopShift, equation.fireLower, firingBounds(equation), equation.isRule);
  const Tensor &tensor = program.tensors[equation.tensor];
  Type type = elementType(tensor.type, builder.getContext());
  inside(op.getBody(), [&] {
    Value value = exprs.lower(*equation.rhs, type, semiringKind(tensor.semiring));
    tl::YieldOp::create(builder, op.getLoc(), value);
  });
}

void ProgramLowering::lower(ArrayRef<int> equations, Region &region) {
  inside(region, [&] {
    for (int number : equations)
      lower(program.equations[number]);
  });
}

void ProgramLowering::lower(const Evaluate &evaluate) {
  here = locationOf(program.tensors[evaluate.tensor].range);
  tl::EvaluateOp op = tl::EvaluateOp::create(builder, here, symbolOf(evaluate.tensor));
  lower(evaluate.equations, op.getBody());
}

void ProgramLowering::lower(const Loop &loop) {
  here = locationOf(program.tensors[loop.body.front().tensor].range);
  Attribute upper = loop.upper.isStatic() ? Attribute(builder.getI64IntegerAttr(loop.upper.value))
                                          : Attribute(runtimeExtent(loop.upper));
  tl::LoopOp op = tl::LoopOp::create(builder, here, static_cast<uint64_t>(loop.lower), upper,
                                     static_cast<uint64_t>(loop.upperOffset));
  inside(op.getBody(), [&] {
    for (const Loop::Slice &slice : loop.body) {
      const Tensor &tensor = program.tensors[slice.tensor];
      tl::SliceOp sliceOp = tl::SliceOp::create(
          builder, locationOf(tensor.range), StringRef(tensor.name),
          static_cast<uint64_t>(slice.axis), static_cast<uint64_t>(slice.offset));
      lower(slice.initial, sliceOp.getInitial());
      lower(slice.equations, sliceOp.getStep());
      for (auto [number, equation] :
           llvm::zip_equal(slice.equations, sliceOp.getStep().getOps<tl::EquationOp>()))
        equation.setLoopVariable(program.equations[number].loopVariable);
    }
  });
}

void ProgramLowering::lower(const Fixpoint &fixpoint) {
  here = locationOf(fixpoint.range);
  tl::FixpointOp op = tl::FixpointOp::create(
      builder, here,
      fixpoint.tolerance ? builder.getF64FloatAttr(*fixpoint.tolerance) : FloatAttr(),
      fixpoint.maxSteps ? builder.getI64IntegerAttr(*fixpoint.maxSteps) : IntegerAttr());
  inside(op.getBody(), [&] {
    for (const Evaluate &evaluate : fixpoint.body)
      lower(evaluate);
  });
}

mlir::OwningOpRef<mlir::ModuleOp> ProgramLowering::run() {
  mlir::OwningOpRef<mlir::ModuleOp> module = mlir::ModuleOp::create(here);
  builder.setInsertionPointToEnd(module->getBody());
  tl::ProgramOp op = tl::ProgramOp::create(builder, here, "main");
  inside(op.getBody(), [&] {
    for (auto [number, domain] : llvm::enumerate(program.domains))
      lower(domain, number);
    for (const Tensor &tensor : program.tensors)
      lower(tensor);
    for (const Step &step : program.schedule)
      std::visit([&](const auto &each) { lower(each); }, step.value);
    for (const Query &query : program.queries)
      lower(query);
    for (const Write &write : program.writes)
      tl::WriteOp::create(builder, locationOf(write.range), symbolOf(write.tensor),
                          builder.getStringAttr(write.path));
  });
  return module;
}

mlir::OwningOpRef<mlir::ModuleOp> lowerToTl(const Program &program, const SourceManager &sources,
                                            MLIRContext *context) {
  context->loadDialect<tl::TlDialect, ein::EinDialect, mlir::complex::ComplexDialect>();
  return ProgramLowering(program, sources, context).run();
}

} // namespace tlc
