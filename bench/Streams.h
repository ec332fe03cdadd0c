//===- Streams.h - loops that only move memory ----------------------------===//

#ifndef TLC_BENCH_STREAMS_H
#define TLC_BENCH_STREAMS_H

#include <cstddef>

namespace tlc::bench {

/// The sum of n numbers, which n reads and n independent enough additions cost.
float streamRead(const float *from, size_t n);
void streamWrite(float *to, float value, size_t n);
void streamCopy(float *to, const float *from, size_t n);
/// The same past the caches, where the processor can; `to` is aligned to 64 bytes, n to 16.
void streamWritePast(float *to, float value, size_t n);
void streamCopyPast(float *to, const float *from, size_t n);

} // namespace tlc::bench

#endif // TLC_BENCH_STREAMS_H
