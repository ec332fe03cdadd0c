//===- Rules.cpp - rules as equations [R1] [R2] ---------------------------===//
//
// A rule is an equation in the Boolean semiring: the body is a product, the variables that
// are not in the head are projected by "or":
//
//   Aunt(x,z) <- Sister(x,y), Parent(y,z)      Aunt(x,z) = or[y](Sister(x,y) and Parent(y,z))
//
// Numeric tensors hold where they are > 0. A rule is safe if each variable of its head, of a
// negated literal and of a comparison also stands in a literal that is not negated: then its
// meaning does not depend on what else the domain holds.
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Rules.h"

#include <algorithm>

using namespace tlc;
using namespace tlc::frontend;
using program::ExprPtr;

namespace {

bool isComparison(program::BinaryOp op) { return op >= program::BinaryOp::Equal; }

/// Made of relations and comparisons only.
bool isBoolean(const Analysis &analysis, const program::Expr &expr) {
  using namespace program;
  if (auto *ref = std::get_if<Ref>(&expr.value))
    return analysis.program.tensors[ref->tensor].isRelation;
  if (auto *unary = std::get_if<Unary>(&expr.value))
    return unary->op == UnaryOp::Not;
  if (auto *binary = std::get_if<Binary>(&expr.value))
    return isComparison(binary->op) ||
           ((binary->op == BinaryOp::Multiply || binary->op == BinaryOp::Add) &&
            isBoolean(analysis, *binary->lhs) && isBoolean(analysis, *binary->rhs));
  if (auto *reduce = std::get_if<Reduce>(&expr.value))
    return reduce->kind != ReduceKind::Avg && isBoolean(analysis, *reduce->operand);
  return false;
}

void collectIndexValues(program::Expr &expr, std::set<int> &variables) {
  if (auto *value = std::get_if<program::IndexValue>(&expr.value))
    for (auto [variable, coefficient] : value->expr.terms)
      variables.insert(variable);
  forEachChild(expr, [&](ExprPtr &child) { collectIndexValues(*child, variables); });
}

std::set<int> variablesOf(const std::vector<program::IndexExpr> &indices) {
  std::set<int> result;
  for (const program::IndexExpr &index : indices)
    for (auto [variable, coefficient] : index.terms)
      result.insert(variable);
  return result;
}

} // namespace

void frontend::makeBoolean(Analysis &analysis, ExprPtr &expr) {
  if (isBoolean(analysis, *expr))
    return;
  auto *binary = std::get_if<program::Binary>(&expr->value);
  if (binary && binary->op == program::BinaryOp::Multiply) {
    makeBoolean(analysis, binary->lhs);
    makeBoolean(analysis, binary->rhs);
    return;
  }
  SourceRange range = expr->range;
  ExprPtr zero = makeExpr(program::Number{0}, range);
  expr = makeExpr(program::Binary{program::BinaryOp::Greater, std::move(expr), std::move(zero)},
                  range);
}

void frontend::checkRuleSafety(Analysis &analysis, const program::Equation &equation,
                               const EquationInfo &info) {
  std::set<int> bound, needed = variablesOf(equation.lhs);
  for (const RefUse &use : info.refs) {
    std::set<int> variables = variablesOf(use.ref().indices);
    (use.isNegated ? needed : bound).insert(variables.begin(), variables.end());
  }
  collectIndexValues(*equation.rhs, needed);
  for (int variable : needed)
    if (!bound.count(variable))
      analysis.diagnostics.error(info.variableRanges[variable], diag::UnsafeRule,
                                 equation.variables[variable].name);
}

bool frontend::buildRule(Analysis &analysis, Resolver &resolver, const ast::Rule &rule) {
  std::vector<const ast::Expr *> body;
  for (const ast::ExprPtr &literal : rule.body)
    body.push_back(literal.get());
  resolver.scan(rule.head, body);
  bool isValid = resolver.left(rule.head);
  resolver.equation.isRule = true;
  ExprPtr product;
  for (const ast::Expr *literal : body) {
    ExprPtr factor = resolver.right(*literal);
    if (!factor) {
      isValid = false;
      continue;
    }
    if (std::holds_alternative<program::IndexValue>(factor->value) ||
        std::holds_alternative<program::Number>(factor->value)) {
      analysis.diagnostics.error(literal->range, diag::BadRuleLiteral);
      isValid = false;
    }
    makeBoolean(analysis, factor);
    SourceRange range = factor->range;
    product = product ? makeExpr(program::Binary{program::BinaryOp::Multiply, std::move(product),
                                                 std::move(factor)},
                                 range)
                      : std::move(factor);
  }
  isValid &= product != nullptr && resolver.checkDots();
  if (!isValid)
    return false;
  resolver.equation.rhs = std::move(product);
  checkRuleSafety(analysis, resolver.equation, resolver.info);
  std::set<int> head = variablesOf(resolver.equation.lhs);
  program::Reduce projection{program::ReduceKind::Sum, {}, nullptr};
  for (int variable : freeVariables(*resolver.equation.rhs))
    if (!head.count(variable))
      projection.variables.push_back(variable);
  if (projection.variables.empty())
    return true;
  SourceRange range = resolver.equation.rhs->range;
  projection.operand = std::move(resolver.equation.rhs);
  resolver.equation.rhs = makeExpr(std::move(projection), range);
  return true;
}

int ResolveScope::finish(Resolver &resolver, bool isValid) {
  if (!isValid) {
    analysis.extents.symbols.resize(symbols);
    analysis.extents.integers.resize(integers);
    analysis.slices.resize(slices);
    analysis.concats.resize(concats);
    resolver.info.refs.clear();
    resolver.equation.rhs = nullptr;
    resolver.equation.lhs.clear();
    resolver.info.lhsRanges.clear();
  }
  // An equation that failed keeps its number, since the graph has nodes for its variables.
  if (resolver.equation.tensor < 0)
    resolver.equation.tensor = 0;
  return analysis.addEquation(std::move(resolver.equation), std::move(resolver.info));
}
