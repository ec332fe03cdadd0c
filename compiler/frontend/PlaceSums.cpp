//===- PlaceSums.cpp - where the sum goes [E3] [E4] -----------------------===//
//
// An index that is not on the left is summed. Where, decides what an equation means:
//
//   Y = step(W[i] X[i])                     step(sum[i](W[i] X[i]))
//   K[i,i'] = (X[i,j] X[i',j])^n            (sum[j](X[i,j] X[i',j]))^n
//   Loss = (Y[e] - X[e])^2                  sum[e]((Y[e] - X[e])^2)
//
// place(e, j) walks down to the innermost node that joins on j. A power joins its base with itself
// unless j is already closed in the base: joined by two factors, or inside a call. Comparisons
// follow the rule of powers, so that `(X[j] > 0)` counts and `(W[i,j] X[j] > 0)` tests the sum. A
// call of several arguments joins them.
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Analysis.h"

#include <algorithm>

using namespace tlc;
using namespace tlc::frontend;
using namespace tlc::program;

namespace {

bool hasTerm(const IndexExpr &index, int variable) {
  return std::any_of(index.terms.begin(), index.terms.end(),
                     [&](const auto &term) { return term.first == variable; });
}

bool isPower(const Expr &expr) {
  auto *binary = std::get_if<Binary>(&expr.value);
  auto *call = std::get_if<Call>(&expr.value);
  return (binary && binary->op == BinaryOp::Power) || (call && call->function == "pow");
}

/// The factors of a product or quotient; a denominator is one factor.
struct Factor {
  ExprPtr *expr;
  bool isDenominator;
};
void collectFactors(ExprPtr &expr, std::vector<Factor> &factors) {
  auto *binary = std::get_if<Binary>(&expr->value);
  if (binary && binary->op == BinaryOp::Multiply) {
    collectFactors(binary->lhs, factors);
    collectFactors(binary->rhs, factors);
  } else if (binary && binary->op == BinaryOp::Divide) {
    collectFactors(binary->lhs, factors);
    factors.push_back({&binary->rhs, true});
  } else {
    factors.push_back({&expr, false});
  }
}

class SumPlacer {
public:
  SumPlacer(Analysis &analysis, const Equation &equation, int variable,
            std::set<const Expr *> &implicit)
      : analysis(analysis), equation(equation), variable(variable), implicit(implicit) {}

  void place(ExprPtr &expr) {
    if (!contains(*expr))
      return;
    if (auto *binary = std::get_if<Binary>(&expr->value))
      return placeBinary(expr, *binary);
    if (auto *unary = std::get_if<Unary>(&expr->value))
      return unary->op == UnaryOp::Negate ? place(unary->operand) : sumHere(expr);
    if (auto *call = std::get_if<Call>(&expr->value))
      return placeCall(expr, *call);
    if (auto *reduce = std::get_if<Reduce>(&expr->value))
      return placeReduce(expr, *reduce);
    if (auto *normalize = std::get_if<Normalize>(&expr->value))
      return insideCall(normalize->operand, expr->range);
    if (auto *concat = std::get_if<Concat>(&expr->value))
      return place(concat->operand);
    if (callRange && std::holds_alternative<Ref>(expr->value))
      analysis.diagnostics.warning(*callRange, diag::DanglingIndex,
                                   equation.variables[variable].name);
    sumHere(expr);
  }

private:
  bool contains(Expr &expr) const {
    if (auto *ref = std::get_if<Ref>(&expr.value))
      return std::any_of(ref->indices.begin(), ref->indices.end(),
                         [&](const IndexExpr &index) { return hasTerm(index, variable); });
    if (auto *value = std::get_if<IndexValue>(&expr.value))
      return hasTerm(value->expr, variable);
    if (auto *concat = std::get_if<Concat>(&expr.value))
      if (std::count(concat->variables.begin(), concat->variables.end(), variable))
        return false;
    bool result = false;
    forEachChild(expr, [&](ExprPtr &child) { result = result || contains(*child); });
    return result;
  }

  /// Joined by two factors or inside a call everywhere in `expr`: no power above is a self-join on
  /// it.
  bool isClosed(ExprPtr &expr) const {
    if (auto *binary = std::get_if<Binary>(&expr->value)) {
      if (binary->op == BinaryOp::Power)
        return true;
      if (binary->op == BinaryOp::Multiply || binary->op == BinaryOp::Divide) {
        std::vector<Factor> factors = factorsWith(expr);
        return factors.size() >= 2 || (factors.size() == 1 && isClosed(*factors[0].expr));
      }
      if (binary->op == BinaryOp::Add || binary->op == BinaryOp::Subtract)
        return (!contains(*binary->lhs) || isClosed(binary->lhs)) &&
               (!contains(*binary->rhs) || isClosed(binary->rhs));
      return false;
    }
    if (auto *unary = std::get_if<Unary>(&expr->value))
      return isClosed(unary->operand);
    if (auto *reduce = std::get_if<Reduce>(&expr->value))
      return !implicit.count(expr.get()) || isClosed(reduce->operand);
    return std::holds_alternative<Call>(expr->value) ||
           std::holds_alternative<Normalize>(expr->value);
  }

  std::vector<Factor> factorsWith(ExprPtr &expr) const {
    std::vector<Factor> factors;
    collectFactors(expr, factors);
    std::erase_if(factors, [&](const Factor &factor) { return !contains(**factor.expr); });
    return factors;
  }

