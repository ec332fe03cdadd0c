//===- TextRows.cpp - facts: rows of symbols ------------------------------===//

#include "runtime/io/Text.h"

#include <climits>
#include <cstdlib>

namespace tlrt {
namespace {

/// The cells of one line.
class CellList {
public:
  CellList() = default;
  CellList(const CellList &) = delete;
  ~CellList() { free(cells); }

  bool push(const Cell &cell) {
    if (length == capacity) {
      int32_t larger = capacity ? capacity * 2 : 16;
      void *grown = larger > INT_MAX / 64 ? nullptr : realloc(cells, size_t(larger) * sizeof(Cell));
      if (!grown)
        return false;
      cells = static_cast<Cell *>(grown);
      capacity = larger;
    }
    cells[length++] = cell;
    return true;
  }

  Cell *cells = nullptr;
  int32_t length = 0;

private:
  int32_t capacity = 0;
};

/// Continuation bytes that follow a lead byte; -1 if it cannot start a character.
int followers(unsigned char lead) {
  if (lead < 0x80)
    return 0;
  if (lead >= 0xc2 && lead <= 0xdf)
    return 1;
  if (lead >= 0xe0 && lead <= 0xef)
    return 2;
  return lead >= 0xf0 && lead <= 0xf4 ? 3 : -1;
}

bool isUtf8(const char *begin, const char *end) {
  for (const char *at = begin; at < end;) {
    auto lead = static_cast<unsigned char>(*at++);
    int count = followers(lead);
    if (count < 0 || end - at < count)
      return false;
    // The first continuation byte rules out overlong forms, surrogates and what is beyond.
    auto second = static_cast<unsigned char>(count ? *at : 0);
    if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
        (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f))
      return false;
    for (; count > 0; --count, ++at)
      if ((static_cast<unsigned char>(*at) & 0xc0) != 0x80)
        return false;
  }
  return true;
}

int32_t takeCells(TextFile &file, CellList &list) {
  Cell cell;
  int32_t failed = TLRT_OK;
  list.length = 0;
  while (file.nextCell(cell, true, failed)) {
    if (!isUtf8(cell.begin, cell.end))
      return file.fail(cell.column, "bytes that are not UTF-8", "a symbol in UTF-8");
    if (!list.push(cell))
      return tlrt_fail(file.context, TLRT_ERROR_RESOURCE, "%s: no memory for the cells of a line",
                       file.name);
  }
  return failed;
}

} // namespace

int32_t readRows(TextFile &file, tlrt_row row, void *user) {
  if (int32_t failed = file.open())
    return failed;
  CellList list;
  const char **symbols = nullptr;
  int32_t room = 0, failed = TLRT_OK;
  while (!failed && file.nextLine()) {
    failed = takeCells(file, list);
    if (failed)
      break;
    if (list.length > room) {
      void *grown = realloc(symbols, size_t(list.length) * sizeof(char *));
      if (!grown) {
        failed = tlrt_fail(file.context, TLRT_ERROR_RESOURCE,
                           "%s: no memory for the cells of a line", file.name);
        break;
      }
      symbols = static_cast<const char **>(grown);
      room = list.length;
    }
    // Behind each cell stands a separator, a quote, the end of the line or of the text, which
    // are not needed any more.
    for (int32_t i = 0; i < list.length; ++i) {
      *list.cells[i].end = '\0';
      symbols[i] = list.cells[i].begin;
    }
    failed = row(user, file.line, list.length, symbols);
  }
  free(symbols);
  return failed;
}

} // namespace tlrt
