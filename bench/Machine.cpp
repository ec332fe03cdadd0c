//===- Machine.cpp - clocks and the memory's speed ------------------------===//

#include "bench/Machine.h"

#include <algorithm>
#include <ctime>
#include <fstream>

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

double streamBandwidth() {
  constexpr size_t size = 16 << 20;
  std::vector<double> a(size), b(size, 1), c(size, 2);
  std::vector<double> times;
  for (int round = 0; round < 7; ++round) {
    double start = threadSeconds(), factor = round;
    for (size_t i = 0; i < size; ++i)
      a[i] = b[i] + factor * c[i];
    times.push_back(threadSeconds() - start);
    b[round] = a[size - 1 - round];
  }
  return 3e-9 * sizeof(double) * size / median(times);
}

std::string cpuName() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.rfind("model name", 0) == 0)
      return line.substr(line.find(':') + 2);
  return "unknown processor";
}

} // namespace tlc::bench
