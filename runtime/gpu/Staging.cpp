//===- Staging.cpp - copies through pinned memory -------------------------===//

#include "runtime/gpu/Staging.h"

#include <cstring>

namespace tlrt::gpu {

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

bool Staging::open(const Driver &driver) {
  if (isTried)
    return blocks[1].copied;
  isTried = true;
  for (Block &block : blocks)
    if (driver.allocatePinned(&block.data, kBlockBytes, 0) ||
        driver.createEvent(&block.copied, kEventWithoutTime))
      return false;
  return true;
}

int Staging::upload(const Driver &driver, Handle stream, Address to, const void *from,
                    size_t bytes) {
  if (bytes < kLeastBytes || !open(driver))
    return driver.upload(to, from, bytes, stream);
  int error = kSuccess;
  size_t number = 0;
  for (size_t at = 0; at < bytes && !error; at += kBlockBytes, ++number) {
    Block &block = blocks[number % 2];
    size_t size = least(kBlockBytes, bytes - at);
    if (block.inUse)
      error = driver.waitForEvent(block.copied);
    if (error)
      break;
    memcpy(block.data, static_cast<const char *>(from) + at, size);
    error = driver.upload(to + at, block.data, size, stream);
    if (!error)
      error = driver.recordEvent(block.copied, stream);
    block.inUse = true;
  }
  return error;
}

int Staging::download(const Driver &driver, Handle stream, void *to, Address from, size_t bytes) {
  if (bytes < kLeastBytes || !open(driver)) {
    int error = driver.download(to, from, bytes, stream);
    return error ? error : driver.synchronize(stream);
  }
  size_t pieces = (bytes + kBlockBytes - 1) / kBlockBytes;
  auto sizeOf = [&](size_t piece) { return least(kBlockBytes, bytes - piece * kBlockBytes); };
  auto start = [&](size_t piece) {
    Block &block = blocks[piece % 2];
    // The stream is in order: an upload from the block is over before the copy into it.
    int error = driver.download(block.data, from + piece * kBlockBytes, sizeOf(piece), stream);
    return error ? error : driver.recordEvent(block.copied, stream);
  };
  int error = start(0);
  for (size_t piece = 0; piece < pieces && !error; ++piece) {
    if (piece + 1 < pieces)
      error = start(piece + 1);
    if (!error)
      error = driver.waitForEvent(blocks[piece % 2].copied);
    if (!error)
      memcpy(static_cast<char *>(to) + piece * kBlockBytes, blocks[piece % 2].data, sizeOf(piece));
  }
  blocks[0].inUse = blocks[1].inUse = false;
  return error;
}

} // namespace tlrt::gpu
