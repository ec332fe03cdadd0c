//===- Linear.cpp - decompositions by LAPACK or Eigen ---------------------===//
//
// What is large goes to LAPACK and BLAS, if they are there. Otherwise Eigen multiplies and finds
// eigenvalues; its singular value decompositions take minutes to compile, so that one by Jacobi's
// rotations is here. It is the most accurate one, and slow for large matrices, where the
// eigenvalues of the Gram matrix do unless small singular values matter.
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/lowrank/Lapack.h"

#include <Eigen/Eigenvalues>
#include <Eigen/QR>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace tlc::lowrank {
namespace {

template <typename T>
using EigenMatrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <typename T> auto view(const Matrix<T> &a) {
  return Eigen::Map<const EigenMatrix<T>>(a.values.data(), a.rows, a.columns);
}
template <typename T> auto view(Matrix<T> &a) {
  return Eigen::Map<EigenMatrix<T>>(a.values.data(), a.rows, a.columns);
}

template <typename T> Matrix<T> store(const EigenMatrix<T> &a) {
  Matrix<T> result(a.rows(), a.cols());
  std::copy_n(a.data(), a.size(), result.values.begin());
  return result;
}

/// The eigenvalues of the Gram matrix are the squares of the singular values, and as exact as the
/// square of this.
constexpr double leastGramTolerance = 1e-5;

/// Of the shorter side: below, rotations take no time.
constexpr int64_t smallSide = 64;

} // namespace

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

template <typename T> Matrix<T> transpose(const Matrix<T> &a) {
  Matrix<T> result(a.columns, a.rows);
  for (int64_t row = 0; row < a.rows; ++row)
    for (int64_t column = 0; column < a.columns; ++column)
      result(column, row) = a(row, column);
  return result;
}

template <typename T> Matrix<T> adjoint(const Matrix<T> &a) {
  Matrix<T> result = transpose(a);
  for (T &value : result.values)
    value = conjugate(value);
  return result;
}

template <typename T> Matrix<T> multiply(const Matrix<T> &a, const Matrix<T> &b) {
  Matrix<T> result(a.rows, b.columns);
  constexpr double largeProduct = 1 << 20;
  bool isLarge = double(a.rows) * double(b.columns) * double(a.columns) > largeProduct;
  if (isLarge && blasMultiply(a, b, result))
    return result;
  view(result).noalias() = view(a) * view(b);
  return result;
}

template <typename T> Matrix<T> multiplyAdjoint(const Matrix<T> &a, const Matrix<T> &b) {
  return multiply(adjoint(a), b);
}

//===----------------------------------------------------------------------===//
// Singular values
//===----------------------------------------------------------------------===//

