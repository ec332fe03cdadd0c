//===- ParseExpression.cpp - expressions, indices, references -------------===//
//
//   Y[i,k] = -X[i,j] Z[j,k] / c ^ 2 + (i < k) V[2*k+1, ::2]
//
// Precedence, loosest first: comparisons, `+ -`, `* /`, unary `-`, juxtaposition, `^`, calls [L5].
// So `a b / c d` is `(a b) / (c d)`, `-a b` is `-(a b)` and `a ^ 2 b` is `(a ^ 2) b`.
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Parser.h"

#include <charconv>

namespace tlc {

using namespace ast;

ExprPtr Parser::make(uint32_t begin, decltype(Expr::value) value) {
  if (++state.terms > maxTerms) {
    fail(rangeFrom(begin), diag::ProgramTooLarge, maxTerms);
    return nullptr;
  }
  auto expr = std::make_unique<Expr>();
  expr->value = std::move(value);
  expr->range = rangeFrom(begin);
  return expr;
}

ExprPtr Parser::binary(BinaryOp op, ExprPtr lhs, ExprPtr rhs) {
  if (!lhs || !rhs)
    return nullptr;
  uint32_t begin = lhs->range.begin;
  if (++operators > maxOperators) {
    fail(rhs->range, diag::ExpressionTooLong, maxOperators);
    return nullptr;
  }
  return make(begin, Binary{op, std::move(lhs), std::move(rhs)});
}

/// expression := sum (('==' | '!=' | '<' | '<=' | '>' | '>=') sum)?
ExprPtr Parser::expression() {
  if (!enter())
    return nullptr;
  auto comparison = [&]() -> std::optional<BinaryOp> {
    switch (kind()) {
    case Kind::Equal:
      return BinaryOp::Equal;
    case Kind::NotEqual:
      return BinaryOp::NotEqual;
    case Kind::Less:
      return BinaryOp::Less;
    case Kind::LessEqual:
      return BinaryOp::LessEqual;
    case Kind::Greater:
      return BinaryOp::Greater;
    case Kind::GreaterEqual:
      return BinaryOp::GreaterEqual;
    default:
      return std::nullopt;
    }
  };
  ExprPtr result = sum();
  if (std::optional<BinaryOp> op = comparison(); op && result) {
    std::string_view sign = text(token());
    advance();
    result = binary(*op, std::move(result), sum());
    if (comparison() && result)
      fail(range(), diag::ChainedComparison, sign, text(token()));
  }
  leave();
  return failed ? nullptr : std::move(result);
}

/// sum := product (('+' | '-') product)*
ExprPtr Parser::sum() {
  ExprPtr result = product();
  while (result && (kind() == Kind::Plus || kind() == Kind::Minus)) {
    BinaryOp op = kind() == Kind::Plus ? BinaryOp::Add : BinaryOp::Subtract;
    advance();
    result = binary(op, std::move(result), product());
  }
  return result;
}

/// product := unary (('*' | '/') unary)*
ExprPtr Parser::product() {
  ExprPtr result = unary();
  while (result && (kind() == Kind::Star || kind() == Kind::Slash)) {
    BinaryOp op = kind() == Kind::Star ? BinaryOp::Multiply : BinaryOp::Divide;
    advance();
    result = binary(op, std::move(result), unary());
  }
  return result;
}

/// unary := '-' unary | juxtaposition
ExprPtr Parser::unary() {
  if (kind() != Kind::Minus)
    return juxtaposition();
  uint32_t begin = token().begin;
  if (!enter())
    return nullptr;
  advance();
  ExprPtr operand = unary();
  leave();
  return operand ? make(begin, Unary{UnaryOp::Negate, std::move(operand)}) : nullptr;
}

/// Whether the next token begins another factor of a juxtaposition. Two numbers in a row are
/// a forgotten comma.
bool Parser::startsFactor(bool afterNumber) const {
  switch (kind()) {
  case Kind::Name:
    // `Y[i] = X[i] until 1e-6, 100` [F1]; inside brackets it is a name like any other.
    return openBrackets != 0 || !isWord("until");
  case Kind::LParen:
    return true;
  case Kind::Integer:
  case Kind::Real:
    return !afterNumber;
  default:
    return false;
  }
}

/// juxtaposition := power power*
ExprPtr Parser::juxtaposition() {
  ExprPtr result = power();
  auto isNumber = [](const Expr &expr) { return std::holds_alternative<Number>(expr.value); };
  bool afterNumber = result && isNumber(*result);
  while (result && startsFactor(afterNumber)) {
    ExprPtr factor = power();
    afterNumber = factor && isNumber(*factor);
    result = binary(BinaryOp::Juxtapose, std::move(result), std::move(factor));
  }
  if (result && (kind() == Kind::Integer || kind() == Kind::Real)) {
    fail(range(), diag::AdjacentNumbers);
    return nullptr;
  }
  return result;
}

/// power := primary ('^' exponent)?
ExprPtr Parser::power() {
  ExprPtr base = primary();
  if (!base || kind() != Kind::Caret)
    return base;
  advance();
  if (!enter())
    return nullptr;
  ExprPtr result = binary(BinaryOp::Power, std::move(base), exponent());
  leave();
  return result;
}

/// exponent := '-' exponent | '{' expression '}' | power
ExprPtr Parser::exponent() {
  uint32_t begin = token().begin;
  if (kind() == Kind::LBrace) // as papers set exponents: L^{d/D} [L6]
    return group(Kind::RBrace, "}");
  if (kind() != Kind::Minus)
    return power();
  if (!enter())
    return nullptr;
  advance();
  ExprPtr operand = exponent();
  leave();
  return operand ? make(begin, Unary{UnaryOp::Negate, std::move(operand)}) : nullptr;
}

/// primary := number | string | list | '(' expression ')' | 'not' primary | reduction | reference
ExprPtr Parser::primary() {
  uint32_t begin = token().begin;
  switch (kind()) {
  case Kind::Integer:
  case Kind::Real:
    return number();
  case Kind::String: {
    std::string value = unquote(text(token()));
    advance();
    return make(begin, String{std::move(value)});
  }
  case Kind::LSquare:
    return list();
  case Kind::LParen:
    return group(Kind::RParen, ")");
  case Kind::Name: {
    if (!isWord("not"))
      return isReduction() ? reduction() : reference();
    if (!enter())
      return nullptr;
    advance();
    ExprPtr operand = primary();
    leave();
    return operand ? make(begin, Unary{UnaryOp::Not, std::move(operand)}) : nullptr;
  }
  case Kind::LBrace:
    fail(range(), diag::BracesInExpression);
    return nullptr;
  case Kind::Ellipsis:
    fail(range(), diag::EllipsisInProgram);
    return nullptr;
  default:
    fail(range(), diag::ExpectedExpression, describe());
    return nullptr;
  }
}

/// A bracketed expression; its range includes the brackets.
ExprPtr Parser::group(Kind closing, std::string_view sign) {
  const Token &opening = token();
  advance();
  ++openBrackets;
  ExprPtr inner = expression();
  --openBrackets;
  if (!inner || !close(closing, sign, opening, text(opening)))
    return nullptr;
  inner->range = rangeFrom(opening.begin);
  return inner;
}

ExprPtr Parser::number() {
  std::string_view digits = text(token());
  Number value;
  value.isInteger = kind() == Kind::Integer;
  uint32_t begin = token().begin;
  advance();
  // The lexer has reported what is out of range or malformed.
  if (value.isInteger)
    std::from_chars(digits.data(), digits.data() + digits.size(), value.integer);
  value.value =
      value.isInteger ? static_cast<double>(value.integer) : parseReal(digits).value_or(0.0);
  return make(begin, value);
}

/// list := '[' (expression (',' expression)* ','?)? ']'
ExprPtr Parser::list() {
  const Token &opening = token();
  advance();
  ++openBrackets;
  List list;
  // Items lie side by side, so the operators of one do not deepen the others.
  unsigned operatorsBefore = operators;
  while (!failed && kind() != Kind::RSquare) {
    operators = operatorsBefore;
    if (ExprPtr item = expression())
      list.items.push_back(std::move(item));
    if (failed || !accept(Kind::Comma))
      break;
  }
  operators = operatorsBefore;
  --openBrackets;
  if (failed || !close(Kind::RSquare, "]", opening, "["))
    return nullptr;
  return make(opening.begin, std::move(list));
}

/// Whether `sum[j](` or the like is next: a name of a projection, and then brackets holding only
/// names before a parenthesis. `sum[0]` may still be a tensor.
bool Parser::isReduction() const {
  std::string_view word = text(token());
  bool isProjection =
      word == "sum" || word == "max" || word == "min" || word == "avg" || word == "prod";
  if (!isProjection || token(1).kind != Kind::LSquare)
    return false;
  size_t ahead = 2;
  while (token(ahead).kind == Kind::Name || token(ahead).kind == Kind::Comma)
    ++ahead;
  return token(ahead).kind == Kind::RSquare && token(ahead + 1).kind == Kind::LParen;
}

/// reduction := ('sum' | 'max' | 'min' | 'avg' | 'prod') '[' name (',' name)* ']'
///              '(' expression ')'
ExprPtr Parser::reduction() {
  uint32_t begin = token().begin;
  Reduction result;
  result.function = text(token());
  advance();
  const Token &opening = token();
  advance();
  ++openBrackets;
  do {
    std::optional<Name> index = name("an index");
    if (!index)
      break;
    result.indices.push_back(std::move(*index));
  } while (accept(Kind::Comma));
  --openBrackets;
  if (failed || !close(Kind::RSquare, "]", opening, "["))
    return nullptr;
  result.argument = group(Kind::RParen, ")");
  return result.argument ? make(begin, std::move(result)) : nullptr;
}

/// reference := name brackets?; a parenthesis after white space is a factor: `W[i] (i < j)`.
ExprPtr Parser::reference() {
  uint32_t begin = token().begin;
  Ref ref;
  ref.name = text(token());
  ref.nameRange = range();
  advance();
  if (!brackets(ref, /*allowSpace=*/false))
    return nullptr;
  return make(begin, std::move(ref));
}

/// brackets := '[' index (',' index)* ']' | '(' (index (',' index)*)? ')'
bool Parser::brackets(Ref &ref, bool allowSpace) {
  bool isSquare = kind() == Kind::LSquare;
  if (!isSquare && (kind() != Kind::LParen || (token().spaceBefore && !allowSpace)))
    return true;
  ref.brackets = isSquare ? Brackets::Square : Brackets::Round;
  Kind closing = isSquare ? Kind::RSquare : Kind::RParen;
  const Token &opening = token();
  advance();
  ++openBrackets;
  if (kind() != closing) {
    do {
      Index &next = ref.indices.emplace_back();
      if (!index(next, isSquare))
        break;
    } while (accept(Kind::Comma));
  } else if (isSquare) {
    fail(rangeFrom(ref.nameRange.begin), diag::EmptyBrackets, ref.name, ref.name);
  }
  --openBrackets;
  return !failed && close(closing, isSquare ? "]" : ")", opening, text(opening));
}

/// index := slice | '*' expression | expression '.'?
bool Parser::index(Index &index, bool isSquare) {
  uint32_t begin = token().begin;
  if (accept(Kind::Star))
    index.isVirtual = true; // [E12]
  bool hasLower = kind() != Kind::Colon;
  if (hasLower && !(index.expr = expression()))
    return false;
  if (isSquare && !index.isVirtual && kind() == Kind::Colon) {
    index.lower = std::move(index.expr);
    if (!slice(index))
      return false;
  } else if (hasLower) {
    index.isDotted = accept(Kind::Dot); // [E10]
  } else {
    fail(range(), diag::ExpectedExpression, describe());
    return false;
  }
  index.range = rangeFrom(begin);
  return true;
}

/// slice := expression? ':' expression? (':' expression?)?  [E7]
bool Parser::slice(Index &index) {
  index.isSlice = true;
  auto bound = [&](ExprPtr &expr) {
    bool isPresent = kind() != Kind::Colon && kind() != Kind::Comma && kind() != Kind::RSquare;
    return !isPresent || (expr = expression()) != nullptr;
  };
  advance();
  if (!bound(index.upper))
    return false;
  return !accept(Kind::Colon) || bound(index.step);
}

} // namespace tlc
