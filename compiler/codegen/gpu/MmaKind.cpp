//===- MmaKind.cpp - products of small matrices by a warp -----------------===//

#include "compiler/codegen/gpu/MmaKind.h"

#include "compiler/codegen/cpu/Element.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

namespace tlc::codegen {

namespace LLVM = mlir::LLVM;
namespace NVVM = mlir::NVVM;

int64_t MmaKind::elementBytes() const { return byteSize(element); }

std::optional<MmaKind> mmaKindOf(const Nest &nest, bool allowTf32) {
  if (!nest.isProductSum || nest.inputs.size() != 2)
    return std::nullopt;
  Type element = nest.inputs[0].element;
  if (nest.inputs[1].element != element)
    return std::nullopt;
  MLIRContext *context = element.getContext();
  Type f32 = mlir::Float32Type::get(context), i32 = mlir::IntegerType::get(context, 32);
  if ((element.isBF16() || element.isF16()) && nest.valueType.isF32())
    return MmaKind{element, f32};
  if (element.isF32() && allowTf32 && nest.valueType.isF32())
    return MmaKind{element, f32, /*isTf32=*/true};
  if (element.isF64() && nest.valueType.isF64())
    return MmaKind{element, element};
  // Sums that wrap at 8 bits are the low bits of those that wrap at 32.
  if (element.isInteger(8) && (nest.valueType.isInteger(8) || nest.valueType.isInteger(32)))
    return MmaKind{element, i32};
  return std::nullopt;
}

SmallVector<Value> prepareFragment(OpBuilder &builder, Location loc, const MmaKind &kind,
                                   ValueRange fragment) {
  SmallVector<Value> result(fragment);
  Type i32 = builder.getI32Type();
  for (Value &value : result) {
    if (kind.isTf32)
      value = NVVM::ConvertFloatToTF32Op::create(
          builder, loc, i32, LLVM::BitcastOp::create(builder, loc, builder.getF32Type(), value),
          NVVM::FPRoundingMode::RNA);
    else if (kind.element.isF16())
      value = LLVM::BitcastOp::create(builder, loc,
                                      mlir::VectorType::get({2}, builder.getF16Type()), value);
  }
  return result;
}

/// One instruction: `sums` are its accumulators.
static SmallVector<Value> multiply(OpBuilder &builder, Location loc, const MmaKind &kind,
                                   ArrayRef<Value> left, ArrayRef<Value> right, ValueRange sums) {
  using NVVM::MMATypes;
  bool isDouble = kind.element.isF64();
  MMATypes type = isDouble                ? MMATypes::f64
                  : kind.isTf32           ? MMATypes::tf32
                  : kind.element.isBF16() ? MMATypes::bf16
                  : kind.element.isF16()  ? MMATypes::f16
                                          : MMATypes::s8;
  std::optional<NVVM::MMAIntOverflow> overflow;
  if (type == MMATypes::s8)
    overflow = NVVM::MMAIntOverflow::wrapped;
  SmallVector<int64_t> shape = {16, 8, kind.elementsOfStep()};
  if (isDouble)
    shape = {8, 8, 4};
  SmallVector<Type> types(sums.size(), kind.accumulator);
  Type resultType = LLVM::LLVMStructType::getLiteral(builder.getContext(), types);
  Value result = NVVM::MmaOp::create(
      builder, loc, resultType, left, right, sums, shape, std::nullopt, overflow,
      std::array<MMATypes, 2>{type, type},
      std::array<NVVM::MMALayout, 2>{NVVM::MMALayout::row, NVVM::MMALayout::col});
  SmallVector<Value> parts;
  for (int64_t i = 0; i < static_cast<int64_t>(sums.size()); ++i)
    parts.push_back(LLVM::ExtractValueOp::create(builder, loc, result, ArrayRef<int64_t>{i}));
  return parts;
}

SmallVector<Value> multiplyBlock(OpBuilder &builder, Location loc, const MmaKind &kind,
                                 ArrayRef<Value> left, ArrayRef<Value> right, ValueRange sums) {
  SmallVector<Value> result;
  for (unsigned half = 0; half < 2; ++half) {
    ValueRange mine = sums.slice(4 * half, 4);
    if (!kind.element.isF64()) {
      llvm::append_range(result,
                         multiply(builder, loc, kind, left, {right[half], right[half + 2]}, mine));
      continue;
    }
    for (unsigned rows = 0; rows < 2; ++rows)
      llvm::append_range(
          result, multiply(builder, loc, kind, left[rows], right[half], mine.slice(2 * rows, 2)));
  }
  return result;
}

} // namespace tlc::codegen
