//===- Ast.h - what was written -------------------------------------------===//
//
// The syntax tree of a `.tl` program: names are not resolved, nothing is inferred. Each
// statement of section 2 of the language page is a struct; `Statement` is their sum.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_FRONTEND_AST_H
#define TLC_COMPILER_FRONTEND_AST_H

#include "compiler/support/DType.h"
#include "compiler/support/Source.h"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace tlc::ast {

struct Name {
  std::string text;
  SourceRange range;
};

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

/// A number; `isInteger` if it was written without point and exponent.
struct Number {
  double value = 0;
  int64_t integer = 0;
  bool isInteger = false;
};

/// "loves": a symbol [L3].
struct String {
  std::string text;
};

/// One position in brackets or parentheses.
struct Index {
  /// The affine expression, or a symbol, or a constant; null in a slice with neither bound.
  ExprPtr expr;
  bool isDotted = false;  ///< `p'.` [E10]
  bool isVirtual = false; ///< `*t`, `*t+1` [E12]
  bool isSlice = false;   ///< `lo:hi:step` [E7]; `expr` is then unused
  ExprPtr lower, upper, step;
  SourceRange range;
};

/// How a tensor was referred to: bare, with brackets, or with parentheses [L4].
enum class Brackets { None, Square, Round };

/// A name with or without positions: a tensor, an index used as a number, a constant or, in an
/// index position, a symbol. `min(a,b)` and `Even(d)` both parse to this with Round brackets: which
/// one is a call is decided by name [A18].
struct Ref {
  std::string name;
  SourceRange nameRange;
  Brackets brackets = Brackets::None;
  std::vector<Index> indices;
};

/// `sum[j](e)`, `max[j](e)` [E4].
struct Reduction {
  std::string function;
  std::vector<Name> indices;
  ExprPtr argument;
};

enum class UnaryOp { Negate, Not };
struct Unary {
  UnaryOp op;
  ExprPtr operand;
};

/// `Juxtapose` is the product without a sign; it binds tighter than `*` [L5].
enum class BinaryOp {
  Add,
  Subtract,
  Multiply,
  Juxtapose,
  Divide,
  Power,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual
};
struct Binary {
  BinaryOp op;
  ExprPtr lhs, rhs;
};

/// `[1, [2, 3]]`.
struct List {
  std::vector<ExprPtr> items;
};

struct Expr {
  std::variant<Number, String, Ref, Reduction, Unary, Binary, List> value;
  SourceRange range;
};

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

/// `domain p, p' = 128`, `domain b = ?`, `domain Person = {Alice, Bob}`.
struct Domain {
  std::vector<Name> names;
  ExprPtr extent; ///< null if unknown (`?`) or symbols
  bool isUnknown = false;
  std::vector<Name> symbols;
};

/// `const N = 12`.
struct Const {
  Name name;
  ExprPtr value;
};

enum class DeclKind { Input, Param, Output };
/// `input X[b, i] : f32`; `param W[i, j] : f32 = normal(0, 0.02)`; `output Y`.
struct Declaration {
  DeclKind kind;
  Ref tensor;
  std::optional<DType> type;
  ExprPtr initializer; ///< a Ref: the initialiser's name and arguments
  ExprPtr lowRank;     ///< `lowrank(eps) param W[i, j]` [K1]
};

/// `import "layers.tl"`; the parser has already put the imported statements in place.
struct Import {
  std::string path;
};

/// `semiring Dist = min_plus`.
struct SemiringDecl {
  Name tensor;
  Name semiring;
};

/// The operator of an equation [E2] [E3].
enum class Projection { Sum, Max, Min, Avg, Product };

/// `Y[i,k] = X[i,j] Z[j,k]`, `A = "a.npy"`, `W = [1, 2]`, each with an optional
/// `until <tolerance>, <max steps>` [F1] and `lowrank(eps)` [K1].
struct Equation {
  Ref lhs;
  Projection projection = Projection::Sum;
  SourceRange operatorRange;
  ExprPtr rhs;
  ExprPtr tolerance, maxSteps;
  ExprPtr lowRank;
  std::optional<DType> type; ///< `Y[i] : f64 = ...`
};

/// `"out.npy" = Y`.
struct WriteFile {
  std::string path;
  SourceRange pathRange;
  Ref tensor;
};

/// `Parent(Bob, Charlie)`.
struct Fact {
  Ref atom;
};

/// `Aunt(x,z) <- Sister(x,y), Parent(y,z)`: body literals are refs, `not` refs, comparisons.
struct Rule {
  Ref head;
  std::vector<ExprPtr> body;
};

/// `Y?`, `Ancestor(Alice, x)?`.
struct Query {
  Ref tensor;
};

/// `lr = 1e-3`.
struct Setting {
  Name name;
  ExprPtr value;
};

/// `minimize Loss with adam(lr = 1e-3), steps = 500` [G1].
struct Minimize {
  Ref loss;
  Name optimizer; ///< empty if none was named
  std::vector<Setting> arguments;
  std::vector<Setting> settings;
};

struct Statement {
  std::variant<Domain, Const, Declaration, Import, SemiringDecl, Equation, WriteFile, Fact, Rule,
               Query, Minimize>
      value;
  SourceRange range;
};

struct Module {
  std::vector<Statement> statements;
};

} // namespace tlc::ast

#endif // TLC_COMPILER_FRONTEND_AST_H
