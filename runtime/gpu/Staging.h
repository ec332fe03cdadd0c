//===- Staging.h - copies through pinned memory ---------------------------===//
//
// A device copies from pages that the system cannot move. Tensors are in ordinary memory, so large
// copies go through two pinned blocks in turn: one is filled or emptied by the processor while the
// device copies the other.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_RUNTIME_GPU_STAGING_H
#define TLC_RUNTIME_GPU_STAGING_H

#include "runtime/gpu/Driver.h"

namespace tlrt::gpu {

class Staging {
public:
  /// `from` may be used again when it returns.
  int upload(const Driver &driver, Handle stream, Address to, const void *from, size_t bytes);
  /// The elements are there when it returns.
  int download(const Driver &driver, Handle stream, void *to, Address from, size_t bytes);

private:
  static constexpr size_t kBlockBytes = size_t(4) << 20, kLeastBytes = size_t(1) << 18;

  /// Allocates the blocks once; false where the driver gives none.
  bool open(const Driver &driver);

  struct Block {
    void *data = nullptr;
    Handle copied = nullptr; ///< the event of its last copy
    bool inUse = false;
  };
  Block blocks[2];
  bool isTried = false;
};

} // namespace tlrt::gpu

#endif // TLC_RUNTIME_GPU_STAGING_H
