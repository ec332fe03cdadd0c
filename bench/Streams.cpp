//===- Streams.cpp - loops that only move memory --------------------------===//
//
// Written with vectors of eight, so that they run at the memory's speed whatever the compiler
// thinks of vectorising; the file is compiled for the machine that it runs on.
//
//===----------------------------------------------------------------------===//

#include "bench/Streams.h"
#include "bench/Machine.h"

#include <algorithm>
#include <cstdio>
#ifdef __AVX__
#include <immintrin.h>
#endif

namespace tlc::bench {

typedef float Vector __attribute__((vector_size(32), aligned(4)));
constexpr size_t kLanes = 8;

float streamRead(const float *from, size_t n) {
  Vector sums[8] = {};
  size_t i = 0;
  for (; i + 8 * kLanes <= n; i += 8 * kLanes)
    for (size_t j = 0; j < 8; ++j)
      sums[j] += *reinterpret_cast<const Vector *>(from + i + j * kLanes);
  float sum = 0;
  for (; i < n; ++i)
    sum += from[i];
  for (const Vector &vector : sums)
    for (size_t lane = 0; lane < kLanes; ++lane)
      sum += vector[lane];
  return sum;
}

void streamWrite(float *to, float value, size_t n) {
  Vector splat = Vector{} + value;
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    *reinterpret_cast<Vector *>(to + i) = splat;
  for (; i < n; ++i)
    to[i] = value;
}

void streamCopy(float *to, const float *from, size_t n) {
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    *reinterpret_cast<Vector *>(to + i) = *reinterpret_cast<const Vector *>(from + i);
  for (; i < n; ++i)
    to[i] = from[i];
}

#ifdef __AVX__

void streamWritePast(float *to, float value, size_t n) {
  for (size_t i = 0; i < n; i += kLanes)
    _mm256_stream_ps(to + i, _mm256_set1_ps(value));
  _mm_sfence();
}

void streamCopyPast(float *to, const float *from, size_t n) {
  for (size_t i = 0; i < n; i += kLanes)
    _mm256_stream_ps(to + i, _mm256_loadu_ps(from + i));
  _mm_sfence();
}

#else

void streamWritePast(float *to, float value, size_t n) { streamWrite(to, value, n); }
void streamCopyPast(float *to, const float *from, size_t n) { streamCopy(to, from, n); }

#endif

double Bandwidths::seconds(double readBytes, double writtenBytes) const {
  double copied = std::min(readBytes, writtenBytes);
  return 1e-9 * (2 * copied / std::max(copy, streamingCopy) + (readBytes - copied) / read +
                 (writtenBytes - copied) / std::max(write, streamingWrite));
}

Bandwidths measureBandwidths(bool quick) {
  const size_t bytes = size_t(quick ? 128 : 256) << 20, n = bytes / sizeof(float);
  Buffer from(bytes), to(bytes);
  from.randomize<float>(1);
  to.randomize<float>(2);
  float *a = to.data<float>(), *b = from.data<float>(), sum = 0;
  std::vector<double> times[5];
  for (int round = 0; round < (quick ? 3 : 7); ++round) {
    double clocks[6] = {threadSeconds()};
    sum += streamRead(b, n), clocks[1] = threadSeconds();
    streamWrite(a, sum, n), clocks[2] = threadSeconds();
    streamCopy(a, b, n), clocks[3] = threadSeconds();
    streamWritePast(a, sum, n), clocks[4] = threadSeconds();
    streamCopyPast(a, b, n), clocks[5] = threadSeconds();
    for (int i = 0; i < 5; ++i)
      times[i].push_back(clocks[i + 1] - clocks[i]);
  }
  auto speed = [&](int i, double bytes) { return 1e-9 * bytes / median(times[i]); };
  double once = double(bytes), twice = 2 * once;
  return {speed(0, once), speed(1, once), speed(2, twice), speed(3, once), speed(4, twice)};
}

} // namespace tlc::bench
