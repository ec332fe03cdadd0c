//===- ContractionNetwork.cpp - a contraction as the planner sees it ------===//
//
//   ein.contract "ij,jk,kl->il" (tensor<8x2xf32>, tensor<2x8xf32>, tensor<8x?xf32>)
//
// is the network of inputs {0, 1}, {1, 2}, {2, 3}, output {0, 3} and sizes 8, 2, 8, 64.
//
//===----------------------------------------------------------------------===//

#include "compiler/transforms/ContractionNetwork.h"
#include "compiler/transforms/LiveBytes.h"
#include "dialects/ein/EinEquation.h"

#include "llvm/ADT/DenseSet.h"

namespace tlc {

DType dtypeOf(Type type) {
  if (ComplexType complex = dyn_cast<ComplexType>(type))
    return complex.getElementType().isF64() ? DType::C128 : DType::C64;
  if (type.isF16())
    return DType::F16;
  if (type.isBF16())
    return DType::BF16;
  if (type.isF32())
    return DType::F32;
  if (type.isF64())
    return DType::F64;
  switch (type.getIntOrFloatBitWidth()) {
  case 1:
    return DType::Bool;
  case 8:
    return DType::I8;
  case 32:
    return DType::I32;
  default:
    return DType::I64;
  }
}

planner::Network networkOf(ein::ContractOp op, int64_t nominalExtent) {
  planner::Network network;
  for (int64_t extent : op.getStaticExtents())
    network.sizes.push_back(ShapedType::isDynamic(extent) ? nominalExtent : extent);
  SmallVector<bool> isInInput(op.getNumDims(), false);
  for (AffineMap map : op.getInputMaps()) {
    std::vector<int> &input = network.inputs.emplace_back();
    for (unsigned dim = 0; dim < op.getNumDims(); ++dim)
      if (map.isFunctionOfDim(dim)) {
        input.push_back(static_cast<int>(dim));
        isInInput[dim] = true;
      }
    // As stored: the order of the positions where they are single dimensions.
    if (map.isProjectedPermutation())
      for (unsigned i = 0; i < map.getNumResults(); ++i)
        input[i] = static_cast<int>(map.getDimPosition(i));
  }
  for (AffineExpr position : op.getResultMap().getResults())
    if (unsigned dim = cast<AffineDimExpr>(position).getPosition(); isInInput[dim])
      network.output.push_back(static_cast<int>(dim));
  network.type = dtypeOf(cast<RankedTensorType>(op.getInputs()[0].getType()).getElementType());
  network.semiring = static_cast<Semiring>(op.getSemiring().getKind());
  return network;
}

std::vector<int> unsliceableDims(ein::ContractOp op) {
  std::vector<int> dims;
  for (unsigned dim = 0; dim < op.getNumDims(); ++dim) {
    bool isAlone = true;
    for (AffineMap map : op.getInputMaps())
      for (AffineExpr position : map.getResults())
        isAlone &= isa<AffineDimExpr>(position) || !position.isFunctionOfDim(dim);
    if (!isAlone)
      dims.push_back(static_cast<int>(dim));
  }
  return dims;
}

double limitFor(ein::ContractOp op, const planner::Network &network, double limit, double beside) {
  if (limit <= 0)
    return 0;
  llvm::DenseSet<Value> operands(op.getInputs().begin(), op.getInputs().end());
  double own = bytesOf(op.getType());
  for (Value operand : operands)
    own += bytesOf(operand.getType());
  return std::max(1.0, limit - beside + planner::callerBytes(network) - own);
}

planner::Labels labelsOf(ein::ContractOp op) {
  planner::Labels labels;
  for (unsigned dim = 0; dim < op.getNumDims(); ++dim)
    labels.indices.push_back(ein::dimensionLabel(dim, op.getNumDims()));
  return labels;
}

} // namespace tlc
