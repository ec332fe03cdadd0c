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
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/ExpandExp.h"

#include "dialects/Mlir.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

namespace tlc::codegen {

namespace arith = mlir::arith;

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

void populateExpandExpPatterns(mlir::RewritePatternSet &patterns) {
  // Before the expansion that MLIR has.
  patterns.add<ExpandExp>(patterns.getContext(), /*benefit=*/2);
}

} // namespace tlc::codegen
