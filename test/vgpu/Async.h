//===- Async.h - what happens beside the threads --------------------------===//
//
// Copies by the tensor memory accelerator and products of matrices run beside the threads that ask
// for them, and reach memory by a way of their own, the async proxy. Here they happen at any time
// that the manual allows:
//
//   cp.async.bulk.tensor [dst], [map, {0, 64}], [bar]     happens later, then bar counts its bytes
//   mbarrier.try_wait.parity p, [bar], 0                  true when all bytes have been counted
//
// What a thread writes to shared memory in the ordinary way is not there for the async proxy until
// that thread says fence.proxy.async: an access before that is reported.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_TEST_VGPU_ASYNC_H
#define TLC_TEST_VGPU_ASYNC_H

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace vgpu {

class Block;
class Warp;
struct Instruction;

/// A shared address of 32 bits in a cluster: the block's number + 1 above, the address in the
/// block below. Without a number it is in the block itself.
constexpr int kRankShift = 24;

/// A copy that has been asked for.
struct AsyncCopy {
  std::function<void()> perform;
  /// From shared memory.
  bool isStore = false;
};

/// An mbarrier object in shared memory.
struct Mbarrier {
  uint32_t expected = 0, pending = 0;
  /// Bytes that are expected and have not come.
  int64_t bytes = 0;
  uint64_t phase = 0;
  /// The thread + 1 that made it and has not fenced yet.
  uint32_t unfenced = 0;
  bool isWaitedFor = false;

  /// "is in phase 3 and waits for 1 arrivals and 4096 bytes".
  std::string describe() const;
};

/// Which words of shared memory the async proxy must not touch yet.
class ProxyState {
public:
  ProxyState() = default;
  explicit ProxyState(uint64_t bytes) : writers(bytes / 4 + 1) {}

  void write(uint32_t thread, uint64_t offset, uint64_t bytes);
  /// fence.proxy.async of a thread.
  void fence(uint32_t thread);
  /// The thread + 1 that wrote one of these bytes and has not fenced, or 0.
  uint32_t unfencedWriter(uint64_t offset, uint64_t bytes) const;

private:
  std::vector<uint32_t> writers;
  std::map<uint32_t, std::vector<uint32_t>> words;
};

/// A copy from shared to global memory, which first reads all, then writes all.
class BulkStore {
public:
  virtual ~BulkStore() = default;
  virtual void read() = 0;
  virtual void write() = 0;
  bool hasRead = false, hasWritten = false;
  const Block *source = nullptr;
};

/// The copies of a thread.
struct BulkGroups {
  using Group = std::vector<std::shared_ptr<BulkStore>>;
  Group open;
  std::vector<Group> committed;
};

/// The registers that setmaxnreg moves between the warps of a block.
class RegisterPool {
public:
  RegisterPool() = default;
  explicit RegisterPool(uint32_t warps);

  /// False if there are too few now.
  bool set(uint32_t warp, uint32_t perThread);
  uint32_t of(uint32_t warp) const { return perThread[warp]; }

private:
  std::vector<uint32_t> perThread;
  int64_t free = 0;
};

/// What the four warps of a group have begun together.
struct ProductLog {
  struct Entry {
    const Instruction *instruction;
    uint64_t a, b;
  };
  std::vector<Entry> entries;
};

/// The rows of a warp in products of matrices (wgmma) that are under way.
class WarpProducts {
public:
  struct Product {
    const Instruction *instruction;
    uint64_t a, b;
    bool accumulates;
  };

  bool isPending() const { return pendingCount > 0; }
  void fence() { needsFence = false; }
  void begin(Warp &warp, const Instruction &instruction, const Product &product);
  void commit();
  /// Finishes all groups but the last `count`.
  void wait(Warp &warp, size_t count);
  /// An instruction must not touch registers of products that are under way.
  void checkRegisters(const Warp &warp, const Instruction &instruction, uint32_t lanes) const;

private:
  void run(Warp &warp, Product &product);

  bool needsFence = true;
  size_t pendingCount = 0, begun = 0;
  /// Groups in order; the last one is open. A product whose work is done early is still under way
  /// until somebody waits for it.
  std::vector<std::vector<Product>> groups{1};
  std::vector<size_t> executed{0};
};

// What the lanes of a warp do to barriers. They fail if there is none.
Mbarrier &mbarrierAt(Warp &warp, int lane, const Instruction &instruction, Block &block,
                     uint32_t address);
/// Arrivals and bytes count; when none is missing the phase ends.
void arriveAt(Warp &warp, int lane, const Instruction &instruction, Block &block, uint32_t address,
              uint32_t count);
void countBytes(Block &block, uint32_t address, int64_t bytes);

/// A thread or a block must not end while something that it began is under way.
void checkExit(const Warp &warp);
void checkEnd(const Block &block);

} // namespace vgpu

#endif // TLC_TEST_VGPU_ASYNC_H
