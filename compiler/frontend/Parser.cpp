//===- Parser.cpp - statements, recovery, imports -------------------------===//
//
// A statement of section 2 of the language begins with a keyword, a file name or a tensor; which
// kind the last one is shows behind the tensor:
//
//   Y[i] = ...   Y[i] max= ...   R(x) <- ...   R(Alice)   Y?
//
// Keywords are ordinary names elsewhere: each is one only where a name (or a string) follows it,
// which no other statement allows. After an error parsing goes on at the next statement [X1].
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Parser.h"

#include "compiler/support/Text.h"

#include <filesystem>

namespace tlc {

using namespace ast;

Parser::Parser(ParserState &state, uint32_t file, std::string folder)
    : state(state), file(file), folder(std::move(folder)),
      tokens(lex(state.sources, file, state.diagnostics)) {}

//===----------------------------------------------------------------------===//
// Tokens
//===----------------------------------------------------------------------===//

const Token &Parser::token(size_t ahead) const {
  return tokens[std::min(position + ahead, tokens.size() - 1)];
}

/// Whether a line that ends in this token goes on [L1].
static bool continuesLine(Token::Kind kind) {
  return kind == Token::Kind::Comma || kind >= Token::Kind::Assign;
}

bool Parser::atEnd() const {
  const Token &next = token();
  if (next.kind == Kind::End || next.kind == Kind::Semicolon)
    return true;
  return openBrackets == 0 && next.startsLine && position > statementStart &&
         !continuesLine(tokens[position - 1].kind);
}

std::string_view Parser::text(const Token &token) const {
  return state.sources.text({file, token.begin, token.end});
}

bool Parser::isWord(std::string_view word) const {
  return kind() == Kind::Name && text(token()) == word;
}

/// arrow := '<-' | ':-' | U+2190. The first two are two tokens without space between them.
bool Parser::isArrow() const {
  if (kind() == Kind::Arrow)
    return true;
  return (kind() == Kind::Less || kind() == Kind::Colon) && token(1).kind == Kind::Minus &&
         !token(1).spaceBefore;
}

bool Parser::isClosing() const {
  return kind() == Kind::RParen || kind() == Kind::RSquare || kind() == Kind::RBrace;
}

bool Parser::accept(Kind wanted) {
  if (kind() != wanted)
    return false;
  advance();
  return true;
}

/// The next token must be `sign`; `where` ends the phrase "expected '=' after the name".
bool Parser::expect(Kind wanted, std::string_view sign, std::string_view where) {
  if (accept(wanted))
    return true;
  fail(range(), diag::ExpectedToken, sign, where, describe());
  return false;
}

/// The closing bracket that belongs to `opening`. It may begin a line, so the token itself counts
/// here.
bool Parser::close(Kind wanted, std::string_view sign, const Token &opening,
                   std::string_view openingSign) {
  if (token().kind == wanted) {
    advance();
    return true;
  }
  ++openBrackets;
  bool onOneLine = true;
  for (const Token *t = &opening + 1; t <= &token() && onOneLine; ++t)
    onOneLine = !t->startsLine;
  if (token().kind == Kind::Assign && onOneLine)
    fail(range(), diag::AssignInExpression);
  else if (token().kind == Kind::Ellipsis)
    fail(range(), diag::EllipsisInProgram);
  else if (Diagnostic *error = fail(range(), diag::UnclosedBracket, sign, openingSign, describe()))
    error->note({file, opening.begin, opening.end}, "'{}' is opened here", openingSign);
  --openBrackets;
  return false;
}

/// What comes next, for "expected ..., found ...".
std::string Parser::describe() const {
  const Token &next = token();
  if (next.kind == Kind::End)
    return "the end of the file";
  if (atEnd() && next.kind != Kind::Semicolon)
    return "the end of the line";
  std::string shown(text(next).substr(0, 60));
  if (next.kind == Kind::String)
    return "string " + shown;
  std::string_view what = next.kind == Kind::Name                                 ? "name "
                          : next.kind == Kind::Integer || next.kind == Kind::Real ? "number "
                                                                                  : "";
  return fmt::format("{}'{}'", what, shown);
}

/// The place of the next token; at the end of a line, just behind the last one.
SourceRange Parser::range() const {
  const Token &next = token();
  if (atEnd() && next.kind != Kind::Semicolon && position > 0) {
    uint32_t behind = tokens[position - 1].end;
    return {file, behind, behind + 1};
  }
  return {file, next.begin, std::max(next.end, next.begin + 1)};
}

SourceRange Parser::rangeFrom(uint32_t begin) const {
  uint32_t end = position > 0 ? tokens[position - 1].end : begin;
  return {file, begin, std::max(end, begin + 1)};
}

bool Parser::enter() {
  // The outermost expression is not nested.
  if (++nesting <= maxNesting + 1)
    return true;
  --nesting;
  fail(range(), diag::NestingTooDeep, maxNesting);
  return false;
}

/// Skips to the next statement: past a `;`, or to a line that begins outside the brackets of this
/// statement, or that looks like a statement although a bracket is still open.
void Parser::recover() {
  int depth = 0;
  for (size_t i = statementStart; token().kind != Kind::End; ++i) {
    if (i >= position) {
      position = i;
      Kind previous = i > 0 ? tokens[i - 1].kind : Kind::End;
      if (token().kind == Kind::Semicolon || token().kind == Kind::End)
        return;
      bool looksNew =
          (token().kind == Kind::Name || token().kind == Kind::String) && !continuesLine(previous);
      if (i > statementStart && token().startsLine && (depth <= 0 || looksNew) &&
          !continuesLine(previous))
        return;
    }
    Kind kind = tokens[i].kind;
    depth += kind == Kind::LParen || kind == Kind::LSquare || kind == Kind::LBrace;
    depth -= kind == Kind::RParen || kind == Kind::RSquare || kind == Kind::RBrace;
  }
}

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

/// program := (statement? (end of line | ';'))*
void Parser::run() {
  while (state.terms <= maxTerms) {
    statementStart = position;
    openBrackets = nesting = operators = 0;
    failed = false;
    if (token().kind == Kind::End)
      return;
    if (token().kind == Kind::Semicolon) {
      advance();
      continue;
    }
    statement();
    if (!failed)
      endOfStatement();
    if (failed)
      recover();
  }
}

void Parser::finish(uint32_t begin, decltype(Statement::value) value) {
  if (failed)
    return;
  if (++state.terms > maxTerms) {
    fail(rangeFrom(begin), diag::ProgramTooLarge, maxTerms);
    return;
  }
  state.module.statements.push_back({std::move(value), rangeFrom(begin)});
}

void Parser::endOfStatement() {
  if (atEnd())
    return;
  if (isClosing())
    fail(range(), diag::UnmatchedBracket, text(token()));
  else if (kind() == Kind::Question)
    fail(range(), diag::NotQueryable);
  else if (kind() == Kind::Ellipsis)
    fail(range(), diag::EllipsisInProgram);
  else
    fail(range(), diag::MissingStatementEnd, describe());
}

/// statement := domain | const | declaration | import | semiring | minimize | lowrank | write
///            | equation | fact | rule | query
void Parser::statement() {
  if (kind() == Kind::String)
    return writeFile();
  if (kind() != Kind::Name) {
    if (isClosing())
      fail(range(), diag::UnmatchedBracket, text(token()));
    else if (Diagnostic *error = fail(range(), diag::ExpectedStatement, describe());
             error && position > 0 && continuesLine(kind()))
      error->note({file, tokens[position - 1].begin, tokens[position - 1].end},
                  "a line goes on only if it ends in an operator, ',', '=' or '<-'");
    return;
  }
  if (!keywordStatement())
    tensorStatement(nullptr);
}

bool Parser::keywordStatement() {
  const Token &next = token(1);
  bool nameFollows = next.kind == Kind::Name && !next.startsLine;
  std::string_view word = text(token());
  if (word == "import" && next.kind == Kind::String && !next.startsLine) {
    importFile();
    return true;
  }
  if (word == "lowrank" && next.kind == Kind::LParen) {
    lowRank();
    return true;
  }
  // `max =` after a tensor is a projection [E3]: a tensor may be called `input`.
  Kind third = token(2).kind;
  std::string_view second = nameFollows ? text(next) : "";
  bool isProjection =
      (second == "max" || second == "min" || second == "avg") && third == Kind::Assign;
  bool isDefinition = word == "domain" || word == "const" || word == "semiring";
  if (!nameFollows || (isProjection && !isDefinition))
    return false;
  if (word == "domain")
    domain();
  else if (word == "const")
    constant();
  else if (word == "input")
    declarations(DeclKind::Input, nullptr);
  else if (word == "param")
    declarations(DeclKind::Param, nullptr);
  else if (word == "output")
    declarations(DeclKind::Output, nullptr);
  else if (word == "semiring")
    semiring();
  else if (word == "minimize")
    minimize();
  else
    return false;
  return true;
}

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
bool Parser::settings(std::vector<Setting> &list, Kind separator) {
  do {
    std::optional<Name> key = name("the name of a setting");
    if (!key || !expect(Kind::Assign, "'='", "after the name of a setting"))
      return false;
    ExprPtr value = expression();
    if (!value)
      return false;
    list.push_back({std::move(*key), std::move(value)});
  } while (accept(separator));
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
      bool isFine = kind() == Kind::RParen || settings(result.arguments, Kind::Comma);
      --openBrackets;
      if (!isFine || !close(Kind::RParen, ")", opening, "("))
        return;
    }
  }
  if (accept(Kind::Comma) && !settings(result.settings, Kind::Comma))
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

