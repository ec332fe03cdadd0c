//===- Frame.h - one equation and its index variables ---------------------===//
//
// Reads of tensors at index expressions, as operands of contractions and maps:
//
//   X[i, j]          X itself, at (i, j)
//   Image[x+dx]      Image if every x + dx is inside, else Image padded by a gather
//   X[i-1]           a gather over i that reads X[i - 1], the fill at i = 0 [E6]
//   X[t, j]          t the loop's variable: a gather with the loop's position as a symbol
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CONVERSION_FRAME_H
#define TLC_COMPILER_CONVERSION_FRAME_H

#include "compiler/conversion/Environment.h"

#include "llvm/ADT/SmallBitVector.h"

namespace tlc {

/// An operand: element `positions` of `tensor`, where d<k> is variable k.
struct Access {
  Value tensor;
  SmallVector<AffineExpr> positions;
};

/// How the positions of an operand may look.
enum class Positions {
  Linear, ///< linear and inside: what a contraction takes
  Plain   ///< distinct variables and constants: what a map takes
};

/// The position of the loop around an equation.
struct LoopPosition {
  Value iv; ///< null outside loops
  int64_t lower = 0;
  Size upper; ///< with `upperOffset` added
  int64_t upperOffset = 0;
};

class Frame {
public:
  Frame(Environment &env, tl::EquationOp equation, const LoopPosition &loop);

  Environment &env;
  tl::EquationOp equation;
  const LoopPosition &loop;
  /// Extents of the variables; contractions append renamed ones.
  SmallVector<Size> sizes;
  /// The variable that is the loop's position minus the shift.
  std::optional<unsigned> loopVariable;

  Location loc() { return equation.getLoc(); }
  /// The value of the loop variable.
  Value loopValue();
  unsigned rename(unsigned variable);
  SmallVector<Size> sizesOf(ArrayRef<unsigned> variables) const;

  /// The variables an expression depends on, without the loop's.
  llvm::SmallBitVector freeVariables(Value expr);
  SmallVector<unsigned> freeVariableList(Value expr);

  Access access(tl::RefOp ref, Positions form, TypedAttr fill);
  /// The same for a tensor that no name stands for. `positions` may use the loop variable.
  Access access(Location loc, Value tensor, ArrayRef<Size> shape, ArrayRef<AffineExpr> positions,
                Positions form, TypedAttr fill);
  /// Booleans, true where the reads below an expression that may be outside are inside [E6]; not
  /// those inside further projections.
  SmallVector<Access> insideGuards(Value expr);
  /// Whether every value of the position is inside this extent.
  bool isInside(AffineExpr position, const Size &size) {
    return isInside(position, rangeOf(position), size);
  }
  /// Whether some combination of the variables' values reads outside the tensor.
  bool mayReadOutside(tl::RefOp ref);

  /// Whether the equation fires at every position of the loop.
  bool alwaysFires();
  /// A rank-0 Boolean: whether the equation fires at the loop's position.
  Value buildFires();

private:
  struct Gather;
  /// What is known of the values of a position.
  struct Range {
    bool isLinear = false;
    bool usesLoop = false;
    bool isBounded = false; ///< `lowest` and `highest` are known
    int64_t lowest = 0, highest = 0;
    SmallVector<unsigned> variables;
  };
  Range rangeOf(AffineExpr position);
  bool isInside(AffineExpr position, const Range &range, const Size &size);
  /// Whether a padded axis is smaller than one axis for each variable.
  bool isSpanSmaller(const Range &range);
  /// Positions of the loop below extent + offset.
  struct UpperBound {
    Size extent;
    int64_t offset = 0;
  };
  /// Lowest position of the loop at which the equation fires, and bounds above.
  int64_t firesFrom();
  SmallVector<UpperBound> firesBelow();

  llvm::DenseMap<Value, llvm::SmallBitVector> freeCache;
  Value loopValueCache;
};

} // namespace tlc

#endif // TLC_COMPILER_CONVERSION_FRAME_H
