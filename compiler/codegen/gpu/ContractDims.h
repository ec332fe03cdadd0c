//===- ContractDims.h - the dimensions of a product of two tensors --------===//
//
//   result[b, m, n] = (+) over k of a[b, m, k] (*) b[b, k, n]
//
// Each of b, m, n, k stands for any number of dimensions: "xiy,yjx->ijx" has m = {i}, n = {j},
// k = {y} and b = {x}.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_GPU_CONTRACTDIMS_H
#define TLC_COMPILER_CODEGEN_GPU_CONTRACTDIMS_H

#include "compiler/codegen/gpu/NestSpace.h"

namespace tlc::codegen {

struct ContractDims {
  /// m: of the first input only; n: of the second only; the others of the result.
  SmallVector<unsigned> m, n, batch;
};

/// The dimensions, if the nest is a product of two tensors that is summed.
std::optional<ContractDims> contractDims(const NestSpace &space);

/// The product of the extents, if all are known.
std::optional<int64_t> knownSize(const NestSpace &space, ArrayRef<unsigned> dims);

/// The sum over `dims` of position times stride.
Value offsetAlong(IndexMath &math, const Access &access, ArrayRef<unsigned> dims,
                  ArrayRef<Value> at);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_GPU_CONTRACTDIMS_H
