//===- ConstantValues.h - constants of a module as tensors in f64 ---------===//

#ifndef TLC_COMPILER_TRANSFORMS_CONSTANTVALUES_H
#define TLC_COMPILER_TRANSFORMS_CONSTANTVALUES_H

#include "compiler/planner/lowrank/LowRank.h"
#include "dialects/ein/EinDialect.h"

#include "mlir/IR/BuiltinAttributes.h"

namespace tlc {

/// The elements of a constant of floats.
lowrank::Tensor<double> realValues(mlir::DenseElementsAttr constant);
/// The elements of a constant of complex numbers.
lowrank::Tensor<std::complex<double>> complexValues(mlir::DenseElementsAttr constant);

/// A constant with these elements, which the element type represents exactly.
mlir::DenseElementsAttr toAttribute(const lowrank::Tensor<double> &values, Type elementType);
mlir::DenseElementsAttr toAttribute(const lowrank::Tensor<std::complex<double>> &values,
                                    Type elementType);

} // namespace tlc

#endif // TLC_COMPILER_TRANSFORMS_CONSTANTVALUES_H