  void placeBinary(ExprPtr &expr, Binary &binary) {
    switch (binary.op) {
    case BinaryOp::Add:
    case BinaryOp::Subtract:
      place(binary.lhs);
      place(binary.rhs);
      return;
    case BinaryOp::Multiply:
    case BinaryOp::Divide:
      return placeProduct(expr);
    case BinaryOp::Power:
      return placePower(expr, binary.lhs, binary.rhs);
    default:
      return placeComparison(expr, binary);
    }
  }

  void placeProduct(ExprPtr &expr) {
    std::vector<Factor> factors = factorsWith(expr);
    if (factors.size() >= 2)
      return sumHere(expr);
    if (!factors[0].isDenominator)
      return place(*factors[0].expr);
    const std::string &name = equation.variables[variable].name;
    analysis.diagnostics.error((*factors[0].expr)->range, diag::SumInDenominator, name, name);
  }

  void placePower(ExprPtr &expr, ExprPtr &base, ExprPtr &exponent) {
    bool isInBase = contains(*base) && !contains(*exponent);
    if (isInBase && isClosed(base))
      place(base);
    else
      sumHere(expr);
  }

  void placeComparison(ExprPtr &expr, Binary &binary) {
    bool left = contains(*binary.lhs), right = contains(*binary.rhs);
    ExprPtr &side = left ? binary.lhs : binary.rhs;
    if (left != right && isClosed(side))
      place(side);
    else
      sumHere(expr);
  }

  void placeCall(ExprPtr &expr, Call &call) {
    if (isPower(*expr))
      return placePower(expr, call.arguments[0], call.arguments[1]);
    auto has = [&](const ExprPtr &argument) { return contains(*argument); };
    if (std::count_if(call.arguments.begin(), call.arguments.end(), has) >= 2)
      return sumHere(expr);
    auto argument = std::find_if(call.arguments.begin(), call.arguments.end(), has);
    insideCall(*argument, expr->range);
  }

  void insideCall(ExprPtr &argument, SourceRange range) {
    std::optional<SourceRange> outer = callRange;
    callRange = range;
    place(argument);
    callRange = outer;
  }

  /// A projection that an index before this one was given takes this one, too.
  void placeReduce(ExprPtr &expr, Reduce &reduce) {
    if (!implicit.count(expr.get()))
      return insideCall(reduce.operand, expr->range);
    place(reduce.operand);
    auto *inner = std::get_if<Reduce>(&reduce.operand->value);
    if (!inner || !implicit.count(reduce.operand.get()))
      return;
    reduce.variables.insert(reduce.variables.end(), inner->variables.begin(),
                            inner->variables.end());
    implicit.erase(reduce.operand.get());
    ExprPtr operand = std::move(inner->operand);
    reduce.operand = std::move(operand);
  }

  void sumHere(ExprPtr &expr) {
    SourceRange range = expr->range;
    expr = makeExpr(Reduce{ReduceKind::Sum, {variable}, std::move(expr)}, range);
    implicit.insert(expr.get());
  }

  Analysis &analysis;
  const Equation &equation;
  int variable;
  std::set<const Expr *> &implicit;
  std::optional<SourceRange> callRange;
};

void addVariables(const IndexExpr &index, std::set<int> &variables) {
  for (auto [variable, coefficient] : index.terms)
    variables.insert(variable);
}

} // namespace

std::set<int> frontend::freeVariables(Expr &expr) {
  std::set<int> result;
  if (auto *ref = std::get_if<Ref>(&expr.value))
    for (const IndexExpr &index : ref->indices)
      addVariables(index, result);
  if (auto *value = std::get_if<IndexValue>(&expr.value))
    addVariables(value->expr, result);
  forEachChild(expr, [&](ExprPtr &child) {
    std::set<int> below = freeVariables(*child);
    result.insert(below.begin(), below.end());
  });
  if (auto *reduce = std::get_if<Reduce>(&expr.value))
    for (int variable : reduce->variables)
      result.erase(variable);
  if (auto *concat = std::get_if<Concat>(&expr.value)) {
    for (int variable : concat->variables)
      result.erase(variable);
    result.insert(concat->result);
  }
  if (auto *normalize = std::get_if<Normalize>(&expr.value))
    result.insert(normalize->variables.begin(), normalize->variables.end());
  return result;
}

void frontend::placeSums(Analysis &analysis, int number) {
  Equation &equation = analysis.program.equations[number];
  const EquationInfo &info = analysis.equations[number];
  std::set<int> absent = freeVariables(*equation.rhs);
  std::set<int> left;
  for (const IndexExpr &index : equation.lhs)
    addVariables(index, left);
  if (info.lhsVirtual)
    addVariables(*info.lhsVirtual, left);
  for (int variable : left)
    absent.erase(variable);
  if (absent.empty())
    return;
  if (equation.projection != Projection::Sum) {
    // Rule [E3]: once, outermost.
    SourceRange range = equation.rhs->range;
    Reduce reduce{static_cast<ReduceKind>(equation.projection),
                  {absent.begin(), absent.end()},
                  std::move(equation.rhs)};
    equation.rhs = makeExpr(std::move(reduce), range);
    return;
  }
  std::set<const Expr *> implicit;
  for (int variable : absent)
    SumPlacer(analysis, equation, variable, implicit).place(equation.rhs);
}
