//===- TlAttrs.td - attributes of the tl dialect -------------*- tablegen -*-===//

#ifndef TLC_DIALECTS_TL_TLATTRS_TD
#define TLC_DIALECTS_TL_TLATTRS_TD

include "dialects/ein/EinAttrs.td"
include "dialects/tl/TlDialect.td"
include "dialects/tl/TlEnums.td"
include "mlir/IR/AttrTypeBase.td"

// Prints with a space of its own: operations write `` before it.
class Tl_EnumAttr<EnumInfo enum, string mnemonic> : EnumAttr<Tl_Dialect, enum, mnemonic>;
def Tl_OriginAttr : Tl_EnumAttr<Tl_Origin, "origin">;
def Tl_ProjectionAttr : Tl_EnumAttr<Tl_Projection, "projection">;
def Tl_ComparisonAttr : Tl_EnumAttr<Tl_Comparison, "comparison">;
def Tl_FunctionAttr : Tl_EnumAttr<Tl_Function, "function">;

// Enumerations of ein as attributes of tl.
class Tl_EinEnumAttr<EnumInfo enum, string mnemonic> : Tl_EnumAttr<enum, mnemonic> {
  let constBuilderCall =
      "::tlc::tl::" # enum.className # "Attr::get($_builder.getContext(), $0)";
}
def Tl_SemiringAttr : Tl_EinEnumAttr<Ein_SemiringKind, "semiring">;
def Tl_NormalizeAttr : Tl_EinEnumAttr<Ein_NormalizeKind, "normalize">;

def Tl_VariableAttr : AttrDef<Tl_Dialect, "Variable"> {
  let mnemonic = "variable";
  let summary = "an index variable: its name and its extent";
  let description = [{
    The extent is a number, or -1 and the name of a run-time extent [T3]. Variables whose
    run-time extents have one name have equal extents.

    Example: `#tl.variable<"i" = 8>`, `#tl.variable<"b" = ?"batch">`.
  }];
  let parameters = (ins "::mlir::StringAttr":$name, "int64_t":$extent,
                        "::mlir::StringAttr":$runtimeExtent);
  let extraClassDeclaration = [{
    bool isStatic() const { return getExtent() >= 0; }
  }];
  let hasCustomAssemblyFormat = 1;
}
def Tl_VariablesAttr : TypedArrayAttrBase<Tl_VariableAttr, "index variables">;

#endif // TLC_DIALECTS_TL_TLATTRS_TD
