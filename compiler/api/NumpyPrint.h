//===- NumpyPrint.h - tensors as NumPy prints them [Q1] -------------------===//

#ifndef TLC_COMPILER_API_NUMPYPRINT_H
#define TLC_COMPILER_API_NUMPYPRINT_H

#include "tlc/tlc.h"

#include <string>

namespace tlc {

/// What `print(array)` shows: aligned columns, eight digits after the point, lines of 75
/// characters; past `threshold` elements only the first and last three along each axis.
std::string printLikeNumpy(const Tensor &tensor, int64_t threshold);

/// One element as data: shortest digits that read back as the same value of its type; complex
/// numbers as [re, im]. JSON has no NaN and infinities: they become strings.
std::string elementAsJson(const Tensor &tensor, int64_t offset);

} // namespace tlc

#endif // TLC_COMPILER_API_NUMPYPRINT_H
