//===- Lexer.h - program text to tokens [L1] [L2] -------------------------===//
//
//   "Y[i'] = .5 X[i']  // halve"   ->   Y [ i' ] = .5 X [ i' ]
//
// The whole text becomes a vector of small tokens, so the parser can look ahead and go back. White
// space means something in two places, which tokens remember: a new line may end the statement, and
// `f(x)` is not `f (x)`.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_FRONTEND_LEXER_H
#define TLC_COMPILER_FRONTEND_LEXER_H

#include "compiler/support/Diagnostic.h"
#include "compiler/support/Source.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tlc {

/// Limits on the text [X1].
inline constexpr size_t maxFileBytes = size_t{64} << 20;
inline constexpr size_t maxNameBytes = 1024;

struct Token {
  enum class Kind : uint8_t {
    End, ///< of the file
    Name,
    Integer,
    Real,
    String,
    LParen,
    RParen,
    LSquare,
    RSquare,
    LBrace,
    RBrace,
    Comma,
    Semicolon,
    Colon,
    Dot,
    Ellipsis,
    Question,
    Assign,     ///< =
    PlusAssign, ///< +=
    StarAssign, ///< *=
    Arrow,      ///< U+2190; `<-` and `:-` are two tokens each, for `x <-1` and `X[:-1]` are legal
    Plus,
    Minus,
    Star,
    Slash,
    Caret,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual
  };

  Kind kind = Kind::End;
  bool startsLine = false;  ///< first token of its line
  bool spaceBefore = false; ///< white space, a comment or a new line before it
  uint32_t begin = 0, end = 0;
};

/// Splits file `file` into tokens; the last one has kind `End`. Reports what is not a token and
/// skips it.
std::vector<Token> lex(const SourceManager &sources, uint32_t file, Diagnostics &diagnostics);

/// The value of a number; nullopt if it is larger than an f64 can hold.
std::optional<double> parseReal(std::string_view token);

/// The text of a string token without quotes and escapes.
std::string unquote(std::string_view token);

} // namespace tlc

#endif // TLC_COMPILER_FRONTEND_LEXER_H
