//===- Parser.cpp - tokens, recovery, imports -----------------------------===//
//
// A program is a sequence of statements. Keywords are ordinary names elsewhere: each is one only
// where a name (or a string) follows it, which no other statement allows. After an error parsing
// goes on at the next statement, so that `Y = )` and `Z = ]` below it are both reported [X1].
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
