//===- Interpreter.cpp - functions, constants, scalars --------------------===//

#include "compiler/reference/Interpreter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

namespace tlc::reference {

/// Elements of one tensor: beyond this an interpretation is no help to anybody.
static constexpr int64_t maxElements = int64_t(1) << 28;

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

int64_t Tensor::offset(ArrayRef<int64_t> index) const {
  int64_t result = 0;
  for (auto [position, extent] : llvm::zip_equal(index, shape))
    result = result * extent + position;
  return result;
}

bool Tensor::contains(ArrayRef<int64_t> index) const {
  return llvm::all_of(llvm::zip_equal(index, shape), [](auto pair) {
    auto [position, extent] = pair;
    return position >= 0 && position < extent;
  });
}

LogicalResult forEachIndex(ArrayRef<int64_t> shape,
                           function_ref<LogicalResult(ArrayRef<int64_t>)> visit) {
  if (llvm::is_contained(shape, 0))
    return success();
  SmallVector<int64_t> index(shape.size(), 0);
  while (true) {
    if (failed(visit(index)))
      return failure();
    // Count up, the last position fastest.
    size_t dim = shape.size();
    while (dim > 0 && ++index[dim - 1] == shape[dim - 1])
      index[--dim] = 0;
    if (dim == 0)
      return success();
  }
}

/// The number of elements, or nothing if an extent is negative or they are too many.
static std::optional<int64_t> countElements(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t extent : shape)
    if (extent < 0)
      return std::nullopt;
    else if (extent == 0)
      return 0;
  for (int64_t extent : shape)
    if (llvm::MulOverflow(count, extent, count) || count > maxElements)
      return std::nullopt;
  return count;
}

FailureOr<Tensor> Interpreter::create(Operation &op, RankedTensorType type,
                                      ArrayRef<int64_t> dynamic, Scalar fill) {
  Tensor tensor{type.getElementType(), SmallVector<int64_t>(type.getShape()), {}};
  size_t next = 0;
  for (int64_t &extent : tensor.shape)
    if (ShapedType::isDynamic(extent))
      extent = dynamic[next++];
  std::optional<int64_t> count = countElements(tensor.shape);
  if (!count)
    return op.emitError() << "the reference cannot make a tensor with extents "
                          << ArrayRef<int64_t>(tensor.shape);
  tensor.elements.assign(*count, fill);
  return tensor;
}

void Interpreter::store(Value result, Tensor tensor) {
  for (Scalar &element : tensor.elements)
    element = roundTo(element, tensor.elementType);
  bind(result, std::make_shared<Tensor>(std::move(tensor)));
}

