//===- Truncate.cpp - the factors of trains and Tucker formats ------------===//
//
// A train is split off group by group (TT-SVD), a Tucker format axis by axis (the sequentially
// truncated higher-order SVD of N. Vannieuwenhoven et al., 2012): the rest of the tensor is
// unfolded, its leading left singular vectors are a factor, and what they leave is the next rest.
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/lowrank/Formats.h"

#include <cmath>
#include <numeric>

namespace tlc::lowrank {
namespace {

/// The axes of the constant among the modes of a factor.
std::vector<int> axesOf(const std::vector<int> &modes, int64_t order) {
  std::vector<int> axes;
  for (int mode : modes)
    if (mode < order)
      axes.push_back(mode);
  return axes;
}

std::vector<int64_t> extentsOf(const std::vector<int> &modes, const std::vector<int64_t> &extents,
                               const std::vector<int64_t> &ranks) {
  std::vector<int64_t> result;
  for (int mode : modes)
    result.push_back(mode < static_cast<int>(extents.size()) ? extents[mode]
                                                             : ranks[mode - extents.size()]);
  return result;
}

/// The axes in the order in which a train's groups have them.
std::vector<int> trainOrder(const Format &format, int64_t order) {
  std::vector<int> axes;
  for (const std::vector<int> &modes : format.factors)
    for (int axis : axesOf(modes, order))
      axes.push_back(axis);
  return axes;
}

template <typename T>
std::vector<Tensor<T>> truncateTrain(const Tensor<T> &tensor, const Format &format, double eps,
                                     uint64_t seed) {
  int64_t order = tensor.order(), before = 1;
  Matrix<T> rest = asMatrix(permute(tensor, trainOrder(format, order)), 1);
  std::vector<Tensor<T>> factors;
  for (size_t i = 0; i < format.factors.size(); ++i) {
    Tensor<T> factor;
    factor.extents = extentsOf(format.factors[i], tensor.extents, format.ranks);
    if (i < format.ranks.size()) {
      int64_t rank = format.ranks[i], rows = product(factor.extents) / rank;
      rest.columns = static_cast<int64_t>(rest.values.size()) / rows;
      rest.rows = rows;
      Svd<T> found = leadingSvd(rest, rank, eps, seed + i);
      factor.values = std::move(found.u.values);
      for (int64_t row = 0; row < rank; ++row)
        for (int64_t column = 0; column < rest.columns; ++column)
          found.v(row, column) *= found.s[row];
      rest = std::move(found.v);
      before = rank;
    } else {
      factor.values = std::move(rest.values);
    }
    factors.push_back(std::move(factor));
  }
  return factors;
}

template <typename T>
std::vector<Tensor<T>> truncateTucker(const Tensor<T> &tensor, const Format &format, double eps,
                                      uint64_t seed) {
  std::vector<Tensor<T>> factors = {tensor};
  for (size_t i = 0; i < format.ranks.size(); ++i) {
    int axis = axesIn(format.cuts[i], tensor.order()).front();
    std::vector<int> others = axesOutside(format.cuts[i], tensor.order());
    Svd<T> found = leadingSvd(unfold(factors[0], {axis}, others), format.ranks[i], eps, seed + i);
    factors[0] = multiplyAlong(factors[0], adjoint(found.u), axis);
    factors.push_back({{found.u.rows, found.u.columns}, std::move(found.u.values)});
  }
  return factors;
}

/// Gives all factors the same norm, so that none leaves the range of a narrow type.
template <typename T> void balance(std::vector<Tensor<T>> &factors) {
  double logarithm = 0;
  std::vector<double> norms;
  for (const Tensor<T> &factor : factors) {
    norms.push_back(std::sqrt(squaredNorm(factor.values)));
    if (norms.back() == 0)
      return;
    logarithm += std::log(norms.back());
  }
  double common = std::exp(logarithm / double(factors.size()));
  for (size_t i = 0; i < factors.size(); ++i)
    for (T &value : factors[i].values)
      value *= common / norms[i];
}

template <typename T>
Tensor<T> reconstructTrain(const Format &format, const std::vector<Tensor<T>> &factors,
                           const std::vector<int64_t> &extents) {
  int64_t order = static_cast<int64_t>(extents.size());
  Matrix<T> all = asMatrix(factors[0], product(factors[0].extents) / format.ranks[0]);
  for (size_t i = 1; i < factors.size(); ++i) {
    int64_t before = format.ranks[i - 1];
    all.rows = static_cast<int64_t>(all.values.size()) / before;
    all.columns = before;
    all = multiply(all, asMatrix(factors[i], before));
  }
  std::vector<int> axes = trainOrder(format, order), back(axes.size());
  Tensor<T> result;
  for (size_t i = 0; i < axes.size(); ++i) {
    result.extents.push_back(extents[axes[i]]);
    back[axes[i]] = static_cast<int>(i);
  }
  result.values = std::move(all.values);
  return permute(result, back);
}

template <typename T>
Tensor<T> reconstructTucker(const Format &format, const std::vector<Tensor<T>> &factors,
                            int64_t order) {
  Tensor<T> result = factors[0];
  for (size_t i = 0; i < format.cuts.size(); ++i)
    result = multiplyAlong(result, asMatrix(factors[i + 1], factors[i + 1].extents[0]),
                           axesIn(format.cuts[i], order).front());
  return result;
}

template <typename T>
Tensor<T> reconstructCanonical(const std::vector<Tensor<T>> &factors,
                               const std::vector<int64_t> &extents) {
  // The product of the rows of all factors but the last, times the last.
  int64_t rank = factors[0].extents[1];
  Matrix<T> rows = asMatrix(factors[0], factors[0].extents[0]);
  for (size_t i = 1; i + 1 < factors.size(); ++i) {
    Matrix<T> next = asMatrix(factors[i], factors[i].extents[0]);
    Matrix<T> joined(rows.rows * next.rows, rank);
    for (int64_t row = 0; row < joined.rows; ++row)
      for (int64_t r = 0; r < rank; ++r)
        joined(row, r) = rows(row / next.rows, r) * next(row % next.rows, r);
    rows = std::move(joined);
  }
  const Tensor<T> &last = factors.back();
  Matrix<T> columns = asMatrix(permute(last, {1, 0}), rank);
  return {extents, multiply(rows, columns).values};
}

} // namespace

template <typename T>
std::vector<Tensor<T>> truncate(const Tensor<T> &tensor, const Format &format, double eps,
                                uint64_t seed) {
  std::vector<Tensor<T>> factors = format.form == Form::Tucker
                                       ? truncateTucker(tensor, format, eps, seed)
                                       : truncateTrain(tensor, format, eps, seed);
  balance(factors);
  return factors;
}

template <typename T>
Tensor<T> reconstruct(const Format &format, const std::vector<Tensor<T>> &factors,
                      const std::vector<int64_t> &extents) {
  switch (format.form) {
  case Form::Matrix:
  case Form::Train:
    return reconstructTrain(format, factors, extents);
  case Form::Tucker:
    return reconstructTucker(format, factors, static_cast<int64_t>(extents.size()));
  case Form::Canonical:
    return reconstructCanonical(factors, extents);
  case Form::Dense:
  case Form::Sparse:
    break;
  }
  return factors[0];
}

#define TLC_INSTANTIATE(T)                                                                         \
  template std::vector<Tensor<T>> truncate(const Tensor<T> &, const Format &, double, uint64_t);   \
  template Tensor<T> reconstruct(const Format &, const std::vector<Tensor<T>> &,                   \
                                 const std::vector<int64_t> &);
TLC_INSTANTIATE(double)
TLC_INSTANTIATE(std::complex<double>)
#undef TLC_INSTANTIATE

} // namespace tlc::lowrank
