//===- Machine.h - clocks, memory and the limits of the machine -----------===//
//
// A time means something beside what the machine could have done at best: with c flops and d bytes
// that must move, at least max(c / peak, d / bandwidth) seconds. Both limits are measured here, in
// the run that uses them.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_BENCH_MACHINE_H
#define TLC_BENCH_MACHINE_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tlc::bench {

/// Seconds that this thread has run: others on a busy machine do not lengthen them.
double threadSeconds();
double wallSeconds();

double median(std::vector<double> values);

/// GB/s between one core and memory, on arrays of several times the last cache. Copies count what
/// is read and what is written; "streaming" stores pass by the caches, so that no line is read
/// only to be overwritten.
struct Bandwidths {
  double read = 0;
  double write = 0;
  double copy = 0;
  double streamingWrite = 0;
  double streamingCopy = 0;

  /// Seconds that reading and writing so many bytes takes at least.
  double seconds(double readBytes, double writtenBytes) const;
};
Bandwidths measureBandwidths(bool quick);

/// The processor's name.
std::string cpuName();
/// Number of processes that wanted to run, on average over the last minute.
double loadAverage();

/// Zeroed memory on large pages, so that no contender pays for the page tables. Buffers begin at
/// different distances from a power of two, as those of an allocator do: what is read side by side
/// from places that are 256 MB apart comes from the same banks of memory, at half the speed.
class Buffer {
public:
  explicit Buffer(size_t bytes);
  ~Buffer();
  Buffer(Buffer &&other) noexcept;
  Buffer(const Buffer &) = delete;
  Buffer &operator=(const Buffer &) = delete;

  void *raw() const { return memory; }
  size_t bytes() const { return length; }
  template <typename T> T *data() const { return static_cast<T *>(memory); }
  /// Fills with numbers in [-1, 1) that depend on `seed` only.
  template <typename T> void randomize(uint32_t seed);

private:
  void *mapping = nullptr, *memory = nullptr;
  size_t mapped = 0, length = 0;
};

} // namespace tlc::bench

#endif // TLC_BENCH_MACHINE_H
