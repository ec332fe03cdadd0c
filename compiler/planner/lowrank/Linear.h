//===- Linear.h - matrices in f64, real and complex -----------------------===//

#ifndef TLC_COMPILER_PLANNER_LOWRANK_LINEAR_H
#define TLC_COMPILER_PLANNER_LOWRANK_LINEAR_H

#include "compiler/planner/lowrank/LowRank.h"

namespace tlc::lowrank {

/// Row-major.
template <typename T> struct Matrix {
  int64_t rows = 0, columns = 0;
  std::vector<T> values;

  Matrix() = default;
  Matrix(int64_t rows, int64_t columns)
      : rows(rows), columns(columns), values(static_cast<size_t>(rows * columns)) {}
  T &operator()(int64_t row, int64_t column) { return values[row * columns + column]; }
  const T &operator()(int64_t row, int64_t column) const { return values[row * columns + column]; }
};

/// A = U diag(s) V, the singular values s descending.
template <typename T> struct Svd {
  Matrix<T> u;
  std::vector<double> s;
  Matrix<T> v; ///< rows are the right singular vectors, conjugated

  /// Keeps the leading `rank`.
  void truncate(int64_t rank);
};

/// |x|^2.
inline double square(double x) { return x * x; }
inline double square(std::complex<double> x) { return std::norm(x); }
inline double conjugate(double x) { return x; }
inline std::complex<double> conjugate(std::complex<double> x) { return std::conj(x); }

template <typename T> double squaredNorm(const std::vector<T> &values) {
  double sum = 0;
  for (const T &value : values)
    sum += square(value);
  return sum;
}

template <typename T> Matrix<T> transpose(const Matrix<T> &a);
template <typename T> Matrix<T> adjoint(const Matrix<T> &a);
template <typename T> Matrix<T> multiply(const Matrix<T> &a, const Matrix<T> &b);
/// The conjugate transpose of a, times b.
template <typename T> Matrix<T> multiplyAdjoint(const Matrix<T> &a, const Matrix<T> &b);

/// With as many singular values as the shorter side has elements. Those below `tolerance` times the
/// largest, and their vectors, may be wrong.
template <typename T> Svd<T> svd(const Matrix<T> &a, double tolerance = 0);
template <typename T> std::vector<double> singularValues(const Matrix<T> &a, double tolerance);
/// An orthonormal basis of the columns' span.
template <typename T> Matrix<T> orthonormalize(const Matrix<T> &a);
/// The x of least norm with the least |a x - b|.
template <typename T> Matrix<T> solve(const Matrix<T> &a, const Matrix<T> &b);
/// The same for the product of a matrix and its conjugate transpose, quicker and less exact.
template <typename T> Matrix<T> solveGram(Matrix<T> gram, Matrix<T> b);
/// Right eigenvectors of a square matrix as columns; their real parts, if T is real. Empty if the
/// iteration fails.
template <typename T> Matrix<T> eigenvectors(const Matrix<T> &a);

/// A sequence of normally distributed numbers that is the same everywhere.
class Normal {
public:
  explicit Normal(uint64_t seed) : state(seed) {}
  double next();
  template <typename T> Matrix<T> matrix(int64_t rows, int64_t columns);

private:
  uint64_t bits();
  uint64_t state;
};

/// The leading part of a singular value decomposition by a randomised range finder (N. Halko,
/// P.-G. Martinsson, J. Tropp, 2011), blocks of columns at a time, until the squared norm of the
/// rest is at most `rest`, or `limit` columns are there, or none below would do.
template <typename T>
Svd<T> partialSvd(const Matrix<T> &a, double rest, int64_t limit, uint64_t seed);

} // namespace tlc::lowrank

#endif // TLC_COMPILER_PLANNER_LOWRANK_LINEAR_H
