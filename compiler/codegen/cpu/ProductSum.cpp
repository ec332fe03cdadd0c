//===- ProductSum.cpp - sum + a b -----------------------------------------===//
//
// One instruction where the processor has fused multiply-adds and the numbers are real.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/KernelFunctions.h"
#include "compiler/codegen/cpu/TileArithmetic.h"

namespace tlc::codegen {

namespace arith = mlir::arith;

namespace {

class ProductSum : public TileArithmetic {
public:
  ProductSum(Type operand, Type compute, bool fma) : fma(fma) {
    setSimpleFormat(*this, operand, compute);
    name = typeName(compute);
  }

  Value neutral(IndexBuilder &b, unsigned lanes) const override {
    return constantElement(b.builder, b.loc, ein::zeroOf(number), number, lanes);
  }

  SmallVector<Value> addRow(IndexBuilder &b, Value left, ValueRange right, ValueRange sums,
                            bool) const override {
    unsigned lanes = cast<mlir::VectorType>(right[0].getType()).getNumElements();
    Value factor = loadSplat(b, left, number, lanes);
    SmallVector<Value> next;
    for (auto [other, sum] : llvm::zip_equal(right, sums)) {
      if (isa<FloatType>(number)) {
        next.push_back(multiplyAdd(b, fma, factor, other, sum));
        continue;
      }
      Value product = arith::MulIOp::create(b.builder, b.loc, factor, other);
      next.push_back(arith::AddIOp::create(b.builder, b.loc, sum, product));
    }
    return next;
  }

  Value combine(IndexBuilder &b, Value before, Value sum) const override {
    return ein::buildCombine(b.builder, b.loc, ein::CombineKind::Add, before, sum);
  }

private:
  bool fma;
};

} // namespace

TileArithmeticRef createProductSum(Type operand, Type compute, bool fma) {
  return std::make_shared<ProductSum>(operand, compute, fma);
}

} // namespace tlc::codegen
