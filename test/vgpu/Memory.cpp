//===- Memory.cpp - the state spaces and their bounds ---------------------===//

#include "test/vgpu/Memory.h"

#include <cstring>

namespace vgpu {

/// What is between two allocations, at least, and what they begin at multiples of.
static constexpr uint64_t kGap = 4096;
static constexpr uint64_t kAlignment = 512;

std::string hex(uint64_t number) {
  char text[24];
  snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(number));
  return text;
}

uint8_t garbage(uint64_t seed) {
  // Floats of these bytes are NaN, large negative and small; integers are -1, and large.
  static constexpr uint8_t patterns[] = {0xFF, 0xD5, 0x5A, 0xFE};
  return patterns[seed % 4];
}

uint64_t DeviceMemory::allocate(uint64_t bytes, uint8_t fill) {
  if (bytes > total - used)
    return 0;
  uint64_t address = next;
  next += (bytes + kGap + kAlignment - 1) / kAlignment * kAlignment;
  Block block{bytes, std::make_unique<uint8_t[]>(bytes + 16)};
  memset(block.data.get(), fill, bytes);
  blocks.emplace(address, std::move(block));
  used += bytes;
  return address;
}

bool DeviceMemory::free(uint64_t address) {
  auto found = blocks.find(address);
  if (found == blocks.end())
    return false;
  used -= found->second.bytes;
  blocks.erase(found);
  lastBegin = lastEnd = 0;
  return true;
}

uint8_t *DeviceMemory::find(uint64_t address, uint64_t bytes) {
  if (address >= lastBegin && address < lastEnd && bytes <= lastEnd - address)
    return lastData + (address - lastBegin);
  auto after = blocks.upper_bound(address);
  if (after == blocks.begin())
    return nullptr;
  auto &[begin, block] = *--after;
  uint64_t offset = address - begin;
  if (offset > block.bytes || bytes > block.bytes - offset)
    return nullptr;
  lastBegin = begin;
  lastEnd = begin + block.bytes;
  lastData = block.data.get();
  return lastData + offset;
}

std::string DeviceMemory::explain(uint64_t address) const {
  auto after = blocks.upper_bound(address);
  if (after != blocks.begin()) {
    auto before = std::prev(after);
    uint64_t end = before->first + before->second.bytes;
    if (address < end)
      return "which passes the end of the allocation of " + std::to_string(before->second.bytes) +
             " bytes at " + hex(before->first);
    bool isNear = after == blocks.end() || address - end <= after->first - address;
    if (isNear)
      return "which is " + std::to_string(address - end) +
             " bytes past the end of the allocation of " + std::to_string(before->second.bytes) +
             " bytes at " + hex(before->first);
  }
  if (after != blocks.end())
    return "which is " + std::to_string(after->first - address) +
           " bytes in front of the allocation of " + std::to_string(after->second.bytes) +
           " bytes at " + hex(after->first);
  return "and nothing is allocated";
}

} // namespace vgpu
