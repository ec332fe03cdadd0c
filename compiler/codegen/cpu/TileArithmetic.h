//===- TileArithmetic.h - what a register tile multiplies and sums --------===//
//
// The loops, panels and tiles of a contraction are the same for all elements and all semirings.
// What differs is what an element of a panel holds, and what is done with two of them:
//
//   operands            element of a panel    sums    one step
//   f32                 f32                   f32     sum + a b
//   f16                 f32                   f32     sum + a b
//   bf16                two bf16              f32     sum + a0 b0 + a1 b1
//   i8                  four i8               i32     sum + a0 b0 + a1 b1 + a2 b2 + a3 b3
//   bool, or and        32 bits               i32     sum | (a & b)
//   f32, min plus       f32                   f32     min(sum, a + b)
//   c64                 c64                   f32     sum0 + re(a) b, sum1 + im(a) b
//
// Two bf16 or four i8 are products of neighbours in the sum, where the processor has instructions
// for them; elsewhere bf16 is converted to f32, and i8 to wider integers, as panels are packed.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_TILEARITHMETIC_H
#define TLC_COMPILER_CODEGEN_CPU_TILEARITHMETIC_H

#include "compiler/codegen/cpu/IndexBuilder.h"
#include "compiler/codegen/cpu/Target.h"
#include "dialects/ein/EinDialect.h"

#include <memory>
#include <string>

namespace tlc::codegen {

/// What the panels of one operand hold. An element is `group` units: consecutive positions of the
/// sum, each a converted element of the operand. Behind the last position, units are zero.
struct PanelFormat {
  /// In names of functions: "f32", "bf16x2".
  std::string name;
  Type source;  ///< of the operand, where it is not complex or Boolean; else as LLVM stores it
  Type unit;    ///< what it is converted to; i1 for bits
  Type element; ///< of the panel, as LLVM stores it
  unsigned group = 1;
  /// i8 as unsigned numbers: 128 more than they are.
  bool isBiased = false;

  /// Whether elements are copied as they are.
  bool isPlain() const { return source == element; }
};

class TileArithmetic {
public:
  virtual ~TileArithmetic() = default;

  std::string name;        ///< in names of functions: "f32", "min_plus_f32"
  PanelFormat left, right; ///< of both operands; they differ in the bias only
  unsigned elementBytes;   ///< of panels
  unsigned parts = 1;      ///< numbers in an element of a panel and of the result: 2 if complex
  Type number;             ///< of vectors of the right panel
  Type stored;             ///< of vectors of the result
  Type result;             ///< the elements of the result: f32, i1, complex
  unsigned sumsPerVector = 1;
  /// Multiply-adds in the time of one vector of fused multiply-adds: what the cost model counts.
  double speed = 1;
  /// The time of a step outside of panels, in that of fused multiply-adds of as many numbers.
  double directCost = 1;
  /// Whether panels have a row in front of the others, in the right ones what startFrom() gave.
  bool hasStart = false;

  unsigned group() const { return right.group; }

  /// What sums start from, `lanes` numbers.
  virtual Value neutral(IndexBuilder &b, unsigned lanes) const = 0;
  /// The element at `left` times each of `right`, added to the sums: sumsPerVector for each vector.
  /// `isPlain` promises what isPlain() found.
  virtual SmallVector<Value> addRow(IndexBuilder &b, Value left, ValueRange right, ValueRange sums,
                                    bool isPlain) const = 0;
  /// The vectors of the result that the sums of a row stand for.
  virtual SmallVector<Value> finishRow(IndexBuilder &b, ValueRange sums) const;
  /// What the result holds, and more of the sum.
  virtual Value combine(IndexBuilder &b, Value before, Value sum) const = 0;

  /// With hasStart: adds the vector of a right panel to what sums will start from.
  virtual Value addToStart(IndexBuilder &b, Value start, Value right) const;
  virtual Value finishStart(IndexBuilder &b, Value start) const;

  /// Whether addRow() is shorter where panels hold plain numbers only.
  virtual bool hasPlainForm() const { return false; }
  /// The kinds of numbers among `count` of them, as bits of an i32.
  virtual Value kindsOf(IndexBuilder &b, Value panel, Value count, unsigned lanes) const;
  /// Whether panels with these kinds are plain.
  virtual Value arePlain(IndexBuilder &b, Value leftKinds, Value rightKinds) const;
};

using TileArithmeticRef = std::shared_ptr<const TileArithmetic>;

/// How the packed lowering multiplies operands of this element type in a semiring; null if it
/// does not.
TileArithmeticRef chooseArithmetic(ein::SemiringKind kind, Type operand, const Target &target);

// One file each; TileArithmetic.cpp chooses.
TileArithmeticRef createProductSum(Type operand, Type compute, bool fma);
TileArithmeticRef createBf16Dot(MLIRContext *context, const Target &target);
TileArithmeticRef createI8Dot(MLIRContext *context, const Target &target);
TileArithmeticRef createI8Pairs(MLIRContext *context, const Target &target);
TileArithmeticRef createSemiringSum(ein::SemiringKind kind, Type operand, Type compute);
TileArithmeticRef createBitMatrix(MLIRContext *context);
TileArithmeticRef createComplexProductSum(ComplexType operand, bool fma);

/// Fills in what holds for elements that are computed with as they are stored, or converted.
void setSimpleFormat(TileArithmetic &arithmetic, Type operand, Type compute);
/// sum + lhs rhs for vectors of floating-point numbers.
Value multiplyAdd(IndexBuilder &b, bool fma, Value lhs, Value rhs, Value sum);
/// The number at `at` in `lanes` lanes.
Value loadSplat(IndexBuilder &b, Value at, Type type, unsigned lanes);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_TILEARITHMETIC_H
