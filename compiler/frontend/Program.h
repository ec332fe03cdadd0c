//===- Program.h - what it means ------------------------------------------===//
//
// The checked program: names resolved, every tensor with its type and extents, every sum
// placed [E4], the equations of a tensor collected [E2] and everything scheduled [F1]
// [R3]. `analyze` makes it from the syntax tree or says what is wrong; nothing after it can
// fail because of what the user wrote. Plain data, no MLIR.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_FRONTEND_PROGRAM_H
#define TLC_COMPILER_FRONTEND_PROGRAM_H

#include "compiler/support/DType.h"
#include "compiler/support/Source.h"

#include <complex>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace tlc::program {

/// An extent: a number, or one of the program's run-time extents [T3].
struct Extent {
  int64_t value = -1; ///< -1: known at run time
  int symbol = -1;    ///< then: number of the run-time extent; equal numbers are equal extents

  bool isStatic() const { return value >= 0; }
  bool operator==(const Extent &) const = default;
};

/// floor((sum of coefficient * variable + constant) / divisor), an index position [E5].
struct IndexExpr {
  /// (number of the variable in its equation, coefficient), each variable once, none zero.
  std::vector<std::pair<int, int64_t>> terms;
  int64_t constant = 0;
  int64_t divisor = 1;

  bool isConstant() const { return terms.empty(); }
  bool isVariable() const {
    return terms.size() == 1 && terms[0].second == 1 && constant == 0 && divisor == 1;
  }
  bool operator==(const IndexExpr &) const = default;
};

//===----------------------------------------------------------------------===//
// Expressions: every sum is written out
//===----------------------------------------------------------------------===//

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

