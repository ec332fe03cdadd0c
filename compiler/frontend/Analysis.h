//===- Analysis.h - what the parts of `analyze` share ---------------------===//
//
// Semantic analysis goes through these parts in order, each in a file of its own:
//
//   Constants   values of `const`, extents and symbols of `domain`
//   Names       which name is what; one arity and one kind of brackets each [L3] [L4]
//   Resolve     syntax to `program::Expr`; index positions become affine functions [E5]
//   Rules       facts and rules as or_and equations, their safety [R1] [R2]
//   Extents     unification over positions and variables [T1]-[T4], symbol domains [R6]
//   Types       element types and semirings [S1]
//   PlaceSums   every projection written out [E3] [E4]
//   Schedule    dependence graph, loops, fixpoints [F1] [R3]
//   Data        literals and facts as arrays
//
// This header is private to the front end.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_FRONTEND_ANALYSIS_H
#define TLC_COMPILER_FRONTEND_ANALYSIS_H

#include "compiler/frontend/Ast.h"
#include "compiler/frontend/ExtentGraph.h"
#include "compiler/frontend/Frontend.h"
#include "compiler/frontend/Program.h"
#include "compiler/support/Diagnostic.h"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace tlc::frontend {

/// The value of a constant expression; `integer` if it is a whole number that fits.
struct Constant {
  double value = 0;
  std::optional<int64_t> integer;
  SourceRange range;
};

/// What the program says about an index variable or a symbol domain by name.
struct DomainInfo {
  int node = -1; ///< in the extent graph
  SourceRange range;
  bool hasSymbols = false;
};

/// `R(Alice, 3)`: positions are filled in when the symbol domains are known.
struct Fact {
  std::vector<int64_t> positions;
  SourceRange range;
};

/// A literal or a file that a tensor is set to.
struct Data {
  const ast::Expr *list = nullptr; ///< else a file
  std::string path;
  FileInfo info;
  std::vector<int64_t> shape; ///< of the list
  SourceRange range;
};

/// What is known of a tensor beyond `program::Tensor`; parallel to `Program::tensors`.
struct TensorInfo {
  SourceRange range; ///< first definition, else first use
  ast::Brackets brackets = ast::Brackets::None;
  SourceRange bracketsRange;
  int rank = -1; ///< as written, with the virtual position
  SourceRange rankRange;
  int virtualPosition = -1;
  bool isDefined = false;
  std::optional<DType> declaredType;
  SourceRange typeRange;
  std::optional<Semiring> declaredSemiring;
  std::optional<ast::Projection> projection;
  SourceRange projectionRange;
  const ast::Declaration *declaration = nullptr; ///< `input` or `param`
  std::optional<DType> fileType;
  std::vector<Data> data;
  std::vector<Fact> facts;
  std::vector<int> equations;

  /// Positions of the tensor in `Program`, without the virtual one.
  int storedRank() const { return virtualPosition >= 0 ? rank - 1 : rank; }
};

/// An element of a tensor on the right of an equation.
struct RefUse {
  program::Expr *node = nullptr;
  /// The position along the virtual index, if written with a star [E12].
  std::optional<program::IndexExpr> virtualIndex;
  std::vector<SourceRange> indexRanges; ///< of the stored positions
  bool isNegated = false;               ///< under `not`
  bool inComparison = false;

  program::Ref &ref() const { return std::get<program::Ref>(node->value); }
};

/// What is known of an equation beyond `program::Equation`; parallel to `Program::equations`.
struct EquationInfo {
  std::vector<RefUse> refs;
  std::vector<SourceRange> lhsRanges;
  std::optional<program::IndexExpr> lhsVirtual;
  SourceRange lhsRange;
  std::vector<SourceRange> variableRanges; ///< first use of each variable
  std::optional<double> tolerance;
  std::optional<int64_t> maxSteps;
  SourceRange untilRange;
  bool isBooleanValue = false; ///< the right side is made of relations and comparisons only
};

/// `lower:upper:step` on a position, resolved when the extent is known [E7].
struct Slice {
  program::IndexExpr *target = nullptr;
  int equation = -1;
  int variable = -1;
  int node = -1; ///< the sliced position
  std::optional<int64_t> lower, upper;
  int64_t step = 1;
  bool isLeft = false;
  bool isDone = false;
  SourceRange range;
};

/// The product of the extents of `variables` is the extent of `result` [E11].
struct ConcatUse {
  int equation = -1;
  std::vector<int> variables;
  int result = -1;
  SourceRange range;
};

