//===- ExpandExp.cpp - the exponential function in vectors ----------------===//
//
//   e^x = 2^n e^r        n = round(x / ln 2),  r = x - n ln 2,  |r| <= ln 2 / 2
//
// Adding 1.5 * 2^23 (2^52 in f64) leaves n in the last bits of the sum. Shifted up to the
// exponent and added to the bits of e^r, it multiplies by 2^n. ln 2 is subtracted in two parts,
// of which n times the first is exact, and
//
//   e^r = 1 + r + r^2 q(r)
//
// with q interpolated at Chebyshev's points. Multiplications may be contracted with additions.
//
// Where x <= 0 is the distance to a maximum and AVX-512 has instructions for it, fewer do:
//
//   e^x = 2^t = 2^floor(t) 2^f     t = x / ln 2,  f = t - floor(t) in 0 .. 1
//
// with 2^f as a polynomial that is 1 at 0 and otherwise of least relative error (8e-8). That t is
// rounded makes the relative error grow with -x, as fast as the result becomes small.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/ExpandExp.h"

#include "dialects/Mlir.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace LLVM = mlir::LLVM;

namespace {

/// The numbers of one element type.
struct ExpConstants {
  /// e^x is a normal number for lowest <= x <= highest.
  double lowest, highest;
  double rounder, ln2High, ln2Low;
  unsigned mantissaBits;
  /// Coefficients of q, that of the highest power first.
  ArrayRef<double> coefficients;
};

constexpr double kCoefficients32[] = {1.39261775010103648e-3, 8.36317418011073982e-3,
                                      4.16665546537574941e-2, 1.66665770189594054e-1, 0.5};
constexpr double kCoefficients64[] = {2.51003776196063719e-8, 2.76200782038063943e-7,
                                      2.75572684765536953e-6, 2.48015213174840833e-5,
                                      1.98412698630429628e-4, 1.38888889171998628e-3,
                                      8.33333333333006326e-3, 4.16666666666241567e-2,
                                      1.66666666666666685e-1, 0.5};

const ExpConstants kExp32 = {-87.33654,      88.72283, 12582912.0,     0.693359375,
                             -2.12194440e-4, 23,       kCoefficients32};
const ExpConstants kExp64 = {-708.3964185322641,      709.782712893384,
                             6755399441055744.0,      6.93147180369123816490e-01,
                             1.90821492927058770e-10, 52,
                             kCoefficients64};

/// Arithmetic on values of one type, scalars or vectors.
class Arithmetic {
public:
  Arithmetic(OpBuilder &builder, Location loc, Type type)
      : builder(builder), loc(loc), type(type) {}

  Value number(double value) {
    return constant(type, builder.getFloatAttr(elementOf(type), value));
  }
  Value integer(int64_t value) {
    return constant(integerType(), builder.getIntegerAttr(elementOf(integerType()), value));
  }
  /// a * b + c, rounded once or twice.
  Value multiplyAdd(Value a, Value b, Value c) {
    arith::MulFOp product = arith::MulFOp::create(builder, loc, a, b);
    arith::AddFOp sum = arith::AddFOp::create(builder, loc, product, c);
    product.setFastmath(arith::FastMathFlags::contract);
    sum.setFastmath(arith::FastMathFlags::contract);
    return sum;
  }
  Type integerType() {
    Type integer = builder.getIntegerType(elementOf(type).getIntOrFloatBitWidth());
    mlir::VectorType vectorType = dyn_cast<mlir::VectorType>(type);
    return vectorType ? Type(vectorType.clone(integer)) : integer;
  }
  Value bits(Value value) { return arith::BitcastOp::create(builder, loc, integerType(), value); }
  Value select(arith::CmpFPredicate predicate, Value lhs, Value rhs, Value yes, Value no) {
    Value condition = arith::CmpFOp::create(builder, loc, predicate, lhs, rhs);
    return arith::SelectOp::create(builder, loc, condition, yes, no);
  }

private:
  static Type elementOf(Type type) { return mlir::getElementTypeOrSelf(type); }
  Value constant(Type of, TypedAttr value) {
    if (ShapedType shaped = dyn_cast<ShapedType>(of))
      value = DenseElementsAttr::get(shaped, Attribute(value));
    return arith::ConstantOp::create(builder, loc, value);
  }

