//===- ContractDims.cpp - the dimensions of a product of two tensors ------===//

#include "compiler/codegen/gpu/ContractDims.h"

namespace tlc::codegen {

std::optional<ContractDims> contractDims(const NestSpace &space) {
  const Nest &nest = space.nest;
  if (!nest.reduction || nest.inputs.size() != 2 || nest.usesPosition || space.reduced.empty())
    return std::nullopt;
  ContractDims dims;
  for (unsigned dim : space.kept) {
    bool left = !isKnown(nest.inputs[0].strides[dim], 0);
    bool right = !isKnown(nest.inputs[1].strides[dim], 0);
    (left == right ? dims.batch : left ? dims.m : dims.n).push_back(dim);
  }
  return dims;
}

std::optional<int64_t> knownSize(const NestSpace &space, ArrayRef<unsigned> dims) {
  int64_t product = 1;
  for (unsigned dim : dims) {
    std::optional<int64_t> extent = known(space.nest.extents[dim]);
    if (!extent)
      return std::nullopt;
    product *= *extent;
  }
  return product;
}

Value offsetAlong(IndexMath &math, const Access &access, ArrayRef<unsigned> dims,
                  ArrayRef<Value> at) {
  Value offset = math.constant(0);
  for (auto [dim, position] : llvm::zip(dims, at))
    offset = math.add(offset, math.mul(position, access.strides[dim]));
  return offset;
}

} // namespace tlc::codegen
