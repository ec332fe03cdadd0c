//===- LowRank.h - constants as contractions of smaller ones --------------===//
//
// A constant W of m x n numbers whose singular values fall quickly is nearly the product of an
// m x r and an r x n matrix, and x W costs r (m + n) multiplications in place of m n. A tensor has
// more ways to be written as smaller ones, each a contraction over new indices, the ranks:
//
//   matrix     W[ij,kl] = A[ij,r] B[r,kl]                          for each way to part the axes
//   tucker     W[i,j,k] = C[p,q,k] U[i,p] V[j,q]                   for each set of axes
//   train      W[i,j,k] = A[i,p] B[p,j,q] C[q,k]                   for each order and grouping of
//   axes canonical  W[i,j,k] = A[i,r] B[j,r] C[k,r] sparse     W itself, with straight-line code
//   for the elements that are not zero
//
// `choose` finds the one that its caller predicts to be fastest among those with a relative error
// in the Frobenius norm of at most eps. For the first three a bound is known before anything is
// computed: the squared error is at most the sum of the squared singular values that were dropped,
// over the unfoldings of W that the format cuts (L. De Lathauwer, B. De Moor, J. Vandewalle, 2000;
// I. Oseledets, 2011). Whatever was predicted, the factors are rounded to their type, multiplied
// out in f64 and compared with W; only what passes is returned.
//
// No MLIR here. Instantiated for double and std::complex<double>.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_PLANNER_LOWRANK_LOWRANK_H
#define TLC_COMPILER_PLANNER_LOWRANK_LOWRANK_H

#include "compiler/support/DType.h"

#include <complex>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tlc::lowrank {

/// Row-major.
template <typename T> struct Tensor {
  std::vector<int64_t> extents;
  std::vector<T> values;

  int64_t order() const { return static_cast<int64_t>(extents.size()); }
};

enum class Form { Dense, Matrix, Tucker, Train, Canonical, Sparse };

/// "tucker".
std::string name(Form form);

/// What the factors are, without their values.
struct Format {
  Form form = Form::Dense;
  /// The modes of each factor, as stored: 0 .. d - 1 are the axes of the constant, d + k is rank k.
  std::vector<std::vector<int>> factors;
  std::vector<int64_t> ranks;
  /// Rank k is that of the unfolding with the axes of the bit set cuts[k] on one side.
  std::vector<unsigned> cuts;
  /// Elements that are not zero, if the form is sparse.
  int64_t nonzeros = 0;

  /// Elements of all factors.
  double parameters(const std::vector<int64_t> &extents) const;
};

template <typename T> struct Factorization {
  Format format;
  std::vector<Tensor<T>> factors; ///< with values of the element type
  double error = 0;               ///< |W - product| / |W|, in f64
  double largestError = 0;        ///< of an element
};

struct Request {
  DType type = DType::F32; ///< of the factors' elements
  double eps = 0;
  /// Predicted seconds of everything that reads the constant, if it has a format. A format that
  /// cannot be used takes forever.
  std::function<double(const Format &)> seconds;
  /// How many times faster than dense a format has to be.
  double gain = 1.2;
  /// The largest error of an element that may be, which a discontinuity behind may ask for.
  double largestError = 1e300;
  uint64_t seed = 1;
};

template <typename T> struct Choice {
  /// Nothing if the constant stays dense.
  std::optional<Factorization<T>> factorization;
  std::string reason; ///< why it stays
  double denseSeconds = 0, seconds = 0;
};

template <typename T> Choice<T> choose(const Tensor<T> &constant, const Request &request);

/// The factors of a format, multiplied out.
template <typename T>
Tensor<T> reconstruct(const Format &format, const std::vector<Tensor<T>> &factors,
                      const std::vector<int64_t> &extents);

/// The nearest value of the type.
double roundTo(DType type, double value);
inline std::complex<double> roundTo(DType type, std::complex<double> value) {
  return {roundTo(type, value.real()), roundTo(type, value.imag())};
}
/// Half the distance from 1 to the next value.
double unitRoundoff(DType type);

/// "tucker of ranks 8, 8".
std::string describe(const Format &format);

} // namespace tlc::lowrank

#endif // TLC_COMPILER_PLANNER_LOWRANK_LOWRANK_H
