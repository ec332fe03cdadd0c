//===- Spectra.h - singular values of all unfoldings of a constant --------===//

#ifndef TLC_COMPILER_PLANNER_LOWRANK_SPECTRA_H
#define TLC_COMPILER_PLANNER_LOWRANK_SPECTRA_H

#include "compiler/planner/lowrank/Tensors.h"

#include <map>

namespace tlc::lowrank {

/// Unfoldings with a longer shorter side are decomposed by randomised range finding.
inline constexpr int64_t exactSide = 1500;

/// The singular values of an unfolding, computed when asked for.
template <typename T> class Spectra {
public:
  Spectra(const Tensor<T> &tensor, double eps, uint64_t seed)
      : tensor(tensor), eps(eps), seed(seed), norm(squaredNorm(tensor.values)) {}

  /// Element r is the sum of the squares of all singular values but the r largest, for the
  /// unfolding with the axes of a set on one side. The last element is above 0 if the others are
  /// not known.
  const std::vector<double> &tails(unsigned set);
  /// The least rank that leaves at most `rest`, or -1.
  int64_t rankFor(unsigned set, double rest);

  double squaredNormOfAll() const { return norm; }
  const std::vector<int64_t> &extents() const { return tensor.extents; }

private:
  const Tensor<T> &tensor;
  double eps;
  uint64_t seed;
  double norm;
  std::map<unsigned, std::vector<double>> known;
};

/// The leading singular vectors, of a large matrix by randomised range finding. Those of singular
/// values below `tolerance` times the largest may be wrong.
template <typename T>
Svd<T> leadingSvd(const Matrix<T> &matrix, int64_t rank, double tolerance, uint64_t seed);

} // namespace tlc::lowrank

#endif // TLC_COMPILER_PLANNER_LOWRANK_SPECTRA_H
