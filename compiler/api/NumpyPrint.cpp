//===- NumpyPrint.cpp - tensors as NumPy prints them [Q1] -----------------===//
//
// A column of numbers is aligned on its point:
//
//   [[ 1.          0.25      ]
//    [-2.          0.33333334]]
//
// Digits are the fewest that give the element back, at most eight after the point; all of
// a tensor goes to exponents if the largest element is >= 1e8, the smallest < 1e-4 or their
// ratio > 1000. This is NumPy's algorithm, so that results can be compared as text.
//
//===----------------------------------------------------------------------===//

#include "compiler/api/NumpyPrint.h"

#include "compiler/support/DType.h"
#include "tlrt/io.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <optional>

namespace tlc {
namespace {

constexpr int maxPrecision = 8;
constexpr int64_t edgeItems = 3;
constexpr size_t lineWidth = 75;

/// The value that `number` has after being stored with this type.
double rounded(double number, DType type) {
  switch (type) {
  case DType::F16:
    return tlrt_half_to_float(tlrt_float_to_half(static_cast<float>(number)));
  case DType::BF16:
    return tlrt_bfloat_to_float(tlrt_float_to_bfloat(static_cast<float>(number)));
  case DType::F32:
  case DType::C64:
    return static_cast<float>(number);
  default:
    return number;
  }
}

/// Number of significant digits after the first that `value` needs to be read back unchanged.
int shortestDigits(double value, DType type) {
  for (int digits = 0; digits < 17; ++digits)
    if (rounded(std::strtod(fmt::format("{:.{}e}", value, digits).c_str(), nullptr), type) == value)
      return digits;
  return 17;
}

/// "12.", "0.3333": positional, at most `precision` digits after the point, zeros trimmed.
std::string positional(double value, DType type, int precision) {
  std::string scientific = fmt::format("{:.{}e}", value, shortestDigits(value, type));
  int exponent = std::atoi(scientific.c_str() + scientific.find('e') + 1);
  int fraction = std::max(0, shortestDigits(value, type) - exponent);
  // The shortest digits may be fewer than the integer part has: the rest are zeros there.
  double shown = value;
  if (fraction == 0)
    shown = std::strtod(scientific.c_str(), nullptr);
  std::string text = fmt::format("{:.{}f}", shown, std::min(fraction, precision));
  if (text.find('.') == std::string::npos)
    return text + '.';
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

/// "1.5e-07", with `fraction` digits after the point if it is given, else the shortest.
std::string scientific(double value, DType type, std::optional<int> fraction) {
  return fmt::format("{:#.{}e}", value,
                     fraction.value_or(std::min(shortestDigits(value, type), maxPrecision)));
}

/// Formats the numbers of one tensor alike.
class FloatColumn {
public:
  FloatColumn(const std::vector<double> &values, DType type, bool plusSign)
      : type(type), plusSign(plusSign) {
    double largest = 0, smallest = INFINITY;
    bool any = false;
    for (double v : values)
      if (std::isfinite(v) && v != 0) {
        largest = std::max(largest, std::abs(v));
        smallest = std::min(smallest, std::abs(v));
        any = true;
      }
    exponents = any && (largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1000);
    for (double v : values)
      if (std::isfinite(v))
        measure(v);
    for (double v : values)
      if (!std::isfinite(v))
        left = std::max<int>(left, static_cast<int>(nonFinite(v).size()) - right - 1);
  }

  std::string operator()(double value) const {
    if (!std::isfinite(value))
      return fmt::format("{:>{}}", nonFinite(value), left + right + 1);
    std::string text =
        exponents ? scientific(value, type, fraction) : positional(value, type, maxPrecision);
    if (plusSign && !std::signbit(value))
      text.insert(0, 1, '+');
    size_t point = text.find('.');
    text.insert(0, std::max<size_t>(left, point) - point, ' ');
    size_t width = static_cast<size_t>(left + 1 + right);
    if (text.size() < width)
      text.append(width - text.size(), ' ');
    return text;
  }

private:
  std::string nonFinite(double value) const {
    if (std::isnan(value))
      return plusSign ? "+nan" : "nan";
    return value < 0 ? "-inf" : plusSign ? "+inf" : "inf";
  }

  void measure(double value) {
    std::string text =
        exponents ? scientific(value, type, {}) : positional(value, type, maxPrecision);
    if (plusSign && !std::signbit(value))
      text.insert(0, 1, '+');
    size_t point = text.find('.');
    left = std::max(left, static_cast<int>(point));
    if (!exponents) {
      right = std::max(right, static_cast<int>(text.size() - point - 1));
      return;
    }
    size_t e = text.find('e');
    fraction = std::max(fraction.value_or(0), trimmedFraction(text, point, e));
    right = std::max(right, *fraction + static_cast<int>(text.size() - e));
  }

  static int trimmedFraction(const std::string &text, size_t point, size_t e) {
    size_t last = text.find_last_not_of('0', e - 1);
    return static_cast<int>(last - point);
  }

  DType type;
  bool plusSign;
  bool exponents = false;
  std::optional<int> fraction;
  int left = 0, right = 0;
};

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

int64_t integerAt(const Tensor &tensor, int64_t i) {
  switch (tensor.type()) {
  case DType::Bool:
    return tensor.data<uint8_t>()[i] != 0;
  case DType::I8:
    return tensor.data<int8_t>()[i];
  case DType::I32:
    return tensor.data<int32_t>()[i];
  default:
    return tensor.data<int64_t>()[i];
  }
}

/// The real number at `part` of element `i`: complex numbers have two parts.
double realAt(const Tensor &tensor, int64_t i, int part = 0) {
  switch (tensor.type()) {
  case DType::F16:
    return tlrt_half_to_float(tensor.data<uint16_t>()[i]);
  case DType::BF16:
    return tlrt_bfloat_to_float(tensor.data<uint16_t>()[i]);
  case DType::F32:
    return tensor.data<float>()[i];
  case DType::F64:
    return tensor.data<double>()[i];
  case DType::C64:
    return tensor.data<float>()[2 * i + part];
  case DType::C128:
    return tensor.data<double>()[2 * i + part];
  default:
    return static_cast<double>(integerAt(tensor, i));
  }
}

using Formatter = std::function<std::string(int64_t)>;

Formatter makeFormatter(const Tensor &tensor, const std::vector<int64_t> &shown) {
  DType type = tensor.type();
  if (type == DType::Bool)
    return [&tensor](int64_t i) { return integerAt(tensor, i) ? " True" : "False"; };
  if (isInteger(type)) {
    size_t width = 0;
    for (int64_t i : shown)
      width = std::max(width, fmt::formatted_size("{}", integerAt(tensor, i)));
    return
        [&tensor, width](int64_t i) { return fmt::format("{:>{}}", integerAt(tensor, i), width); };
  }
  auto column = [&](int part) {
    std::vector<double> values;
    for (int64_t i : shown)
      values.push_back(realAt(tensor, i, part));
    return FloatColumn(values, type, /*plusSign=*/part == 1);
  };
  if (!isComplex(type))
    return [&tensor, real = column(0)](int64_t i) { return real(realAt(tensor, i)); };
  return [&tensor, real = column(0), imaginary = column(1)](int64_t i) {
    std::string im = imaginary(realAt(tensor, i, 1));
    im.insert(im.find_last_not_of(' ') + 1, 1, 'j');
    return real(realAt(tensor, i)) + im;
  };
}

/// A real number the way Python's repr writes it.
std::string scalarText(double value, DType type) {
  if (!std::isfinite(value))
    return std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
  double magnitude = std::abs(value);
  if (magnitude != 0 && (magnitude < 1e-4 || magnitude >= 1e16))
    return fmt::format("{:.{}e}", value, shortestDigits(value, type));
  std::string text = positional(value, type, 20);
  return text.back() == '.' ? text + '0' : text;
}

std::string printScalar(const Tensor &tensor) {
  if (tensor.type() == DType::Bool)
    return integerAt(tensor, 0) ? "True" : "False";
  if (isInteger(tensor.type()))
    return std::to_string(integerAt(tensor, 0));
  std::string real = scalarText(realAt(tensor, 0), tensor.type());
  if (!isComplex(tensor.type()))
    return real;
  // Python writes the parts of a complex number without the point of whole numbers.
  auto trimmed = [](std::string text) {
    if (text.size() > 2 && text.compare(text.size() - 2, 2, ".0") == 0)
      text.resize(text.size() - 2);
    return text;
  };
  double im = realAt(tensor, 0, 1);
  return fmt::format("({}{}{}j)", trimmed(real), std::signbit(im) ? "" : "+",
                     trimmed(scalarText(im, tensor.type())));
}

//===----------------------------------------------------------------------===//
// Layout
//===----------------------------------------------------------------------===//

/// Lays out the nested brackets of one tensor.
class Layout {
public:
  Layout(const Tensor &tensor, bool summarise)
      : tensor(tensor), shape(tensor.shape()), summarise(summarise) {
    std::vector<int64_t> shown;
    collect(0, 0, shown);
    format = makeFormatter(tensor, shown);
  }

  std::string print() const { return printAxis(0, 0, " ", lineWidth); }

private:
  /// The positions along an axis that are shown; -1 stands for the dots.
  std::vector<int64_t> positions(size_t axis) const {
    std::vector<int64_t> result;
    int64_t extent = shape[axis];
    bool dots = summarise && 2 * edgeItems < extent;
    for (int64_t i = 0; i < extent; ++i) {
      if (dots && i == edgeItems) {
        result.push_back(-1);
        i = extent - edgeItems;
      }
      result.push_back(i);
    }
    return result;
  }

  void collect(size_t axis, int64_t offset, std::vector<int64_t> &shown) const {
    if (axis == shape.size()) {
      shown.push_back(offset);
      return;
    }
    for (int64_t i : positions(axis))
      if (i >= 0)
        collect(axis + 1, offset * shape[axis] + i, shown);
  }

  std::string printAxis(size_t axis, int64_t offset, const std::string &indent,
                        size_t width) const {
    std::string text = axis + 1 == shape.size() ? printRow(axis, offset, indent, width)
                                                : printRows(axis, offset, indent, width);
    return '[' + text.substr(indent.size()) + ']';
  }

  std::string printRow(size_t axis, int64_t offset, const std::string &indent, size_t width) const {
    std::string text, line = indent;
    bool first = true;
    for (int64_t i : positions(axis)) {
      if (!first)
        line += ' ';
      first = false;
      std::string word = i < 0 ? "..." : format(offset * shape[axis] + i);
      if (line.size() > indent.size() && line.size() + word.size() > width - 1) {
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
        line = indent;
      }
      line += word;
    }
    return text + line;
  }

  std::string printRows(size_t axis, int64_t offset, const std::string &indent,
                        size_t width) const {
    std::string text;
    std::string separator(shape.size() - axis - 1, '\n');
    bool first = true;
    for (int64_t i : positions(axis)) {
      if (!first)
        text += separator;
      first = false;
      text += indent;
      text +=
          i < 0 ? "..." : printAxis(axis + 1, offset * shape[axis] + i, indent + ' ', width - 1);
    }
    return text;
  }

  const Tensor &tensor;
  const std::vector<int64_t> &shape;
  bool summarise;
  Formatter format;
};

} // namespace

std::string printLikeNumpy(const Tensor &tensor, int64_t threshold) {
  if (tensor.shape().empty())
    return printScalar(tensor);
  if (tensor.size() == 0)
    return "[]";
  return Layout(tensor, tensor.size() > threshold).print();
}

std::string elementAsJson(const Tensor &tensor, int64_t offset) {
  DType type = tensor.type();
  if (type == DType::Bool)
    return integerAt(tensor, offset) ? "true" : "false";
  if (isInteger(type))
    return std::to_string(integerAt(tensor, offset));
  auto real = [&](int part) {
    double value = realAt(tensor, offset, part);
    std::string text = scalarText(value, type);
    return std::isfinite(value) ? text : '"' + text + '"';
  };
  return isComplex(type) ? fmt::format("[{}, {}]", real(0), real(1)) : real(0);
}

} // namespace tlc