/// `x == y` of two index variables: if both are symbols, they are of one domain [R6].
struct ComparedVariables {
  int a = -1, b = -1; ///< nodes of the extent graph
  SourceRange range;
};

/// The state of one analysis. Errors go to `diagnostics`; parts that need the result of a failed
/// part are not run.
struct Analysis {
  Analysis(const ast::Module &module, const FrontendOptions &options, Diagnostics &diagnostics)
      : module(module), options(options), diagnostics(diagnostics) {}

  const ast::Module &module;
  const FrontendOptions &options;
  Diagnostics &diagnostics;
  program::Program program;

  std::map<std::string, Constant, std::less<>> constants;
  std::map<std::string, DomainInfo, std::less<>> domains;
  std::unordered_map<std::string, int> tensorByName;
  std::vector<TensorInfo> tensors;
  std::deque<EquationInfo> equations;
  std::vector<Slice> slices;
  std::vector<ConcatUse> concats;
  std::vector<ComparedVariables> compared;
  ExtentGraph extents;
  std::unordered_map<int, std::string> positionNames; ///< of nodes, from declarations
  bool hasOutputs = false;

  program::Tensor &tensor(int number) { return program.tensors[number]; }
  /// The number of the tensor of that name, or -1.
  int findTensor(const std::string &name) const {
    auto found = tensorByName.find(name);
    return found == tensorByName.end() ? -1 : found->second;
  }
  /// Adds a tensor that the program does not name, such as the facts of a relation with rules.
  int addHiddenTensor(const std::string &name, int like, SourceRange range);
  /// Adds an equation with its side table; returns its number.
  int addEquation(program::Equation equation, EquationInfo info);
};

//===----------------------------------------------------------------------===//
// Parts, in the order in which they run
//===----------------------------------------------------------------------===//

void collectConstants(Analysis &analysis);
void collectNames(Analysis &analysis);
void resolveStatements(Analysis &analysis);
void checkRuleSafety(Analysis &analysis, const program::Equation &equation,
                     const EquationInfo &info);
void solveExtents(Analysis &analysis);
void inferTypes(Analysis &analysis);
void placeSums(Analysis &analysis, int equation);
void makeSchedule(Analysis &analysis);
void fillData(Analysis &analysis);

//===----------------------------------------------------------------------===//
// Questions that several parts ask
//===----------------------------------------------------------------------===//

/// The value of an expression over numbers and constants; reports if it is none.
std::optional<Constant> evaluateConstant(Analysis &analysis, const ast::Expr &expr);
/// The same as an extent: a whole number from 0 to 2^62.
std::optional<int64_t> evaluateExtent(Analysis &analysis, const ast::Expr &expr);

/// "; did you mean 'X'?", or "".
std::string suggestion(Analysis &analysis, std::string_view word);
/// The same over given names.
std::string suggestion(std::string_view word, const std::vector<std::string_view> &names);

/// An elementwise function of [E9] and how many arguments it takes.
struct FunctionInfo {
  std::string_view name;
  int minArguments, maxArguments;
};
const FunctionInfo *findFunction(std::string_view name);
std::optional<program::NormalizeKind> findNormalizer(std::string_view name);
/// Any of the above, or `concat` [A18].
bool isFunctionName(std::string_view name);

/// Calls `visit` for each child of `expr`.
template <typename Visit> void forEachChild(program::Expr &expr, Visit visit) {
  using namespace program;
  if (auto *unary = std::get_if<Unary>(&expr.value)) {
    visit(unary->operand);
  } else if (auto *binary = std::get_if<Binary>(&expr.value)) {
    visit(binary->lhs);
    visit(binary->rhs);
  } else if (auto *call = std::get_if<Call>(&expr.value)) {
    for (ExprPtr &argument : call->arguments)
      visit(argument);
  } else if (auto *reduce = std::get_if<Reduce>(&expr.value)) {
    visit(reduce->operand);
  } else if (auto *normalize = std::get_if<Normalize>(&expr.value)) {
    visit(normalize->operand);
  } else if (auto *concat = std::get_if<Concat>(&expr.value)) {
    visit(concat->operand);
  }
}

/// Variables that occur in `expr` and that no projection or `concat` in it binds, in order.
std::set<int> freeVariables(program::Expr &expr);

/// A node of the tree that has this value.
template <typename Value> program::ExprPtr makeExpr(Value value, SourceRange range) {
  auto expr = std::make_unique<program::Expr>();
  expr->value = std::move(value);
  expr->range = range;
  return expr;
}

} // namespace tlc::frontend

#endif // TLC_COMPILER_FRONTEND_ANALYSIS_H