namespace {

/// Rotates pairs of rows of `a` until all are orthogonal (M. Hestenes, 1958), and those of `with`
/// alike.
template <typename T> void orthogonalizeRows(Matrix<T> &a, Matrix<T> &with) {
  constexpr int mostSweeps = 60;
  constexpr double precision = 1e-15;
  auto rotate = [](Matrix<T> &matrix, int64_t p, int64_t q, double c, double s, T phase) {
    T *x = &matrix(p, 0), *y = &matrix(q, 0);
    for (int64_t i = 0; i < matrix.columns; ++i) {
      T turned = phase * y[i], old = x[i];
      x[i] = c * old - s * turned;
      y[i] = s * old + c * turned;
    }
  };
  bool isDone = false;
  for (int sweep = 0; sweep < mostSweeps && !isDone; ++sweep) {
    isDone = true;
    for (int64_t p = 0; p < a.rows; ++p)
      for (int64_t q = p + 1; q < a.rows; ++q) {
        const T *x = &a(p, 0), *y = &a(q, 0);
        double xx = 0, yy = 0;
        T xy = T(0);
        for (int64_t i = 0; i < a.columns; ++i) {
          xx += square(x[i]);
          yy += square(y[i]);
          xy += x[i] * conjugate(y[i]);
        }
        double size = std::abs(xy);
        if (size == 0 || size <= precision * std::sqrt(xx * yy))
          continue;
        isDone = false;
        double zeta = (yy - xx) / (2 * size);
        double t = std::copysign(1 / (std::abs(zeta) + std::hypot(1, zeta)), zeta);
        double c = 1 / std::hypot(1, t), s = c * t;
        T phase = xy / size;
        rotate(a, p, q, c, s, phase);
        rotate(with, p, q, c, s, phase);
      }
  }
}

template <typename T> Matrix<T> identity(int64_t size) {
  Matrix<T> result(size, size);
  for (int64_t i = 0; i < size; ++i)
    result(i, i) = T(1);
  return result;
}

/// Of a matrix with no more rows than columns.
template <typename T> Svd<T> rotationSvd(const Matrix<T> &a) {
  // The conjugate transpose is Q R: rotating R' is less work, and takes fewer sweeps.
  Eigen::HouseholderQR<EigenMatrix<T>> qr(view(adjoint(a)));
  Matrix<T> lower = identity<T>(a.rows);
  for (int64_t row = 0; row < a.rows; ++row)
    for (int64_t column = 0; column < a.rows; ++column)
      lower(row, column) = column <= row ? conjugate(qr.matrixQR()(column, row)) : T(0);
  Matrix<T> turned = identity<T>(a.rows);
  orthogonalizeRows(lower, turned); // turned * R' = lower
  std::vector<double> lengths(a.rows);
  for (int64_t row = 0; row < a.rows; ++row) {
    double sum = 0;
    for (int64_t column = 0; column < a.rows; ++column)
      sum += square(lower(row, column));
    lengths[row] = std::sqrt(sum);
  }
  std::vector<int64_t> order(a.rows);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t i, int64_t j) { return lengths[i] > lengths[j]; });
  Svd<T> result;
  result.u = Matrix<T>(a.rows, a.rows);
  Matrix<T> right(a.rows, a.rows);
  for (int64_t to = 0; to < a.rows; ++to) {
    int64_t from = order[to];
    result.s.push_back(lengths[from]);
    for (int64_t i = 0; i < a.rows; ++i) {
      result.u(i, to) = conjugate(turned(from, i));
      right(to, i) = lengths[from] > 0 ? lower(from, i) / lengths[from] : T(0);
    }
  }
  EigenMatrix<T> thin = EigenMatrix<T>::Identity(a.columns, a.rows);
  thin.applyOnTheLeft(qr.householderQ());
  result.v = multiply(right, adjoint(store<T>(thin)));
  return result;
}

template <typename T> EigenMatrix<T> gramOf(const Matrix<T> &a) {
  Matrix<T> gram = multiply(a, adjoint(a));
  return view(gram);
}

/// The same by the eigenvectors of the Gram matrix.
template <typename T> Svd<T> gramSvd(const Matrix<T> &a) {
  Eigen::SelfAdjointEigenSolver<EigenMatrix<T>> found(gramOf(a));
  Svd<T> result;
  result.u = Matrix<T>(a.rows, a.rows);
  for (int64_t to = 0; to < a.rows; ++to) {
    int64_t from = a.rows - 1 - to;
    result.s.push_back(std::sqrt(std::max(0.0, found.eigenvalues()[from])));
    for (int64_t i = 0; i < a.rows; ++i)
      result.u(i, to) = found.eigenvectors()(i, from);
  }
  result.v = multiplyAdjoint(result.u, a);
  for (int64_t row = 0; row < a.rows; ++row)
    for (int64_t column = 0; column < a.columns; ++column)
      result.v(row, column) *= result.s[row] > 0 ? 1 / result.s[row] : 0;
  return result;
}

} // namespace

template <typename T> void Svd<T>::truncate(int64_t rank) {
  rank = std::min<int64_t>(rank, static_cast<int64_t>(s.size()));
  Matrix<T> narrow(u.rows, rank);
  for (int64_t row = 0; row < u.rows; ++row)
    std::copy_n(&u(row, 0), rank, narrow.values.begin() + row * rank);
  u = std::move(narrow);
  s.resize(rank);
  v.rows = rank;
  v.values.resize(static_cast<size_t>(rank * v.columns));
}

