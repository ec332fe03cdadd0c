//===- Machine.cpp - clocks, memory and the limits of the machine ---------===//

#include "bench/Machine.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sys/mman.h>
#include <utility>

namespace tlc::bench {

static double seconds(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec + 1e-9 * now.tv_nsec;
}

double threadSeconds() { return seconds(CLOCK_THREAD_CPUTIME_ID); }
double wallSeconds() { return seconds(CLOCK_MONOTONIC); }

double median(std::vector<double> values) {
  auto middle = values.begin() + values.size() / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::string cpuName() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.rfind("model name", 0) == 0)
      return line.substr(line.find(':') + 2);
  return "unknown processor";
}

double loadAverage() {
  double load = 0;
  return getloadavg(&load, 1) == 1 ? load : 0;
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

/// Between the begins of buffers: pages, and lines of the caches.
constexpr size_t kStagger = 36 << 10, kStaggered = 16;

Buffer::Buffer(size_t bytes) : length(std::max<size_t>(bytes, 1)) {
  static size_t number = 0;
  size_t begin = kStagger * (number++ % kStaggered);
  mapped = begin + length;
  mapping = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) {
    std::fprintf(stderr, "tlc-bench: no memory for %zu bytes\n", bytes);
    std::exit(1);
  }
  madvise(mapping, mapped, MADV_HUGEPAGE);
  memory = static_cast<char *>(mapping) + begin;
}

Buffer::~Buffer() {
  if (mapping)
    munmap(mapping, mapped);
}

Buffer::Buffer(Buffer &&other) noexcept
    : mapping(std::exchange(other.mapping, nullptr)), memory(other.memory), mapped(other.mapped),
      length(other.length) {}

template <typename T> void Buffer::randomize(uint32_t seed) {
  T *values = data<T>();
  uint32_t state = seed * 2654435761u + 1;
  for (size_t i = 0; i < length / sizeof(T); ++i) {
    state = state * 1664525 + 1013904223;
    values[i] = T(int32_t(state >> 8)) / (1 << 23) - 1;
  }
}
template void Buffer::randomize<float>(uint32_t);
template void Buffer::randomize<double>(uint32_t);

} // namespace tlc::bench