//===----------------------------------------------------------------------===//
// Imports
//===----------------------------------------------------------------------===//

/// import := 'import' string
void Parser::importFile() {
  uint32_t begin = token().begin;
  advance();
  Import import{unquote(text(token()))};
  SourceRange where = range();
  advance();
  std::filesystem::path path(import.path);
  if (path.is_relative())
    path = std::filesystem::path(folder) / path;
  finish(begin, std::move(import));
  importText(path.lexically_normal().string(), where);
}

/// Parses a module in place, each once, so modules may import each other.
void Parser::importText(const std::string &path, SourceRange where) {
  if (failed || !state.imported.insert(path).second)
    return;
  std::string text, error = "there is no way to read files";
  if (!state.options.readModule || !state.options.readModule(path, text, error)) {
    fail(where, diag::ImportFailed, path, error);
    return;
  }
  if (text.size() > maxFileBytes) {
    fail(where, diag::FileTooLarge, text.size(), maxFileBytes);
    return;
  }
  if (state.importDepth == maxNesting) {
    fail(where, diag::NestingTooDeep, maxNesting);
    return;
  }
  ++state.importDepth;
  uint32_t number = state.sources.add(path, std::move(text));
  Parser(state, number, std::filesystem::path(path).parent_path().string()).run();
  --state.importDepth;
}

Module parse(SourceManager &sources, uint32_t file, const FrontendOptions &options,
             Diagnostics &diagnostics) {
  if (size_t size = sources.text(file).size(); size > maxFileBytes) {
    diagnostics.error({file, 0, 1}, diag::FileTooLarge, size, maxFileBytes);
    return {};
  }
  ParserState state{sources, options, diagnostics, {}, {}, 0, 0};
  // A module that imports the main file adds nothing.
  state.imported.insert(
      std::filesystem::path(sources.name(file)).filename().lexically_normal().string());
  Parser(state, file, "").run();
  return std::move(state.module);
}

} // namespace tlc