SmallVector<int64_t> Interpreter::indices(ValueRange values) const {
  return llvm::map_to_vector(values, [&](Value value) { return scalar(value).integer; });
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

LogicalResult Interpreter::runBlock(Block &block) {
  for (Operation &op : block.without_terminator())
    if (failed(run(op)))
      return failure();
  return success();
}

LogicalResult Interpreter::run(Operation &op) {
  if (mlir::arith::ConstantOp constant = dyn_cast<mlir::arith::ConstantOp>(op))
    if (mlir::ElementsAttr values = dyn_cast<mlir::ElementsAttr>(constant.getValue()))
      return runConstant(op, values);
  return llvm::TypeSwitch<Operation *, LogicalResult>(&op)
      .Case<ein::AttentionOp, ein::ContractOp, ein::MapOp, ein::ReduceOp, ein::NormalizeOp,
            ein::GatherOp, ein::ScatterOp, ein::LoopOp, ein::FixpointOp>(
          [&](auto einOp) { return run(einOp); })
      .Case<ein::IndexOp>([&](ein::IndexOp index) {
        bind(index.getResult(), Scalar::of(mapIndex[index.getDim()]));
        return success();
      })
      .Default([&](Operation *other) {
        return isa<mlir::tensor::TensorDialect>(other->getDialect()) ? runTensorOp(*other)
                                                                     : runScalar(*other);
      });
}

LogicalResult Interpreter::runScalar(Operation &op) {
  SmallVector<Scalar> operands;
  for (Value operand : op.getOperands()) {
    if (isa<ShapedType>(operand.getType()))
      return op.emitError("the reference cannot interpret this operation on tensors");
    operands.push_back(scalar(operand));
  }
  FailureOr<Scalar> result = evaluate(op, operands);
  if (failed(result))
    return failure();
  bind(op.getResult(0), *result);
  return success();
}

FailureOr<Scalar> Interpreter::runBody(Region &body, ArrayRef<Scalar> arguments) {
  Block &block = body.front();
  for (auto [argument, value] : llvm::zip_equal(block.getArguments(), arguments))
    bind(argument, value);
  if (failed(runBlock(block)))
    return failure();
  return scalar(block.getTerminator()->getOperand(0));
}

LogicalResult Interpreter::runTensorOp(Operation &op) {
  Value result = op.getResult(0);
  if (mlir::tensor::EmptyOp empty = dyn_cast<mlir::tensor::EmptyOp>(op)) {
    FailureOr<Tensor> tensor = create(op, empty.getType(), indices(empty.getDynamicSizes()), {});
    if (failed(tensor))
      return failure();
    store(result, std::move(*tensor));
    return success();
  }
  if (mlir::tensor::DimOp dim = dyn_cast<mlir::tensor::DimOp>(op)) {
    TensorRef source = tensor(dim.getSource());
    int64_t index = scalar(dim.getIndex()).integer;
    if (index < 0 || index >= static_cast<int64_t>(source->shape.size()))
      return op.emitError() << "dimension " << index << " is outside the tensor's rank "
                            << source->shape.size();
    bind(result, Scalar::of(source->shape[index]));
    return success();
  }
  if (mlir::tensor::ExtractOp extract = dyn_cast<mlir::tensor::ExtractOp>(op)) {
    TensorRef source = tensor(extract.getTensor());
    SmallVector<int64_t> index = indices(extract.getIndices());
    if (!source->contains(index))
      return op.emitError("position is outside the tensor");
    bind(result, source->at(index));
    return success();
  }
  if (mlir::tensor::FromElementsOp elements = dyn_cast<mlir::tensor::FromElementsOp>(op)) {
    Tensor made{elements.getType().getElementType(),
                SmallVector<int64_t>(elements.getType().getShape()),
                {}};
    for (Value element : elements.getElements())
      made.elements.push_back(scalar(element));
    store(result, std::move(made));
    return success();
  }
  if (mlir::tensor::CastOp cast = dyn_cast<mlir::tensor::CastOp>(op)) {
    TensorRef source = tensor(cast.getSource());
    RankedTensorType type = dyn_cast<RankedTensorType>(result.getType());
    if (!type || failed(mlir::verifyCompatibleShape(type.getShape(), source->shape)))
      return op.emitError("extents do not fit the type");
    bind(result, source);
    return success();
  }
  return op.emitError("the reference cannot interpret this operation");
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

/// Appends the elements of a dense attribute.
static void readElements(mlir::DenseElementsAttr values, std::vector<Scalar> &elements) {
  Type type = values.getElementType();
  if (ComplexType complexType = dyn_cast<ComplexType>(type)) {
    for (const std::complex<llvm::APFloat> &value :
         values.getValues<std::complex<llvm::APFloat>>()) {
      mlir::complex::NumberAttr number = mlir::complex::NumberAttr::get(
          complexType, value.real().convertToDouble(), value.imag().convertToDouble());
      elements.push_back(scalarOf(number));
    }
    return;
  }
  for (Attribute value : values.getValues<Attribute>())
    elements.push_back(scalarOf(cast<TypedAttr>(value)));
}

LogicalResult Interpreter::runConstant(Operation &op, mlir::ElementsAttr values) {
  Type elementType = values.getElementType();
  std::optional<DType> dtype = dtypeOf(elementType);
  if (!dtype)
    return op.emitError() << "the reference has no elements of type " << elementType;
  Tensor tensor{elementType, SmallVector<int64_t>(values.getShapedType().getShape()), {}};
  std::optional<int64_t> count = countElements(tensor.shape);
  mlir::DenseResourceElementsAttr resource = dyn_cast<mlir::DenseResourceElementsAttr>(values);
  if (mlir::DenseElementsAttr dense = dyn_cast<mlir::DenseElementsAttr>(values)) {
    readElements(dense, tensor.elements);
  } else if (mlir::AsmResourceBlob *blob = resource ? resource.getRawHandle().getBlob() : nullptr;
             blob && count && blob->getData().size() == size_t(*count * byteSize(*dtype))) {
    const std::byte *bytes = reinterpret_cast<const std::byte *>(blob->getData().data());
    HostTensor host{*dtype, values.getShapedType().getShape().vec(),
                    std::vector<std::byte>(bytes, bytes + blob->getData().size())};
    tensor = fromHost(host, elementType);
  } else {
    return op.emitError("the reference cannot read this constant");
  }
  store(op.getResult(0), std::move(tensor));
  return success();
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

static Error dataError(const std::string &message) { return Error(ErrorKind::Data, message); }

/// Checks one argument against the function's type and binds it.
static Expected<void> bindArgument(Interpreter &interpreter, mlir::BlockArgument argument,
                                   const HostTensor &host) {
  std::string what = "argument " + std::to_string(argument.getArgNumber());
  RankedTensorType type = dyn_cast<RankedTensorType>(argument.getType());
  if (!type || dtypeOf(type.getElementType()) != host.type)
    return dataError(what + " has type " + std::string(name(host.type)) +
                     ", which is not the parameter's");
  if (host.shape.size() != static_cast<size_t>(type.getRank()))
    return dataError(what + " has rank " + std::to_string(host.shape.size()) +
                     ", but the parameter has rank " + std::to_string(type.getRank()));
  for (auto [dim, given, wanted] : llvm::enumerate(host.shape, type.getShape()))
    if (ShapedType::isStatic(wanted) && given != wanted)
      return dataError(what + " has extent " + std::to_string(given) + " in dimension " +
                       std::to_string(dim) + ", but the parameter has " + std::to_string(wanted));
  std::optional<int64_t> count = countElements(host.shape);
  if (!count || host.bytes.size() != static_cast<size_t>(*count * byteSize(host.type)))
    return dataError(what + " has " + std::to_string(host.bytes.size()) +
                     " bytes, which do not fit its shape");
  interpreter.bind(argument, std::make_shared<Tensor>(fromHost(host, type.getElementType())));
  return {};
}

/// Runs the body, with the diagnostics of its operations as the error.
static Expected<void> runReported(Interpreter &interpreter, Block &block, MLIRContext *context) {
  std::string message;
  LogicalResult result = success();
  {
    mlir::ScopedDiagnosticHandler handler(context, [&](mlir::Diagnostic &diagnostic) {
      if (diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error && message.empty())
        message = diagnostic.str();
      return success();
    });
    result = interpreter.runBlock(block);
  }
  if (failed(result))
    return Error(ErrorKind::Resource, message);
  return {};
}

Expected<std::vector<HostTensor>> interpret(mlir::ModuleOp module, StringRef function,
                                            ArrayRef<HostTensor> arguments) {
  mlir::func::FuncOp func = module.lookupSymbol<mlir::func::FuncOp>(function);
  if (!func || func.isExternal() || !func.getBody().hasOneBlock())
    return dataError("there is no function '" + function.str() + "' to interpret");
  Block &block = func.getBody().front();
  if (arguments.size() != block.getNumArguments())
    return dataError("'" + function.str() + "' takes " + std::to_string(block.getNumArguments()) +
                     " arguments, but " + std::to_string(arguments.size()) + " are given");
  for (Type type : func.getResultTypes())
    if (!isa<RankedTensorType>(type) || !dtypeOf(cast<RankedTensorType>(type).getElementType()))
      return dataError("a result of '" + function.str() + "' has no element type of the language");

  Interpreter interpreter;
  for (auto [argument, host] : llvm::zip_equal(block.getArguments(), arguments))
    if (Expected<void> bound = bindArgument(interpreter, argument, host); !bound)
      return bound.error();
  if (Expected<void> done = runReported(interpreter, block, module.getContext()); !done)
    return done.error();
  std::vector<HostTensor> results;
  for (Value value : block.getTerminator()->getOperands())
    results.push_back(toHost(*interpreter.tensor(value)));
  return results;
}

} // namespace tlc::reference
