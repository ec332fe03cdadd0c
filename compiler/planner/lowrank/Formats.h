//===- Formats.h - which formats are possible, with which ranks -----------===//

#ifndef TLC_COMPILER_PLANNER_LOWRANK_FORMATS_H
#define TLC_COMPILER_PLANNER_LOWRANK_FORMATS_H

#include "compiler/planner/lowrank/Spectra.h"

namespace tlc::lowrank {

/// Matrices, partial Tucker formats and trains of groups of axes, without ranks. All of them, for
/// up to `mostAxes` axes; beyond, trains in the order of the axes.
std::vector<Format> cutFormats(int64_t order);
inline constexpr int64_t mostAxes = 6;

Format canonicalFormat(int64_t order, int64_t rank);

/// Gives the format's ranks such that the squared singular values that are dropped sum up to at
/// most `budget`, and the factors are small. False if that is not possible.
template <typename T> bool chooseRanks(Format &format, Spectra<T> &spectra, double budget);

/// The factors of a cut format with the ranks that it has, in f64, good enough for a relative error
/// of `eps`.
template <typename T>
std::vector<Tensor<T>> truncate(const Tensor<T> &tensor, const Format &format, double eps,
                                uint64_t seed);

/// The factors of a canonical format, in f64, by alternating least squares; the format's rank is
/// given. `eps` is the relative error to reach.
template <typename T>
std::vector<Tensor<T>> fitCanonical(const Tensor<T> &tensor, const Format &format, double eps,
                                    uint64_t seed);

/// The tensor without the smallest elements whose squares sum up to at most `budget`; sets the
/// number of those that are left.
template <typename T> Format dropSmall(Tensor<T> &tensor, double budget);

} // namespace tlc::lowrank

#endif // TLC_COMPILER_PLANNER_LOWRANK_FORMATS_H
