//===- EinsumToEin.h - an einsum as one contraction -----------------------===//

#ifndef TLC_COMPILER_LOWER_EINSUMTOEIN_H
#define TLC_COMPILER_LOWER_EINSUMTOEIN_H

#include "compiler/frontend/Einsum.h"
#include "compiler/support/DType.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

namespace tlc {

/// A module whose `func.func @main` contracts its arguments, of these shapes (-1: known when called)
/// and one element type, as the notation says. Bool has or and and, as in NumPy. Null, with an
/// error reported, if the type does not carry the semiring.
mlir::OwningOpRef<mlir::ModuleOp> lowerToEin(const EinsumSpec &spec,
                                             const std::vector<std::vector<int64_t>> &shapes,
                                             DType type, Semiring semiring,
                                             mlir::MLIRContext *context);

} // namespace tlc

#endif // TLC_COMPILER_LOWER_EINSUMTOEIN_H