/// An element of a tensor. Positions outside the tensor make the term 0 [E6].
struct Ref {
  int tensor = -1; ///< into Program::tensors
  std::vector<IndexExpr> indices;
};
struct Number {
  double value = 0;
};
/// An index used as a number [E8]: the value of an affine expression.
struct IndexValue {
  IndexExpr expr;
};
enum class UnaryOp { Negate, Not };
struct Unary {
  UnaryOp op;
  ExprPtr operand;
};
/// `Multiply` is the semiring's product where the program wrote a juxtaposition or `*`, and `Add`
/// is the semiring's addition under semirings other than sum_product; `Divide` and comparisons are
/// numeric. Comparisons give Booleans; their operands are numeric whatever the semiring.
enum class BinaryOp {
  Add,
  Subtract,
  Multiply,
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
/// Elementwise functions of [E9], by name; normalising ones are `Normalize`.
struct Call {
  std::string function;
  std::vector<ExprPtr> arguments;
};
enum class ReduceKind { Sum, Max, Min, Avg, Product };
/// A projection over some variables. `Sum` is the semiring's addition. Variables with a range that
/// depends on E6 range over the whole extent; `Avg` divides by the number of combinations in range.
struct Reduce {
  ReduceKind kind;
  std::vector<int> variables;
  ExprPtr operand;
};
enum class NormalizeKind { Softmax, LayerNorm, RmsNorm, L2Norm, ArgMax };
/// Over the dotted variables of the equation [E10].
struct Normalize {
  NormalizeKind kind;
  std::vector<int> variables;
  ExprPtr operand;
};
/// Variables of the operand flattened row-major into one left-hand variable [E11]. The operand uses
/// `variables`, the rest of the equation uses `result` instead.
struct Concat {
  std::vector<int> variables;
  int result = -1;
  ExprPtr operand;
};

struct Expr {
  std::variant<Ref, Number, IndexValue, Unary, Binary, Call, Reduce, Normalize, Concat> value;
  SourceRange range;
};

//===----------------------------------------------------------------------===//
// Tensors and equations
//===----------------------------------------------------------------------===//

/// `extent + offset`, where the extent may be known at run time only.
struct Bound {
  Extent extent;
  int64_t offset = 0;
  bool operator==(const Bound &) const = default;
};

/// How the elements of colliding left-hand positions, and of several equations, combine.
enum class Projection { Sum, Max, Min, Avg, Product };

struct Variable {
  std::string name;
  Extent extent;
};

/// T[lhs] (+)= rhs. Free variables of `rhs` are exactly those of `lhs`; a left-hand variable that
/// does not occur on the right broadcasts.
struct Equation {
  int tensor = -1;
  std::vector<IndexExpr> lhs;
  std::vector<Variable> variables;
  Projection projection = Projection::Sum;
  ExprPtr rhs;
  /// In a loop: the variable that is the loop's position minus `loopShift`; -1 if none. With a
  /// `loopVariable` of -1 inside a loop the equation fires only at position `loopShift`.
  int loopVariable = -1;
  int64_t loopShift = 0;
  /// In a loop with a loop variable: it fires at the loop's positions p with fireLower <= p and p <
  /// u for each u of fireUpper [E6]. Bounds of zero positions or fewer mean that it never fires.
  int64_t fireLower = 0;
  std::vector<Bound> fireUpper;
  bool isRule = false; ///< written with `<-` or as a fact
  SourceRange range;
};

/// Where a tensor's elements come from.
enum class Origin { Input, Param, Literal, File, Computed };

/// Row-major values of a literal or of facts; complex numbers have two entries each. Exactly one
/// of the two is used: `integers` for bool and integer types.
struct Literal {
  std::vector<double> reals;
  std::vector<int64_t> integers;
};

struct Tensor {
  std::string name;
  DType type = DType::F32;
  Semiring semiring = Semiring::SumProduct;
  std::vector<Extent> shape; ///< without virtual positions [E12]
  /// The symbol domain of each position: into Program::domains, or -1.
  std::vector<int> domains;
  bool isRelation = false;
  Origin origin = Origin::Computed;
  bool isOutput = false;   ///< declared, or queried where no output is declared
  Literal literal;         ///< Origin::Literal; constant facts are a literal too
  std::string path;        ///< Origin::File
  std::string initializer; ///< Origin::Param: zeros, ones, normal, uniform, glorot, eye
  std::vector<double> initializerArguments;
  std::optional<double> lowRank; ///< [K1]
  SourceRange range;
};

/// A symbol domain, in order of first appearance [R6].
struct Domain {
  std::string name; ///< "" if it was inferred
  std::vector<std::string> symbols;
};

//===----------------------------------------------------------------------===//
// Schedule [F1]
//===----------------------------------------------------------------------===//

struct Step;

/// Computes one tensor from all its equations [E2].
struct Evaluate {
  int tensor = -1;
  std::vector<int> equations; ///< into Program::equations
};
/// For position v = lower .. upper - 1, in order: for each of `body`, in order, its slice at v -
/// offset of position `axis` gets the sum of its equations that fire; it stays what it is if none
/// does. Before the loop the tensors hold the sum of their `initial` equations, else zero. With
/// `axis` -1 the tensor is virtual [E12]: no such position, the slice is the tensor and each step
/// replaces it; a body entry reads the value that the entries before it have left.
struct Loop {
  struct Slice {
    int tensor = -1;
    int axis = -1;
    int64_t offset = 0;         ///< mostly 0
    std::vector<int> initial;   ///< equations
    std::vector<int> equations; ///< in `Program::equations`, with loopVariable and loopShift
  };
  Extent upper;
  int64_t upperOffset = 0; ///< the end is upper + upperOffset; 0 if `upper` is static
  int64_t lower = 0;
  std::vector<Slice> body;
};
/// The least fixpoint of the equations of some tensors, starting from zero; or, with a tolerance,
/// an iteration.
struct Fixpoint {
  std::vector<Evaluate> body;
  std::optional<double> tolerance;
  std::optional<int64_t> maxSteps;
  SourceRange range;
};
struct Step {
  std::variant<Evaluate, Loop, Fixpoint> value;
};

struct Query {
  int tensor = -1;
  /// For each position: a fixed index, or -1 and the variable's name ("" for a bare `Y?`).
  struct Position {
    int64_t fixed = -1;
    std::string variable;
  };
  std::vector<Position> positions;
  std::string text; ///< as written, without `?`
  SourceRange range;
};

struct Write {
  int tensor = -1;
  std::string path;
  SourceRange range;
};

struct Program {
  std::vector<Tensor> tensors;
  std::vector<Domain> domains;
  std::vector<Equation> equations;
  std::vector<Step> schedule;
  std::vector<Query> queries;
  std::vector<Write> writes;
  std::vector<int> inputs;  ///< tensors, in declaration order
  std::vector<int> outputs; ///< tensors, in declaration order, else in the order of the queries
  std::vector<std::string> runtimeExtents; ///< names, for messages: "b"
};

/// "Y[i,k] = sum[j](X[i,j] Z[j,k])": an equation with every sum in view [E4].
std::string print(const Program &program, const Equation &equation);

} // namespace tlc::program

#endif // TLC_COMPILER_FRONTEND_PROGRAM_H
