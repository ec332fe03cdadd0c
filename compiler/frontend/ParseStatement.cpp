//===- ParseStatement.cpp - the forms of statements -----------------------===//
//
// Each keyword has a method. The statements that begin with a tensor are told apart behind it:
//
//   Y[i] = ...   Y[i] max= ...   R(x) <- ...   R(Alice)   Y?
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Parser.h"

namespace tlc {

using namespace ast;

std::optional<Name> Parser::name(std::string_view what) {
  if (kind() != Kind::Name) {
    fail(range(), diag::ExpectedToken, what, "here", describe());
    return std::nullopt;
  }
  Name result{std::string(text(token())), range()};
  advance();
  return result;
}

/// A tensor with or without indices; white space may stand before the brackets.
std::optional<Ref> Parser::statementRef(std::string_view what) {
  std::optional<Name> tensor = name(what);
  if (!tensor)
    return std::nullopt;
  Ref ref;
  ref.name = std::move(tensor->text);
  ref.nameRange = tensor->range;
  if (!brackets(ref, /*allowSpace=*/true))
    return std::nullopt;
  return ref;
}

/// domain := 'domain' name (',' name)* '=' ('?' | expression | '{' symbol (',' symbol)* '}')
void Parser::domain() {
  uint32_t begin = token().begin;
  advance();
  Domain domain;
  do {
    std::optional<Name> index = name("an index or a name of a domain");
    if (!index)
      return;
    domain.names.push_back(std::move(*index));
  } while (accept(Kind::Comma));
  if (!expect(Kind::Assign, "'='", "after the names"))
    return;
  if (accept(Kind::Question)) {
    domain.isUnknown = true;
  } else if (kind() == Kind::LBrace) {
    const Token &opening = token();
    advance();
    ++openBrackets;
    while (kind() != Kind::RBrace && !failed) {
      bool isString = kind() == Kind::String;
      std::string symbol = isString ? unquote(text(token())) : std::string(text(token()));
      if (!isString && kind() != Kind::Name)
        fail(range(), diag::ExpectedToken, "a symbol", "between '{' and '}'", describe());
      domain.symbols.push_back({std::move(symbol), range()});
      advance();
      if (!accept(Kind::Comma))
        break;
    }
    --openBrackets;
    if (failed || !close(Kind::RBrace, "}", opening, "{"))
      return;
  } else {
    domain.extent = expression();
  }
  finish(begin, std::move(domain));
}

/// const := 'const' name '=' expression
void Parser::constant() {
  uint32_t begin = token().begin;
  advance();
  Const result;
  result.name = std::move(*name("a name"));
  if (!expect(Kind::Assign, "'='", "after the name"))
    return;
  result.value = expression();
  finish(begin, std::move(result));
}

/// type := 'bool' | 'i8' | ... | 'c128'
std::optional<DType> Parser::type() {
  std::string_view word = kind() == Kind::Name ? text(token()) : "";
  std::optional<DType> result = parseDType(word);
  if (result)
    advance();
  else if (word.empty())
    fail(range(), diag::ExpectedToken, "an element type", "after ':'", describe());
  else
    fail(range(), diag::UnknownType, word);
  return result;
}

/// declaration := ('input' | 'param' | 'output') tensor (',' tensor)*
/// tensor := name brackets? (':' type)? ('=' expression)?, the last for a param
void Parser::declarations(DeclKind declared, ExprPtr lowRank) {
  uint32_t begin = token().begin;
  advance();
  do {
    Declaration declaration{declared, {}, std::nullopt, nullptr, std::move(lowRank)};
    std::optional<Ref> tensor = statementRef("a tensor");
    if (!tensor)
      return;
    declaration.tensor = std::move(*tensor);
    if (accept(Kind::Colon) && !(declaration.type = type()))
      return;
    if (declared == DeclKind::Param && accept(Kind::Assign) &&
        !(declaration.initializer = expression()))
      return;
    finish(begin, std::move(declaration));
  } while (accept(Kind::Comma));
}

/// semiring := 'semiring' name '=' name
void Parser::semiring() {
  uint32_t begin = token().begin;
  advance();
  SemiringDecl result;
  result.tensor = std::move(*name("a tensor"));
  if (!expect(Kind::Assign, "'='", "after the tensor"))
    return;
  std::optional<Name> semiring = name("a semiring");
  if (!semiring)
    return;
  result.semiring = std::move(*semiring);
  finish(begin, std::move(result));
}

/// settings := name '=' expression (',' name '=' expression)*
bool Parser::settings(std::vector<Setting> &list) {
  do {
    std::optional<Name> key = name("the name of a setting");
    if (!key || !expect(Kind::Assign, "'='", "after the name of a setting"))
      return false;
    ExprPtr value = expression();
    if (!value)
      return false;
    list.push_back({std::move(*key), std::move(value)});
  } while (accept(Kind::Comma));
  return true;
}

/// minimize := 'minimize' name brackets? ('with' name ('(' settings ')')?)? (',' settings)?
void Parser::minimize() {
  uint32_t begin = token().begin;
  advance();
  Minimize result;
  std::optional<Ref> loss = statementRef("a tensor");
  if (!loss)
    return;
  result.loss = std::move(*loss);
  if (isWord("with")) {
    advance();
    std::optional<Name> optimizer = name("an optimizer");
    if (!optimizer)
      return;
    result.optimizer = std::move(*optimizer);
    if (const Token &opening = token(); accept(Kind::LParen)) {
      ++openBrackets;
      bool isFine = kind() == Kind::RParen || settings(result.arguments);
      --openBrackets;
      if (!isFine || !close(Kind::RParen, ")", opening, "("))
        return;
    }
  }
  if (accept(Kind::Comma) && !settings(result.settings))
    return;
  finish(begin, std::move(result));
}

/// lowrank := 'lowrank' '(' expression ')' (declaration | equation)  [K1]
void Parser::lowRank() {
  size_t start = position;
  advance();
  ExprPtr tolerance = group(Kind::RParen, ")");
  if (!tolerance)
    return;
  if (kind() != Kind::Name) {
    // `lowrank(x) = ...`, `lowrank(x)?`, `lowrank(x) <- ...` speak of a relation of that name.
    bool isRelation = kind() == Kind::Assign || kind() == Kind::Question || isArrow();
    if (!isRelation) {
      fail(range(), diag::MisplacedLowRank);
      return;
    }
    position = start;
    return tensorStatement(nullptr);
  }
  bool nameFollows = token(1).kind == Kind::Name && !token(1).startsLine;
  bool isDeclaration = nameFollows && (isWord("input") || isWord("param"));
  if (isDeclaration)
    declarations(isWord("input") ? DeclKind::Input : DeclKind::Param, std::move(tolerance));
  else
    tensorStatement(std::move(tolerance));
}

/// write := string '=' name brackets?
void Parser::writeFile() {
  uint32_t begin = token().begin;
  WriteFile write{unquote(text(token())), range(), {}};
  advance();
  if (!expect(Kind::Assign, "'='", "after a file to write"))
    return;
  if (kind() != Kind::Name) {
    fail(range(), diag::NotAFileTarget, write.path);
    return;
  }
  std::optional<Ref> tensor = statementRef("a tensor");
  if (!tensor)
    return;
  write.tensor = std::move(*tensor);
  if (!atEnd()) {
    fail(rangeFrom(write.tensor.nameRange.begin), diag::NotAFileTarget, write.path);
    return;
  }
  finish(begin, std::move(write));
}

/// The statements that begin with a tensor: equation | fact | rule | query.
void Parser::tensorStatement(ExprPtr lowRank) {
  uint32_t begin = token().begin;
  std::optional<Ref> ref = statementRef("a tensor");
  if (!ref)
    return;
  std::string_view word = kind() == Kind::Name ? text(token()) : "";
  bool isProjection =
      (word == "max" || word == "min" || word == "avg") && token(1).kind == Kind::Assign;
  bool isEquation = kind() == Kind::Assign || kind() == Kind::PlusAssign ||
                    kind() == Kind::StarAssign || isProjection ||
                    (kind() == Kind::Colon && !isArrow());
  if (isEquation)
    return equation(begin, std::move(*ref), std::move(lowRank));
  if (lowRank) {
    fail(ref->nameRange, diag::MisplacedLowRank);
    return;
  }
  if (isArrow())
    return rule(begin, std::move(*ref));
  if (accept(Kind::Question))
    return finish(begin, Query{std::move(*ref)});
  if (atEnd() || kind() == Kind::Comma)
    return facts(begin, std::move(*ref));
  if (isClosing())
    fail(range(), diag::UnmatchedBracket, text(token()));
  else
    fail(range(), diag::ExpectedToken, "'=', '<-' or '?'", fmt::format("after '{}'", ref->name),
         describe());
}

/// facts := atom (',' atom)*
void Parser::facts(uint32_t begin, Ref first) {
  std::optional<Ref> atom = std::move(first);
  do {
    if (!atom)
      atom = statementRef("a fact");
    if (!atom)
      return;
    if (atom->brackets != Brackets::Round) {
      fail(rangeFrom(atom->nameRange.begin), diag::StatementWithoutEffect, atom->name, atom->name,
           atom->name);
      return;
    }
    finish(begin, Fact{std::move(*atom)});
    atom.reset();
  } while (accept(Kind::Comma));
}

/// rule := atom arrow literal (',' literal)*; literal := expression
void Parser::rule(uint32_t begin, Ref head) {
  if (head.brackets != Brackets::Round) {
    fail(rangeFrom(head.nameRange.begin), diag::NotAnAtom);
    return;
  }
  position += kind() == Kind::Arrow ? 1 : 2;
  Rule rule{std::move(head), {}};
  do {
    operators = 0;
    ExprPtr literal = expression();
    if (!literal)
      return;
    rule.body.push_back(std::move(literal));
  } while (accept(Kind::Comma));
  finish(begin, std::move(rule));
}

/// operator := '=' | '+=' | '*=' | ('max' | 'min' | 'avg') '='  [E2] [E3]
bool Parser::projection(Equation &equation) {
  uint32_t begin = token().begin;
  if (kind() == Kind::Name) {
    std::string_view word = text(token());
    equation.projection = word == "max"   ? Projection::Max
                          : word == "min" ? Projection::Min
                                          : Projection::Avg;
    advance();
  } else if (kind() == Kind::StarAssign) {
    equation.projection = Projection::Product;
  } else if (kind() != Kind::Assign && kind() != Kind::PlusAssign) {
    fail(range(), diag::ExpectedToken, "'='", "after the type", describe());
    return false;
  }
  advance();
  equation.operatorRange = rangeFrom(begin);
  return true;
}

/// tail := expression ('until' sum ',' sum)?  [F1]
bool Parser::equationTail(Equation &equation) {
  operators = 0;
  equation.rhs = expression();
  if (failed || !isWord("until"))
    return !failed;
  advance();
  equation.tolerance = sum();
  if (failed || !expect(Kind::Comma, "','", "and the most steps after the tolerance of 'until'"))
    return false;
  equation.maxSteps = sum();
  return !failed;
}

/// equation := tensor (':' type)? operator (tensor '=')* tail. `A[0] = B = 1` sets both.
void Parser::equation(uint32_t begin, Ref lhs, ExprPtr lowRank) {
  std::vector<Equation> chain(1);
  chain[0].lhs = std::move(lhs);
  chain[0].lowRank = std::move(lowRank);
  if (accept(Kind::Colon) && !(chain[0].type = type()))
    return;
  if (!projection(chain[0]))
    return;
  size_t tail = position;
  while (equationTail(chain.back()) && kind() == Kind::Assign) {
    Ref *next = std::get_if<Ref>(&chain.back().rhs->value);
    if (!next || chain.back().projection != Projection::Sum) {
      fail(range(), diag::NotALeftSide, "=");
      return;
    }
    if (chain.size() == maxChain) {
      fail(range(), diag::ChainTooLong, maxChain);
      return;
    }
    Equation link;
    link.lhs = std::move(*next);
    link.operatorRange = range();
    chain.push_back(std::move(link));
    advance();
    tail = position;
  }
  // The tail is parsed again for each tensor of the chain but the last.
  for (size_t i = 0; i + 1 < chain.size() && !failed; ++i) {
    position = tail;
    equationTail(chain[i]);
  }
  for (Equation &equation : chain)
    finish(begin, std::move(equation));
}

} // namespace tlc
