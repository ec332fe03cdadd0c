//===- Lexer.h - PTX as words ---------------------------------------------===//

#ifndef TLC_TEST_VGPU_LEXER_H
#define TLC_TEST_VGPU_LEXER_H

#include <cstdint>
#include <string>
#include <string_view>

namespace vgpu {

struct Token {
  /// Word: an identifier or opcode with its dots, a directive, a register. Punctuation is one
  /// character.
  enum class Kind { End, Word, Number, Text, Punctuation };
  Kind kind = Kind::End;
  std::string text;
  /// The bits of a number; of a decimal fraction those of the f64.
  uint64_t value = 0;
  bool isDecimal = false;
  int line = 1;

  bool is(char c) const { return kind == Kind::Punctuation && text[0] == c; }
  bool is(std::string_view word) const { return kind == Kind::Word && text == word; }
};

class Lexer {
public:
  explicit Lexer(std::string_view source) : source(source) {}
  Token next();

private:
  void skipBlanks();
  Token word();
  Token number();

  std::string_view source;
  size_t at = 0;
  int line = 1;
};

} // namespace vgpu

#endif // TLC_TEST_VGPU_LEXER_H
