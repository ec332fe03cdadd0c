//===- TlEnums.td - kinds of tensors, projections, functions -*- tablegen -*-===//

#ifndef TLC_DIALECTS_TL_TLENUMS_TD
#define TLC_DIALECTS_TL_TLENUMS_TD

include "mlir/IR/EnumAttr.td"

class Tl_Enum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::tlc::tl";
  let genSpecializedAttr = 0;
}

def Tl_Origin : Tl_Enum<"Origin", "where a tensor's elements come from", [
    I32EnumAttrCase<"Input", 0, "input">,
    I32EnumAttrCase<"Param", 1, "param">,
    I32EnumAttrCase<"Literal", 2, "literal">,
    I32EnumAttrCase<"File", 3, "file">,
    I32EnumAttrCase<"Computed", 4, "computed">
  ]>;

def Tl_Projection : Tl_Enum<"Projection", "how colliding elements and equations combine [E3]", [
    I32EnumAttrCase<"Sum", 0, "sum">,
    I32EnumAttrCase<"Max", 1, "max">,
    I32EnumAttrCase<"Min", 2, "min">,
    I32EnumAttrCase<"Avg", 3, "avg">,
    I32EnumAttrCase<"Product", 4, "product">
  ]>;

def Tl_Comparison : Tl_Enum<"Comparison", "a test of two numbers", [
    I32EnumAttrCase<"Equal", 0, "eq">,
    I32EnumAttrCase<"NotEqual", 1, "ne">,
    I32EnumAttrCase<"Less", 2, "lt">,
    I32EnumAttrCase<"LessEqual", 3, "le">,
    I32EnumAttrCase<"Greater", 4, "gt">,
    I32EnumAttrCase<"GreaterEqual", 5, "ge">
  ]>;

def Tl_Function : Tl_Enum<"Function", "an elementwise function [E9]", [
    I32EnumAttrCase<"Negate", 0, "neg">,
    I32EnumAttrCase<"Not", 1, "not">,
    I32EnumAttrCase<"Subtract", 2, "sub">,
    I32EnumAttrCase<"Divide", 3, "div">,
    I32EnumAttrCase<"Power", 4, "pow">,
    I32EnumAttrCase<"Step", 5, "step">,
    I32EnumAttrCase<"Relu", 6, "relu">,
    I32EnumAttrCase<"Sigmoid", 7, "sig">,
    I32EnumAttrCase<"Tanh", 8, "tanh">,
    I32EnumAttrCase<"Exp", 9, "exp">,
    I32EnumAttrCase<"Log", 10, "log">,
    I32EnumAttrCase<"Sqrt", 11, "sqrt">,
    I32EnumAttrCase<"Abs", 12, "abs">,
    I32EnumAttrCase<"Sin", 13, "sin">,
    I32EnumAttrCase<"Cos", 14, "cos">,
    I32EnumAttrCase<"Erf", 15, "erf">,
    I32EnumAttrCase<"Gelu", 16, "gelu">,
    I32EnumAttrCase<"Silu", 17, "silu">,
    I32EnumAttrCase<"Softplus", 18, "softplus">,
    I32EnumAttrCase<"Sign", 19, "sign">,
    I32EnumAttrCase<"Floor", 20, "floor">,
    I32EnumAttrCase<"Min", 21, "min">,
    I32EnumAttrCase<"Max", 22, "max">,
    I32EnumAttrCase<"Where", 23, "where">
  ]>;

#endif // TLC_DIALECTS_TL_TLENUMS_TD
