//===- Launches.h - kernels on their way, and graphs of them --------------===//
//
// A launch costs the processor a few microseconds, which is more than small kernels run. Launches
// are collected until somebody needs what they compute. A sequence that comes again, with the same
// kernels, grids and parameters, becomes one graph of the driver's, which starts at once:
//
//   first time     k0, k1, k2 one after the other, the sequence is remembered
//   second time    a graph of k0 -> k1 -> k2 is made
//   from then on   one call
//
//===----------------------------------------------------------------------===//

#ifndef TLC_RUNTIME_GPU_LAUNCHES_H
#define TLC_RUNTIME_GPU_LAUNCHES_H

#include "runtime/gpu/Driver.h"

namespace tlrt::gpu {

struct Kernel {
  const char *name;
  Handle function;
  int64_t sharedBytes;
};

/// Bytes that grow.
struct Bytes {
  unsigned char *data = nullptr;
  size_t size = 0, capacity = 0;

  /// Room for `more` bytes at the end; null if there is no memory.
  unsigned char *extend(size_t more);
};

class Launches {
public:
  /// Extents of the grid and of a block, bytes of dynamic shared memory.
  using Sizes = unsigned[7];

  /// Puts a launch at the end; false if there is no memory. The parameters are copied.
  bool add(const Kernel &kernel, const Sizes &sizes, const void *parameters, size_t bytes);
  bool isEmpty() const { return pending.size == 0; }
  /// Gives all to the driver. On failure returns its error, and in `failed` the kernel.
  int submit(const Driver &driver, Handle stream, const char *&failed);
  /// Forgets all graphs: a kernel of theirs may go.
  void forgetGraphs(const Driver &driver);

private:
  /// What a launch begins with in `pending`; its parameters follow.
  struct Header {
    const Kernel *kernel;
    Sizes sizes;
    size_t bytes; ///< of the parameters
  };
  struct Sequence {
    Bytes launches; ///< as in `pending`
    Handle graph;   ///< null until it has come twice
    bool isRefused; ///< by the driver
  };
  static constexpr size_t kMostSequences = 32, kMostBytes = size_t(1) << 17;

  const Sequence *find();
  int launchEach(const Driver &driver, Handle stream, const char *&failed);
  int makeGraph(const Driver &driver, Sequence &sequence);
  void remember(const Driver &driver);

  Bytes pending;
  size_t count = 0; ///< of launches in `pending`
  Sequence sequences[kMostSequences] = {};
  size_t known = 0, next = 0;
};

} // namespace tlrt::gpu

#endif // TLC_RUNTIME_GPU_LAUNCHES_H
