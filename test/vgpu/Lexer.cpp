//===- Lexer.cpp - PTX as words -------------------------------------------===//

#include "test/vgpu/Lexer.h"

#include "test/vgpu/Program.h"

#include <bit>
#include <cctype>
#include <cstdlib>

namespace vgpu {

static bool isWordStart(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || c == '$' || c == '%' ||
         c == '.';
}

static bool isWordPart(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || c == '.' ||
         c == ':';
}

void Lexer::skipBlanks() {
  while (at < source.size()) {
    if (source[at] == '\n')
      ++line;
    if (std::isspace(static_cast<unsigned char>(source[at]))) {
      ++at;
    } else if (source.substr(at, 2) == "//") {
      at = std::min(source.find('\n', at), source.size());
    } else if (source.substr(at, 2) == "/*") {
      size_t end = source.find("*/", at);
      if (end == std::string_view::npos)
        throw ParseError(line, "a comment has no end");
      for (; at < end; ++at)
        line += source[at] == '\n';
      at = end + 2;
    } else {
      return;
    }
  }
}

/// A word holds the dots of an opcode and the `::` of `.shared::cta`, but not the colon of a label.
Token Lexer::word() {
  size_t begin = at++;
  while (at < source.size() && isWordPart(source[at])) {
    if (source[at] == ':' && source.substr(at, 2) != "::")
      break;
    at += source[at] == ':' ? 2 : 1;
  }
  Token token;
  token.kind = Token::Kind::Word;
  token.text = source.substr(begin, at - begin);
  return token;
}

/// 12, 0x1F, 0b101, 12U, 0f3F800000 (the bits of an f32), 0d... (of an f64), 1.5.
Token Lexer::number() {
  Token token;
  token.kind = Token::Kind::Number;
  size_t begin = at;
  while (at < source.size() && (std::isalnum(static_cast<unsigned char>(source[at])) ||
                                source[at] == '.' || (at > begin && source[at - 1] == 'e')))
    ++at;
  token.text = source.substr(begin, at - begin);
  const char *text = token.text.c_str();
  char second = token.text.size() > 1 ? char(std::tolower(text[1])) : ' ';
  char *end = nullptr;
  if (second == 'f' || second == 'd') {
    token.value = std::strtoull(text + 2, &end, 16);
  } else if (second == 'b') {
    token.value = std::strtoull(text + 2, &end, 2);
  } else if (token.text.find('.') != std::string::npos) {
    token.value = std::bit_cast<uint64_t>(std::strtod(text, &end));
    token.isDecimal = true;
  } else {
    token.value = std::strtoull(text, &end, 0);
  }
  if (*end == 'U')
    ++end;
  if (*end)
    throw ParseError(line, "'" + token.text + "' is not a number");
  return token;
}

Token Lexer::next() {
  skipBlanks();
  Token token;
  if (at < source.size()) {
    char c = source[at];
    if (isWordStart(c)) {
      token = word();
    } else if (std::isdigit(static_cast<unsigned char>(c))) {
      token = number();
    } else if (c == '"') {
      size_t end = source.find('"', at + 1);
      if (end == std::string_view::npos)
        throw ParseError(line, "a text has no end");
      token.kind = Token::Kind::Text;
      token.text = source.substr(at + 1, end - at - 1);
      at = end + 1;
    } else {
      token.kind = Token::Kind::Punctuation;
      token.text = c;
      ++at;
    }
  }
  token.line = line;
  return token;
}

} // namespace vgpu
