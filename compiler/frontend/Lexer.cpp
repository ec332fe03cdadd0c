//===- Lexer.cpp - program text to tokens [L1] [L2] -----------------------===//

#include "compiler/frontend/Lexer.h"

#include "compiler/support/Text.h"

#include <algorithm>
#include <charconv>

namespace tlc {

namespace {

using Kind = Token::Kind;

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// The power of ten of a number's first significant digit: 2 for "314.", -1 for "3e-1".
int64_t decimalExponent(std::string_view number) {
  size_t exponentAt = std::min(number.find_first_of("eE"), number.size());
  std::string_view mantissa = number.substr(0, exponentAt);
  size_t point = std::min(mantissa.find('.'), mantissa.size());
  size_t first = mantissa.find_first_of("123456789");
  if (first == std::string_view::npos)
    return 0;
  int64_t exponent = 0;
  std::string_view digits = number.substr(std::min(exponentAt + 1, number.size()));
  bool isNegative = !digits.empty() && digits[0] == '-';
  for (char c : digits)
    if (isDigit(c) && exponent < (int64_t{1} << 40))
      exponent = 10 * exponent + (c - '0');
  int64_t place = static_cast<int64_t>(point) - static_cast<int64_t>(first);
  return (isNegative ? -exponent : exponent) + (place > 0 ? place - 1 : place);
}

class Lexer {
public:
  Lexer(std::string_view text, uint32_t file, Diagnostics &diagnostics)
      : text(text), file(file), diagnostics(diagnostics) {}