template <typename T> Svd<T> svd(const Matrix<T> &a, double tolerance) {
  if (a.rows > a.columns) {
    Svd<T> found = svd(adjoint(a), tolerance);
    Matrix<T> left = adjoint(found.v);
    found.v = adjoint(found.u);
    found.u = std::move(left);
    return found;
  }
  if (a.rows <= smallSide)
    return rotationSvd(a);
  if (std::optional<Svd<T>> found = lapackSvd(a))
    return std::move(*found);
  return tolerance < leastGramTolerance ? rotationSvd(a) : gramSvd(a);
}

template <typename T> std::vector<double> singularValues(const Matrix<T> &a, double tolerance) {
  if (a.rows > a.columns)
    return singularValues(adjoint(a), tolerance);
  if (tolerance < leastGramTolerance)
    return svd(a).s;
  Eigen::SelfAdjointEigenSolver<EigenMatrix<T>> found(gramOf(a), Eigen::EigenvaluesOnly);
  std::vector<double> values;
  for (int64_t i = a.rows; i-- > 0;)
    values.push_back(std::sqrt(std::max(0.0, found.eigenvalues()[i])));
  return values;
}

//===----------------------------------------------------------------------===//
// Equations
//===----------------------------------------------------------------------===//

template <typename T> Matrix<T> orthonormalize(const Matrix<T> &a) {
  Eigen::HouseholderQR<EigenMatrix<T>> qr(view(a));
  EigenMatrix<T> basis = EigenMatrix<T>::Identity(a.rows, std::min<int64_t>(a.rows, a.columns));
  basis.applyOnTheLeft(qr.householderQ());
  return store<T>(basis);
}

template <typename T> Matrix<T> solve(const Matrix<T> &a, const Matrix<T> &b) {
  Svd<T> found = svd(a);
  Matrix<T> x = multiplyAdjoint(found.u, b);
  for (int64_t row = 0; row < x.rows; ++row)
    for (int64_t column = 0; column < x.columns; ++column)
      x(row, column) *= found.s[row] > 1e-14 * found.s[0] ? 1 / found.s[row] : 0;
  return multiplyAdjoint(found.v, x);
}

template <typename T> Matrix<T> solveGram(Matrix<T> gram, Matrix<T> b) {
  // Cholesky's decomposition, of a matrix that is moved away from singular ones.
  int64_t size = gram.rows;
  double trace = 0;
  for (int64_t i = 0; i < size; ++i)
    trace += std::abs(gram(i, i));
  for (int64_t i = 0; i < size; ++i)
    gram(i, i) += 1e-14 * trace + 1e-300;
  for (int64_t i = 0; i < size; ++i)
    for (int64_t j = 0; j <= i; ++j) {
      T sum = gram(i, j);
      for (int64_t k = 0; k < j; ++k)
        sum -= gram(i, k) * conjugate(gram(j, k));
      gram(i, j) = i == j ? T(std::sqrt(std::max(std::real(sum), 1e-300))) : sum / gram(j, j);
    }
  for (int64_t i = 0; i < size; ++i) {
    for (int64_t k = 0; k < i; ++k)
      for (int64_t column = 0; column < b.columns; ++column)
        b(i, column) -= gram(i, k) * b(k, column);
    for (int64_t column = 0; column < b.columns; ++column)
      b(i, column) /= gram(i, i);
  }
  for (int64_t i = size; i-- > 0;) {
    for (int64_t k = i + 1; k < size; ++k)
      for (int64_t column = 0; column < b.columns; ++column)
        b(i, column) -= conjugate(gram(k, i)) * b(k, column);
    for (int64_t column = 0; column < b.columns; ++column)
      b(i, column) /= gram(i, i);
  }
  return b;
}

template <typename T> Matrix<T> eigenvectors(const Matrix<T> &a) {
  using Complex = std::complex<double>;
  EigenMatrix<Complex> copy(a.rows, a.columns);
  std::copy(a.values.begin(), a.values.end(), copy.data());
  Eigen::ComplexEigenSolver<EigenMatrix<Complex>> solver(copy);
  if (solver.info() != Eigen::Success)
    return {};
  Matrix<T> result(a.rows, a.columns);
  for (int64_t row = 0; row < a.rows; ++row)
    for (int64_t column = 0; column < a.columns; ++column)
      if constexpr (std::is_same_v<T, double>)
        result(row, column) = solver.eigenvectors()(row, column).real();
      else
        result(row, column) = solver.eigenvectors()(row, column);
  return result;
}

