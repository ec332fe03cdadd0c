//===- Machine.h - clocks and the memory's speed --------------------------===//

#ifndef TLC_BENCH_MACHINE_H
#define TLC_BENCH_MACHINE_H

#include <string>
#include <vector>

namespace tlc::bench {

/// Seconds that this thread has run: others on a busy machine do not lengthen them.
double threadSeconds();
double wallSeconds();

double median(std::vector<double> values);

/// GB/s of a[i] = b[i] + s * c[i] on arrays beyond the caches, counting three transfers.
double streamBandwidth();

/// The processor's name.
std::string cpuName();

} // namespace tlc::bench

#endif // TLC_BENCH_MACHINE_H