  OpBuilder &builder;
  Location loc;
  Type type;
};

struct ExpandExp : mlir::OpRewritePattern<mlir::math::ExpOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(mlir::math::ExpOp op,
                                mlir::PatternRewriter &rewriter) const override {
    Type element = mlir::getElementTypeOrSelf(op.getType());
    if (!element.isF32() && !element.isF64())
      return rewriter.notifyMatchFailure(op, "no polynomial for this type");
    rewriter.replaceOp(
        op, expand(rewriter, op.getLoc(), op.getOperand(), element.isF32() ? kExp32 : kExp64));
    return success();
  }

private:
  static Value expand(OpBuilder &builder, Location loc, Value x, const ExpConstants &numbers) {
    Arithmetic a(builder, loc, x.getType());
    Value rounder = a.number(numbers.rounder), one = a.number(1.0), zero = a.number(0.0);
    Value shifted = a.multiplyAdd(x, a.number(1.4426950408889634), rounder);
    Value n = arith::SubFOp::create(builder, loc, shifted, rounder);
    Value r = a.multiplyAdd(n, a.number(-numbers.ln2High), x);
    r = a.multiplyAdd(n, a.number(-numbers.ln2Low), r);
    Value q = a.number(numbers.coefficients.front());
    for (double coefficient : numbers.coefficients.drop_front())
      q = a.multiplyAdd(q, r, a.number(coefficient));
    Value square = arith::MulFOp::create(builder, loc, r, r);
    Value power = arith::AddFOp::create(builder, loc, a.multiplyAdd(q, square, r), one);
    Value exponent =
        arith::ShLIOp::create(builder, loc, a.bits(shifted), a.integer(numbers.mantissaBits));
    Value bits = arith::AddIOp::create(builder, loc, a.bits(power), exponent);
    Value result = arith::BitcastOp::create(builder, loc, x.getType(), bits);
    // Below, 0; the comparisons are such that NaN stays NaN.
    Value below = a.select(arith::CmpFPredicate::OGT, zero, x, zero, x);
    result = a.select(arith::CmpFPredicate::OGE, x, a.number(numbers.lowest), result, below);
    Value infinity = a.number(std::numeric_limits<double>::infinity());
    return a.select(arith::CmpFPredicate::OGT, x, a.number(numbers.highest), infinity, result);
  }
};

} // namespace

/// Of 2^f, that of the highest power first.
static constexpr double kPowerOfTwo[] = {1.86713022e-3, 9.01702991e-3, 5.57999135e-2,
                                         2.4016445e-1,  6.93151312e-1, 1.0};

/// An instruction of AVX-512 that has a mask, here of all lanes.
static Value callAvx512(OpBuilder &builder, Location loc, StringRef name, Value first,
                        Value second) {
  Type type = first.getType();
  Value previous = LLVM::PoisonOp::create(builder, loc, type);
  auto integer = [&](int64_t value, unsigned bits) -> Value {
    return LLVM::ConstantOp::create(builder, loc,
                                    builder.getIntegerAttr(builder.getIntegerType(bits), value));
  };
  SmallVector<Value> arguments = {first, second, previous, integer(-1, 16),
                                  integer(/*as the rounding mode says*/ 4, 32)};
  return LLVM::CallIntrinsicOp::create(builder, loc, type, builder.getStringAttr(name), arguments)
      .getResult(0);
}

Value expOfDifference(OpBuilder &builder, Location loc, const Target &target, Value x) {
  mlir::VectorType type = dyn_cast<mlir::VectorType>(x.getType());
  if (!target.scalesByPowers || !type || !type.getElementType().isF32() ||
      type.getNumElements() != 16)
    return mlir::math::ExpOp::create(builder, loc, x);
  Arithmetic a(builder, loc, type);
  Value t = arith::MulFOp::create(builder, loc, x, a.number(1.4426950408889634));
  Value towardsMinusInfinity = LLVM::ConstantOp::create(builder, loc, builder.getI32IntegerAttr(1));
  Value f = callAvx512(builder, loc, "llvm.x86.avx512.mask.reduce.ps.512", t, towardsMinusInfinity);
  Value power = a.number(kPowerOfTwo[0]);
  for (double coefficient : ArrayRef<double>(kPowerOfTwo).drop_front())
    power = a.multiplyAdd(power, f, a.number(coefficient));
  return callAvx512(builder, loc, "llvm.x86.avx512.mask.scalef.ps.512", power, t);
}

void populateExpandExpPatterns(mlir::RewritePatternSet &patterns) {
  // Before the expansion that MLIR has.
  patterns.add<ExpandExp>(patterns.getContext(), /*benefit=*/2);
}

} // namespace tlc::codegen
