//===- EinDialect.cpp - registration of the ein dialect -------------------===//

#include "dialects/ein/EinDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/FoldInterfaces.h"

#include "dialects/ein/EinDialect.cpp.inc"

namespace tlc::ein {

namespace {
/// Constants that folding makes in the body of a map or an epilogue stay there: a body is a
/// function of its arguments.
struct EinFoldInterface : mlir::DialectFoldInterface {
  using DialectFoldInterface::DialectFoldInterface;

  bool shouldMaterializeInto(Region *region) const override {
    return isa<ContractOp, MapOp>(region->getParentOp());
  }
};
} // namespace

void EinDialect::initialize() {
  registerAttributes();
  registerOperations();
  addInterfaces<EinFoldInterface>();
}

} // namespace tlc::ein
