//===- EinsumToEin.h - the einsum notation as ein -------------------------===//

#ifndef TLC_COMPILER_LOWER_EINSUMTOEIN_H
#define TLC_COMPILER_LOWER_EINSUMTOEIN_H

#include "compiler/frontend/Einsum.h"
#include "compiler/support/DType.h"

#include "dialects/Mlir.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace tlc {

/// A module whose `@main` holds one contraction of all operands; -1 in `shapes` is an extent known
/// at run time. Loads the dialects it needs. Null, with an error at the unknown location, where the
/// element type does not carry the semiring.
mlir::OwningOpRef<mlir::ModuleOp> lowerToEin(const EinsumSpec &spec,
                                             const std::vector<std::vector<int64_t>> &shapes,
                                             DType type, Semiring semiring, MLIRContext *context);

} // namespace tlc

#endif // TLC_COMPILER_LOWER_EINSUMTOEIN_H
