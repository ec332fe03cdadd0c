//===- Passes.h - conversions between dialects ----------------------------===//

#ifndef TLC_COMPILER_CONVERSION_PASSES_H
#define TLC_COMPILER_CONVERSION_PASSES_H

#include "mlir/Pass/Pass.h"

namespace tlc {

#define GEN_PASS_DECL
#include "compiler/conversion/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "compiler/conversion/Passes.h.inc"

} // namespace tlc

#endif // TLC_COMPILER_CONVERSION_PASSES_H
