//===- BitMatrix.cpp - products of Boolean matrices, 32 terms at a time ---===//
//
//   result[i,j] = or over k of lhs[i,k] and rhs[k,j]
//
// Panels hold a bit for each element, 32 positions k in a word. Then a word of the sum is not zero
// if any of its terms is true, and one instruction for a vector of words takes the place of 32
// multiply-adds.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/TileArithmetic.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
using mlir::VectorType;

namespace {

class BitMatrix : public TileArithmetic {
public:
  explicit BitMatrix(MLIRContext *context) {
    name = "bits";
    Type word = IntegerType::get(context, 32), byte = IntegerType::get(context, 8);
    result = IntegerType::get(context, 1);
    left = right = {"bits", byte, result, word, 32};
    elementBytes = 4;
    number = word;
    stored = byte;
    speed = 32;
  }

  Value neutral(IndexBuilder &b, unsigned lanes) const override {
    return constantElement(b.builder, b.loc, ein::zeroOf(number), number, lanes);
  }

  SmallVector<Value> addRow(IndexBuilder &b, Value leftAt, ValueRange rights, ValueRange sums,
                            bool) const override {
    unsigned lanes = cast<VectorType>(rights[0].getType()).getNumElements();
    Value factor = loadSplat(b, leftAt, number, lanes);
    SmallVector<Value> next;
    for (auto [other, sum] : llvm::zip_equal(rights, sums)) {
      Value both = arith::AndIOp::create(b.builder, b.loc, factor, other);
      next.push_back(arith::OrIOp::create(b.builder, b.loc, sum, both));
    }
    return next;
  }

  SmallVector<Value> finishRow(IndexBuilder &b, ValueRange sums) const override {
    return llvm::map_to_vector(sums, [&](Value sum) {
      unsigned lanes = cast<VectorType>(sum.getType()).getNumElements();
      Value isTrue =
          arith::CmpIOp::create(b.builder, b.loc, arith::CmpIPredicate::ne, sum, neutral(b, lanes));
      return Value(arith::ExtUIOp::create(b.builder, b.loc, withLanes(stored, lanes), isTrue));
    });
  }

  Value combine(IndexBuilder &b, Value before, Value sum) const override {
    return arith::OrIOp::create(b.builder, b.loc, before, sum);
  }
};

} // namespace

TileArithmeticRef createBitMatrix(MLIRContext *context) {
  return std::make_shared<BitMatrix>(context);
}

} // namespace tlc::codegen
