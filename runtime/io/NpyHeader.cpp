//===- NpyHeader.cpp - the header of a .npy file --------------------------===//
//
// Magic bytes, a version, a length, and a Python dictionary, padded with blanks:
//
//   \x93NUMPY 1 0 <u16: 118> {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }   \n
//
// Versions 2 and 3 have a length of 32 bits. The dictionary is read by a parser for just this
// form, keys in any order; nothing of Python is ever evaluated.
//
//===----------------------------------------------------------------------===//

#include "runtime/io/NpyHeader.h"

#include <bit>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace tlrt {
namespace {

constexpr uint64_t kMaxHeader = uint64_t(1) << 20;
constexpr bool kLittle = std::endian::native == std::endian::little;

struct TypeName {
  char text[4];
  ElementFormat format;
};
constexpr TypeName kTypes[] = {
    {"b1", {TLRT_BOOL, 1, 1, ElementFormat::Bool}},
    {"i1", {TLRT_I8, 1, 1, ElementFormat::Copy}},
    {"u1", {TLRT_I32, 1, 1, ElementFormat::FromU8}},
    {"i2", {TLRT_I32, 2, 2, ElementFormat::FromI16}},
    {"u2", {TLRT_I32, 2, 2, ElementFormat::FromU16}},
    {"i4", {TLRT_I32, 4, 4, ElementFormat::Copy}},
    {"u4", {TLRT_I64, 4, 4, ElementFormat::FromU32}},
    {"i8", {TLRT_I64, 8, 8, ElementFormat::Copy}},
    {"f2", {TLRT_F16, 2, 2, ElementFormat::Copy}},
    {"f4", {TLRT_F32, 4, 4, ElementFormat::Copy}},
    {"f8", {TLRT_F64, 8, 8, ElementFormat::Copy}},
    {"c8", {TLRT_C64, 8, 4, ElementFormat::Copy}},
    {"c16", {TLRT_C128, 16, 8, ElementFormat::Copy}},
};

/// Reads the dictionary. Each function leaves `at` behind what it read, or reports an error.
class HeaderParser {
public:
  HeaderParser(InputFile &file, const char *text, uint64_t length)
      : file(file), at(text), end(text + length) {}

  int32_t parse(NpyHeader &header);

private:
  struct Text {
    const char *at;
    int length;
    bool is(const char *other) const {
      return size_t(length) == strlen(other) && memcmp(at, other, size_t(length)) == 0;
    }
  };

  void skipBlanks() {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
      ++at;
  }
  bool accept(char c) {
    skipBlanks();
    if (at == end || *at != c)
      return false;
    ++at;
    return true;
  }
  int32_t expected(const char *what);
  int32_t parseQuoted(Text &text);
  int32_t parseEntry(NpyHeader &header, unsigned &seen);
  int32_t parseType(ElementFormat &format);
  int32_t unsupportedType(const Text &name);
  int32_t parseOrder(bool &fortranOrder);
  int32_t parseShape(NpyHeader &header);
  int32_t parseExtent(int64_t &extent);

