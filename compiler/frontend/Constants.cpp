//===- Constants.cpp - numbers that are known before anything runs --------===//
//
// A constant expression is built from numbers, constants declared above it, the operators
// and a few functions:
//
//   const D = 64
//   const H = D / 8          // 8: a quotient that is whole is an integer
//   domain d = D * H
//
// Integers are exact in 64 bits; whatever overflows, divides by zero or is not a number is an
// error, so nothing that follows has to care.
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Analysis.h"
#include "compiler/support/Text.h"

#include <cmath>

using namespace tlc;
using namespace tlc::frontend;

namespace {

constexpr int64_t maxExtent = int64_t(1) << 62;

Constant fromInteger(int64_t value, SourceRange range) {
  return {static_cast<double>(value), value, range};
}

/// A real number; an exactly representable whole one is an integer, too.
Constant fromReal(double value, SourceRange range) {
  Constant result{value, std::nullopt, range};
  if (std::floor(value) == value && std::fabs(value) < 9007199254740992.0)
    result.integer = static_cast<int64_t>(value);
  return result;
}

class Evaluator {
public:
  explicit Evaluator(Analysis &analysis) : analysis(analysis) {}

  std::optional<Constant> evaluate(const ast::Expr &expr) {
    if (auto *number = std::get_if<ast::Number>(&expr.value))
      return number->isInteger ? fromInteger(number->integer, expr.range)
                               : Constant{number->value, std::nullopt, expr.range};
    if (auto *ref = std::get_if<ast::Ref>(&expr.value))
      return ref->brackets == ast::Brackets::Round ? call(*ref, expr.range)
                                                   : name(*ref, expr.range);
    if (auto *unary = std::get_if<ast::Unary>(&expr.value))
      if (unary->op == ast::UnaryOp::Negate)
        return negate(*unary, expr.range);
    if (auto *binary = std::get_if<ast::Binary>(&expr.value))
      return operation(*binary, expr.range);
    return refuse(expr.range);
  }

private:
  std::optional<Constant> refuse(SourceRange range) {
    analysis.diagnostics.error(range, diag::NotConstant);
    return std::nullopt;
  }

  std::optional<Constant> finite(double value, SourceRange range) {
    if (std::isfinite(value))
      return fromReal(value, range);
    analysis.diagnostics.error(range, diag::ConstantOverflow);
    return std::nullopt;
  }

  std::optional<Constant> name(const ast::Ref &ref, SourceRange range) {
    auto found = analysis.constants.find(ref.name);
    if (found == analysis.constants.end() || ref.brackets != ast::Brackets::None) {
      analysis.diagnostics.error(range, diag::NotConstantName, ref.name,
                                 suggestion(ref.name, constantNames()));
      return std::nullopt;
    }
    Constant result = found->second;
    result.range = range;
    return result;
  }

  std::vector<std::string_view> constantNames() const {
    std::vector<std::string_view> names;
    for (const auto &entry : analysis.constants)
      names.push_back(entry.first);
    return names;
  }

  std::optional<Constant> negate(const ast::Unary &unary, SourceRange range) {
    std::optional<Constant> operand = evaluate(*unary.operand);
    if (!operand)
      return std::nullopt;
    if (!operand->integer)
      return Constant{-operand->value, std::nullopt, range};
    int64_t result;
    if (__builtin_sub_overflow(int64_t(0), *operand->integer, &result))
      return finite(INFINITY, range);
    return fromInteger(result, range);
  }

  std::optional<Constant> call(const ast::Ref &ref, SourceRange range) {
    std::vector<double> arguments;
    for (const ast::Index &index : ref.indices) {
      if (!index.expr || index.isSlice || index.isDotted || index.isVirtual)
        return refuse(index.range);
      std::optional<Constant> argument = evaluate(*index.expr);
      if (!argument)
        return std::nullopt;
      arguments.push_back(argument->value);
    }
    const std::string &f = ref.name;
    if (arguments.size() == 2 && f == "min")
      return finite(std::fmin(arguments[0], arguments[1]), range);
    if (arguments.size() == 2 && f == "max")
      return finite(std::fmax(arguments[0], arguments[1]), range);
    if (arguments.size() != 1)
      return refuse(range);
    double x = arguments[0];
    if (f == "sqrt")
      return finite(std::sqrt(x), range);
    if (f == "exp")
      return finite(std::exp(x), range);
    if (f == "log")
      return finite(std::log(x), range);
    if (f == "floor")
      return finite(std::floor(x), range);
    if (f == "abs")
      return finite(std::fabs(x), range);
    return refuse(range);
  }

  std::optional<Constant> operation(const ast::Binary &binary, SourceRange range) {
    std::optional<Constant> lhs = evaluate(*binary.lhs);
    std::optional<Constant> rhs = evaluate(*binary.rhs);
    if (!lhs || !rhs)
      return std::nullopt;
    if (binary.op == ast::BinaryOp::Divide)
      return divide(*lhs, *rhs, range);
    if (binary.op == ast::BinaryOp::Power)
      return power(*lhs, *rhs, range);
    bool areIntegers = lhs->integer && rhs->integer;
    int64_t a = areIntegers ? *lhs->integer : 0, b = areIntegers ? *rhs->integer : 0, result = 0;
    bool overflows = false;
    double real = 0;
    switch (binary.op) {
    case ast::BinaryOp::Add:
      overflows = __builtin_add_overflow(a, b, &result);
      real = lhs->value + rhs->value;
      break;
    case ast::BinaryOp::Subtract:
      overflows = __builtin_sub_overflow(a, b, &result);
      real = lhs->value - rhs->value;
      break;
    case ast::BinaryOp::Multiply:
    case ast::BinaryOp::Juxtapose:
      overflows = __builtin_mul_overflow(a, b, &result);
      real = lhs->value * rhs->value;
      break;
    default:
      return refuse(range);
    }
    if (!areIntegers)
      return finite(real, range);
    return overflows ? finite(INFINITY, range) : fromInteger(result, range);
  }

