//===- Parser.h - recursive descent over tokens ---------------------------===//
//
// One parser parses one file; imported files have parsers of their own that append to the same
// module. A method that fails has reported why, sets `failed` and returns null or nothing; callers
// then only return, and `run` goes on with the next statement. Each method states its rule of the
// grammar, in EBNF; README.md shows the grammar as a whole.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_FRONTEND_PARSER_H
#define TLC_COMPILER_FRONTEND_PARSER_H

#include "compiler/frontend/Frontend.h"
#include "compiler/frontend/Lexer.h"

#include <set>

namespace tlc {

inline constexpr unsigned maxNesting = 256;
/// A chain `a + b + c + ...` is a tree as deep as it is long; every later walk recurses over it.
inline constexpr unsigned maxOperators = 4096;
inline constexpr size_t maxTerms = size_t{1} << 20;
inline constexpr size_t maxChain = 256;

/// What the parsers of a program's files share.
struct ParserState {
  SourceManager &sources;
  const FrontendOptions &options;
  Diagnostics &diagnostics;
  ast::Module module;
  std::set<std::string> imported; ///< normalized paths
  unsigned importDepth = 0;
  size_t terms = 0; ///< expressions and statements of all files
};

class Parser {
public:
  /// `folder`: where the file was imported from, "" for the main file.
  Parser(ParserState &state, uint32_t file, std::string folder);

  /// Appends the statements of the file to the module.
  void run();

private:
  using Kind = Token::Kind;

  // Tokens. Outside brackets a new line ends the statement, unless the line before ended in an
  // operator, `,`, `=` or `<-` [L1].
  const Token &token(size_t ahead = 0) const;
  bool atEnd() const;
  Kind kind() const { return atEnd() ? Kind::End : token().kind; }
  std::string_view text(const Token &token) const;
  bool isWord(std::string_view word) const;
  bool isArrow() const;
  bool isClosing() const;
  void advance() { ++position; }
  bool accept(Kind kind);
  bool expect(Kind kind, std::string_view sign, std::string_view where);
  bool close(Kind kind, std::string_view sign, const Token &opening, std::string_view openingSign);
  std::string describe() const;
  SourceRange range() const;
  SourceRange rangeFrom(uint32_t begin) const;
  template <typename... Args> Diagnostic *fail(SourceRange where, DiagId id, const Args &...args);
  bool enter();
  void leave() { --nesting; }
  void recover();

  // Programs (Parser.cpp).
  void statement();
  bool keywordStatement();
  void finish(uint32_t begin, decltype(ast::Statement::value) value);
  void endOfStatement();
  void importFile();
  void importText(const std::string &path, SourceRange where);

  // Statements (ParseStatement.cpp).
  void domain();
  void constant();
  void declarations(ast::DeclKind kind, ast::ExprPtr lowRank);
  void semiring();
  void minimize();
  bool settings(std::vector<ast::Setting> &list);
  void lowRank();
  void writeFile();
  void tensorStatement(ast::ExprPtr lowRank);
  void facts(uint32_t begin, ast::Ref first);
  void rule(uint32_t begin, ast::Ref head);
  void equation(uint32_t begin, ast::Ref lhs, ast::ExprPtr lowRank);
  bool equationTail(ast::Equation &equation);
  bool projection(ast::Equation &equation);
  std::optional<DType> type();
  std::optional<ast::Name> name(std::string_view what);
  std::optional<ast::Ref> statementRef(std::string_view what);

  // Expressions (ParseExpression.cpp).
  ast::ExprPtr expression();
  ast::ExprPtr sum();
  ast::ExprPtr product();
  ast::ExprPtr unary();
  ast::ExprPtr juxtaposition();
  ast::ExprPtr power();
  ast::ExprPtr exponent();
  ast::ExprPtr primary();
  ast::ExprPtr group(Kind closing, std::string_view sign);
  ast::ExprPtr number();
  ast::ExprPtr list();
  ast::ExprPtr reference();
  ast::ExprPtr reduction();
  bool isReduction() const;
  bool startsFactor(bool afterNumber) const;
  bool brackets(ast::Ref &ref, bool allowSpace);
  bool index(ast::Index &index, bool isSquare);
  bool slice(ast::Index &index);
  ast::ExprPtr make(uint32_t begin, decltype(ast::Expr::value) value);
  ast::ExprPtr binary(ast::BinaryOp op, ast::ExprPtr lhs, ast::ExprPtr rhs);

  ParserState &state;
  uint32_t file;
  std::string folder;
  std::vector<Token> tokens;
  size_t position = 0;
  size_t statementStart = 0;
  unsigned openBrackets = 0; ///< inside brackets a new line is white space
  unsigned nesting = 0;
  unsigned operators = 0; ///< of the expression so far
  bool failed = false;
};

template <typename... Args>
Diagnostic *Parser::fail(SourceRange where, DiagId id, const Args &...args) {
  if (failed)
    return nullptr;
  failed = true;
  return &state.diagnostics.error(where, id, args...);
}

} // namespace tlc

#endif // TLC_COMPILER_FRONTEND_PARSER_H