//===----------------------------------------------------------------------===//
// Randomised range finding
//===----------------------------------------------------------------------===//

uint64_t Normal::bits() { // splitmix64
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

double Normal::next() { // G. Box and M. Muller
  double radius = (double(bits() >> 11) + 1) * 0x1p-53, angle = double(bits() >> 11) * 0x1p-53;
  return std::sqrt(-2 * std::log(radius)) * std::cos(2 * std::numbers::pi * angle);
}

template <typename T> Matrix<T> Normal::matrix(int64_t rows, int64_t columns) {
  Matrix<T> result(rows, columns);
  for (T &value : result.values)
    if constexpr (std::is_same_v<T, double>)
      value = next();
    else
      value = {next(), next()};
  return result;
}

namespace {

template <typename T> void subtract(Matrix<T> &a, const Matrix<T> &b) {
  for (size_t i = 0; i < a.values.size(); ++i)
    a.values[i] -= b.values[i];
}

template <typename T> void appendRows(Matrix<T> &a, const Matrix<T> &b) {
  a.rows += b.rows;
  a.columns = b.columns;
  a.values.insert(a.values.end(), b.values.begin(), b.values.end());
}

} // namespace

template <typename T>
Svd<T> partialSvd(const Matrix<T> &a, double rest, int64_t limit, uint64_t seed) {
  constexpr int64_t block = 64;
  Normal normal(seed);
  Matrix<T> left = a, basis, small; // rows of `basis` are the conjugated columns of Q, small = Q' a
  double previous = squaredNorm(left.values);
  while (previous > rest && basis.rows < limit) {
    // One step of the power method brings small singular values out of the large ones' way.
    Matrix<T> q = orthonormalize(multiply(left, normal.matrix<T>(a.columns, block)));
    q = orthonormalize(multiply(left, multiplyAdjoint(left, q)));
    if (basis.rows > 0) {
      subtract(q, multiplyAdjoint(basis, multiply(basis, q)));
      q = orthonormalize(q);
    }
    Matrix<T> rows = multiplyAdjoint(q, left);
    subtract(left, multiply(q, rows));
    appendRows(basis, adjoint(q));
    appendRows(small, rows);
    double now = squaredNorm(left.values);
    // Singular values fall: what the last block caught is more than any later one will.
    double blocks = std::ceil(double(limit - basis.rows) / block);
    bool isHopeless = now - blocks * (previous - now) > rest;
    previous = now;
    if (rest > 0 && isHopeless)
      break;
  }
  Svd<T> inner = svd(small, leastGramTolerance);
  inner.u = multiplyAdjoint(basis, inner.u);
  return inner;
}

#define TLC_INSTANTIATE(T)                                                                         \
  template struct Svd<T>;                                                                          \
  template Matrix<T> transpose(const Matrix<T> &);                                                 \
  template Matrix<T> adjoint(const Matrix<T> &);                                                   \
  template Matrix<T> multiply(const Matrix<T> &, const Matrix<T> &);                               \
  template Matrix<T> multiplyAdjoint(const Matrix<T> &, const Matrix<T> &);                        \
  template Svd<T> svd(const Matrix<T> &, double);                                                  \
  template std::vector<double> singularValues(const Matrix<T> &, double);                          \
  template Matrix<T> orthonormalize(const Matrix<T> &);                                            \
  template Matrix<T> solve(const Matrix<T> &, const Matrix<T> &);                                  \
  template Matrix<T> solveGram(Matrix<T>, Matrix<T>);                                              \
  template Matrix<T> eigenvectors(const Matrix<T> &);                                              \
  template Matrix<T> Normal::matrix<T>(int64_t, int64_t);                                          \
  template Svd<T> partialSvd(const Matrix<T> &, double, int64_t, uint64_t);
TLC_INSTANTIATE(double)
TLC_INSTANTIATE(std::complex<double>)
#undef TLC_INSTANTIATE

} // namespace tlc::lowrank
