//===- TlToEin.cpp - programs become functions on tensors -----------------===//
//
//   input X[i]                 func.func @main(%x: tensor<8xf32> {tl.name = "X", ...})
//   Y = W[i] X[i]                  -> (tensor<f32> {tl.name = "Y", ...}) {
//   Y?                           %y = ein.contract "i,i->" sum_product (%w, %x)
//                                return %y
//
//===----------------------------------------------------------------------===//

#include "compiler/conversion/Passes.h"
#include "compiler/conversion/Schedule.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

namespace tlc {

#define GEN_PASS_DEF_CONVERTTLTOEIN
#include "compiler/conversion/Passes.h.inc"

namespace {

class ProgramConversion {
public:
  explicit ProgramConversion(tl::ProgramOp program)
      : program(program), builder(program), env(program, builder) {}

  LogicalResult run();

private:
  /// A result of the function: a value and what its `tl.name` and `tl.kind` say.
  struct Result {
    Value value;
    std::string name;
    StringRef kind;
  };

  /// Inputs, then params, then files.
  SmallVector<tl::TensorOp> arguments();
  DictionaryAttr attributesOf(tl::TensorOp tensor);
  void createFunction();
  /// Reads each run-time extent off the first argument that has it.
  LogicalResult bindExtents(llvm::MutableArrayRef<tl::TensorOp> tensors);
  void bindConstants();
  void convertSchedule();
  void addResult(StringRef tensor);
  void finishFunction();

