//===- Text.h - UTF-8, and what counts as a letter [L1] [L2] --------------===//
//
// Names may use letters of any script, so that "Σ[μ,ν]" is a tensor with two indices.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_SUPPORT_TEXT_H
#define TLC_COMPILER_SUPPORT_TEXT_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tlc {

/// One code point of a text. Not valid: a byte that starts no well-formed sequence, of size 1.
struct CodePoint {
  uint32_t value = 0;
  uint32_t size = 1;
  bool isValid = false;
};

/// The code point at byte `offset`, which must be inside `text`.
CodePoint decodeUtf8(std::string_view text, size_t offset);

/// A letter of some script or `_`: what a name starts with [L2].
bool isLetter(uint32_t codePoint);
/// Whether a name starts with an upper-case letter: a constant in an index position [L3].
bool startsUpperCase(std::string_view name);

/// `text` fit for a terminal: control characters and ill-formed bytes become '?'.
std::string printable(std::string_view text);

} // namespace tlc

#endif // TLC_COMPILER_SUPPORT_TEXT_H
