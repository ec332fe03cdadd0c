//===- Numbers.cpp - numbers in text --------------------------------------===//

#include "runtime/io/Numbers.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <strings.h>

namespace tlrt {
namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }

const char *skipDigits(const char *at, const char *end) {
  while (at < end && isDigit(*at))
    ++at;
  return at;
}

bool isWord(const char *begin, const char *end, const char *word, size_t length) {
  return size_t(end - begin) == length && strncasecmp(begin, word, length) == 0;
}

} // namespace

NumberKind classifyNumber(const char *begin, const char *end) {
  const char *at = begin;
  if (at < end && (*at == '+' || *at == '-'))
    ++at;
  if (isWord(at, end, "inf", 3) || isWord(at, end, "nan", 3) || isWord(at, end, "infinity", 8))
    return NumberKind::Real;
  const char *point = skipDigits(at, end);
  int64_t digits = point - at;
  if (digits > 0 && point == end)
    return NumberKind::Integer;
  at = point;
  if (at < end && *at == '.') {
    const char *fraction = at + 1;
    at = skipDigits(fraction, end);
    digits += at - fraction;
  }
  if (digits == 0)
    return NumberKind::None;
  if (at < end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at < end && (*at == '+' || *at == '-'))
      ++at;
    const char *exponent = at;
    at = skipDigits(at, end);
    if (at == exponent)
      return NumberKind::None;
  }
  return at == end ? NumberKind::Real : NumberKind::None;
}

bool parseInteger(const char *begin, const char *end, int64_t &value) {
  bool negative = *begin == '-';
  value = 0;
  for (const char *at = begin + (negative || *begin == '+'); at < end; ++at) {
    int digit = *at - '0';
    if (__builtin_mul_overflow(value, 10, &value) ||
        __builtin_add_overflow(value, negative ? -digit : digit, &value))
      return false;
  }
  return true;
}

double parseReal(const char *begin) { return strtod(begin, nullptr); }

int printReal(char (&text)[kMaxNumber], double value, bool isFloat) {
  if (std::isnan(value))
    return snprintf(text, sizeof text, "nan");
  int length = 0;
  for (int digits = isFloat ? 6 : 15; digits <= 17; ++digits) {
    length = snprintf(text, sizeof text, "%.*g", digits, value);
    bool same = isFloat ? strtof(text, nullptr) == float(value) : strtod(text, nullptr) == value;
    if (same)
      break;
  }
  return length;
}

PlainNumbers::PlainNumbers() {
  // glibc answers with its constant "C" locale: nothing to free, and it cannot fail.
  before = uselocale(newlocale(LC_ALL_MASK, "C", nullptr));
}

PlainNumbers::~PlainNumbers() { uselocale(before); }

} // namespace tlrt
