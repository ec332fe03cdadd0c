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
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/ein/EinDialect.h.inc"

#include "dialects/ein/EinEnums.h.inc"

#include "dialects/ein/EinAttrInterfaces.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/ein/EinAttrs.h.inc"

#define GET_OP_CLASSES
#include "dialects/ein/EinOps.h.inc"

namespace tlc::ein {

/// The type in which elements of `type` are accumulated: f32 for f16 and bf16, else itself.
Type accumulatorType(Type type);

/// The element that leaves `combine` unchanged: 0 for add, 1 for multiply, the lowest value
/// for max, and so on. `overwrite` has none and gets zero.
TypedAttr neutralElement(CombineKind kind, Type elementType);

/// Emits the combination of two scalars or vectors of one type.
Value buildCombine(OpBuilder &builder, Location loc, CombineKind kind, Value lhs, Value rhs);

} // namespace tlc::ein

#endif // TLC_DIALECTS_EIN_EINDIALECT_H