  InputFile &file;
  const char *at, *const end;
};

/// What stands at `at`, in a form that can be printed.
int32_t HeaderParser::expected(const char *what) {
  skipBlanks();
  char found[24];
  int length = 0;
  for (const char *c = at; c < end && length < int(sizeof found) - 1; ++c)
    found[length++] = *c >= ' ' && *c < 127 ? *c : '?';
  found[length] = '\0';
  if (length == 0)
    return tlrt_fail(file.context, TLRT_ERROR_DATA, "%s: the .npy header ends, expected %s",
                     file.name, what);
  return tlrt_fail(file.context, TLRT_ERROR_DATA, "%s: the .npy header has '%s', expected %s",
                   file.name, found, what);
}

int32_t HeaderParser::parseQuoted(Text &text) {
  skipBlanks();
  char quote = at < end ? *at : '\0';
  if (quote != '\'' && quote != '"')
    return expected("a quoted name");
  const char *close = static_cast<const char *>(memchr(at + 1, quote, size_t(end - at - 1)));
  if (!close)
    return expected("a closing quote");
  text = {at + 1, int(close - at - 1)};
  at = close + 1;
  return TLRT_OK;
}

int32_t HeaderParser::unsupportedType(const Text &name) {
  char shown[24];
  int length = 0;
  for (; length < name.length && length < int(sizeof shown) - 1; ++length)
    shown[length] = name.at[length] >= ' ' && name.at[length] < 127 ? name.at[length] : '?';
  shown[length] = '\0';
  const char *kind = "of an unknown type";
  switch (name.length > 1 ? name.at[1] : '\0') {
  case 'O':
    kind = "Python objects";
    break;
  case 'S':
  case 'U':
    kind = "strings";
    break;
  case 'V':
    kind = "records or raw bytes";
    break;
  case 'M':
  case 'm':
    kind = "dates or times";
    break;
  case 'b':
  case 'i':
  case 'u':
  case 'f':
  case 'c':
    kind = "numbers of a size that is not supported";
  }
  return tlrt_fail(file.context, TLRT_ERROR_DATA,
                   "%s: its elements are %s (%s), expected bool, an integer of up to 64 bits "
                   "(not u8), a float of up to 64 or a complex of up to 128",
                   file.name, kind, shown);
}

int32_t HeaderParser::parseType(ElementFormat &format) {
  skipBlanks();
  if (at < end && *at == '[')
    return tlrt_fail(file.context, TLRT_ERROR_DATA,
                     "%s: its elements are records with fields, expected numbers", file.name);
  Text name;
  if (int32_t failed = parseQuoted(name))
    return failed;
  if (name.length < 2 || !strchr("<>|=", name.at[0]))
    return unsupportedType(name);
  Text plain = {name.at + 1, name.length - 1};
  for (const TypeName &type : kTypes) {
    if (!plain.is(type.text))
      continue;
    format = type.format;
    format.swapped = format.partBytes > 1 && name.at[0] == (kLittle ? '>' : '<');
    return TLRT_OK;
  }
  return unsupportedType(name);
}

int32_t HeaderParser::parseOrder(bool &fortranOrder) {
  skipBlanks();
  constexpr const char *kWords[] = {"True", "False"};
  for (const char *word : kWords) {
    size_t length = strlen(word);
    if (size_t(end - at) < length || memcmp(at, word, length) != 0)
      continue;
    at += length;
    fortranOrder = word[0] == 'T';
    return TLRT_OK;
  }
  return expected("True or False");
}

int32_t HeaderParser::parseExtent(int64_t &extent) {
  skipBlanks();
  if (at == end || *at < '0' || *at > '9')
    return expected("an extent");
  extent = 0;
  for (; at < end && *at >= '0' && *at <= '9'; ++at)
    if (__builtin_mul_overflow(extent, 10, &extent) ||
        __builtin_add_overflow(extent, *at - '0', &extent))
      return tlrt_fail(file.context, TLRT_ERROR_DATA,
                       "%s: an extent has more than 63 bits, expected one that fits the file",
                       file.name);
  if (at < end && *at == 'L') // Python 2 wrote long integers so
    ++at;
  return TLRT_OK;
}

int32_t HeaderParser::parseShape(NpyHeader &header) {
  header.rank = 0;
  if (!accept('('))
    return expected("a shape in parentheses");
  while (!accept(')')) {
    if (header.rank == TLRT_MAX_RANK)
      return tlrt_fail(file.context, TLRT_ERROR_DATA, "%s: has more than %d axes, expected fewer",
                       file.name, TLRT_MAX_RANK);
    if (int32_t failed = parseExtent(header.shape[header.rank]))
      return failed;
    ++header.rank;
    bool comma = accept(',');
    skipBlanks();
    if (!comma && (at == end || *at != ')' || header.rank == 1)) // (3) is a number
      return expected("',' after an extent");
  }
  return TLRT_OK;
}

/// One key and its value; `seen` has a bit for each key.
int32_t HeaderParser::parseEntry(NpyHeader &header, unsigned &seen) {
  Text key;
  if (int32_t failed = parseQuoted(key))
    return failed;
  if (!accept(':'))
    return expected("':'");
  unsigned bit = key.is("descr") ? 1 : key.is("fortran_order") ? 2 : key.is("shape") ? 4 : 0;
  if (bit == 0 || (seen & bit))
    return tlrt_fail(file.context, TLRT_ERROR_DATA,
                     "%s: the .npy header has %s, expected descr, fortran_order and shape once",
                     file.name, bit ? "a key twice" : "an unknown key");
  seen |= bit;
  return bit == 1   ? parseType(header.format)
         : bit == 2 ? parseOrder(header.fortranOrder)
                    : parseShape(header);
}

int32_t HeaderParser::parse(NpyHeader &header) {
  unsigned seen = 0;
  if (!accept('{'))
    return expected("'{'");
  while (!accept('}')) {
    if (int32_t failed = parseEntry(header, seen))
      return failed;
    skipBlanks();
    if (!accept(',') && (at == end || *at != '}'))
      return expected("',' or '}'");
  }
  skipBlanks();
  if (at != end)
    return expected("nothing after '}'");
  if (seen != 7)
    return tlrt_fail(file.context, TLRT_ERROR_DATA, "%s: the .npy header lacks %s, expected it",
                     file.name,
                     !(seen & 1)   ? "descr"
                     : !(seen & 2) ? "fortran_order"
                                   : "shape");
  return TLRT_OK;
}

} // namespace

