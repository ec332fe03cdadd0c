//===- Spectra.cpp - singular values of all unfoldings of a constant ------===//

#include "compiler/planner/lowrank/Spectra.h"

#include <algorithm>

namespace tlc::lowrank {

template <typename T> const std::vector<double> &Spectra<T>::tails(unsigned set) {
  unsigned all = (1u << tensor.order()) - 1;
  if (set & 1) // a set and its complement part the axes alike
    set = all & ~set;
  auto [entry, isNew] = known.try_emplace(set);
  std::vector<double> &result = entry->second;
  if (!isNew)
    return result;
  std::vector<int> in = axesIn(set, tensor.order()), out = axesOutside(set, tensor.order());
  Matrix<T> matrix = unfold(tensor, in, out);
  if (matrix.rows > matrix.columns)
    matrix = unfold(tensor, out, in);
  std::vector<double> values;
  double rest = 0;
  if (matrix.rows > exactSide) {
    // Where both factors have as many elements as their product, no rank is of use.
    int64_t limit = matrix.rows * matrix.columns / (matrix.rows + matrix.columns);
    values = partialSvd(matrix, eps * eps * norm / 16, limit, seed).s;
    rest = std::max(0.0, norm - squaredNorm(values));
  } else {
    values = singularValues(matrix, /*tolerance=*/eps);
  }
  result.assign(values.size() + 1, rest);
  for (size_t rank = values.size(); rank-- > 0;)
    result[rank] = result[rank + 1] + values[rank] * values[rank];
  return result;
}

template <typename T> int64_t Spectra<T>::rankFor(unsigned set, double rest) {
  const std::vector<double> &list = tails(set);
  auto found =
      std::partition_point(list.begin(), list.end(), [&](double energy) { return energy > rest; });
  return found == list.end() ? -1 : std::max<int64_t>(1, found - list.begin());
}

template <typename T>
Svd<T> leadingSvd(const Matrix<T> &matrix, int64_t rank, double tolerance, uint64_t seed) {
  constexpr int64_t oversampling = 32;
  int64_t side = std::min(matrix.rows, matrix.columns);
  bool isExact = side <= exactSide || rank + oversampling >= side / 2;
  Svd<T> found =
      isExact ? svd(matrix, tolerance) : partialSvd(matrix, 0, rank + oversampling, seed);
  found.truncate(rank);
  return found;
}

#define TLC_INSTANTIATE(T)                                                                         \
  template class Spectra<T>;                                                                       \
  template Svd<T> leadingSvd(const Matrix<T> &, int64_t, double, uint64_t);
TLC_INSTANTIATE(double)
TLC_INSTANTIATE(std::complex<double>)
#undef TLC_INSTANTIATE

} // namespace tlc::lowrank
