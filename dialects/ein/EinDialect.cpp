//===- EinDialect.cpp - registration of the ein dialect -------------------===//

#include "dialects/ein/EinDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include "dialects/ein/EinDialect.cpp.inc"

void tlc::ein::EinDialect::initialize() {
  registerAttributes();
  registerOperations();
}
