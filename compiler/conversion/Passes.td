//===- Passes.td - conversions between dialects --------------*- tablegen -*-===//

#ifndef TLC_COMPILER_CONVERSION_PASSES_TD
#define TLC_COMPILER_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertTlToEin : Pass<"convert-tl-to-ein", "::mlir::ModuleOp"> {
  let summary = "equations over named indices become tensor values";
  let description = [{
    Each `tl.program` becomes one `func.func` of the same name. Its arguments are the
    inputs, the params and the files, in this order; its results the outputs, the queried
    and the written tensors, each once, then the flags of fixpoints that may not converge.
    Arguments and results carry `tl.name`, `tl.kind` and what else the program says of them.
  }];
  let dependentDialects = [
    "::mlir::func::FuncDialect", "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::complex::ComplexDialect", "::mlir::tensor::TensorDialect", "::tlc::ein::EinDialect"
  ];
}

#endif // TLC_COMPILER_CONVERSION_PASSES_TD
