//===- DotArithmetic.cpp - short dot products in one instruction ----------===//
//
//   bf16   vdpbf16ps   sum + a0 b0 + a1 b1                    AVX512-BF16
//   i8     vpdpbusd    sum + a0 b0 + a1 b1 + a2 b2 + a3 b3    AVX512-VNNI, AVX-VNNI
//   i8     vpmaddwd    a0 b0 + a1 b1, then a sum              any x86; a and b widened to i16
//
// The instruction for i8 takes unsigned numbers on the left. So the left panel holds a + 128, and
// sums start from -128 (b0 + b1 + ...), which is added up once for each right panel:
//
//   sum (a + 128) b - 128 sum b = sum a b        exactly: i32 wraps around in all three places
//
// vdpbf16ps sums in f32, takes numbers that are not normal for zero, and rounds to nearest.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/TileArithmetic.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace LLVM = mlir::LLVM;
using mlir::VectorType;

namespace {

/// Products of groups of units that fill an i32.
class DotProduct : public TileArithmetic {
public:
  DotProduct(StringRef dotName, Type source, Type unit, Type sum, Type instructionUnit)
      : instructionUnit(instructionUnit) {
    name = dotName.str();
    Type word = IntegerType::get(source.getContext(), 32);
    unsigned group = 32 / unit.getIntOrFloatBitWidth();
    left = right = {name, source, unit, word, group};
    elementBytes = 4;
    number = word;
    stored = result = sum;
    speed = group;
    // Conversions; a product of two i8 takes several instructions.
    directCost = source.isInteger(8) ? 4 : 1.5;
  }

  Value neutral(IndexBuilder &b, unsigned lanes) const override {
    return constantElement(b.builder, b.loc, ein::zeroOf(stored), stored, lanes);
  }

  SmallVector<Value> addRow(IndexBuilder &b, Value leftAt, ValueRange rights, ValueRange sums,
                            bool) const override {
    unsigned lanes = cast<VectorType>(rights[0].getType()).getNumElements();
    Value factor = loadSplat(b, leftAt, number, lanes);
    SmallVector<Value> next;
    for (auto [other, sum] : llvm::zip_equal(rights, sums))
      next.push_back(dot(b, sum, factor, other));
    return next;
  }

  Value combine(IndexBuilder &b, Value before, Value sum) const override {
    return ein::buildCombine(b.builder, b.loc, ein::CombineKind::Add, before, sum);
  }

protected:
  virtual Value dot(IndexBuilder &b, Value sum, Value lhs, Value rhs) const = 0;

  /// A vector of words as the instruction takes it.
  Value units(IndexBuilder &b, Value words) const {
    unsigned lanes = cast<VectorType>(words.getType()).getNumElements();
    return LLVM::BitcastOp::create(b.builder, b.loc, withLanes(instructionUnit, lanes * group()),
                                   words);
  }
  static Value call(IndexBuilder &b, StringRef intrinsic, Type type, ValueRange arguments) {
    return LLVM::CallIntrinsicOp::create(b.builder, b.loc, type, b.builder.getStringAttr(intrinsic),
                                         arguments)
        .getResult(0);
  }

private:
  Type instructionUnit;
};

std::string bitsOf(const Target &target) { return std::to_string(8 * target.vectorBytes); }

class Bf16Dot : public DotProduct {
public:
  Bf16Dot(MLIRContext *context, const Target &target)
      : DotProduct("bf16x2", IntegerType::get(context, 16), IntegerType::get(context, 16),
                   mlir::Float32Type::get(context), mlir::BFloat16Type::get(context)),
        intrinsic("llvm.x86.avx512bf16.dpbf16ps." + bitsOf(target)) {}

protected:
  Value dot(IndexBuilder &b, Value sum, Value lhs, Value rhs) const override {
    return call(b, intrinsic, sum.getType(), {sum, units(b, lhs), units(b, rhs)});
  }

private:
  std::string intrinsic;
};

class I8Dot : public DotProduct {
public:
  I8Dot(MLIRContext *context, const Target &target)
      : DotProduct("i8x4", IntegerType::get(context, 8), IntegerType::get(context, 8),
                   IntegerType::get(context, 32), IntegerType::get(context, 8)),
        intrinsic("llvm.x86.avx512.vpdpbusd." + bitsOf(target)) {
    left.name = "u8x4";
    left.isBiased = true;
    hasStart = true;
  }

  Value addToStart(IndexBuilder &b, Value start, Value rightVector) const override {
    Value bias = constantElement(b.builder, b.loc, b.builder.getI32IntegerAttr(0x80808080), number,
                                 cast<VectorType>(start.getType()).getNumElements());
    return dot(b, start, bias, rightVector);
  }
  Value finishStart(IndexBuilder &b, Value start) const override {
    Value zero = neutral(b, cast<VectorType>(start.getType()).getNumElements());
    return arith::SubIOp::create(b.builder, b.loc, zero, start);
  }

protected:
  Value dot(IndexBuilder &b, Value sum, Value lhs, Value rhs) const override {
    return call(b, intrinsic, sum.getType(), {sum, units(b, lhs), units(b, rhs)});
  }

private:
  std::string intrinsic;
};

class I8Pairs : public DotProduct {
public:
  I8Pairs(MLIRContext *context, const Target &target)
      : DotProduct("i8_i16x2", IntegerType::get(context, 8), IntegerType::get(context, 16),
                   IntegerType::get(context, 32), IntegerType::get(context, 16)),
        intrinsic(target.vectorBytes == 64   ? "llvm.x86.avx512.pmaddw.d.512"
                  : target.vectorBytes == 32 ? "llvm.x86.avx2.pmadd.wd"
                                             : "llvm.x86.sse2.pmadd.wd") {
    speed = 1;
  }

protected:
  Value dot(IndexBuilder &b, Value sum, Value lhs, Value rhs) const override {
    Value products = call(b, intrinsic, sum.getType(), {units(b, lhs), units(b, rhs)});
    return arith::AddIOp::create(b.builder, b.loc, sum, products);
  }

private:
  std::string intrinsic;
};

} // namespace

TileArithmeticRef createBf16Dot(MLIRContext *context, const Target &target) {
  return std::make_shared<Bf16Dot>(context, target);
}
TileArithmeticRef createI8Dot(MLIRContext *context, const Target &target) {
  return std::make_shared<I8Dot>(context, target);
}
TileArithmeticRef createI8Pairs(MLIRContext *context, const Target &target) {
  return std::make_shared<I8Pairs>(context, target);
}

} // namespace tlc::codegen