int32_t readNpyHeader(ByteSource &source, NpyHeader &header) {
  InputFile &file = source.file;
  unsigned char start[12] = {};
  uint64_t got = source.remaining() < 10 ? source.remaining() : 10;
  if (int32_t failed = source.read(start, got))
    return failed;
  if (got < 10 || memcmp(start, "\x93NUMPY", 6) != 0)
    return tlrt_fail(file.context, TLRT_ERROR_DATA, "%s: %s, expected a .npy file", file.name,
                     got == 0   ? "is empty"
                     : got < 10 ? "is too short"
                                : "does not start as one");
  if (start[6] < 1 || start[6] > 3)
    return tlrt_fail(file.context, TLRT_ERROR_DATA,
                     "%s: has version %d of the .npy format, expected 1, 2 or 3", file.name,
                     start[6]);
  uint64_t length = start[8] | uint64_t(start[9]) << 8;
  if (start[6] > 1) {
    if (int32_t failed = source.read(start + 10, 2))
      return failed;
    length |= uint64_t(start[10]) << 16 | uint64_t(start[11]) << 24;
  }
  if (length > kMaxHeader || length > source.remaining())
    return tlrt_fail(file.context, TLRT_ERROR_DATA,
                     "%s: the .npy header is said to have %" PRIu64 " bytes, expected at most "
                     "%" PRIu64,
                     file.name, length,
                     length > source.remaining() ? source.remaining() : kMaxHeader);
  char *text = static_cast<char *>(malloc(length + 1));
  if (!text)
    return tlrt_fail(file.context, TLRT_ERROR_RESOURCE, "%s: no memory to read it", file.name);
  int32_t failed = source.read(text, length);
  if (!failed)
    failed = HeaderParser(file, text, length).parse(header);
  free(text);
  return failed;
}

int printNpyHeader(char (&text)[kMaxNpyHeader], int32_t dtype, int32_t rank, const int64_t *shape) {
  const char *name = "";
  bool bytes = false;
  for (const TypeName &type : kTypes)
    if (type.format.dtype == dtype && type.format.kind <= ElementFormat::Bool) {
      name = type.text;
      bytes = type.format.bytes == 1;
    }
  int at = 10 + snprintf(text + 10, sizeof text - 10,
                         "{'descr': '%c%s', 'fortran_order': False, 'shape': (",
                         bytes     ? '|'
                         : kLittle ? '<'
                                   : '>',
                         name);
  for (int32_t i = 0; i < rank; ++i)
    at += snprintf(text + at, sizeof text - size_t(at), "%" PRId64 "%s", shape[i],
                   rank == 1      ? ","
                   : i + 1 < rank ? ", "
                                  : "");
  at += snprintf(text + at, sizeof text - size_t(at), "), }");
  int total = (at + 1 + 63) / 64 * 64;
  memset(text + at, ' ', size_t(total - at));
  text[total - 1] = '\n';
  memcpy(text, "\x93NUMPY\1\0", 8);
  text[8] = char((total - 10) & 255);
  text[9] = char((total - 10) >> 8);
  return total;
}

} // namespace tlrt
