//===- Text.cpp - lines and cells of a text file --------------------------===//
//
// Three dialects of tables, told apart by the file's extension:
//
//   .csv   Alice, "Smith, Bob", 3      commas; quotes as in RFC 4180, within one line
//   .tsv   Alice<tab>Smith, Bob<tab>3  tabs, and nothing has a meaning but them
//   .txt   0.5  1e-3   7               any blanks between cells, so that none is empty
//
//===----------------------------------------------------------------------===//

#include "runtime/io/Text.h"

#include "runtime/io/InputFile.h"

#include <cinttypes>
#include <cstring>

namespace tlrt {

TextFile::~TextFile() { tlrt_release(context, text); }

int32_t TextFile::open() {
  InputFile file(context, name);
  if (int32_t failed = file.open(name))
    return failed;
  int64_t size = int64_t(file.size()) + 1;
  text = static_cast<char *>(tlrt_alloc(context, 1, &size, 1));
  if (!text)
    return TLRT_ERROR_RESOURCE;
  if (int32_t failed = file.readAt(0, text, file.size()))
    return failed;
  textEnd = text + file.size();
  *textEnd = '\0';
  rewind();
  while (nextLine())
    if (const void *nul = memchr(lineBegin, '\0', size_t(lineEnd - lineBegin)))
      return fail(static_cast<const char *>(nul) - lineBegin + 1, "a NUL byte", "text");
  rewind();
  return TLRT_OK;
}

void TextFile::rewind() {
  bool marked = textEnd - text >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0; // byte order mark
  next = text + (marked ? 3 : 0);
  line = 0;
}

bool TextFile::nextLine() {
  while (next < textEnd) {
    lineBegin = next;
    ++line;
    auto *end = static_cast<char *>(memchr(next, '\n', size_t(textEnd - next)));
    lineEnd = end ? end : textEnd;
    next = end ? end + 1 : textEnd;
    if (lineEnd > lineBegin && lineEnd[-1] == '\r')
      --lineEnd;
    const char *first = lineBegin;
    while (first < lineEnd && isBlank(*first))
      ++first;
    at = lineBegin;
    if (first < lineEnd)
      return true;
  }
  return false;
}

bool TextFile::nextCell(Cell &cell, bool asSymbol, int32_t &failed) {
  if (!at)
    return false;
  bool trimmed = separator != Separator::Tab || !asSymbol;
  while (trimmed && at < lineEnd && isBlank(*at))
    ++at;
  if (separator == Separator::Blanks && at == lineEnd)
    return false;
  cell.column = at - lineBegin + 1;
  if (separator == Separator::Comma && at < lineEnd && *at == '"')
    return quotedCell(cell, asSymbol, failed);
  cell.begin = at;
  char mark = separator == Separator::Comma ? ',' : '\t';
  while (at < lineEnd && (separator == Separator::Blanks ? !isBlank(*at) : *at != mark))
    ++at;
  cell.end = at;
  while (trimmed && cell.end > cell.begin && isBlank(cell.end[-1]))
    --cell.end;
  at = at < lineEnd ? at + 1 : nullptr;
  return true;
}

/// "He said ""no""", with blanks around.
bool TextFile::quotedCell(Cell &cell, bool asSymbol, int32_t &failed) {
  char *to = ++at;
  cell.begin = at;
  for (; at < lineEnd; ++at) {
    if (*at == '"' && (at + 1 == lineEnd || at[1] != '"'))
      break;
    if (*at == '"')
      ++at; // the second of two
    if (asSymbol)
      *to = *at;
    ++to;
  }
  if (at == lineEnd) {
    failed = fail(cell.column, "a quote that is not closed", "'\"' before the end of the line");
    return false;
  }
  cell.end = asSymbol ? to : at;
  ++at;
  while (at < lineEnd && isBlank(*at))
    ++at;
  if (at < lineEnd && *at != ',') {
    failed = fail(at - lineBegin + 1, "text after a closing quote", "a comma");
    return false;
  }
  at = at < lineEnd ? at + 1 : nullptr;
  return true;
}

int32_t TextFile::fail(int64_t column, const char *found, const char *expected) {
  return tlrt_fail(context, TLRT_ERROR_DATA, "%s:%" PRId64 ":%" PRId64 ": %s, expected %s", name,
                   line, column, found, expected);
}

Shown::Shown(const Cell &cell) {
  size_t length = 0;
  for (const char *c = cell.begin; c < cell.end && length < sizeof text - 4; ++c)
    text[length++] = static_cast<unsigned char>(*c) < ' ' || *c == 127 ? '?' : *c;
  bool cut = size_t(cell.end - cell.begin) > length;
  memcpy(text + length, cut ? "..." : "", cut ? 4 : 1);
}

} // namespace tlrt
