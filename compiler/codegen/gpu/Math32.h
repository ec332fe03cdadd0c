//===- Math32.h - i32 arithmetic that folds what is known -----------------===//
//
// As IndexMath, for numbers in kernels that are small: positions in tiles, addresses in shared
// memory. GPUs have no registers of 64 bits. None of the numbers is negative.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_GPU_MATH32_H
#define TLC_COMPILER_CODEGEN_GPU_MATH32_H

#include "dialects/Mlir.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace tlc::codegen {

class Math32 {
public:
  Math32(OpBuilder &builder, Location loc) : builder(builder), loc(loc) {}

  Value constant(int64_t number) {
    return mlir::arith::ConstantIntOp::create(builder, loc, number, 32);
  }
  Value add(Value a, Value b) { return builder.createOrFold<mlir::arith::AddIOp>(loc, a, b); }
  Value sub(Value a, Value b) { return builder.createOrFold<mlir::arith::SubIOp>(loc, a, b); }
  Value mul(Value a, int64_t b) {
    return builder.createOrFold<mlir::arith::MulIOp>(loc, a, constant(b));
  }
  Value min(Value a, Value b) { return builder.createOrFold<mlir::arith::MinUIOp>(loc, a, b); }
  Value div(Value a, Value b) { return builder.createOrFold<mlir::arith::DivUIOp>(loc, a, b); }
  Value div(Value a, int64_t b) { return div(a, constant(b)); }
  Value rem(Value a, Value b) { return builder.createOrFold<mlir::arith::RemUIOp>(loc, a, b); }
  Value rem(Value a, int64_t b) { return b == 1 ? constant(0) : rem(a, constant(b)); }
  Value isLess(Value a, Value b) { return compare(mlir::arith::CmpIPredicate::ult, a, b); }
  Value isEqual(Value a, Value b) { return compare(mlir::arith::CmpIPredicate::eq, a, b); }
  Value exclusiveOr(Value a, Value b) {
    return builder.createOrFold<mlir::arith::XOrIOp>(loc, a, b);
  }
  /// Either may be null, which is true.
  Value both(Value a, Value b) {
    return !a ? b : !b ? a : builder.createOrFold<mlir::arith::AndIOp>(loc, a, b);
  }
  Value select(Value condition, Value a, Value b) {
    return builder.createOrFold<mlir::arith::SelectOp>(loc, condition, a, b);
  }
  /// As i64.
  Value wide(Value a) {
    return builder.createOrFold<mlir::arith::ExtUIOp>(loc, builder.getI64Type(), a);
  }

private:
  Value compare(mlir::arith::CmpIPredicate predicate, Value a, Value b) {
    return builder.createOrFold<mlir::arith::CmpIOp>(loc, predicate, a, b);
  }

  OpBuilder &builder;
  Location loc;
};

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_GPU_MATH32_H
