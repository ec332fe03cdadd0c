//===- Micro.cpp - single loops, timed alone ------------------------------===//
//
// What the other measurements build on, one loop at a time: memory from the first cache to beyond
// the last, the transposes of the peer for contractions, and what a parallel loop costs beside the
// work in it. Nothing is compared here, so google-benchmark does the timing:
//
//   tlc-bench-micro --benchmark_filter=parallelFor
//
//===----------------------------------------------------------------------===//

#include "bench/Machine.h"
#include "bench/Streams.h"
#include "bench/Transpose.h"
#include "tlrt/tlrt.h"

#include <benchmark/benchmark.h>

#include <memory>

namespace tlc::bench {
namespace {

/// Bytes of one array, in the state's argument.
struct Arrays {
  explicit Arrays(const benchmark::State &state)
      : count(size_t(state.range(0)) / sizeof(float)), from(state.range(0)), to(state.range(0)) {
    from.randomize<float>(1);
    to.randomize<float>(2);
  }
  size_t count;
  Buffer from, to;
};

void read(benchmark::State &state) {
  Arrays arrays(state);
  for (auto _ : state)
    benchmark::DoNotOptimize(streamRead(arrays.from.data<float>(), arrays.count));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

void write(benchmark::State &state) {
  Arrays arrays(state);
  for (auto _ : state)
    streamWrite(arrays.to.data<float>(), 1, arrays.count), benchmark::ClobberMemory();
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

template <void (*copyLoop)(float *, const float *, size_t)> void copy(benchmark::State &state) {
  Arrays arrays(state);
  for (auto _ : state)
    copyLoop(arrays.to.data<float>(), arrays.from.data<float>(), arrays.count),
        benchmark::ClobberMemory();
  state.SetBytesProcessed(2 * state.iterations() * state.range(0));
}

/// In the first cache, the second, the last, and memory.
void sizes(benchmark::internal::Benchmark *loop) {
  for (int64_t bytes : {8 << 10, 128 << 10, 4 << 20, 128 << 20})
    loop->Arg(bytes);
}
BENCHMARK(read)->Apply(sizes);
BENCHMARK(write)->Apply(sizes);
BENCHMARK(copy<streamCopy>)->Name("copy")->Apply(sizes);
BENCHMARK(copy<streamCopyPast>)->Name("streamingCopy")->Apply(sizes);

/// [n, n] to its transpose, and [n / 16, 16, n] with the first and the last axis exchanged.
template <typename T> void transpose(benchmark::State &state) {
  int64_t n = state.range(0);
  Buffer from(sizeof(T) * n * n), to(sizeof(T) * n * n);
  from.randomize<T>(1);
  to.randomize<T>(2);
  Transpose whole =
      state.range(1) == 2 ? Transpose({n, n}, {1, 0}) : Transpose({n / 16, 16, n}, {2, 1, 0});
  for (auto _ : state)
    whole.run(from.data<T>(), to.data<T>()), benchmark::ClobberMemory();
  state.SetBytesProcessed(2 * state.iterations() * int64_t(from.bytes()));
}
BENCHMARK(transpose<float>)->Name("transposeF32")->ArgsProduct({{512, 4096}, {2, 3}});
BENCHMARK(transpose<double>)->Name("transposeF64")->ArgsProduct({{512, 4096}, {2, 3}});

/// A loop of as many iterations as threads, which do nothing: what starting and ending it takes.
void parallelFor(benchmark::State &state) {
  auto threads = int32_t(state.range(0));
  std::unique_ptr<tlrt_context, void (*)(tlrt_context *)> context(tlrt_context_create(threads),
                                                                  tlrt_context_destroy);
  for (auto _ : state)
    tlrt_parallel_for(
        context.get(), [](void *, int64_t) {}, nullptr, threads);
}
BENCHMARK(parallelFor)->Arg(1)->Arg(2)->UseRealTime();

} // namespace
} // namespace tlc::bench

BENCHMARK_MAIN();