  std::optional<Constant> divide(const Constant &lhs, const Constant &rhs, SourceRange range) {
    if (rhs.value == 0) {
      analysis.diagnostics.error(rhs.range, diag::ConstantDivisionByZero);
      return std::nullopt;
    }
    bool isSafe = lhs.integer && rhs.integer && *rhs.integer != -1;
    if (isSafe && *lhs.integer % *rhs.integer == 0)
      return fromInteger(*lhs.integer / *rhs.integer, range);
    return finite(lhs.value / rhs.value, range);
  }

  std::optional<Constant> power(const Constant &base, const Constant &exponent, SourceRange range) {
    int64_t result = 1;
    bool isExact =
        base.integer && exponent.integer && *exponent.integer >= 0 && *exponent.integer < 64;
    for (int64_t i = 0; isExact && i < *exponent.integer; ++i)
      isExact = !__builtin_mul_overflow(result, *base.integer, &result);
    return isExact ? fromInteger(result, range)
                   : finite(std::pow(base.value, exponent.value), range);
  }

  Analysis &analysis;
};

void collectConst(Analysis &analysis, const ast::Const &statement) {
  const ast::Name &name = statement.name;
  if (isFunctionName(name.text)) {
    analysis.diagnostics.error(name.range, diag::FunctionRedefined, name.text);
    return;
  }
  std::optional<Constant> value = evaluateConstant(analysis, *statement.value);
  auto [entry, isNew] = analysis.constants.try_emplace(name.text);
  if (!isNew) {
    analysis.diagnostics.error(name.range, diag::Redefinition, name.text)
        .note(entry->second.range, "the first definition is here");
    return;
  }
  // A constant whose value is wrong is still declared: its uses are not errors of their own.
  entry->second = value.value_or(fromInteger(1, name.range));
  entry->second.range = name.range;
}

/// `domain Person = {Alice, Bob}` [R6].
void addSymbols(Analysis &analysis, const ast::Domain &statement, const DomainInfo &info) {
  std::set<std::string_view> seen;
  for (const ast::Name &symbol : statement.symbols) {
    if (!seen.insert(symbol.text).second)
      analysis.diagnostics.error(symbol.range, diag::DuplicateSymbol, symbol.text);
    analysis.extents.symbols.push_back(
        {info.node, symbol.text, symbol.range, nullptr, true, false});
  }
}

/// `domain x = Person`: the name of another domain, if that is what the extent is.
const DomainInfo *aliasedDomain(Analysis &analysis, const ast::Domain &statement) {
  auto *ref = statement.extent ? std::get_if<ast::Ref>(&statement.extent->value) : nullptr;
  if (!ref || ref->brackets != ast::Brackets::None || analysis.constants.count(ref->name))
    return nullptr;
  auto found = analysis.domains.find(ref->name);
  return found == analysis.domains.end() ? nullptr : &found->second;
}

void collectDomain(Analysis &analysis, const ast::Domain &statement) {
  const DomainInfo *alias = aliasedDomain(analysis, statement);
  bool isSymbolic = !statement.extent && !statement.isUnknown;
  std::optional<int64_t> extent;
  if (statement.extent && !alias)
    extent = evaluateExtent(analysis, *statement.extent);
  for (const ast::Name &name : statement.names) {
    auto [entry, isNew] = analysis.domains.try_emplace(name.text);
    DomainInfo &info = entry->second;
    if (!isNew) {
      analysis.diagnostics.error(name.range, diag::Redefinition, name.text)
          .note(info.range, "the first definition is here");
      continue;
    }
    info = {analysis.extents.domain(), name.range, isSymbolic};
    if (extent)
      analysis.extents.addSource(info.node, *extent, name.range);
    if (alias)
      analysis.extents.link(info.node, alias->node, name.range);
    if (statement.isUnknown)
      analysis.extents.unknown.push_back(info.node);
    if (isSymbolic)
      addSymbols(analysis, statement, info);
  }
}

} // namespace

std::optional<Constant> frontend::evaluateConstant(Analysis &analysis, const ast::Expr &expr) {
  return Evaluator(analysis).evaluate(expr);
}

std::optional<int64_t> frontend::evaluateExtent(Analysis &analysis, const ast::Expr &expr) {
  std::optional<Constant> value = evaluateConstant(analysis, expr);
  if (!value)
    return std::nullopt;
  if (value->integer && *value->integer >= 0 && *value->integer <= maxExtent)
    return value->integer;
  analysis.diagnostics.error(expr.range, diag::BadExtent, value->value);
  return std::nullopt;
}

void frontend::collectConstants(Analysis &analysis) {
  for (const ast::Statement &statement : analysis.module.statements) {
    if (auto *constant = std::get_if<ast::Const>(&statement.value))
      collectConst(analysis, *constant);
    else if (auto *domain = std::get_if<ast::Domain>(&statement.value))
      collectDomain(analysis, *domain);
  }
}