  std::vector<Token> run() {
    if (text.substr(0, 3) == "\xEF\xBB\xBF") // byte order mark
      at = 3;
    while (skipSpace(), at < text.size())
      next();
    addFrom(at, Kind::End);
    return std::move(tokens);
  }

private:
  char peek(size_t ahead = 0) const { return at + ahead < text.size() ? text[at + ahead] : '\0'; }
  SourceRange range(size_t begin, size_t end) const {
    return {file, static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
  }

  /// Adds the token that ends at `at`.
  void addFrom(size_t begin, Kind kind) {
    tokens.push_back(
        {kind, startsLine, spaceBefore, static_cast<uint32_t>(begin), static_cast<uint32_t>(at)});
    startsLine = spaceBefore = false;
  }
  bool add(Kind kind, uint32_t size) {
    at += size;
    addFrom(at - size, kind);
    return true;
  }

  /// White space and `// comments`.
  void skipSpace() {
    for (; at < text.size(); ++at) {
      char c = text[at];
      if (c == '/' && peek(1) == '/') {
        size_t line = std::min(text.find('\n', at), text.size());
        checkComment(line);
        if (at = line; at == text.size())
          break;
        c = '\n';
      }
      if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
        return;
      spaceBefore = true;
      startsLine |= c == '\n';
    }
    spaceBefore = true;
  }

  /// Comments may hold any text, but it must be text.
  void checkComment(size_t end) {
    for (size_t c = at; c < end; c += decodeUtf8(text, c).size)
      checkCharacter(c);
  }

  /// Reports a byte that is not part of a text; false if it did.
  bool checkCharacter(size_t where) {
    CodePoint c = decodeUtf8(text, where);
    uint32_t byte = static_cast<uint8_t>(text[where]);
    if (!c.isValid)
      diagnostics.error(range(where, where + 1), diag::InvalidUtf8, byte);
    else if (c.value == 0)
      diagnostics.error(range(where, where + 1), diag::NulByte);
    else if ((c.value < 0x20 && c.value != '\t' && c.value != '\r') || c.value == 0x7F)
      diagnostics.error(range(where, where + 1), diag::ControlCharacter, byte);
    else
      return true;
    return false;
  }

  void next() {
    char c = peek();
    bool afterName = at > 0 && !spaceBefore && !tokens.empty() && tokens.back().kind == Kind::Name;
    if (isLetter(decodeUtf8(text, at).value) && decodeUtf8(text, at).isValid)
      return name();
    if (isDigit(c) || (c == '.' && isDigit(peek(1)) && !afterName))
      return number();
    if (c == '"')
      return string();
    if (!sign())
      unknown();
  }

  /// name := letter (letter | digit)* "'"*  [L2]
  void name() {
    size_t begin = at;
    while (at < text.size()) {
      CodePoint c = decodeUtf8(text, at);
      if (!c.isValid || !(isLetter(c.value) || isDigit(text[at])))
        break;
      at += c.size;
    }
    while (peek() == '\'')
      ++at;
    if (at - begin > maxNameBytes)
      diagnostics.error(range(begin, at), diag::NameTooLong, at - begin, maxNameBytes);
    addFrom(begin, Kind::Name);
  }

  void digits() {
    while (isDigit(peek()))
      ++at;
  }

  /// integer := digit+; real := digit+ '.' digit* exponent? | '.' digit+ exponent? | digit+
  /// exponent exponent := ('e' | 'E') ('+' | '-')? digit+
  void number() {
    size_t begin = at;
    digits();
    bool isReal = peek() == '.' && peek(1) != '.';
    if (isReal) {
      ++at;
      digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      size_t sign = peek(1) == '+' || peek(1) == '-';
      if (isDigit(peek(1 + sign))) {
        at += 1 + sign;
        digits();
        isReal = true;
      }
    }
    if (at < text.size() && decodeUtf8(text, at).isValid && isLetter(decodeUtf8(text, at).value)) {
      while (at < text.size() && (isDigit(peek()) || isLetter(decodeUtf8(text, at).value)) &&
             decodeUtf8(text, at).isValid)
        at += decodeUtf8(text, at).size;
      diagnostics.error(range(begin, at), diag::MalformedNumber, text.substr(begin, at - begin));
      return addFrom(begin, Kind::Real);
    }
    checkValue(begin, isReal);
    addFrom(begin, isReal ? Kind::Real : Kind::Integer);
  }

  void checkValue(size_t begin, bool isReal) {
    std::string_view digits = text.substr(begin, at - begin);
    if (isReal) {
      if (!parseReal(digits))
        diagnostics.error(range(begin, at), diag::RealTooLarge, digits);
      return;
    }
    int64_t value = 0;
    auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (result.ec != std::errc())
      diagnostics.error(range(begin, at), diag::IntegerTooLarge, digits, digits);
  }

  /// string := '"' (character | escape)* '"', on one line
  void string() {
    size_t begin = at++;
    while (at < text.size() && peek() != '"' && peek() != '\n') {
      if (peek() == '\\') {
        char escape = peek(1);
        if (escape == '\n' || at + 1 == text.size())
          break;
        if (escape != '"' && escape != '\\' && escape != 'n' && escape != 't') {
          uint32_t size = decodeUtf8(text, at + 1).size;
          diagnostics.error(range(at, at + 1 + size), diag::UnknownEscape,
                            text.substr(at + 1, size));
          ++at;
          continue;
        }
        at += 2;
        continue;
      }
      checkCharacter(at);
      at += decodeUtf8(text, at).size;
    }
    if (peek() == '"')
      ++at;
    else {
      at = std::min({at + 1, text.size(), text.find('\n', at)});
      diagnostics.error(range(begin, at), diag::UnterminatedString);
    }
    addFrom(begin, Kind::String);
  }

  bool sign() {
    if (text.substr(at, 3) == "...")
      return add(Kind::Ellipsis, 3);
    if (text.substr(at, 3) == "\xE2\x86\x90")
      return add(Kind::Arrow, 3);
    bool beforeEqual = peek(1) == '=';
    switch (peek()) {
    case '+':
      return beforeEqual ? add(Kind::PlusAssign, 2) : add(Kind::Plus, 1);
    case '*':
      return beforeEqual ? add(Kind::StarAssign, 2) : add(Kind::Star, 1);
    case '=':
      return beforeEqual ? add(Kind::Equal, 2) : add(Kind::Assign, 1);
    case '!':
      return beforeEqual && add(Kind::NotEqual, 2);
    case '<':
      return beforeEqual ? add(Kind::LessEqual, 2) : add(Kind::Less, 1);
    case '>':
      return beforeEqual ? add(Kind::GreaterEqual, 2) : add(Kind::Greater, 1);
    default:
      break;
    }
    static constexpr std::string_view signs = "()[]{},;:.?-/^";
    static constexpr Kind kinds[] = {Kind::LParen, Kind::RParen, Kind::LSquare,  Kind::RSquare,
                                     Kind::LBrace, Kind::RBrace, Kind::Comma,    Kind::Semicolon,
                                     Kind::Colon,  Kind::Dot,    Kind::Question, Kind::Minus,
                                     Kind::Slash,  Kind::Caret};
    size_t which = signs.find(peek());
    return which != std::string_view::npos && add(kinds[which], 1);
  }

  /// Anything else is reported and skipped, a run of the same character once.
  void unknown() {
    CodePoint c = decodeUtf8(text, at);
    size_t begin = at;
    std::string_view character = text.substr(at, c.size);
    while (text.substr(at, c.size) == character)
      at += c.size;
    if (checkCharacter(begin))
      diagnostics.error(range(begin, at), diag::UnknownCharacter, character);
    spaceBefore = true;
  }

  std::string_view text;
  uint32_t file;
  Diagnostics &diagnostics;
  std::vector<Token> tokens;
  size_t at = 0;
  bool startsLine = true;
  bool spaceBefore = true;
};

} // namespace

std::vector<Token> lex(const SourceManager &sources, uint32_t file, Diagnostics &diagnostics) {
  return Lexer(sources.text(file), file, diagnostics).run();
}

std::optional<double> parseReal(std::string_view token) {
  double value = 0;
  auto result = std::from_chars(token.data(), token.data() + token.size(), value);
  if (result.ec == std::errc())
    return value;
  // Too large is an error, too small is zero; from_chars does not say which it was.
  return decimalExponent(token) > 0 ? std::nullopt : std::optional<double>(0.0);
}

std::string unquote(std::string_view token) {
  std::string result;
  token.remove_prefix(1);
  for (size_t i = 0; i < token.size() && token[i] != '"'; ++i) {
    char c = token[i];
    if (c == '\\' && i + 1 < token.size()) {
      c = token[++i];
      c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
    }
    result += c;
  }
  return result;
}

} // namespace tlc
