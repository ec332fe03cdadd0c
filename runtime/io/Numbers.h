//===- Numbers.h - numbers in text ----------------------------------------===//

#ifndef TLC_RUNTIME_IO_NUMBERS_H
#define TLC_RUNTIME_IO_NUMBERS_H

#include <clocale>
#include <cstddef>
#include <cstdint>

namespace tlrt {

enum class NumberKind { None, Integer, Real };

/// What the text [begin, end) is as a whole: digits with a sign are an integer; with a point or
/// an exponent, or inf or nan, a real number.
NumberKind classifyNumber(const char *begin, const char *end);

/// The value of an integer; false if it has more than 64 bits.
bool parseInteger(const char *begin, const char *end, int64_t &value);

/// The value of a number. The character at its end must not continue it.
double parseReal(const char *begin);

/// Prints the shortest decimal that reads back as the same value; returns its length.
constexpr size_t kMaxNumber = 40;
int printReal(char (&text)[kMaxNumber], double value, bool isFloat);

/// Makes the calling thread write decimal points while it lives, whatever the program's locale.
class PlainNumbers {
public:
  PlainNumbers();
  PlainNumbers(const PlainNumbers &) = delete;
  ~PlainNumbers();

private:
  locale_t before;
};

} // namespace tlrt

#endif // TLC_RUNTIME_IO_NUMBERS_H
