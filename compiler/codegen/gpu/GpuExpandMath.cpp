//===- GpuExpandMath.cpp - functions of math become arithmetic ------------===//
//
// PTX has instructions for roots, minima and roundings. Other functions:
//
//   exp, log, tanh, erf, expm1, log1p of f32    the polynomials that the CPU has, too
//   others of f32, and those of f16 and bf16    in f64
//   those of f64                                see RealFunctions.h
//
// Functions of complex numbers become functions of their parts first.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/gpu/Passes.h"
#include "compiler/codegen/gpu/RealFunctions.h"

#include "mlir/Conversion/ComplexToStandard/ComplexToStandard.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Transforms/DialectConversion.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/StringSet.h"

namespace tlc::codegen {

#define GEN_PASS_DEF_GPUEXPANDMATH
#include "compiler/codegen/gpu/Passes.h.inc"

namespace {

namespace arith = mlir::arith;
namespace complex = mlir::complex;
namespace math = mlir::math;

/// The f64 code of a function; null for those that have an instruction.
Value expand(RealFunctions &functions, OpBuilder &builder, Operation *op, ValueRange x) {
  StringRef name = op->getName().stripDialect();
  if (name == "exp")
    return functions.exp(x[0]);
  if (name == "exp2")
    return functions.power(
        arith::ConstantOp::create(builder, op->getLoc(), builder.getF64FloatAttr(2)), x[0]);
  if (name == "expm1")
    return functions.expm1(x[0]);
  if (name == "log")
    return functions.log(x[0]);
  if (name == "log2")
    return functions.log2(x[0]);
  if (name == "log10")
    return functions.log10(x[0]);
  if (name == "log1p")
    return functions.log1p(x[0]);
  if (name == "tanh")
    return functions.tanh(x[0]);
  if (name == "erf")
    return functions.erf(x[0]);
  if (name == "sin")
    return functions.sin(x[0]);
  if (name == "cos")
    return functions.cos(x[0]);
  if (name == "tan")
    return arith::DivFOp::create(builder, op->getLoc(), functions.sin(x[0]), functions.cos(x[0]));
  if (name == "powf")
    return functions.power(x[0], x[1]);
  if (name == "atan2")
    return functions.atan2(x[0], x[1]);
  if (name == "atan")
    return functions.atan2(
        x[0], arith::ConstantOp::create(builder, op->getLoc(), builder.getF64FloatAttr(1)));
  return {};
}

struct GpuExpandMath : impl::GpuExpandMathBase<GpuExpandMath> {
  void runOnOperation() override {
    SmallVector<mlir::gpu::GPUModuleOp> modules(getOperation().getOps<mlir::gpu::GPUModuleOp>());
    for (mlir::gpu::GPUModuleOp kernels : modules) {
      if (failed(expandComplex(kernels)) || failed(approximate(kernels)))
        return signalPassFailure();
      expandRest(kernels);
      if (failed(checkRest(kernels)))
        return signalPassFailure();
    }
  }

private:
  LogicalResult expandComplex(Operation *kernels) {
    bool hasComplex = false;
    kernels->walk(
        [&](Operation *op) { hasComplex |= isa<complex::ComplexDialect>(op->getDialect()); });
    if (!hasComplex)
      return success();
    mlir::RewritePatternSet patterns(&getContext());
    mlir::populateComplexToStandardConversionPatterns(patterns);
    mlir::ConversionTarget target(getContext());
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    target.addIllegalDialect<complex::ComplexDialect>();
    target.addLegalOp<complex::AddOp, complex::ConstantOp, complex::CreateOp, complex::DivOp,
                      complex::ImOp, complex::MulOp, complex::ReOp, complex::SubOp>();
    return mlir::applyPartialConversion(kernels, target, std::move(patterns));
  }

  LogicalResult approximate(Operation *kernels) {
    mlir::RewritePatternSet patterns(&getContext());
    static const llvm::StringSet<> accurate = {"math.exp",   "math.tanh",  "math.log",
                                               "math.log1p", "math.expm1", "math.erf"};
    mlir::populateMathPolynomialApproximationPatterns(
        patterns, [](StringRef name) { return accurate.contains(name); });
    return mlir::applyPatternsGreedily(kernels, std::move(patterns));
  }

  void expandRest(Operation *kernels) {
    SmallVector<Operation *> functions;
    kernels->walk([&](Operation *op) {
      if (isa<math::MathDialect>(op->getDialect()) && op->getNumResults() == 1 &&
          isa<FloatType>(op->getResult(0).getType()))
        functions.push_back(op);
    });
    for (Operation *op : functions)
      expandOne(op);
  }

  /// What is left has instructions.
  LogicalResult checkRest(Operation *kernels) {
    static const llvm::StringSet<> known = {"absf",      "absi",  "ceil",  "copysign", "ctlz",
                                            "ctpop",     "cttz",  "floor", "fma",      "round",
                                            "roundeven", "rsqrt", "sqrt",  "trunc"};
    mlir::WalkResult walked = kernels->walk([](Operation *op) -> mlir::WalkResult {
      if (isa<math::MathDialect>(op->getDialect()) && !known.contains(op->getName().stripDialect()))
        return op->emitOpError("has no code for GPUs");
      return mlir::WalkResult::advance();
    });
    return failure(walked.wasInterrupted());
  }

  void expandOne(Operation *op) {
    OpBuilder builder(op);
    Location loc = op->getLoc();
    Type type = op->getResult(0).getType(), f64 = builder.getF64Type();
    SmallVector<Value> arguments;
    for (Value operand : op->getOperands())
      arguments.push_back(type == f64 ? operand
                                      : arith::ExtFOp::create(builder, loc, f64, operand));
    RealFunctions real(builder, loc);
    Value result = expand(real, builder, op, arguments);
    if (result && type != f64)
      result = arith::TruncFOp::create(builder, loc, type, result);
    if (result) {
      op->getResult(0).replaceAllUsesWith(result);
      op->erase();
      return;
    }
    for (Value argument : arguments)
      if (argument.use_empty() && type != f64)
        argument.getDefiningOp()->erase();
  }
};

} // namespace
} // namespace tlc::codegen
