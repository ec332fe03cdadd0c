//===- Text.cpp - UTF-8, and what counts as a letter ----------------------===//

#include "compiler/support/Text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tlc {

namespace {

/// Blocks of letters outside ASCII: Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic, Devanagari,
/// phonetic and extended Latin and Greek, kana, Han, Hangul. Signs such as the arrows are in none
/// of them.
constexpr std::array<std::pair<uint32_t, uint32_t>, 15> letterBlocks = {{
    {0xAA, 0xAA},
    {0xB5, 0xB5},
    {0xBA, 0xBA},
    {0xC0, 0xD6},
    {0xD8, 0xF6},
    {0xF8, 0x2AF},
    {0x370, 0x373},
    {0x376, 0x37D},
    {0x386, 0x386},
    {0x388, 0x559},
    {0x560, 0x588},
    {0x5D0, 0x64A},
    {0x904, 0x963},
    {0x1D00, 0x1FFF},
    {0x3041, 0xD7A3},
}};

bool isContinuation(std::string_view text, size_t offset) {
  return offset < text.size() && (static_cast<uint8_t>(text[offset]) & 0xC0) == 0x80;
}

/// Upper case in the scripts whose capitals people use as tensor names.
bool isUpperCase(uint32_t c) {
  if (c < 0x80)
    return c >= 'A' && c <= 'Z';
  if (c < 0x100)
    return c >= 0xC0 && c <= 0xDE;
  if (c < 0x180) // Latin Extended-A alternates, with the parity changing in two places
    return ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) ? c % 2 == 1 : c % 2 == 0;
  if (c >= 0x386 && c <= 0x3AB)
    return c != 0x390;
  return c >= 0x400 && c <= 0x42F;
}

} // namespace

CodePoint decodeUtf8(std::string_view text, size_t offset) {
  uint8_t lead = static_cast<uint8_t>(text[offset]);
  if (lead < 0x80)
    return {lead, 1, true};
  uint32_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4)
    return {lead, 1, false};
  uint32_t value = lead & (0xFF >> (size + 1));
  for (uint32_t i = 1; i < size; ++i) {
    if (!isContinuation(text, offset + i))
      return {lead, 1, false};
    value = value << 6 | (static_cast<uint8_t>(text[offset + i]) & 0x3F);
  }
  constexpr std::array<uint32_t, 5> smallest = {0, 0, 0x80, 0x800, 0x10000};
  bool isSurrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < smallest[size] || isSurrogate || value > 0x10FFFF)
    return {lead, 1, false};
  return {value, size, true};
}

bool isLetter(uint32_t c) {
  if (c < 0x80)
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  return std::any_of(letterBlocks.begin(), letterBlocks.end(),
                     [c](const auto &block) { return c >= block.first && c <= block.second; });
}

bool startsUpperCase(std::string_view name) {
  return !name.empty() && isUpperCase(decodeUtf8(name, 0).value);
}

std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    CodePoint c = decodeUtf8(text, at);
    bool isControl = (c.value < 0x20 && c.value != '\t') || (c.value >= 0x7F && c.value < 0xA0);
    if (c.isValid && !isControl)
      result.append(text.substr(at, c.size));
    else
      result += '?';
    at += c.size;
  }
  return result;
}

} // namespace tlc
