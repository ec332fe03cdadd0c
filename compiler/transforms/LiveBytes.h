//===- LiveBytes.h - how much memory a function takes ---------------------===//
//
//   %t = ein.contract "ij,jk->ik" (%a, %b)        live: a, b, t and what the function returns
//   %u = ein.map "ik" (%t)                        live: a, b, t, u
//
// Arguments and returned tensors live throughout, others from their definition to their last use.
// Tensors with extents that are not known count nothing.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_TRANSFORMS_LIVEBYTES_H
#define TLC_COMPILER_TRANSFORMS_LIVEBYTES_H

#include "dialects/ein/EinDialect.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

namespace tlc {

class LiveBytes {
public:
  explicit LiveBytes(mlir::func::FuncOp function);

  /// What is alive at once, at most.
  double peak() const { return most; }
  /// Arguments and results of the function.
  double interface() const { return always; }
  /// What is alive during an operation beside its operands and results; 0 inside of loops.
  double beside(Operation *op) const { return others.lookup(op); }

private:
  double always = 0, most = 0;
  llvm::DenseMap<Operation *, double> others;
};

/// Bytes of a tensor; 0 if an extent is not known or the type is no tensor's.
double bytesOf(Type type);

} // namespace tlc

#endif // TLC_COMPILER_TRANSFORMS_LIVEBYTES_H
