//===- CpuToLlvm.cpp - one conversion to the llvm dialect -----------------===//
//
// Mathematical functions first: those on f32 that have an accurate polynomial become vector
// arithmetic, f16 and bf16 do not occur any more. Then everything becomes `llvm` in a single
// conversion, which is what keeps compilation fast.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/ExpandExp.h"
#include "compiler/codegen/cpu/Passes.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ComplexToLLVM/ComplexToLLVM.h"
#include "mlir/Conversion/ComplexToStandard/ComplexToStandard.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MathToLibm/MathToLibm.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Transforms/DialectConversion.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/StringSet.h"

namespace tlc::codegen {

#define GEN_PASS_DEF_CPUTOLLVM
#include "compiler/codegen/cpu/Passes.h.inc"

namespace {

struct CpuToLlvm : impl::CpuToLlvmBase<CpuToLlvm> {
  void runOnOperation() override;
  LogicalResult expandComplex();
  LogicalResult expandMath();
};

} // namespace

/// Complex functions become real ones; complex arithmetic has a form in `llvm`.
LogicalResult CpuToLlvm::expandComplex() {
  namespace complex = mlir::complex;
  mlir::RewritePatternSet patterns(&getContext());
  mlir::populateComplexToStandardConversionPatterns(patterns);
  mlir::ConversionTarget target(getContext());
  target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
  target.addIllegalDialect<complex::ComplexDialect>();
  target.addLegalOp<complex::AddOp, complex::ConstantOp, complex::CreateOp, complex::DivOp,
                    complex::ImOp, complex::MulOp, complex::ReOp, complex::SubOp>();
  return mlir::applyPartialConversion(getOperation(), target, std::move(patterns));
}

/// Functions that have an accurate polynomial become that.
LogicalResult CpuToLlvm::expandMath() {
  mlir::RewritePatternSet patterns(&getContext());
  static const llvm::StringSet<> accurate = {"math.exp",   "math.tanh",  "math.log",
                                             "math.log1p", "math.expm1", "math.erf"};
  mlir::populateMathPolynomialApproximationPatterns(
      patterns, [](StringRef name) { return accurate.contains(name); });
  populateExpandExpPatterns(patterns);
  return mlir::applyPatternsGreedily(getOperation(), std::move(patterns));
}

void CpuToLlvm::runOnOperation() {
  bool hasComplex = false, hasMath = false;
  getOperation().walk([&](Operation *op) {
    hasComplex |= isa<mlir::complex::ComplexDialect>(op->getDialect());
    hasMath |= isa<mlir::math::MathDialect>(op->getDialect());
  });
  if (hasComplex && failed(expandComplex()))
    return signalPassFailure();
  if ((hasComplex || hasMath) && failed(expandMath()))
    return signalPassFailure();
  MLIRContext *context = &getContext();
  mlir::LowerToLLVMOptions options(context);
  mlir::LLVMTypeConverter converter(context, options);
  mlir::RewritePatternSet patterns(context);
  mlir::populateSCFToControlFlowConversionPatterns(patterns);
  mlir::cf::populateControlFlowToLLVMConversionPatterns(converter, patterns);
  mlir::arith::populateCeilFloorDivExpandOpsPatterns(patterns);
  mlir::arith::populateArithToLLVMConversionPatterns(converter, patterns);
  // An instruction or intrinsic where LLVM has one, in vectors; libm where it has none.
  mlir::populateMathToLLVMConversionPatterns(converter, patterns, /*approximateLog1p=*/false,
                                             /*benefit=*/2);
  mlir::populateMathToLibmConversionPatterns(patterns);
  mlir::populateComplexToLLVMConversionPatterns(converter, patterns);
  mlir::populateVectorToLLVMConversionPatterns(converter, patterns);
  mlir::populateFuncToLLVMConversionPatterns(converter, patterns);
  mlir::LLVMConversionTarget target(*context);
  target.addLegalOp<mlir::ModuleOp>();
  if (failed(mlir::applyFullConversion(getOperation(), target, std::move(patterns))))
    signalPassFailure();
}

} // namespace tlc::codegen
