//===- IntegerFunctions.h - integers without undefined results ------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_INTEGERFUNCTIONS_H
#define TLC_COMPILER_CODEGEN_CPU_INTEGERFUNCTIONS_H

#include "dialects/Mlir.h"

namespace tlc::codegen {

/// A float, or vector of them, as an integer: towards zero, the nearest end of the type's range
/// beyond it, and 0 for NaN.
Value toInteger(OpBuilder &builder, Location loc, Value value, Type type);

/// base to an integer exponent, which wraps. A negative exponent gives 1 for the base 1, 1 or -1
/// for -1, and 0 for others.
Value integerPower(OpBuilder &builder, Location loc, Value base, Value exponent);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_INTEGERFUNCTIONS_H
