//===- Resolver.cpp - expressions of one equation [E4] [E8]-[E11] ---------===//
//
// A bare name on the right is, in this order, a constant, an index used as a number (it stands in
// an index position of the equation, or has a domain), or a scalar tensor:
//
//   PosEnc[p,d] = sin(p / L^(d/D)) + C      // p, d: indices; L, D: constants; C: scalar
//
// The index of an explicit projection is its own: in `Y[j] = X[j] / sum[j](X[j])` there are
// two variables of the name j.
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Resolver.h"
#include "compiler/support/Text.h"

#include <algorithm>

using namespace tlc;
using namespace tlc::frontend;
using program::ExprPtr;
using program::IndexExpr;

//===----------------------------------------------------------------------===//
// Names in index positions
//===----------------------------------------------------------------------===//

void Resolver::scanIndex(const ast::Expr &expr, std::set<std::string> &names) {
  if (auto *ref = std::get_if<ast::Ref>(&expr.value)) {
    if (ref->brackets == ast::Brackets::None && !startsUpperCase(ref->name))
      names.insert(ref->name);
  } else if (auto *unary = std::get_if<ast::Unary>(&expr.value)) {
    scanIndex(*unary->operand, names);
  } else if (auto *binary = std::get_if<ast::Binary>(&expr.value)) {
    scanIndex(*binary->lhs, names);
    scanIndex(*binary->rhs, names);
  }
}

void Resolver::scanExpr(const ast::Expr &expr) {
  if (auto *ref = std::get_if<ast::Ref>(&expr.value)) {
    bool isCall = ref->brackets == ast::Brackets::Round && isFunctionName(ref->name);
    for (const ast::Index &index : ref->indices)
      if (index.expr)
        isCall ? scanExpr(*index.expr) : scanIndex(*index.expr, rightNames);
  } else if (auto *reduction = std::get_if<ast::Reduction>(&expr.value)) {
    scanExpr(*reduction->argument);
  } else if (auto *unary = std::get_if<ast::Unary>(&expr.value)) {
    scanExpr(*unary->operand);
  } else if (auto *binary = std::get_if<ast::Binary>(&expr.value)) {
    scanExpr(*binary->lhs);
    scanExpr(*binary->rhs);
  }
}

void Resolver::scan(const ast::Ref &lhs, const std::vector<const ast::Expr *> &rhs) {
  for (const ast::Index &index : lhs.indices)
    if (index.expr)
      scanIndex(*index.expr, leftNames);
  for (const ast::Expr *expr : rhs)
    scanExpr(*expr);
}

int Resolver::addVariable(const std::string &name, SourceRange range) {
  equation.variables.push_back({name, {}});
  info.variableRanges.push_back(range);
  return static_cast<int>(equation.variables.size()) - 1;
}

int Resolver::variable(const std::string &name, SourceRange range) {
  if (name == "_") // each one is a different index
    return addVariable(name, range);
  auto found = scope.find(name);
  if (found != scope.end())
    return found->second;
  int number = addVariable(name, range);
  scope[name] = number;
  auto domain = analysis.domains.find(name);
  if (domain != analysis.domains.end()) {
    auto self = static_cast<int>(analysis.program.equations.size());
    analysis.extents.link(analysis.extents.variable(self, number), domain->second.node, range);
  }
  return number;
}

