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

Buffer::Buffer(size_t bytes) : length(std::max<size_t>(bytes, 1)) {
  memory = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    std::fprintf(stderr, "tlc-bench: no memory for %zu bytes\n", bytes);
    std::exit(1);
  }
  madvise(memory, length, MADV_HUGEPAGE);
}

Buffer::~Buffer() {
  if (memory)
    munmap(memory, length);
}

Buffer::Buffer(Buffer &&other) noexcept
    : memory(std::exchange(other.memory, nullptr)), length(std::exchange(other.length, 0)) {}

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
