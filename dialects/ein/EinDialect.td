//===- EinDialect.td - the dialect of tensor contractions ---*- tablegen -*-===//

#ifndef TLC_DIALECTS_EIN_EINDIALECT_TD
#define TLC_DIALECTS_EIN_EINDIALECT_TD

include "mlir/IR/OpBase.td"

def Ein_Dialect : Dialect {
  let name = "ein";
  let cppNamespace = "::tlc::ein";
  let summary = "what is to be computed: contractions, maps and fixpoints over a semiring";
  let description = [{
    SSA over builtin tensors with static or `?` extents. Every operation names its
    iteration space by affine maps, so that convolutions, strides, diagonals and
    hyperedges are all the same operation, and has an interpretation in
    `compiler/reference`.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::complex::ComplexDialect", "::mlir::tensor::TensorDialect"
  ];
  let useDefaultAttributePrinterParser = 1;
  let extraClassDeclaration = [{
  private:
    void registerAttributes();
    void registerOperations();
  }];
}

class Ein_Op<string mnemonic, list<Trait> traits = []> : Op<Ein_Dialect, mnemonic, traits>;

#endif // TLC_DIALECTS_EIN_EINDIALECT_TD
