//===- Canonical.cpp - sums of products of vectors ------------------------===//
//
//   W[i,j,k] = sum over r of A[i,r] B[j,r] C[k,r]
//
// With all factors but one fixed, the one is a linear least-squares problem; each is solved in turn
// (R. Harshman, 1970; J. Carroll and J. Chang, 1970). There is no guarantee, but a good start where
// two axes are as long as the rank: two weighted sums of the slices along the others are
// A D B' and A E B' with diagonal D and E, so that A has the eigenvectors of their quotient
// (S. Leurgans, R. Ross, R. Abel, 1993). All of it happens in the Tucker format of the tensor.
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/lowrank/Formats.h"

#include <algorithm>
#include <cmath>

namespace tlc::lowrank {
namespace {

constexpr int mostSweeps = 400, starts = 3;

/// Rows numbered by the rows of all factors but `except`, the last one's fastest.
template <typename T> Matrix<T> rowProducts(const std::vector<Matrix<T>> &factors, size_t except) {
  int64_t rank = factors[0].columns;
  Matrix<T> rows(1, rank);
  std::fill(rows.values.begin(), rows.values.end(), T(1));
  for (size_t i = 0; i < factors.size(); ++i) {
    if (i == except)
      continue;
    Matrix<T> joined(rows.rows * factors[i].rows, rank);
    for (int64_t row = 0; row < joined.rows; ++row)
      for (int64_t r = 0; r < rank; ++r)
        joined(row, r) = rows(row / factors[i].rows, r) * factors[i](row % factors[i].rows, r);
    rows = std::move(joined);
  }
  return rows;
}

template <typename T> class CanonicalFit {
public:
  CanonicalFit(const Tensor<T> &tensor, int64_t rank, uint64_t seed)
      : tensor(tensor), rank(rank), normal(seed), norm(squaredNorm(tensor.values)) {
    for (int axis = 0; axis < tensor.order(); ++axis)
      // Columns are positions along the axis.
      unfoldings.push_back(unfold(tensor, axesOutside(1u << axis, tensor.order()), {axis}));
  }

  /// Improves a start and returns the relative error.
  double improve(std::vector<Matrix<T>> &factors, double eps);
  std::vector<Matrix<T>> randomStart();
  /// Empty if no two axes are long enough.
  std::vector<Matrix<T>> eigenvectorStart();

private:
  double errorOf(const std::vector<Matrix<T>> &factors);
  void splitRows(Matrix<T> rows, std::vector<int> axes, std::vector<Matrix<T>> &factors);

  const Tensor<T> &tensor;
  int64_t rank;
  Normal normal;
  double norm;
  std::vector<Matrix<T>> unfoldings;
};

template <typename T> double CanonicalFit<T>::errorOf(const std::vector<Matrix<T>> &factors) {
  size_t last = factors.size() - 1;
  Matrix<T> product = multiply(rowProducts(factors, last), transpose(factors[last]));
  double sum = 0;
  for (size_t i = 0; i < product.values.size(); ++i)
    sum += square(product.values[i] - unfoldings[last].values[i]);
  return std::sqrt(sum / norm);
}

template <typename T> double CanonicalFit<T>::improve(std::vector<Matrix<T>> &factors, double eps) {
  double error = errorOf(factors);
  for (int sweep = 0; sweep < mostSweeps && error > eps; ++sweep) {
    for (size_t axis = 0; axis < factors.size(); ++axis) {
      Matrix<T> rows = rowProducts(factors, axis);
      Matrix<T> gram = multiplyAdjoint(rows, rows);
      factors[axis] =
          transpose(solveGram(std::move(gram), multiplyAdjoint(rows, unfoldings[axis])));
    }
    double now = errorOf(factors);
    bool isStuck = sweep > 20 && now > 0.999 * error;
    error = now;
    if (isStuck)
      break;
  }
  return error;
}

template <typename T> std::vector<Matrix<T>> CanonicalFit<T>::randomStart() {
  std::vector<Matrix<T>> factors;
  for (int64_t extent : tensor.extents)
    factors.push_back(normal.matrix<T>(extent, rank));
  return factors;
}

/// Each row is a tensor over the axes, nearly a product of vectors.
template <typename T>
void CanonicalFit<T>::splitRows(Matrix<T> rows, std::vector<int> axes,
                                std::vector<Matrix<T>> &factors) {
  for (; axes.size() > 1; axes.erase(axes.begin())) {
    int64_t extent = tensor.extents[axes[0]], others = rows.columns / extent;
    Matrix<T> left(extent, rank), right(rank, others);
    for (int64_t r = 0; r < rank; ++r) {
      Matrix<T> row(extent, others);
      std::copy_n(&rows(r, 0), rows.columns, row.values.begin());
      Svd<T> found = svd(row);
      for (int64_t i = 0; i < extent; ++i)
        left(i, r) = found.u(i, 0);
      for (int64_t i = 0; i < others; ++i)
        right(r, i) = found.s[0] * found.v(0, i);
    }
    factors[axes[0]] = std::move(left);
    rows = std::move(right);
  }
  factors[axes[0]] = transpose(rows);
}

template <typename T> std::vector<Matrix<T>> CanonicalFit<T>::eigenvectorStart() {
  std::vector<int> byExtent = axesIn(~0u, tensor.order());
  std::stable_sort(byExtent.begin(), byExtent.end(),
                   [&](int a, int b) { return tensor.extents[a] > tensor.extents[b]; });
  int first = byExtent[0], second = byExtent[1];
  if (tensor.extents[second] < rank || product(tensor.extents) / tensor.extents[first] < rank)
    return {};
  std::vector<int> rest = axesOutside(1u << first | 1u << second, tensor.order());
  std::vector<int> pair = {first, second};
  Matrix<T> slices = unfold(tensor, pair, rest);
  Matrix<T> left = adjoint(leadingSvd(transpose(unfoldings[first]), rank, 0, 1).u);
  Matrix<T> right = leadingSvd(transpose(unfoldings[second]), rank, 0, 1).u;
  for (T &value : right.values)
    value = conjugate(value);
  auto weighted = [&] {
    Matrix<T> sum = multiply(slices, normal.matrix<T>(slices.columns, 1));
    sum.rows = tensor.extents[first];
    sum.columns = tensor.extents[second];
    return multiply(multiply(left, sum), right);
  };
  Matrix<T> one = weighted(), two = weighted();
  // The eigenvectors of one two^-1: the transpose of two' \ one'.
  Matrix<T> vectors = eigenvectors(transpose(solve(transpose(two), transpose(one))));
  if (vectors.values.empty())
    return {};
  std::vector<Matrix<T>> factors(tensor.extents.size());
  factors[first] = multiply(adjoint(left), vectors);
  Matrix<T> rows = solve(factors[first], transpose(unfoldings[first]));
  splitRows(std::move(rows), axesOutside(1u << first, tensor.order()), factors);
  return factors;
}

} // namespace

template <typename T>
std::vector<Tensor<T>> fitCanonical(const Tensor<T> &tensor, const Format &format, double eps,
                                    uint64_t seed) {
  // Sides first: what a Tucker format drops at a tenth of the error is not missed.
  Tensor<T> core = tensor;
  std::vector<Matrix<T>> sides;
  double budget = squaredNorm(tensor.values) * eps * eps / (100.0 * double(tensor.order()));
  Spectra<T> spectra(tensor, eps / 10, seed);
  for (int axis = 0; axis < tensor.order(); ++axis) {
    int64_t rank = spectra.rankFor(1u << axis, budget);
    Matrix<T> matrix = unfold(core, {axis}, axesOutside(1u << axis, tensor.order()));
    sides.push_back(leadingSvd(matrix, rank < 0 ? tensor.extents[axis] : rank, eps / 10, seed).u);
    core = multiplyAlong(core, adjoint(sides.back()), axis);
  }
  CanonicalFit<T> fit(core, format.ranks[0], seed);
  std::vector<Matrix<T>> best = fit.eigenvectorStart();
  double target = 0.5 * eps, error = best.empty() ? 1e300 : fit.improve(best, target);
  for (int start = 0; start < starts && error > target; ++start) {
    std::vector<Matrix<T>> factors = fit.randomStart();
    double reached = fit.improve(factors, target);
    if (!(reached < error))
      continue;
    error = reached;
    best = std::move(factors);
  }
  // The vectors of each term get the same length.
  int64_t rank = format.ranks[0], order = tensor.order();
  for (int64_t r = 0; r < rank; ++r) {
    double logarithm = 0;
    std::vector<double> lengths;
    for (const Matrix<T> &factor : best) {
      double sum = 0;
      for (int64_t i = 0; i < factor.rows; ++i)
        sum += square(factor(i, r));
      lengths.push_back(std::max(1e-150, std::sqrt(sum)));
      logarithm += std::log(lengths.back());
    }
    for (int64_t axis = 0; axis < order; ++axis)
      for (int64_t i = 0; i < best[axis].rows; ++i)
        best[axis](i, r) *= std::exp(logarithm / double(order)) / lengths[axis];
  }
  std::vector<Tensor<T>> factors;
  for (int64_t axis = 0; axis < order; ++axis) {
    Matrix<T> factor = multiply(sides[axis], best[axis]);
    factors.push_back({{factor.rows, factor.columns}, std::move(factor.values)});
  }
  return factors;
}

#define TLC_INSTANTIATE(T)                                                                         \
  template std::vector<Tensor<T>> fitCanonical(const Tensor<T> &, const Format &, double, uint64_t);
TLC_INSTANTIATE(double)
TLC_INSTANTIATE(std::complex<double>)
#undef TLC_INSTANTIATE

} // namespace tlc::lowrank
