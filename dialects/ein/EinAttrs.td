//===- EinAttrs.td - semirings and kinds ---------------------*- tablegen -*-===//

#ifndef TLC_DIALECTS_EIN_EINATTRS_TD
#define TLC_DIALECTS_EIN_EINATTRS_TD

include "dialects/ein/EinDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

//===----------------------------------------------------------------------===//
// Semirings [S1]
//===----------------------------------------------------------------------===//

def Ein_SemiringKind : I32EnumAttr<"SemiringKind", "the semirings of the language", [
    I32EnumAttrCase<"SumProduct", 0, "sum_product">,
    I32EnumAttrCase<"OrAnd", 1, "or_and">,
    I32EnumAttrCase<"MaxPlus", 2, "max_plus">,
    I32EnumAttrCase<"MinPlus", 3, "min_plus">,
    I32EnumAttrCase<"MaxTimes", 4, "max_times">,
    I32EnumAttrCase<"MaxMin", 5, "max_min">,
    I32EnumAttrCase<"LogSumExp", 6, "log_sum_exp">,
    I32EnumAttrCase<"Count", 7, "count">
  ]> {
  let cppNamespace = "::tlc::ein";
  let genSpecializedAttr = 0;
}

def Ein_SemiringAttrInterface : AttrInterface<"SemiringAttrInterface"> {
  let cppNamespace = "::tlc::ein";
  let description = [{
    A commutative semiring (S, add, multiply, zero, one). The flags are the laws
    that rewrites may lean on:

      contraction order   commutative (all here), distributive (all here)
      semi-naive deltas   idempotent
      early exit on one   absorptive (1 + a = 1)
      low rank            field
  }];
  let methods = [
    InterfaceMethod<"a + a = a", "bool", "isIdempotent">,
    InterfaceMethod<"a * b = b * a", "bool", "isCommutative">,
    InterfaceMethod<"a + b is a or b", "bool", "isSelective">,
    InterfaceMethod<"1 + a = 1 (0-closed): a fixpoint may stop at one", "bool", "isAbsorptive">,
    InterfaceMethod<"addition has inverses, so a difference can be propagated",
                    "bool", "isCancellative">,
    InterfaceMethod<"multiplication has inverses but for zero: low rank is legal",
                    "bool", "isField">,
    InterfaceMethod<"whether elements of this type can carry the semiring",
                    "bool", "supports", (ins "::mlir::Type":$elementType)>,
    InterfaceMethod<"the neutral element of addition, which absorbs under multiplication",
                    "::mlir::TypedAttr", "getZero", (ins "::mlir::Type":$elementType)>,
    InterfaceMethod<"the neutral element of multiplication",
                    "::mlir::TypedAttr", "getOne", (ins "::mlir::Type":$elementType)>,
    InterfaceMethod<"emits lhs + rhs on scalars or vectors", "::mlir::Value", "buildAdd",
                    (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
                         "::mlir::Value":$lhs, "::mlir::Value":$rhs)>,
    InterfaceMethod<"emits lhs * rhs on scalars or vectors", "::mlir::Value", "buildMultiply",
                    (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
                         "::mlir::Value":$lhs, "::mlir::Value":$rhs)>
  ];
}

def Ein_SemiringAttr : AttrDef<Ein_Dialect, "Semiring",
    [DeclareAttrInterfaceMethods<Ein_SemiringAttrInterface>]> {
  let mnemonic = "semiring";
  let summary = "one of the language's semirings [S1]";
  let parameters = (ins EnumParameter<Ein_SemiringKind>:$kind);
  let assemblyFormat = "`<` $kind `>`";
}

//===----------------------------------------------------------------------===//
// Kinds of reductions, combinations and normalisations
//===----------------------------------------------------------------------===//

def Ein_CombineKind : I32EnumAttr<"CombineKind", "an associative combination of elements", [
    I32EnumAttrCase<"Overwrite", 0, "overwrite">,
    I32EnumAttrCase<"Add", 1, "add">,
    I32EnumAttrCase<"Multiply", 2, "multiply">,
    I32EnumAttrCase<"Max", 3, "max">,
    I32EnumAttrCase<"Min", 4, "min">,
    I32EnumAttrCase<"Or", 5, "or">,
    I32EnumAttrCase<"And", 6, "and">,
    I32EnumAttrCase<"LogAdd", 7, "log_add">,
    I32EnumAttrCase<"CountAdd", 8, "count_add">
  ]> {
  let cppNamespace = "::tlc::ein";
  let genSpecializedAttr = 0;
}
def Ein_CombineAttr : EnumAttr<Ein_Dialect, Ein_CombineKind, "combine">;

def Ein_NormalizeKind : I32EnumAttr<"NormalizeKind", "normalising functions [E9]", [
    I32EnumAttrCase<"Softmax", 0, "softmax">,
    I32EnumAttrCase<"LayerNorm", 1, "lnorm">,
    I32EnumAttrCase<"RmsNorm", 2, "rmsnorm">,
    I32EnumAttrCase<"L2Norm", 3, "l2norm">,
    I32EnumAttrCase<"ArgMax", 4, "argmax">
  ]> {
  let cppNamespace = "::tlc::ein";
  let genSpecializedAttr = 0;
}
def Ein_NormalizeAttr : EnumAttr<Ein_Dialect, Ein_NormalizeKind, "normalize">;

#endif // TLC_DIALECTS_EIN_EINATTRS_TD
