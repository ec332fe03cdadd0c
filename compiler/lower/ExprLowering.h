//===- ExprLowering.h - right-hand sides with their types -----------------===//
//
// The front end's expressions have no types; those of `tl` do. The type is chosen from above:
// an equation of an f32 tensor computes in f32, and what has another type is converted
// where it stands.
//
//   Y[i] = R(i) X[i]            R converted to one or zero, the product in Y's semiring
//   Near(i) = (X[i] - 1 < 3)    the comparison in X's type, its result a Boolean
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_LOWER_EXPRLOWERING_H
#define TLC_COMPILER_LOWER_EXPRLOWERING_H

#include "compiler/frontend/Program.h"
#include "dialects/tl/TlDialect.h"

namespace tlc {

/// Makes a location of a place in the source.
using LocationOf = llvm::function_ref<Location(SourceRange)>;

class ExprLowering {
public:
  ExprLowering(const program::Program &program, const program::Equation &equation,
               OpBuilder &builder, LocationOf locationOf)
      : program(program), equation(equation), builder(builder), locationOf(locationOf) {}

  /// The expression as a value of `type`, where products and sums are those of `semiring`.
  Value lower(const program::Expr &expr, Type type, ein::SemiringKind semiring);

  /// floor((sum of terms + constant) / divisor), over the variables of the equation.
  AffineExpr affine(const program::IndexExpr &index);
  AffineMap map(ArrayRef<program::IndexExpr> indices);

private:
  /// What decides the type of an expression that stands on its own.
  struct Contents {
    Type widest;          ///< of the tensors in it; null if there is none
    bool isReal = false;  ///< holds a fraction, a quotient, a power or a function
    bool isCount = false; ///< holds a number, an index, a sum
  };
  void inspect(const program::Expr &expr, Contents &contents);
  /// The type in which an expression is computed when no tensor asks for one.
  Type ownType(ArrayRef<const program::Expr *> exprs);

  Value lowerNode(const program::Ref &, Location, Type, ein::SemiringKind, const program::Expr &);
  Value lowerNode(const program::Number &, Location, Type, ein::SemiringKind,
                  const program::Expr &);
  Value lowerNode(const program::IndexValue &, Location, Type, ein::SemiringKind,
                  const program::Expr &);
  Value lowerNode(const program::Unary &, Location, Type, ein::SemiringKind, const program::Expr &);
  Value lowerNode(const program::Binary &, Location, Type, ein::SemiringKind,
                  const program::Expr &);
  Value lowerNode(const program::Call &, Location, Type, ein::SemiringKind, const program::Expr &);
  Value lowerNode(const program::Reduce &, Location, Type, ein::SemiringKind,
                  const program::Expr &);
  Value lowerNode(const program::Normalize &, Location, Type, ein::SemiringKind,
                  const program::Expr &);
  Value lowerNode(const program::Concat &, Location, Type, ein::SemiringKind,
                  const program::Expr &);

  /// The value in `type`, converted if it is not.
  Value convert(Value value, Type type, ein::SemiringKind semiring);
  Value apply(Location loc, tl::Function function, Type type, ValueRange operands);
  /// Operands of a chain of one operation, left to right.
  void flatten(const program::Expr &expr, program::BinaryOp op,
               SmallVectorImpl<const program::Expr *> &operands);

  const program::Program &program;
  const program::Equation &equation;
  OpBuilder &builder;
  LocationOf locationOf;
};

} // namespace tlc

#endif // TLC_COMPILER_LOWER_EXPRLOWERING_H
