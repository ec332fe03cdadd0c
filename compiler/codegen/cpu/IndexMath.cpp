//===- IndexMath.cpp - i64 arithmetic that folds what is known ------------===//

#include "compiler/codegen/cpu/IndexMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

namespace tlc::codegen {

namespace arith = mlir::arith;

std::optional<int64_t> known(Value value) {
  llvm::APInt number;
  if (value && mlir::matchPattern(value, mlir::m_ConstantInt(&number)))
    return number.getSExtValue();
  return std::nullopt;
}

Value IndexMath::constant(int64_t number) {
  return arith::ConstantIntOp::create(builder, loc, number, 64);
}

Value IndexMath::add(Value lhs, Value rhs) {
  std::optional<int64_t> left = known(lhs), right = known(rhs);
  if (left == 0)
    return rhs;
  if (right == 0)
    return lhs;
  if (left && right)
    return constant(*left + *right);
  return arith::AddIOp::create(builder, loc, lhs, rhs, arith::IntegerOverflowFlags::nsw);
}

Value IndexMath::sub(Value lhs, Value rhs) {
  std::optional<int64_t> left = known(lhs), right = known(rhs);
  if (right == 0)
    return lhs;
  if (left && right)
    return constant(*left - *right);
  return arith::SubIOp::create(builder, loc, lhs, rhs, arith::IntegerOverflowFlags::nsw);
}

Value IndexMath::mul(Value lhs, Value rhs) {
  std::optional<int64_t> left = known(lhs), right = known(rhs);
  if (left == 1 || right == 0)
    return rhs;
  if (right == 1 || left == 0)
    return lhs;
  if (left && right)
    return constant(*left * *right);
  return arith::MulIOp::create(builder, loc, lhs, rhs, arith::IntegerOverflowFlags::nsw);
}

Value IndexMath::min(Value lhs, Value rhs) {
  std::optional<int64_t> left = known(lhs), right = known(rhs);
  if (left && right)
    return constant(std::min(*left, *right));
  return arith::MinSIOp::create(builder, loc, lhs, rhs);
}

Value IndexMath::max(Value lhs, Value rhs) {
  std::optional<int64_t> left = known(lhs), right = known(rhs);
  if (left && right)
    return constant(std::max(*left, *right));
  return arith::MaxSIOp::create(builder, loc, lhs, rhs);
}

Value IndexMath::div(Value lhs, Value rhs) {
  std::optional<int64_t> left = known(lhs), right = known(rhs);
  if (right == 1)
    return lhs;
  if (left && right)
    return constant(*left / *right);
  return arith::DivUIOp::create(builder, loc, lhs, rhs);
}

Value IndexMath::rem(Value lhs, Value rhs) {
  std::optional<int64_t> left = known(lhs), right = known(rhs);
  if (right == 1)
    return constant(0);
  if (left && right)
    return constant(*left % *right);
  return arith::RemUIOp::create(builder, loc, lhs, rhs);
}

Value IndexMath::floorDiv(Value lhs, int64_t divisor) {
  if (divisor == 1)
    return lhs;
  if (std::optional<int64_t> left = known(lhs))
    return constant(llvm::divideFloorSigned(*left, divisor));
  if (llvm::isPowerOf2_64(divisor))
    return arith::ShRSIOp::create(builder, loc, lhs, constant(llvm::Log2_64(divisor)));
  return arith::FloorDivSIOp::create(builder, loc, lhs, constant(divisor));
}

Value IndexMath::ceilDiv(Value lhs, int64_t divisor) {
  return floorDiv(add(lhs, constant(divisor - 1)), divisor);
}

Value IndexMath::isLess(Value lhs, Value rhs) {
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt, lhs, rhs);
}

Value IndexMath::isEqual(Value lhs, Value rhs) {
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, lhs, rhs);
}

Value IndexMath::both(Value lhs, Value rhs) {
  if (!lhs || !rhs)
    return lhs ? lhs : rhs;
  return arith::AndIOp::create(builder, loc, lhs, rhs);
}

Value IndexMath::toI64(Value index) {
  if (std::optional<int64_t> number = known(index))
    return constant(*number);
  return arith::IndexCastOp::create(builder, loc, builder.getI64Type(), index);
}

Value IndexMath::toIndex(Value number) {
  if (std::optional<int64_t> value = known(number))
    return arith::ConstantIndexOp::create(builder, loc, *value);
  return arith::IndexCastOp::create(builder, loc, builder.getIndexType(), number);
}

Value IndexMath::evaluate(AffineExpr expr, ArrayRef<Value> dims, ArrayRef<Value> symbols) {
  switch (expr.getKind()) {
  case AffineExprKind::Constant:
    return constant(cast<AffineConstantExpr>(expr).getValue());
  case AffineExprKind::DimId:
    return dims[cast<AffineDimExpr>(expr).getPosition()];
  case AffineExprKind::SymbolId:
    return symbols[cast<mlir::AffineSymbolExpr>(expr).getPosition()];
  default:
    break;
  }
  mlir::AffineBinaryOpExpr binary = cast<mlir::AffineBinaryOpExpr>(expr);
  Value lhs = evaluate(binary.getLHS(), dims, symbols);
  Value rhs = evaluate(binary.getRHS(), dims, symbols);
  std::optional<int64_t> divisor = known(rhs);
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    return add(lhs, rhs);
  case AffineExprKind::Mul:
    return mul(lhs, rhs);
  case AffineExprKind::FloorDiv:
    if (divisor && *divisor > 0)
      return floorDiv(lhs, *divisor);
    return arith::FloorDivSIOp::create(builder, loc, lhs, rhs);
  case AffineExprKind::CeilDiv:
    if (divisor && *divisor > 0)
      return ceilDiv(lhs, *divisor);
    return arith::CeilDivSIOp::create(builder, loc, lhs, rhs);
  case AffineExprKind::Mod: {
    // lhs - (lhs floordiv rhs) * rhs, which is never negative for a positive rhs.
    Value quotient = divisor && *divisor > 0
                         ? floorDiv(lhs, *divisor)
                         : Value(arith::FloorDivSIOp::create(builder, loc, lhs, rhs));
    return sub(lhs, mul(quotient, rhs));
  }
  default:
    llvm_unreachable("not a binary affine expression");
  }
}

} // namespace tlc::codegen
