//===- Passes.td - passes that stay in ein -------------------*- tablegen -*-===//

#ifndef TLC_COMPILER_TRANSFORMS_PASSES_TD
#define TLC_COMPILER_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def EinFactorizeConstants : Pass<"ein-factorize-constants"> {
  let summary = "write constants as contractions of smaller ones [K1]";
  let description = [{
    Afterwards no contraction reads a constant that may be off by a given relative error and has a
    low-rank format within that error that is predicted to be at least 1.2 times faster. The
    attribute `tl.lowrank` of a constant gives its error; the option `eps` gives that of other
    constants with a name. The function's attribute `tlc.lowrank` says for each such constant what
    became of it, with the error that was measured, or why it stays. A contraction of a sparse
    constant may be marked for straight-line code instead (`tlc.unroll`). Runs after `ein-simplify` and
    before `ein-order-contractions`. Examples: test/transforms/ein-factorize-constants.mlir.
  }];
  let dependentDialects = ["::tlc::ein::EinDialect", "::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect", "::mlir::tensor::TensorDialect"];
  let options = [
    Option<"eps", "eps", "double", /*default=*/"0",
           "relative error of constants with a name that give none; 0: none">,
    Option<"unroll", "unroll", "bool", /*default=*/"true",
           "straight-line code for the elements of sparse constants is possible">,
    Option<"nominalExtent", "nominal-extent", "int64_t", /*default=*/"64",
           "extent that is assumed for dimensions known at run time only">
  ];
}

def EinFuseAttention : Pass<"ein-fuse-attention"> {
  let summary = "make one operation of softmax(Q K) V";
  let description = [{
    Afterwards no contraction sums over the softmax of a contraction of f32 or f64, scaled and
    masked by at most one map, that nothing else reads: such a chain is an `ein.attention`.
    Chains with fewer than eight queries stay. Runs after `ein-fuse-maps`, which leaves one map
    between the two, and before `ein-fuse-epilogues`. Examples:
    test/transforms/ein-fuse-attention.mlir.
  }];
  let dependentDialects = ["::tlc::ein::EinDialect"];
  let options = [
    Option<"rowBytes", "row-bytes", "int64_t", "0",
           "leave chains with queries or values of more bytes, or of unknown size; 0: of any">
  ];
}

def EinFuseEpilogues : Pass<"ein-fuse-epilogues"> {
  let summary = "apply maps to what a contraction accumulates";
  let description = [{
    Afterwards no map reads, element for element, a contraction that nothing else reads and
    that has no epilogue yet, unless the sum is rounded in between or another operand of the map
    lies across the rows of the result. Runs after `ein-fuse-maps`. Examples:
    test/transforms/ein-fuse-epilogues.mlir.
  }];
  let dependentDialects = ["::tlc::ein::EinDialect"];
}

def EinFuseMaps : Pass<"ein-fuse-maps"> {
  let summary = "merge chains of elementwise maps";
  let description = [{
    Afterwards no map reads, element for element, a map that nothing else reads, and no map
    reads one operand twice at the same positions. A map whose result is broadcast by its
    reader stays if its body computes anything: merged, it would compute it again for every
    copy. Runs after `ein-simplify`. Examples: test/transforms/ein-fuse-maps.mlir.
  }];
  let dependentDialects = ["::tlc::ein::EinDialect"];
}

def EinNarrowOperands : Pass<"ein-narrow-operands"> {
  let summary = "contract operands as they are stored";
  let description = [{
    Afterwards no sum of products of at most two operands reads copies of f16 or bf16 operands as
    f32, or of i8 operands as i32, if its result has that type, too. Runs after
    `ein-order-contractions` and before `ein-fuse-maps`, which makes other maps of the copies.
    Examples: test/transforms/ein-narrow-operands.mlir.
  }];
  let dependentDialects = ["::tlc::ein::EinDialect"];
}

def EinOrderContractions : Pass<"ein-order-contractions"> {
  let summary = "make binary contractions of those with more operands";
  let description = [{
    Afterwards every `ein.contract` has at most two operands, in the order that
    compiler/planner finds, unless it is marked for straight-line code. Intermediates have the
    accumulator's element type. Where that takes more memory than there may be alive at once, an
    `ein.loop` fixes some dimensions in turn. Runs after
    `ein-simplify`, which gives the planner the largest contractions to order. Examples:
    test/transforms/ein-order-contractions.mlir.
  }];
  let dependentDialects = [
    "::tlc::ein::EinDialect", "::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"
  ];
  let options = [
    Option<"nominalExtent", "nominal-extent", "int64_t", /*default=*/"64",
           "extent that is assumed for dimensions known at run time only">,
    Option<"memory", "memory", "int64_t", /*default=*/"0",
           "bytes that may be alive at once; 0 is no limit">
  ];
}

def EinSimplify : Pass<"ein-simplify"> {
  let summary = "rewrite contractions by the laws of their semiring";
  let description = [{
    Afterwards contractions are as large as the laws allow (a contraction that only another
    one of the same semiring reads is part of it), a dimension that only one operand has is
    summed in that operand alone, and operands that change nothing are gone. Examples:
    test/transforms/ein-simplify.mlir.
  }];
  let dependentDialects = [
    "::tlc::ein::EinDialect", "::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"
  ];
}

#endif // TLC_COMPILER_TRANSFORMS_PASSES_TD
