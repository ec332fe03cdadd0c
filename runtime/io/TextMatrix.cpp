//===- TextMatrix.cpp - numbers in rows and columns -----------------------===//
//
// The text is gone through twice: the first time decides extents and type, and finds whatever
// is wrong; the second fills in the numbers.
//
//   x, y
//   1, 2.5      a header, then 2 x 2 of f64: one cell has a point
//   3, 4
//
//===----------------------------------------------------------------------===//

#include "runtime/io/AtomicFile.h"
#include "runtime/io/Elements.h"
#include "runtime/io/Numbers.h"
#include "runtime/io/Text.h"

#include <cinttypes>
#include <cstdio>
#include <cstring>

namespace tlrt {
namespace {

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/// What the first pass finds out.
struct Survey {
  int64_t rows = 0, columns = 0;
  bool hasHeader = false;
  bool hasReals = false;
  // The first integer of more than 64 bits, which only a matrix of f64 can hold.
  int64_t wideLine = 0, wideColumn = 0;
};

/// Skips comments, which np.savetxt writes.
bool nextDataLine(TextFile &file) {
  while (file.nextLine())
    if (!file.lineStartsWith('#'))
      return true;
  return false;
}

/// The first line is a header if it has cells and none of them is a number.
int32_t isHeader(TextFile &file, bool &header) {
  Cell cell;
  int32_t failed = TLRT_OK;
  header = true;
  while (file.nextCell(cell, false, failed))
    header = header && classifyNumber(cell.begin, cell.end) == NumberKind::None;
  return failed;
}

int32_t surveyLine(TextFile &file, Survey &survey) {
  Cell cell;
  int32_t failed = TLRT_OK;
  int64_t columns = 0;
  while (file.nextCell(cell, false, failed)) {
    ++columns;
    NumberKind kind = classifyNumber(cell.begin, cell.end);
    if (kind == NumberKind::None) {
      char found[64];
      snprintf(found, sizeof found, cell.begin == cell.end ? "an empty cell" : "'%s'",
               Shown(cell).text);
      return file.fail(cell.column, found, "a number");
    }
    survey.hasReals |= kind == NumberKind::Real;
    int64_t value;
    if (kind == NumberKind::Integer && !survey.wideLine &&
        !parseInteger(cell.begin, cell.end, value)) {
      survey.wideLine = file.line;
      survey.wideColumn = cell.column;
    }
  }
  if (failed)
    return failed;
  if (survey.rows > 0 && columns != survey.columns)
    return tlrt_fail(file.context, TLRT_ERROR_DATA,
                     "%s:%" PRId64 ": has %" PRId64 " cells, expected %" PRId64
                     " as in the lines before",
                     file.name, file.line, columns, survey.columns);
  survey.columns = columns;
  ++survey.rows;
  return TLRT_OK;
}

int32_t surveyFile(TextFile &file, Survey &survey) {
  file.rewind();
  if (nextDataLine(file))
    if (int32_t failed = isHeader(file, survey.hasHeader))
      return failed;
  file.rewind();
  if (survey.hasHeader)
    nextDataLine(file);
  while (nextDataLine(file))
    if (int32_t failed = surveyLine(file, survey))
      return failed;
  if (survey.rows == 0)
    return tlrt_fail(file.context, TLRT_ERROR_DATA, "%s: has no numbers, expected a matrix",
                     file.name);
  if (survey.wideLine && !survey.hasReals) {
    file.line = survey.wideLine;
    return file.fail(survey.wideColumn, "an integer of more than 64 bits",
                     "integers that fit i64, or a decimal point");
  }
  return TLRT_OK;
}

int32_t fillMatrix(TextFile &file, const Survey &survey, void *data) {
  PlainNumbers plain;
  auto *reals = static_cast<double *>(data);
  auto *integers = static_cast<int64_t *>(data);
  file.rewind();
  if (survey.hasHeader)
    nextDataLine(file);
  int32_t failed = TLRT_OK;
  while (nextDataLine(file)) {
    Cell cell;
    while (file.nextCell(cell, false, failed)) {
      if (survey.hasReals)
        *reals++ = parseReal(cell.begin);
      else
        parseInteger(cell.begin, cell.end, *integers++);
    }
  }
  return failed;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

template <typename T> T load(const void *element) {
  T value;
  memcpy(&value, element, sizeof value);
  return value;
}

int printElement(char (&text)[kMaxNumber], int32_t dtype, const void *element) {
  switch (dtype) {
  case TLRT_BOOL:
    return snprintf(text, sizeof text, "%d", load<uint8_t>(element) != 0);
  case TLRT_I8:
    return snprintf(text, sizeof text, "%d", load<int8_t>(element));
  case TLRT_I32:
    return snprintf(text, sizeof text, "%" PRId32, load<int32_t>(element));
  case TLRT_I64:
    return snprintf(text, sizeof text, "%" PRId64, load<int64_t>(element));
  case TLRT_F16:
    return printReal(text, double(tlrt_half_to_float(load<uint16_t>(element))), true);
  case TLRT_BF16:
    return printReal(text, double(tlrt_bfloat_to_float(load<uint16_t>(element))), true);
  case TLRT_F32:
    return printReal(text, double(load<float>(element)), true);
  default:
    return printReal(text, load<double>(element), false);
  }
}

/// Marks whole floats as such, so that they are read as floats again: "3" becomes "3.0".
int markReal(char (&text)[kMaxNumber], int length) {
  if (classifyNumber(text, text + length) != NumberKind::Integer)
    return length;
  memcpy(text + length, ".0", 3);
  return length + 2;
}

} // namespace

int32_t readMatrix(TextFile &file, bool headerOnly, tlrt_tensor &tensor) {
  Survey survey;
  int32_t failed = file.open();
  if (!failed)
    failed = surveyFile(file, survey);
  if (failed)
    return failed;
  tensor.view.rank = survey.columns == 1 ? 1 : 2;
  tensor.view.dtype = survey.hasReals ? TLRT_F64 : TLRT_I64;
  tensor.shape[0] = survey.rows;
  tensor.shape[1] = survey.columns;
  setRowMajorStrides(tensor);
  if (headerOnly)
    return TLRT_OK;
  tensor.view.data = tlrt_alloc(file.context, tensor.view.rank, tensor.shape, 8);
  return tensor.view.data ? fillMatrix(file, survey, tensor.view.data)
                          : int32_t(TLRT_ERROR_RESOURCE);
}

int32_t writeMatrix(tlrt_context *context, const char *name, Separator separator,
                    const tlrt_view &view) {
  if (view.rank > 2)
    return tlrt_fail(context, TLRT_ERROR_DATA,
                     "%s: the tensor has %d axes, expected at most 2 for text", name, view.rank);
  if (view.dtype == TLRT_C64 || view.dtype == TLRT_C128)
    return tlrt_fail(context, TLRT_ERROR_DATA,
                     "%s: the tensor is complex, expected real numbers for text", name);
  AtomicFile file(context, name);
  if (int32_t failed = file.open(name))
    return failed;
  PlainNumbers plain;
  int64_t rows = view.rank > 0 ? view.shape[0] : 1, columns = view.rank > 1 ? view.shape[1] : 1;
  bool isReal = view.dtype >= TLRT_F16;
  const char *mark = separator == Separator::Comma ? "," : separator == Separator::Tab ? "\t" : " ";
  char text[kMaxNumber];
  ElementWalk walk(view);
  for (int64_t row = 0; row < rows && !file.hasFailed(); ++row)
    for (int64_t column = 0; column < columns; ++column) {
      int length = printElement(text, view.dtype, walk.next());
      file.write(text, size_t(isReal ? markReal(text, length) : length));
      file.write(column + 1 < columns ? mark : "\n", 1);
    }
  return file.commit();
}

} // namespace tlrt
