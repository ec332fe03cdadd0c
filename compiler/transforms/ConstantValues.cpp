//===- ConstantValues.cpp - constants of a module as tensors in f64 -------===//

#include "compiler/transforms/ConstantValues.h"

namespace tlc {

using llvm::APFloat;

static double toDouble(APFloat value) {
  bool losesInfo;
  value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &losesInfo);
  return value.convertToDouble();
}

static APFloat fromDouble(double value, mlir::FloatType type) {
  APFloat result(value);
  bool losesInfo;
  result.convert(type.getFloatSemantics(), APFloat::rmNearestTiesToEven, &losesInfo);
  return result;
}

static std::vector<int64_t> extentsOf(mlir::DenseElementsAttr constant) {
  ArrayRef<int64_t> shape = constant.getType().getShape();
  return {shape.begin(), shape.end()};
}

lowrank::Tensor<double> realValues(mlir::DenseElementsAttr constant) {
  lowrank::Tensor<double> tensor{extentsOf(constant), {}};
  for (const APFloat &value : constant.getValues<APFloat>())
    tensor.values.push_back(toDouble(value));
  return tensor;
}

lowrank::Tensor<std::complex<double>> complexValues(mlir::DenseElementsAttr constant) {
  lowrank::Tensor<std::complex<double>> tensor{extentsOf(constant), {}};
  for (const std::complex<APFloat> &value : constant.getValues<std::complex<APFloat>>())
    tensor.values.emplace_back(toDouble(value.real()), toDouble(value.imag()));
  return tensor;
}

mlir::DenseElementsAttr toAttribute(const lowrank::Tensor<double> &tensor, Type elementType) {
  mlir::FloatType type = cast<mlir::FloatType>(elementType);
  SmallVector<APFloat> values;
  for (double value : tensor.values)
    values.push_back(fromDouble(value, type));
  return mlir::DenseElementsAttr::get(RankedTensorType::get(tensor.extents, type), values);
}

mlir::DenseElementsAttr toAttribute(const lowrank::Tensor<std::complex<double>> &tensor,
                                    Type elementType) {
  mlir::FloatType part = cast<mlir::FloatType>(cast<ComplexType>(elementType).getElementType());
  SmallVector<std::complex<APFloat>> values;
  for (std::complex<double> value : tensor.values)
    values.emplace_back(fromDouble(value.real(), part), fromDouble(value.imag(), part));
  return mlir::DenseElementsAttr::get(RankedTensorType::get(tensor.extents, elementType),
                                      ArrayRef(values));
}

} // namespace tlc
