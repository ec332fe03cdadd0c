//===- ComplexProductSum.cpp - complex products with real multiply-adds ---===//
//
// Vectors of the right panel are pairs, as in memory. The real and the imaginary part of the left
// element have sums of their own, which meet when the tile is complete:
//
//   sum0 += re(a) * (re b0, im b0, re b1, ...)      sum1 += im(a) * (re b0, im b0, re b1, ...)
//   sum = sum0 + i sum1        re: re sum0 - im sum1     im: im sum0 + re sum1
//
// So the inner loop has four real multiply-adds for each complex one and no shuffles.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/KernelFunctions.h"
#include "compiler/codegen/cpu/TileArithmetic.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace vector = mlir::vector;
using mlir::VectorType;

namespace {

class ComplexProductSum : public TileArithmetic {
public:
  ComplexProductSum(ComplexType operand, bool fma) : fma(fma) {
    number = stored = operand.getElementType();
    result = operand;
    elementBytes = byteSize(operand);
    name = "c" + std::to_string(8 * elementBytes);
    Type pair = storageType(operand);
    left = right = {name, pair, pair, pair};
    parts = sumsPerVector = 2;
    speed = 0.25;
  }

  Value neutral(IndexBuilder &b, unsigned lanes) const override {
    return constantElement(b.builder, b.loc, ein::zeroOf(number), number, lanes);
  }

  SmallVector<Value> addRow(IndexBuilder &b, Value leftAt, ValueRange rights, ValueRange sums,
                            bool) const override {
    unsigned lanes = cast<VectorType>(rights[0].getType()).getNumElements();
    Value re = loadSplat(b, leftAt, number, lanes);
    Value im = loadSplat(b, b.offset(leftAt, 1, number), number, lanes);
    SmallVector<Value> next;
    for (auto [v, other] : llvm::enumerate(rights)) {
      next.push_back(multiplyAdd(b, fma, re, other, sums[2 * v]));
      next.push_back(multiplyAdd(b, fma, im, other, sums[2 * v + 1]));
    }
    return next;
  }

  SmallVector<Value> finishRow(IndexBuilder &b, ValueRange sums) const override {
    int64_t lanes = cast<VectorType>(sums[0].getType()).getNumElements();
    // (im, re, im, ...), and of the differences the even lanes, of the sums the odd ones.
    SmallVector<int64_t> swapped, alternating;
    for (int64_t lane = 0; lane < lanes; ++lane) {
      swapped.push_back(lane ^ 1);
      alternating.push_back(lane % 2 == 0 ? lane : lanes + lane);
    }
    SmallVector<Value> vectors;
    for (unsigned v = 0; v < sums.size(); v += 2) {
      Value turned = vector::ShuffleOp::create(b.builder, b.loc, sums[v + 1], sums[v + 1], swapped);
      Value difference = arith::SubFOp::create(b.builder, b.loc, sums[v], turned);
      Value sum = arith::AddFOp::create(b.builder, b.loc, sums[v], turned);
      vectors.push_back(vector::ShuffleOp::create(b.builder, b.loc, difference, sum, alternating));
    }
    return vectors;
  }

  Value combine(IndexBuilder &b, Value before, Value sum) const override {
    return arith::AddFOp::create(b.builder, b.loc, before, sum);
  }

private:
  bool fma;
};

} // namespace

TileArithmeticRef createComplexProductSum(ComplexType operand, bool fma) {
  return std::make_shared<ComplexProductSum>(operand, fma);
}

} // namespace tlc::codegen
