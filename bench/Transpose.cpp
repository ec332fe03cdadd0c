//===- Transpose.cpp - permuting the axes of a tensor ---------------------===//
//
// What a contraction through a matrix product does first and last. Axes that stay neighbours become
// one. If the fastest axis stays the fastest, rows are copied; if not, two axes matter,
//
//   to[.., r, .., c] = from[.., c, .., r]
//
// and the plane (r, c) is moved in blocks of 32 x 32, by squares of one vector's width that are
// transposed in registers. A block is put together in the first cache and written in whole lines:
// with strides of a power of two, its rows would drive each other out of the cache before they are
// full.
//
//===----------------------------------------------------------------------===//

#include "bench/Transpose.h"

#include <algorithm>
#include <cstring>

namespace tlc::bench {
namespace {

constexpr int64_t kBlock = 32;

template <typename T> struct Square;

/// Eight rows of eight f32: three times, halves of pairs of rows are exchanged.
template <> struct Square<float> {
  static constexpr int64_t size = 8;
  typedef float Row __attribute__((vector_size(32), aligned(4)));

  static void move(const float *from, int64_t fromStride, float *to, int64_t toStride) {
    Row a[8], b[8];
    for (int i = 0; i < 8; ++i)
      a[i] = *reinterpret_cast<const Row *>(from + i * fromStride);
    for (int i = 0; i < 8; i += 2) {
      b[i] = __builtin_shufflevector(a[i], a[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
      b[i + 1] = __builtin_shufflevector(a[i], a[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
    for (int i = 0; i < 8; i += 4)
      for (int j = 0; j < 2; ++j) {
        a[i + 2 * j] = __builtin_shufflevector(b[i + j], b[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
        a[i + 2 * j + 1] =
            __builtin_shufflevector(b[i + j], b[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
      }
    for (int i = 0; i < 4; ++i) {
      Row low = __builtin_shufflevector(a[i], a[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
      Row high = __builtin_shufflevector(a[i], a[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
      *reinterpret_cast<Row *>(to + i * toStride) = low;
      *reinterpret_cast<Row *>(to + (i + 4) * toStride) = high;
    }
  }
};

template <> struct Square<double> {
  static constexpr int64_t size = 4;
  typedef double Row __attribute__((vector_size(32), aligned(8)));

  static void move(const double *from, int64_t fromStride, double *to, int64_t toStride) {
    Row a[4], b[4];
    for (int i = 0; i < 4; ++i)
      a[i] = *reinterpret_cast<const Row *>(from + i * fromStride);
    for (int i = 0; i < 4; i += 2) {
      b[i] = __builtin_shufflevector(a[i], a[i + 1], 0, 4, 2, 6);
      b[i + 1] = __builtin_shufflevector(a[i], a[i + 1], 1, 5, 3, 7);
    }
    for (int i = 0; i < 2; ++i) {
      Row low = __builtin_shufflevector(b[i], b[i + 2], 0, 1, 4, 5);
      Row high = __builtin_shufflevector(b[i], b[i + 2], 2, 3, 6, 7);
      *reinterpret_cast<Row *>(to + i * toStride) = low;
      *reinterpret_cast<Row *>(to + (i + 2) * toStride) = high;
    }
  }
};

/// to[r, c] = from[c, r] for a block of rows x columns, into a square of the first cache.
template <typename T>
void collect(const T *from, int64_t fromStride, T *to, int64_t rows, int64_t columns) {
  constexpr int64_t size = Square<T>::size;
  int64_t wholeRows = rows - rows % size, wholeColumns = columns - columns % size;
  for (int64_t c = 0; c < wholeColumns; c += size)
    for (int64_t r = 0; r < wholeRows; r += size)
      Square<T>::move(from + c * fromStride + r, fromStride, to + r * kBlock + c, kBlock);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = r < wholeRows ? wholeColumns : 0; c < columns; ++c)
      to[r * kBlock + c] = from[c * fromStride + r];
}

} // namespace

Transpose::Transpose(const std::vector<int64_t> &shape, const std::vector<int> &axes) {
  std::vector<int64_t> fromStrides(shape.size(), 1);
  for (size_t d = shape.size() - 1; d-- > 0;)
    fromStrides[d] = fromStrides[d + 1] * shape[d + 1];
  int64_t toStride = 1;
  for (size_t d = axes.size(); d-- > 0;) {
    int64_t extent = shape[axes[d]], fromStride = fromStrides[axes[d]];
    if (extent == 1)
      continue;
    if (!loops.empty() && loops.back().fromStride * loops.back().extent == fromStride)
      loops.back().extent *= extent;
    else
      loops.push_back({extent, fromStride, toStride});
    toStride *= extent;
  }
  if (loops.empty())
    loops.push_back({1, 1, 1});
  std::reverse(loops.begin(), loops.end());
  for (size_t d = 0; d + 1 < loops.size(); ++d)
    if (loops[d].fromStride == 1)
      rows = int(d);
}

template <typename T> void Transpose::runInner(const T *from, T *to) const {
  const Loop &last = loops.back();
  if (rows < 0) {
    std::memcpy(to, from, sizeof(T) * last.extent);
    return;
  }
  const Loop &first = loops[rows];
  alignas(64) T square[kBlock * kBlock];
  for (int64_t r = 0; r < first.extent; r += kBlock)
    for (int64_t c = 0; c < last.extent; c += kBlock) {
      int64_t height = std::min(kBlock, first.extent - r);
      int64_t width = std::min(kBlock, last.extent - c);
      collect(from + r + c * last.fromStride, last.fromStride, square, height, width);
      for (int64_t i = 0; i < height; ++i)
        std::memcpy(to + (r + i) * first.toStride + c, square + i * kBlock, sizeof(T) * width);
    }
}

template <typename T> void Transpose::runOuter(size_t depth, const T *from, T *to) const {
  if (depth + 1 == loops.size())
    return runInner(from, to);
  if (int(depth) == rows)
    return runOuter(depth + 1, from, to);
  const Loop &loop = loops[depth];
  for (int64_t i = 0; i < loop.extent; ++i)
    runOuter(depth + 1, from + i * loop.fromStride, to + i * loop.toStride);
}

template <typename T> void Transpose::run(const T *from, T *to) const { runOuter(0, from, to); }
template void Transpose::run(const float *, float *) const;
template void Transpose::run(const double *, double *) const;

} // namespace tlc::bench
