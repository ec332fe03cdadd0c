//===- IndexBuilder.cpp - short names for address arithmetic --------------===//

#include "compiler/codegen/cpu/IndexBuilder.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"

namespace arith = mlir::arith;
namespace LLVM = mlir::LLVM;
namespace scf = mlir::scf;

namespace tlc::codegen {
namespace {

bool isConstant(Value value, int64_t expected) {
  return mlir::getConstantIntValue(value) == expected;
}

unsigned elementBytes(Type type) {
  Type element = mlir::getElementTypeOrSelf(type);
  if (isa<LLVM::LLVMPointerType>(element))
    return 8;
  if (auto complex = dyn_cast<ComplexType>(element))
    element = complex.getElementType();
  return std::max(1u, element.getIntOrFloatBitWidth() / 8);
}

} // namespace

Value IndexBuilder::constant(int64_t value) {
  return arith::ConstantIntOp::create(builder, loc, value, 64);
}

Value IndexBuilder::add(Value lhs, Value rhs) {
  return builder.createOrFold<arith::AddIOp>(loc, lhs, rhs, arith::IntegerOverflowFlags::nsw);
}

Value IndexBuilder::sub(Value lhs, Value rhs) {
  return builder.createOrFold<arith::SubIOp>(loc, lhs, rhs, arith::IntegerOverflowFlags::nsw);
}

Value IndexBuilder::mul(Value lhs, Value rhs) {
  return builder.createOrFold<arith::MulIOp>(loc, lhs, rhs, arith::IntegerOverflowFlags::nsw);
}

Value IndexBuilder::div(Value lhs, Value rhs) {
  return builder.createOrFold<arith::DivUIOp>(loc, lhs, rhs);
}

Value IndexBuilder::rem(Value lhs, Value rhs) {
  if (isConstant(rhs, 1))
    return constant(0);
  return builder.createOrFold<arith::RemUIOp>(loc, lhs, rhs);
}

Value IndexBuilder::min(Value lhs, Value rhs) {
  return builder.createOrFold<arith::MinSIOp>(loc, lhs, rhs);
}

Value IndexBuilder::max(Value lhs, Value rhs) {
  return builder.createOrFold<arith::MaxSIOp>(loc, lhs, rhs);
}

Value IndexBuilder::ceilDiv(Value lhs, Value rhs) {
  return div(add(lhs, sub(rhs, constant(1))), rhs);
}

Value IndexBuilder::roundUp(Value value, int64_t multiple) {
  return mul(ceilDiv(value, constant(multiple)), multiple);
}

Value IndexBuilder::less(Value lhs, Value rhs) {
  return builder.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::slt, lhs, rhs);
}

Value IndexBuilder::lessEqual(Value lhs, Value rhs) {
  return builder.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::sle, lhs, rhs);
}

Value IndexBuilder::select(Value condition, Value ifTrue, Value ifFalse) {
  return builder.createOrFold<arith::SelectOp>(loc, condition, ifTrue, ifFalse);
}

Value IndexBuilder::offset(Value pointer, Value index, Type type) {
  if (isConstant(index, 0))
    return pointer;
  return LLVM::GEPOp::create(builder, loc, pointer.getType(), type, pointer,
                             ArrayRef<LLVM::GEPArg>{index});
}

Value IndexBuilder::offset(Value pointer, int64_t index, Type type) {
  if (index == 0)
    return pointer;
  return LLVM::GEPOp::create(builder, loc, pointer.getType(), type, pointer,
                             ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(index)});
}

Value IndexBuilder::load(Type type, Value pointer) {
  return LLVM::LoadOp::create(builder, loc, type, pointer, elementBytes(type));
}

void IndexBuilder::store(Value value, Value pointer) {
  LLVM::StoreOp::create(builder, loc, value, pointer, elementBytes(value.getType()));
}

void IndexBuilder::loop(Value lower, Value upper, int64_t step, Body body) {
  loop(lower, upper, constant(step), body);
}

void IndexBuilder::loop(Value lower, Value upper, Value step, Body body) {
  loop(lower, upper, step, {}, [&](IndexBuilder &b, Value i, ValueRange) {
    body(b, i);
    return SmallVector<Value>();
  });
}

SmallVector<Value> IndexBuilder::loop(Value lower, Value upper, Value step, ValueRange carried,
                                      CarryBody body) {
  auto loopOp = scf::ForOp::create(builder, loc, lower, upper, step, carried,
                                   [&](OpBuilder &inner, Location, Value i, ValueRange values) {
                                     IndexBuilder b(inner, loc);
                                     scf::YieldOp::create(inner, loc, body(b, i, values));
                                   });
  return SmallVector<Value>(loopOp.getResults());
}

void IndexBuilder::parallel(Value count, Body body) {
  Type index = builder.getIndexType();
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  Value upper = builder.createOrFold<arith::IndexCastOp>(loc, index, count);
  scf::ParallelOp::create(
      builder, loc, zero, upper, one, [&](OpBuilder &inner, Location, ValueRange ivs) {
        IndexBuilder b(inner, loc);
        body(b, arith::IndexCastOp::create(inner, loc, inner.getI64Type(), ivs.front()));
      });
}

void IndexBuilder::branch(Value condition, Branch ifTrue, Branch ifFalse) {
  auto emit = [&](Branch branch) {
    return [this, branch](OpBuilder &inner, Location) {
      IndexBuilder b(inner, loc);
      branch(b);
      scf::YieldOp::create(inner, loc);
    };
  };
  if (ifFalse)
    scf::IfOp::create(builder, loc, condition, emit(ifTrue), emit(ifFalse));
  else
    scf::IfOp::create(builder, loc, condition, emit(ifTrue));
}

Value IndexBuilder::either(Value first, Condition second) {
  auto choice = scf::IfOp::create(builder, loc, first.getType(), first, /*withElseRegion=*/true);
  OpBuilder inner = choice.getThenBodyBuilder();
  scf::YieldOp::create(inner, loc, first);
  inner = choice.getElseBodyBuilder();
  IndexBuilder b(inner, loc);
  scf::YieldOp::create(inner, loc, second(b));
  return choice.getResult(0);
}

} // namespace tlc::codegen
