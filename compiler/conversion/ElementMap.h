//===- ElementMap.h - elementwise expressions as one map ------------------===//
//
//   relu(sum[k](A[i,k] B[k]) + C[i]) / 2
//
// The leaves are tensors: the contraction, C. Everything between them and the root is the body
// of a single `ein.map`. Expressions of several equations may share one map.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CONVERSION_ELEMENTMAP_H
#define TLC_COMPILER_CONVERSION_ELEMENTMAP_H

#include "compiler/conversion/Frame.h"
#include "compiler/conversion/ScalarCode.h"

namespace tlc {

class ElementMap {
public:
  /// A map with these extents.
  ElementMap(Environment &env, Location loc, ArrayRef<Size> sizes)
      : env(env), loc(loc), sizes(sizes) {}

  /// What follows is of this equation; dimension d of the map is variable `variables[d]`.
  void enter(Frame &frame, ArrayRef<unsigned> variables);
  /// Enters the equation and computes the leaves of an expression.
  void addExpression(Frame &frame, Value root, ArrayRef<unsigned> variables,
                     ein::SemiringKind semiring);
  /// A tensor at these positions, where d<k> is dimension k of the map. Returns its number.
  unsigned addOperand(Value tensor, ArrayRef<AffineExpr> positions);
  /// A tensor of the map's own shape.
  unsigned addOperand(Value tensor);
  /// An element in terms of the variables of the equation that was entered last.
  unsigned addAccess(const Access &access);

  /// Makes the map; `body` uses `emit` and `operand`.
  Value build(Type element, function_ref<Value(ScalarCode &)> body);

  /// In a body: the value of an expression, of an operand.
  Value emit(Value expr);
  Value operand(unsigned number);
  OpBuilder &body() { return *bodyBuilder; }

  /// The tensor that an expression is, if it is a leaf of the map's own shape that nothing is to be
  /// done to.
  Value wholeLeaf(Value expr);

private:
  /// What an expression that has a tensor of its own is: an operand, and what remains to be done.
  struct Leaf {
    unsigned operand = 0;
    bool negative = false;
    SmallVector<Value> scales, divisors;
    std::optional<unsigned> count; ///< an operand that divides, at least 1
    ein::SemiringKind semiring = ein::SemiringKind::SumProduct;
  };

  void plan(Frame &frame, Value expr, ein::SemiringKind semiring);
  /// A quotient or power is zero where what it divides by lies outside a tensor [E6].
  void planGuards(Frame &frame, tl::ApplyOp apply);
  void planReduction(Frame &frame, tl::ReduceOp reduce);
  void planIndex(Frame &frame, tl::IndexOp index);
  unsigned addTensor(Value tensor, ArrayRef<unsigned> variables);
  /// The map's variables on which an expression depends, in the map's order.
  SmallVector<unsigned> variablesOf(Frame &frame, Value expr);

  Value emitLeaf(const Leaf &leaf);
  Value emitNode(Operation *op);
  Value emitGuarded(tl::ApplyOp apply, Value value);
  Value emitPower(tl::ApplyOp apply);
  Value emitIndex(tl::IndexOp index);

  Environment &env;
  Location loc;
  SmallVector<Size> sizes;
  SmallVector<Value> operands;
  SmallVector<SmallVector<AffineExpr>> positions;
  llvm::DenseMap<Value, Leaf> leaves;
  llvm::DenseMap<Operation *, SmallVector<unsigned>> guards;
  /// The map's dimension of each variable, for each equation.
  llvm::DenseMap<Operation *, SmallVector<int64_t>> dimensions;
  SmallVector<int64_t> *current = nullptr;
  SmallVector<unsigned> order; ///< of the equation being planned

  // Inside a body.
  OpBuilder *bodyBuilder = nullptr;
  ScalarCode *code = nullptr;
  SmallVector<Value> arguments;
  llvm::DenseMap<Value, Value> emitted;
};

/// The tensor of an expression, with these variables as its dimensions; it broadcasts along
/// variables that the expression does not have.
Value buildTensor(Frame &frame, Value expr, ArrayRef<unsigned> variables, Type element,
                  ein::SemiringKind semiring);

} // namespace tlc

#endif // TLC_COMPILER_CONVERSION_ELEMENTMAP_H
