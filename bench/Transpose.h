//===- Transpose.h - permuting the axes of a tensor -----------------------===//

#ifndef TLC_BENCH_TRANSPOSE_H
#define TLC_BENCH_TRANSPOSE_H

#include <cstdint>
#include <string>
#include <vector>

namespace tlc::bench {

/// to[i_p(0), i_p(1), ..] = from[i_0, i_1, ..], both row-major without gaps. Prepared once, so that
/// a call only moves elements.
class Transpose {
public:
  /// `axes[d]` is the axis of `from` that becomes axis d of `to`.
  Transpose(const std::vector<int64_t> &shape, const std::vector<int> &axes);

  template <typename T> void run(const T *from, T *to) const;

private:
  struct Loop {
    int64_t extent, fromStride, toStride;
  };
  template <typename T> void runOuter(size_t depth, const T *from, T *to) const;
  template <typename T> void runInner(const T *from, T *to) const;

  std::vector<Loop> loops; ///< in the order of `to`; the last has a toStride of 1
  int rows = -1;           ///< the loop with a fromStride of 1, if that is not the last
};

} // namespace tlc::bench

#endif // TLC_BENCH_TRANSPOSE_H
