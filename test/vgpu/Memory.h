//===- Memory.h - the state spaces and their bounds -----------------------===//
//
// Device memory has addresses of its own, far from those of the host, with gaps between the
// allocations: a host that reads through a device pointer dies, and a kernel that leaves an
// allocation is told which one. A generic address says by its window which space it is in.
//
//   0x1000_0000_0000 + offset    shared memory of the thread's block
//   0x2000_0000_0000 + offset    local memory of the thread
//   0x3000_0000_0000 + offset    parameters of the kernel
//   0x7000_0000_0000 ...         global memory
//
//===----------------------------------------------------------------------===//

#ifndef TLC_TEST_VGPU_MEMORY_H
#define TLC_TEST_VGPU_MEMORY_H

#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>

namespace vgpu {

constexpr uint64_t kWindowBytes = uint64_t(1) << 44;
constexpr uint64_t kSharedWindow = 1 * kWindowBytes;
constexpr uint64_t kLocalWindow = 2 * kWindowBytes;
constexpr uint64_t kParamWindow = 3 * kWindowBytes;
constexpr uint64_t kGlobalWindow = 7 * kWindowBytes;

/// What a kernel must not do. The codes are the driver's.
enum class FaultCode { IllegalAddress = 700, Deadlock = 702, Misaligned = 716, Failed = 719 };

struct Fault : std::runtime_error {
  Fault(FaultCode code, const std::string &message) : std::runtime_error(message), code(code) {}
  FaultCode code;
};

/// "0x7000000004".
std::string hex(uint64_t number);

/// What memory holds that nobody has written: differs from seed to seed, never zeros.
uint8_t garbage(uint64_t seed);

class DeviceMemory {
public:
  /// The address of a new block, or 0 if `bytes` are more than are left.
  uint64_t allocate(uint64_t bytes, uint8_t fill);
  /// False if no block begins there.
  bool free(uint64_t address);
  /// The bytes behind an address, if `bytes` from there are in one block; else null.
  uint8_t *find(uint64_t address, uint64_t bytes);
  /// Why an access is outside: the closest block.
  std::string explain(uint64_t address) const;

  uint64_t total = uint64_t(16) << 30;
  uint64_t used = 0;

private:
  struct Block {
    uint64_t bytes;
    std::unique_ptr<uint8_t[]> data;
  };
  std::map<uint64_t, Block> blocks;
  uint64_t next = kGlobalWindow;
  /// The block that was asked for last.
  uint64_t lastBegin = 0, lastEnd = 0;
  uint8_t *lastData = nullptr;
};

} // namespace vgpu

#endif // TLC_TEST_VGPU_MEMORY_H