bool Resolver::left(const ast::Ref &lhs) {
  equation.tensor = analysis.findTensor(lhs.name);
  info.lhsRange = lhs.nameRange;
  if (equation.tensor < 0 ||
      !positions(lhs, equation.tensor, true, equation.lhs, info.lhsRanges, info.lhsVirtual))
    return false;
  for (size_t i = 0; i < equation.lhs.size(); ++i) {
    const IndexExpr &index = equation.lhs[i];
    if (index.isVariable() && !rightNames.count(equation.variables[index.terms[0].first].name))
      pairedSlices.push_back(index.terms[0].first);
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

ExprPtr Resolver::right(const ast::Expr &expr) {
  if (auto *number = std::get_if<ast::Number>(&expr.value))
    return makeExpr(program::Number{number->value}, expr.range);
  if (auto *ref = std::get_if<ast::Ref>(&expr.value)) {
    if (ref->brackets == ast::Brackets::None)
      return bareName(*ref, expr.range);
    if (ref->brackets == ast::Brackets::Round && isFunctionName(ref->name))
      return call(*ref, expr.range);
    return reference(*ref, expr.range);
  }
  if (auto *reduced = std::get_if<ast::Reduction>(&expr.value))
    return reduction(*reduced, expr.range);
  if (auto *negated = std::get_if<ast::Unary>(&expr.value))
    return unary(*negated, expr.range);
  if (auto *joined = std::get_if<ast::Binary>(&expr.value))
    return binary(*joined, expr.range);
  bool isList = std::holds_alternative<ast::List>(expr.value);
  diagnostics.error(expr.range, diag::DataInExpression, isList ? "a list" : "a string");
  return nullptr;
}

ExprPtr Resolver::bareName(const ast::Ref &ref, SourceRange range) {
  auto constant = analysis.constants.find(ref.name);
  bool isIndex = scope.count(ref.name) || leftNames.count(ref.name) || rightNames.count(ref.name);
  if (constant != analysis.constants.end() && !isIndex)
    return makeExpr(program::Number{constant->second.value}, range);
  int tensor = analysis.findTensor(ref.name);
  bool isTensor = tensor >= 0 && analysis.tensors[tensor].isDefined;
  bool isLower = !startsUpperCase(ref.name);
  if (isLower && (isIndex || (!isTensor && analysis.domains.count(ref.name)))) {
    IndexExpr index;
    index.terms.push_back({variable(ref.name, range), 1});
    return makeExpr(program::IndexValue{index}, range);
  }
  if (isTensor)
    return reference(ref, range);
  diagnostics.error(range, diag::UndefinedName, ref.name, suggestion(analysis, ref.name));
  return nullptr;
}

ExprPtr Resolver::reference(const ast::Ref &ref, SourceRange range) {
  int tensor = analysis.findTensor(ref.name);
  if (tensor < 0 || !analysis.tensors[tensor].isDefined)
    return nullptr; // reported with the names
  ExprPtr node = makeExpr(program::Ref{tensor, {}}, range);
  RefUse use;
  use.node = node.get();
  use.isNegated = isNegated;
  use.inComparison = inComparison;
  if (!positions(ref, tensor, false, use.ref().indices, use.indexRanges, use.virtualIndex))
    return nullptr;
  info.refs.push_back(std::move(use));
  return node;
}

bool Resolver::argument(const ast::Ref &ref, size_t number, ExprPtr &result) {
  const ast::Index &index = ref.indices[number];
  if (!index.expr || index.isSlice || index.isDotted || index.isVirtual) {
    diagnostics.error(index.range, diag::BadArgument, ref.name);
    return false;
  }
  result = right(*index.expr);
  return result != nullptr;
}

ExprPtr Resolver::call(const ast::Ref &ref, SourceRange range) {
  const FunctionInfo *function = findFunction(ref.name);
  int least = function ? function->minArguments : 1, most = function ? function->maxArguments : 1;
  int count = static_cast<int>(ref.indices.size());
  if (count < least || count > most) {
    diagnostics.error(
        range, diag::ArgumentCount, ref.name,
        least == most ? fmt::format("{}", least) : fmt::format("{} or {}", least, most), count);
    return nullptr;
  }
  if (std::optional<program::NormalizeKind> kind = findNormalizer(ref.name))
    return normalize(ref, *kind, range);
  if (!function)
    return concat(ref, range);
  program::Call call{ref.name, {}};
  bool isValid = true;
  for (size_t i = 0; i < ref.indices.size(); ++i)
    isValid &= argument(ref, i, call.arguments.emplace_back());
  return isValid ? makeExpr(std::move(call), range) : nullptr;
}

// Rule [E10]: the dotted left-hand indices are normalised over; the only one needs no dot.
ExprPtr Resolver::normalize(const ast::Ref &ref, program::NormalizeKind kind, SourceRange range) {
  program::Normalize node{kind, dotted, nullptr};
  hasNormalizer = true;
  if (dotted.empty()) {
    bool isOnlyOne = equation.lhs.size() == 1 && equation.lhs[0].isVariable();
    if (!isOnlyOne) {
      diagnostics.error(range, diag::MissingDot, ref.name);
      return nullptr;
    }
    node.variables.push_back(equation.lhs[0].terms[0].first);
  }
  if (!argument(ref, 0, node.operand))
    return nullptr;
  return makeExpr(std::move(node), range);
}

// Rule [E11]: the indices of the argument that are not on the left become one index that is.
ExprPtr Resolver::concat(const ast::Ref &ref, SourceRange range) {
  if (isBelowConcat) {
    diagnostics.error(range, diag::NestedConcat);
    return nullptr;
  }
  size_t firstRef = info.refs.size();
  program::Concat node;
  isBelowConcat = true;
  bool isValid = argument(ref, 0, node.operand);
  isBelowConcat = false;
  if (!isValid)
    return nullptr;
  auto isOnLeft = [&](int variable) {
    return leftNames.count(equation.variables[variable].name) != 0;
  };
  for (size_t i = firstRef; i < info.refs.size(); ++i)
    for (const IndexExpr &index : info.refs[i].ref().indices)
      for (auto [variable, coefficient] : index.terms)
        if (!isOnLeft(variable) && std::find(node.variables.begin(), node.variables.end(),
                                             variable) == node.variables.end())
          node.variables.push_back(variable);
  for (const IndexExpr &index : equation.lhs)
    for (auto [variable, coefficient] : index.terms)
      if (!rightNames.count(equation.variables[variable].name)) {
        isValid &= node.result < 0 || node.result == variable;
        node.result = variable;
      }
  if (!isValid || node.result < 0 || node.variables.empty()) {
    diagnostics.error(range, diag::BadConcat);
    return nullptr;
  }
  analysis.concats.push_back(
      {static_cast<int>(analysis.program.equations.size()), node.variables, node.result, range});
  return makeExpr(std::move(node), range);
}

ExprPtr Resolver::reduction(const ast::Reduction &reduction, SourceRange range) {
  using program::ReduceKind;
  static constexpr std::pair<std::string_view, ReduceKind> kinds[] = {
      {"sum", ReduceKind::Sum}, {"max", ReduceKind::Max},      {"min", ReduceKind::Min},
      {"avg", ReduceKind::Avg}, {"prod", ReduceKind::Product},
  };
  program::Reduce node{ReduceKind::Sum, {}, nullptr};
  for (const auto &[name, kind] : kinds)
    if (name == reduction.function)
      node.kind = kind;
  std::unordered_map<std::string, int> outer = scope;
  for (const ast::Name &name : reduction.indices) {
    if (startsUpperCase(name.text)) {
      diagnostics.error(name.range, diag::ReducedNotIndex, name.text);
      return nullptr;
    }
    scope.erase(name.text);
    node.variables.push_back(variable(name.text, name.range));
  }
  node.operand = right(*reduction.argument);
  // Names that are not bound here belong to the equation.
  for (const ast::Name &name : reduction.indices) {
    auto shadowed = outer.find(name.text);
    scope.erase(name.text);
    if (shadowed != outer.end())
      scope.insert(*shadowed);
  }
  return node.operand ? makeExpr(std::move(node), range) : nullptr;
}

ExprPtr Resolver::unary(const ast::Unary &unary, SourceRange range) {
  bool wasNegated = isNegated;
  bool isNot = unary.op == ast::UnaryOp::Not;
  isNegated |= isNot;
  ExprPtr operand = right(*unary.operand);
  isNegated = wasNegated;
  if (!operand)
    return nullptr;
  auto op = isNot ? program::UnaryOp::Not : program::UnaryOp::Negate;
  return makeExpr(program::Unary{op, std::move(operand)}, range);
}

ExprPtr Resolver::comparisonSide(const ast::Expr &expr, const ast::Expr &other) {
  // `x == Alice`: a symbol of the domain of x.
  const std::string *symbol = symbolIn(expr);
  auto *index = std::get_if<ast::Ref>(&other.value);
  bool isTensor = symbol && analysis.findTensor(*symbol) >= 0 &&
                  !std::holds_alternative<ast::String>(expr.value);
  if (!symbol || isTensor || !index || index->brackets != ast::Brackets::None ||
      startsUpperCase(index->name))
    return right(expr);
  int number = variable(index->name, other.range);
  auto self = static_cast<int>(analysis.program.equations.size());
  ExprPtr node = makeExpr(program::IndexValue{}, expr.range);
  analysis.extents.symbols.push_back({analysis.extents.variable(self, number), *symbol, expr.range,
                                      &std::get<program::IndexValue>(node->value).expr.constant,
                                      false, false});
  return node;
}

void Resolver::noteCompared(const Expr &lhs, const Expr &rhs, SourceRange range) {
  auto *a = std::get_if<program::IndexValue>(&lhs.value);
  auto *b = std::get_if<program::IndexValue>(&rhs.value);
  if (!a || !b || !a->expr.isVariable() || !b->expr.isVariable())
    return;
  auto self = static_cast<int>(analysis.program.equations.size());
  analysis.compared.push_back({analysis.extents.variable(self, a->expr.terms[0].first),
                               analysis.extents.variable(self, b->expr.terms[0].first), range});
}

ExprPtr Resolver::binary(const ast::Binary &binary, SourceRange range) {
  using program::BinaryOp;
  static constexpr BinaryOp ops[] = {
      BinaryOp::Add,    BinaryOp::Subtract,  BinaryOp::Multiply, BinaryOp::Multiply,
      BinaryOp::Divide, BinaryOp::Power,     BinaryOp::Equal,    BinaryOp::NotEqual,
      BinaryOp::Less,   BinaryOp::LessEqual, BinaryOp::Greater,  BinaryOp::GreaterEqual,
  };
  BinaryOp op = ops[static_cast<int>(binary.op)];
  bool wasInComparison = inComparison;
  bool isComparison = op >= BinaryOp::Equal;
  inComparison |= isComparison;
  ExprPtr lhs = isComparison ? comparisonSide(*binary.lhs, *binary.rhs) : right(*binary.lhs);
  ExprPtr rhs = isComparison ? comparisonSide(*binary.rhs, *binary.lhs) : right(*binary.rhs);
  inComparison = wasInComparison;
  if (!lhs || !rhs)
    return nullptr;
  if (op == BinaryOp::Equal || op == BinaryOp::NotEqual)
    noteCompared(*lhs, *rhs, range);
  return makeExpr(program::Binary{op, std::move(lhs), std::move(rhs)}, range);
}

//===----------------------------------------------------------------------===//
// Questions about the whole equation
//===----------------------------------------------------------------------===//

bool Resolver::checkDots() {
  if (dotted.empty() || hasNormalizer)
    return true;
  diagnostics.error(info.variableRanges[dotted[0]], diag::DotWithoutNormalizer,
                    equation.variables[dotted[0]].name);
  return false;
}