  tl::ProgramOp program;
  OpBuilder builder;
  Environment env;
  mlir::func::FuncOp function;
  SmallVector<Result> flags, results;
  llvm::StringSet<> returned;
};

} // namespace

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

SmallVector<tl::TensorOp> ProgramConversion::arguments() {
  SmallVector<tl::TensorOp> list;
  for (tl::Origin origin : {tl::Origin::Input, tl::Origin::Param, tl::Origin::File})
    for (tl::TensorOp tensor : program.getBody().getOps<tl::TensorOp>())
      if (tensor.getOrigin() == origin)
        list.push_back(tensor);
  return list;
}

DictionaryAttr ProgramConversion::attributesOf(tl::TensorOp tensor) {
  mlir::NamedAttrList attributes;
  attributes.set("tl.name", tensor.getSymNameAttr());
  attributes.set("tl.kind", builder.getStringAttr(stringifyOrigin(tensor.getOrigin())));
  auto set = [&](StringRef name, Attribute value) {
    if (value)
      attributes.set(name, value);
  };
  set("tl.extents", tensor.getExtentsAttr());
  set("tl.path", tensor.getPathAttr());
  set("tl.initializer", tensor.getInitializerAttr());
  set("tl.initializer_arguments", tensor.getInitializerArgumentsAttr());
  set("tl.lowrank", tensor.getLowrankAttr());
  set("tl.relation", tensor.getRelationAttr());
  return attributes.getDictionary(builder.getContext());
}

void ProgramConversion::createFunction() {
  SmallVector<Type> types;
  SmallVector<Attribute> attributes;
  for (tl::TensorOp tensor : arguments()) {
    types.push_back(tensor.getTensorType());
    attributes.push_back(attributesOf(tensor));
  }
  function = mlir::func::FuncOp::create(builder, program.getLoc(), program.getSymName(),
                                        builder.getFunctionType(types, {}));
  function.setAllArgAttrs(builder.getArrayAttr(attributes));
  builder.setInsertionPointToEnd(function.addEntryBlock());
}

LogicalResult ProgramConversion::bindExtents(llvm::MutableArrayRef<tl::TensorOp> tensors) {
  for (auto &&[tensor, argument] : llvm::zip_equal(tensors, function.getArguments())) {
    env.bind(tensor.getSymName(), argument);
    for (int64_t axis = 0; axis < tensor.getTensorType().getRank(); ++axis) {
      StringAttr name = tensor.getRuntimeExtent(axis);
      if (!name || env.runtimeExtent(name).value)
        continue;
      env.bindExtent(name, mlir::tensor::DimOp::create(builder, tensor.getLoc(), argument, axis));
    }
  }
  LogicalResult result = success();
  auto check = [&](Operation *op, StringAttr name) {
    if (!name || env.runtimeExtent(name).value)
      return;
    op->emitError() << "the run-time extent '" << name.getValue()
                    << "' is that of no input, param or file: use it in one, or give it a number";
    result = failure();
  };
  for (tl::TensorOp tensor : program.getBody().getOps<tl::TensorOp>())
    for (int64_t axis = 0; axis < tensor.getTensorType().getRank(); ++axis)
      check(tensor, tensor.getRuntimeExtent(axis));
  program.walk([&](tl::EquationOp equation) {
    for (Attribute variable : equation.getVariables())
      check(equation, cast<tl::VariableAttr>(variable).getRuntimeExtent());
  });
  program.walk([&](tl::LoopOp loop) { check(loop, dyn_cast<StringAttr>(loop.getUpper())); });
  return result;
}

/// Literals, and zeros for what no step computes.
void ProgramConversion::bindConstants() {
  llvm::StringSet<> computed;
  program.walk([&](Operation *op) {
    if (tl::EvaluateOp evaluate = dyn_cast<tl::EvaluateOp>(op))
      computed.insert(evaluate.getTensor());
    else if (tl::SliceOp slice = dyn_cast<tl::SliceOp>(op))
      computed.insert(slice.getTensor());
  });
  for (tl::TensorOp tensor : program.getBody().getOps<tl::TensorOp>()) {
    if (env.tensor(tensor.getSymName()) || computed.contains(tensor.getSymName()))
      continue;
    if (mlir::ElementsAttr value = tensor.getValueAttr()) {
      mlir::arith::ConstantOp constant =
          mlir::arith::ConstantOp::create(builder, tensor.getLoc(), value);
      constant->setAttr("tl.name", tensor.getSymNameAttr());
      if (tensor.getLowrankAttr())
        constant->setAttr("tl.lowrank", tensor.getLowrankAttr());
      env.bind(tensor.getSymName(), constant);
      continue;
    }
    TypedAttr zero = zeroOf(tensor.getSemiring(), tensor.getTensorType().getElementType());
    env.bind(tensor.getSymName(), buildFill(env, tensor.getLoc(), env.sizesOf(tensor), zero));
  }
}

//===----------------------------------------------------------------------===//
// The schedule and the results
//===----------------------------------------------------------------------===//

void ProgramConversion::convertSchedule() {
  for (Operation &op : program.getBody().getOps()) {
    if (tl::EvaluateOp evaluate = dyn_cast<tl::EvaluateOp>(op)) {
      convertEvaluate(env, evaluate);
    } else if (tl::LoopOp loop = dyn_cast<tl::LoopOp>(op)) {
      convertLoop(env, loop);
    } else if (tl::FixpointOp fixpoint = dyn_cast<tl::FixpointOp>(op)) {
      Value converged = convertFixpoint(env, fixpoint);
      if (!fixpoint.getTolerance() && !fixpoint.getMaxSteps())
        continue;
      SmallVector<StringRef> names;
      for (tl::EvaluateOp evaluate : fixpoint.getBody().getOps<tl::EvaluateOp>())
        names.push_back(evaluate.getTensor());
      flags.push_back({converged, llvm::join(names, ",") + ".converged", "converged"});
    }
  }
}

void ProgramConversion::addResult(StringRef tensor) {
  if (returned.insert(tensor).second)
    results.push_back({env.tensor(tensor), tensor.str(), "output"});
}

void ProgramConversion::finishFunction() {
  for (tl::TensorOp tensor : program.getBody().getOps<tl::TensorOp>())
    if (tensor.getOutput())
      addResult(tensor.getSymName());
  for (tl::QueryOp query : program.getBody().getOps<tl::QueryOp>())
    addResult(query.getTensor());
  for (tl::WriteOp write : program.getBody().getOps<tl::WriteOp>())
    addResult(write.getTensor());
  llvm::append_range(results, flags);
  SmallVector<Value> values;
  SmallVector<Attribute> attributes;
  for (const Result &result : results) {
    values.push_back(result.value);
    mlir::NamedAttrList list;
    list.set("tl.name", builder.getStringAttr(result.name));
    list.set("tl.kind", builder.getStringAttr(result.kind));
    attributes.push_back(list.getDictionary(builder.getContext()));
  }
  mlir::func::ReturnOp::create(builder, program.getLoc(), values);
  function.setFunctionType(
      builder.getFunctionType(function.getArgumentTypes(), ValueRange(values).getTypes()));
  function.setAllResultAttrs(builder.getArrayAttr(attributes));
}

LogicalResult ProgramConversion::run() {
  SmallVector<tl::TensorOp> tensors = arguments();
  createFunction();
  if (failed(bindExtents(tensors)))
    return failure();
  bindConstants();
  convertSchedule();
  finishFunction();
  return success();
}

namespace {
struct ConvertTlToEin : impl::ConvertTlToEinBase<ConvertTlToEin> {
  void runOnOperation() override {
    SmallVector<tl::ProgramOp> programs = llvm::to_vector(getOperation().getOps<tl::ProgramOp>());
    for (tl::ProgramOp program : programs) {
      if (failed(ProgramConversion(program).run()))
        return signalPassFailure();
      program.erase();
    }
  }
};
} // namespace

} // namespace tlc
