//===- EinDialect.h - the dialect of tensor contractions ------------------===//
//
// Include this for everything of `ein`: the dialect, its attributes and operations.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_DIALECTS_EIN_EINDIALECT_H
#define TLC_DIALECTS_EIN_EINDIALECT_H

#include "dialects/Mlir.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/ein/EinDialect.h.inc"

#include "dialects/ein/EinEnums.h.inc"

#include "dialects/ein/EinAttrInterfaces.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/ein/EinAttrs.h.inc"

namespace tlc::ein {
/// What a dimension of an attention is.
enum class AttentionRole { Slice, Key, Depth, Value };
} // namespace tlc::ein

#define GET_OP_CLASSES
#include "dialects/ein/EinOps.h.inc"

namespace tlc::ein {

/// The type in which elements of `type` are accumulated: f32 for f16 and bf16, else itself.
Type accumulatorType(Type type);

/// Whether the combination is defined on elements of this type.
bool supportsCombine(CombineKind kind, Type elementType);

/// The element that leaves `combine` unchanged: 0 for add, 1 for multiply, the lowest value
/// for max, and so on. `overwrite` has none and gets zero.
TypedAttr neutralElement(CombineKind kind, Type elementType);

/// Emits the combination of two scalars or vectors of one type. Complex numbers are scalars: the
/// `complex` dialect has no vectors.
Value buildCombine(OpBuilder &builder, Location loc, CombineKind kind, Value lhs, Value rhs);

/// The semiring's addition as a combination.
CombineKind additionOf(SemiringKind kind);

/// 0 and 1 of an element type, complex ones as `complex::NumberAttr`.
TypedAttr zeroOf(Type elementType);
TypedAttr oneOf(Type elementType);

/// Emits an element as a constant of `type`, which is the element's type or a vector of it.
Value buildConstant(OpBuilder &builder, Location loc, Type type, TypedAttr element);
inline Value buildConstant(OpBuilder &builder, Location loc, TypedAttr element) {
  return buildConstant(builder, loc, element.getType(), element);
}

/// sum of coefficients[d] * d + constant.
struct LinearForm {
  SmallVector<int64_t> coefficients;
  int64_t constant = 0;
};
/// The expression as a linear form of `numDims` dimensions; nothing if it has a floordiv, a
/// mod or a symbol, or if a coefficient overflows.
std::optional<LinearForm> linearForm(AffineExpr expr, unsigned numDims);

} // namespace tlc::ein

#endif // TLC_DIALECTS_EIN_EINDIALECT_H
