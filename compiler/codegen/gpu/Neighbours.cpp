//===- Neighbours.cpp - elements that are read and written together -------===//

#include "compiler/codegen/gpu/Neighbours.h"

#include "compiler/codegen/cpu/Element.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace tlc::codegen {

namespace LLVM = mlir::LLVM;

/// Whether the address is a multiple of 16, as those of whole tensors are.
static bool isAligned(Value pointer) {
  while (LLVM::GEPOp step = pointer.getDefiningOp<LLVM::GEPOp>()) {
    int64_t bytes = byteSize(step.getElemType());
    for (auto index : step.getIndices()) {
      std::optional<int64_t> number;
      if (auto constant = llvm::dyn_cast<mlir::IntegerAttr>(index))
        number = constant.getInt();
      else
        number = known(llvm::cast<Value>(index));
      if (!number || *number * bytes % kChunkBytes != 0)
        return false;
    }
    pointer = step.getBase();
  }
  return true;
}

bool hasNeighbours(const NestSpace &space, const Access &access, unsigned dim, int64_t width) {
  bool isPlain = access.element == storageType(access.element) && !isa<ComplexType>(access.element);
  if (!isPlain || !isKnown(access.strides[dim], 1) || !isAligned(access.pointer))
    return false;
  for (auto [other, stride] : llvm::enumerate(access.strides)) {
    std::optional<int64_t> number = known(other == dim ? space.nest.extents[dim] : stride);
    if (!number || *number % width != 0)
      return false;
  }
  return true;
}

SmallVector<Value> loadNeighbours(OpBuilder &builder, Location loc, const NestSpace &space,
                                  const Access &access, ArrayRef<Value> start, unsigned dim,
                                  int64_t width) {
  IndexMath math(builder, loc);
  SmallVector<Value> values, point(start);
  if (width > 1 && hasNeighbours(space, access, dim, width)) {
    Type type = mlir::VectorType::get({width}, access.element);
    Value loaded = LLVM::LoadOp::create(builder, loc, type, space.pointerAt(builder, access, point),
                                        /*alignment=*/width * byteSize(access.element));
    for (int64_t i = 0; i < width; ++i) {
      Value element = LLVM::ExtractElementOp::create(builder, loc, loaded, math.constant(i));
      values.push_back(convertElement(builder, loc, element, access.compute));
    }
    return values;
  }
  bool isSame = isKnown(access.strides[dim], 0);
  for (int64_t i = 0; i < width; ++i) {
    point[dim] = math.add(start[dim], math.constant(i));
    values.push_back(i > 0 && isSame
                         ? values.front()
                         : loadElement(builder, loc, space.pointerAt(builder, access, point),
                                       access.element, access.compute));
  }
  return values;
}

void storeNeighbours(OpBuilder &builder, Location loc, const NestSpace &space,
                     ArrayRef<Value> values, ArrayRef<Value> point) {
  IndexMath math(builder, loc);
  const Access &result = space.nest.result;
  int64_t width = static_cast<int64_t>(values.size());
  Value vector =
      LLVM::UndefOp::create(builder, loc, mlir::VectorType::get({width}, result.element));
  for (auto [i, value] : llvm::enumerate(values))
    vector = LLVM::InsertElementOp::create(builder, loc, vector,
                                           convertElement(builder, loc, value, result.element),
                                           math.constant(static_cast<int64_t>(i)));
  LLVM::StoreOp::create(builder, loc, vector, space.pointerAt(builder, result, point),
                        /*alignment=*/width * byteSize(result.element));
}

} // namespace tlc::codegen
