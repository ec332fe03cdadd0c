//===- TileArithmetic.cpp - which arithmetic a contraction gets -----------===//

#include "compiler/codegen/cpu/TileArithmetic.h"

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/KernelFunctions.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace vector = mlir::vector;
using ein::SemiringKind;

SmallVector<Value> TileArithmetic::finishRow(IndexBuilder &, ValueRange sums) const {
  return SmallVector<Value>(sums);
}

Value TileArithmetic::addToStart(IndexBuilder &, Value start, Value) const { return start; }
Value TileArithmetic::finishStart(IndexBuilder &, Value start) const { return start; }

Value TileArithmetic::kindsOf(IndexBuilder &b, Value, Value, unsigned) const {
  return arith::ConstantIntOp::create(b.builder, b.loc, 0, 32);
}

Value TileArithmetic::arePlain(IndexBuilder &b, Value, Value) const {
  return arith::ConstantIntOp::create(b.builder, b.loc, 1, 1);
}

void setSimpleFormat(TileArithmetic &arithmetic, Type operand, Type compute) {
  std::string name = typeName(operand);
  if (operand != compute)
    name += "_" + typeName(compute);
  arithmetic.left = {name, operand, compute, compute};
  arithmetic.right = arithmetic.left;
  arithmetic.elementBytes = byteSize(compute);
  arithmetic.number = arithmetic.stored = arithmetic.result = compute;
}

Value multiplyAdd(IndexBuilder &b, bool fma, Value lhs, Value rhs, Value sum) {
  if (fma)
    return vector::FMAOp::create(b.builder, b.loc, lhs, rhs, sum);
  Value product = arith::MulFOp::create(b.builder, b.loc, lhs, rhs);
  return arith::AddFOp::create(b.builder, b.loc, sum, product);
}

Value loadSplat(IndexBuilder &b, Value at, Type type, unsigned lanes) {
  return splat(b.builder, b.loc, b.load(type, at), lanes);
}

static TileArithmeticRef chooseProductSum(Type operand, const Target &target) {
  MLIRContext *context = operand.getContext();
  if (ComplexType complexType = dyn_cast<ComplexType>(operand))
    return createComplexProductSum(complexType, target.fma);
  if (operand.isBF16() && target.dotBf16)
    return createBf16Dot(context, target);
  if (operand.isInteger(8))
    return target.dotI8 ? createI8Dot(context, target)
           : target.pairsOfI16
               ? createI8Pairs(context, target)
               : createProductSum(operand, IntegerType::get(context, 32), target.fma);
  return createProductSum(operand, computeType(operand), target.fma);
}

TileArithmeticRef chooseArithmetic(SemiringKind kind, Type operand, const Target &target) {
  switch (kind) {
  case SemiringKind::SumProduct:
    return operand.isInteger(1) ? nullptr : chooseProductSum(operand, target);
  case SemiringKind::OrAnd:
    return createBitMatrix(operand.getContext());
  case SemiringKind::MaxPlus:
  case SemiringKind::MinPlus:
  case SemiringKind::MaxTimes:
  case SemiringKind::MaxMin:
    return createSemiringSum(kind, operand, computeType(operand));
  case SemiringKind::LogSumExp: // sums in two passes
  case SemiringKind::Count:     // checks for overflow
    return nullptr;
  }
  llvm_unreachable("unknown semiring");
}

} // namespace tlc::codegen
