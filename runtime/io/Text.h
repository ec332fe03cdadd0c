//===- Text.h - lines and cells of a text file ----------------------------===//

#ifndef TLC_RUNTIME_IO_TEXT_H
#define TLC_RUNTIME_IO_TEXT_H

#include "runtime/include/tlrt/io.h"

#include <cstddef>

namespace tlrt {

enum class Separator { Comma, Tab, Blanks };

struct Cell {
  char *begin, *end; ///< without quotes and surrounding blanks
  int64_t column;    ///< of the cell in its line, in bytes from 1
};

/// A text file in memory, gone through line by line and cell by cell.
class TextFile {
public:
  TextFile(tlrt_context *context, const char *name, Separator separator)
      : context(context), name(name), separator(separator) {}
  TextFile(const TextFile &) = delete;
  ~TextFile();

  /// Reads it; NUL bytes are refused.
  int32_t open();
  /// Goes back to the first line.
  void rewind();
  /// Goes to the next line that is not empty; false at the end.
  bool nextLine();
  /// Takes the line's next cell, false after the last. Sets `failed` if it is damaged. A symbol
  /// has its doubled quotes resolved in place, so that a file can be gone through only once for
  /// them, and keeps its blanks in .tsv.
  bool nextCell(Cell &cell, bool asSymbol, int32_t &failed);
  bool lineStartsWith(char c) const { return *lineBegin == c; }

  /// Reports "<name>:<line>:<column>: <found>, expected <expected>".
  int32_t fail(int64_t column, const char *found, const char *expected);

  tlrt_context *const context;
  const char *const name;
  int64_t line = 0; ///< from 1

private:
  bool quotedCell(Cell &cell, bool asSymbol, int32_t &failed);
  bool isBlank(char c) const { return c == ' ' || (c == '\t' && separator != Separator::Tab); }

  const Separator separator;
  char *text = nullptr, *textEnd = nullptr; ///< *textEnd is NUL
  char *next = nullptr;                     ///< start of the following line
  char *lineBegin = nullptr, *lineEnd = nullptr;
  char *at = nullptr; ///< the rest of the line; null when all cells are taken
};

/// Makes the bytes of a cell printable, cut to a few characters.
struct Shown {
  explicit Shown(const Cell &cell);
  char text[48];
};

int32_t readMatrix(TextFile &file, bool headerOnly, tlrt_tensor &tensor);
int32_t readRows(TextFile &file, tlrt_row row, void *user);
int32_t writeMatrix(tlrt_context *context, const char *name, Separator separator,
                    const tlrt_view &view);

} // namespace tlrt

#endif // TLC_RUNTIME_IO_TEXT_H
