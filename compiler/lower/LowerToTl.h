//===- LowerToTl.h - the checked program as tl ----------------------------===//

#ifndef TLC_COMPILER_LOWER_LOWERTOTL_H
#define TLC_COMPILER_LOWER_LOWERTOTL_H

#include "compiler/frontend/Program.h"
#include "compiler/support/DType.h"
#include "compiler/support/Source.h"

#include "dialects/Mlir.h"
#include "dialects/ein/EinDialect.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace tlc {

/// A module with one `tl.program @main` that mirrors the program. Loads the dialects it needs.
mlir::OwningOpRef<mlir::ModuleOp> lowerToTl(const program::Program &program,
                                            const SourceManager &sources, MLIRContext *context);

/// The builtin type of an element: i1 for bool, signless integers, complex<f32> for c64.
Type elementType(DType type, MLIRContext *context);

/// The same semiring in the dialects.
ein::SemiringKind semiringKind(Semiring semiring);

} // namespace tlc

#endif // TLC_COMPILER_LOWER_LOWERTOTL_H
