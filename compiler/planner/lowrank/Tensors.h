//===- Tensors.h - tensors as matrices and back ---------------------------===//

#ifndef TLC_COMPILER_PLANNER_LOWRANK_TENSORS_H
#define TLC_COMPILER_PLANNER_LOWRANK_TENSORS_H

#include "compiler/planner/lowrank/Linear.h"

namespace tlc::lowrank {

int64_t product(const std::vector<int64_t> &extents);

/// The tensor with its axes in another order.
template <typename T> Tensor<T> permute(const Tensor<T> &tensor, const std::vector<int> &axes);

/// The axes in `rows`, in this order, number the rows of the matrix, the others in `columns` its
/// columns.
template <typename T>
Matrix<T> unfold(const Tensor<T> &tensor, const std::vector<int> &rows,
                 const std::vector<int> &columns);

/// The axes in and outside of a set, ascending.
std::vector<int> axesIn(unsigned set, int64_t order);
std::vector<int> axesOutside(unsigned set, int64_t order);

template <typename T> Matrix<T> asMatrix(Tensor<T> tensor, int64_t rows) {
  Matrix<T> matrix;
  matrix.columns = rows ? static_cast<int64_t>(tensor.values.size()) / rows : 0;
  matrix.rows = rows;
  matrix.values = std::move(tensor.values);
  return matrix;
}

/// The product of a tensor with a matrix along one axis: the axis becomes the matrix's rows.
template <typename T>
Tensor<T> multiplyAlong(const Tensor<T> &tensor, const Matrix<T> &matrix, int axis);

} // namespace tlc::lowrank

#endif // TLC_COMPILER_PLANNER_LOWRANK_TENSORS_H
