//===- Tensors.cpp - tensors as matrices and back -------------------------===//

#include "compiler/planner/lowrank/Tensors.h"

#include <cmath>
#include <numeric>

namespace tlc::lowrank {

int64_t product(const std::vector<int64_t> &extents) {
  return std::accumulate(extents.begin(), extents.end(), int64_t(1), std::multiplies<>());
}

template <typename T> Tensor<T> permute(const Tensor<T> &tensor, const std::vector<int> &axes) {
  std::vector<int64_t> strides(tensor.extents.size(), 1);
  for (int64_t axis = tensor.order() - 2; axis >= 0; --axis)
    strides[axis] = strides[axis + 1] * tensor.extents[axis + 1];
  Tensor<T> result;
  std::vector<int64_t> steps;
  for (int axis : axes) {
    result.extents.push_back(tensor.extents[axis]);
    steps.push_back(strides[axis]);
  }
  result.values.reserve(tensor.values.size());
  std::vector<int64_t> position(axes.size(), 0);
  int64_t from = 0;
  for (size_t count = 0; count < tensor.values.size(); ++count) {
    result.values.push_back(tensor.values[from]);
    for (size_t axis = axes.size(); axis-- > 0;) {
      from += steps[axis];
      if (++position[axis] < result.extents[axis])
        break;
      from -= steps[axis] * result.extents[axis];
      position[axis] = 0;
    }
  }
  return result;
}

template <typename T>
Matrix<T> unfold(const Tensor<T> &tensor, const std::vector<int> &rows,
                 const std::vector<int> &columns) {
  std::vector<int> axes = rows;
  axes.insert(axes.end(), columns.begin(), columns.end());
  int64_t numRows = 1;
  for (int axis : rows)
    numRows *= tensor.extents[axis];
  return asMatrix(permute(tensor, axes), numRows);
}

std::vector<int> axesIn(unsigned set, int64_t order) {
  std::vector<int> axes;
  for (int axis = 0; axis < order; ++axis)
    if (set >> axis & 1)
      axes.push_back(axis);
  return axes;
}

std::vector<int> axesOutside(unsigned set, int64_t order) { return axesIn(~set, order); }

template <typename T>
Tensor<T> multiplyAlong(const Tensor<T> &tensor, const Matrix<T> &matrix, int axis) {
  unsigned set = 1u << axis;
  std::vector<int> others = axesOutside(set, tensor.order());
  Matrix<T> result = multiply(matrix, unfold(tensor, {axis}, others));
  Tensor<T> moved;
  moved.extents.push_back(matrix.rows);
  for (int other : others)
    moved.extents.push_back(tensor.extents[other]);
  moved.values = std::move(result.values);
  std::vector<int> back;
  for (int position = 0; position < tensor.order(); ++position)
    back.push_back(position == axis ? 0 : position < axis ? position + 1 : position);
  return permute(moved, back);
}

//===----------------------------------------------------------------------===//
// Rounding
//===----------------------------------------------------------------------===//

namespace {

/// A binary format of so many significant bits, the hidden one included.
double roundToBits(double value, int bits, int leastExponent, double largest) {
  if (value == 0 || !std::isfinite(value))
    return value;
  int exponent = std::max(std::ilogb(value), leastExponent);
  double unit = std::ldexp(1.0, exponent - bits + 1);
  double rounded = std::nearbyint(value / unit) * unit;
  return std::abs(rounded) > largest ? std::copysign(HUGE_VAL, value) : rounded;
}

} // namespace

double roundTo(DType type, double value) {
  switch (type) {
  case DType::F16:
    return roundToBits(value, 11, -14, 65504);
  case DType::BF16:
    return roundToBits(value, 8, -126, 0x1.fep127);
  case DType::F32:
  case DType::C64:
    return static_cast<float>(value);
  default:
    return value;
  }
}

double unitRoundoff(DType type) {
  switch (type) {
  case DType::F16:
    return 0x1p-11;
  case DType::BF16:
    return 0x1p-8;
  case DType::F32:
  case DType::C64:
    return 0x1p-24;
  default:
    return 0x1p-53;
  }
}

#define TLC_INSTANTIATE(T)                                                                         \
  template Tensor<T> permute(const Tensor<T> &, const std::vector<int> &);                         \
  template Matrix<T> unfold(const Tensor<T> &, const std::vector<int> &,                           \
                            const std::vector<int> &);                                             \
  template Tensor<T> multiplyAlong(const Tensor<T> &, const Matrix<T> &, int);
TLC_INSTANTIATE(double)
TLC_INSTANTIATE(std::complex<double>)
#undef TLC_INSTANTIATE

} // namespace tlc::lowrank
