//===- Warp.cpp - values that lanes of a warp exchange --------------------===//

#include "compiler/codegen/gpu/Warp.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace NVVM = mlir::NVVM;

Value shuffleXor(OpBuilder &builder, Location loc, Value value, int64_t distance) {
  Type type = value.getType(), i32 = builder.getI32Type();
  auto number = [&](int64_t n, unsigned bits) {
    return arith::ConstantIntOp::create(builder, loc, n, bits);
  };
  auto exchange = [&](Value word) -> Value {
    return NVVM::ShflOp::create(builder, loc, i32, number(-1, 32), word, number(distance, 32),
                                number(31, 32), NVVM::ShflKind::bfly, mlir::UnitAttr());
  };
  unsigned width = type.getIntOrFloatBitWidth();
  Type bits = builder.getIntegerType(width);
  Value word = arith::BitcastOp::create(builder, loc, bits, value);
  if (width < 32) {
    word = arith::ExtUIOp::create(builder, loc, i32, word);
    word = arith::TruncIOp::create(builder, loc, bits, exchange(word));
  } else if (width == 32) {
    word = exchange(word);
  } else {
    Value low = arith::TruncIOp::create(builder, loc, i32, word);
    Value high = arith::TruncIOp::create(
        builder, loc, i32, arith::ShRUIOp::create(builder, loc, word, number(32, 64)));
    low = arith::ExtUIOp::create(builder, loc, bits, exchange(low));
    high = arith::ExtUIOp::create(builder, loc, bits, exchange(high));
    high = arith::ShLIOp::create(builder, loc, high, number(32, 64));
    word = arith::OrIOp::create(builder, loc, low, high);
  }
  return arith::BitcastOp::create(builder, loc, type, word);
}

Value combineNeighbours(OpBuilder &builder, Location loc, Value value, int64_t lanes,
                        function_ref<Value(Value, Value)> combine) {
  for (int64_t distance = lanes / 2; distance > 0; distance /= 2)
    value = combine(value, shuffleXor(builder, loc, value, distance));
  return value;
}

} // namespace tlc::codegen
