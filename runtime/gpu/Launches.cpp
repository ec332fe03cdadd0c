//===- Launches.cpp - kernels on their way, and graphs of them ------------===//

#include "runtime/gpu/Launches.h"

#include <cstdlib>
#include <cstring>

namespace tlrt::gpu {

unsigned char *Bytes::extend(size_t more) {
  if (size + more > capacity) {
    size_t wanted = 2 * (size + more);
    void *larger = realloc(data, wanted);
    if (!larger)
      return nullptr;
    data = static_cast<unsigned char *>(larger);
    capacity = wanted;
  }
  size += more;
  return data + size - more;
}

static constexpr size_t roundUp(size_t bytes) { return (bytes + 15) / 16 * 16; }

bool Launches::add(const Kernel &kernel, const Sizes &sizes, const void *parameters, size_t bytes) {
  size_t all = sizeof(Header) + roundUp(bytes);
  unsigned char *at = pending.extend(all);
  if (!at)
    return false;
  // Sequences are compared byte by byte.
  memset(at, 0, all);
  Header header = {};
  header.kernel = &kernel;
  memcpy(header.sizes, sizes, sizeof sizes);
  header.bytes = bytes;
  memcpy(at, &header, sizeof header);
  if (bytes)
    memcpy(at + sizeof header, parameters, bytes);
  ++count;
  return true;
}

namespace {

/// The parameters of a launch as the driver takes them in one block.
struct ParameterBlock {
  ParameterBlock(void *parameters, size_t bytes)
      : bytes(bytes), extra{kParameterBlock, parameters, kParameterBytes, &this->bytes,
                            kParameterEnd} {}
  ParameterBlock(const ParameterBlock &) = delete;

  size_t bytes;
  void *extra[5];
};

} // namespace

int Launches::launchEach(const Driver &driver, Handle stream, const char *&failed) {
  for (size_t at = 0; at < pending.size;) {
    Header header;
    memcpy(&header, pending.data + at, sizeof header);
    ParameterBlock block(pending.data + at + sizeof header, header.bytes);
    const Sizes &size = header.sizes;
    if (int error = driver.launch(header.kernel->function, size[0], size[1], size[2], size[3],
                                  size[4], size[5], size[6], stream, nullptr, block.extra)) {
      failed = header.kernel->name;
      return error;
    }
    at += sizeof header + roundUp(header.bytes);
  }
  return kSuccess;
}

int Launches::makeGraph(const Driver &driver, Sequence &sequence) {
  Handle graph = nullptr, last = nullptr;
  int error = driver.createGraph(&graph, 0);
  const Bytes &launches = sequence.launches;
  for (size_t at = 0; at < launches.size && !error;) {
    Header header;
    memcpy(&header, launches.data + at, sizeof header);
    ParameterBlock block(launches.data + at + sizeof header, header.bytes);
    KernelNode node = {};
    node.function = header.kernel->function;
    memcpy(node.sizes, header.sizes, sizeof header.sizes);
    node.extra = block.extra;
    Handle added = nullptr;
    error = driver.addKernelNode(&added, graph, &last, last ? 1 : 0, &node);
    last = added;
    at += sizeof header + roundUp(header.bytes);
  }
  if (!error)
    error = driver.instantiateGraph(&sequence.graph, graph, 0);
  if (graph)
    driver.destroyGraph(graph);
  return error;
}

const Launches::Sequence *Launches::find() {
  for (size_t i = 0; i < known; ++i) {
    const Bytes &launches = sequences[i].launches;
    if (launches.size == pending.size && !memcmp(launches.data, pending.data, pending.size))
      return &sequences[i];
  }
  return nullptr;
}

/// Instead of the oldest, if there are many.
void Launches::remember(const Driver &driver) {
  if (count < 2 || pending.size > kMostBytes)
    return;
  Sequence &sequence = sequences[next];
  if (sequence.graph)
    driver.destroyExecutable(sequence.graph);
  sequence.graph = nullptr;
  sequence.isRefused = false;
  sequence.launches.size = 0;
  unsigned char *copy = sequence.launches.extend(pending.size);
  if (!copy)
    return;
  memcpy(copy, pending.data, pending.size);
  next = (next + 1) % kMostSequences;
  known = known < kMostSequences ? known + 1 : known;
}

int Launches::submit(const Driver &driver, Handle stream, const char *&failed) {
  if (isEmpty())
    return kSuccess;
  auto *sequence = const_cast<Sequence *>(find());
  if (!sequence)
    remember(driver);
  else if (!sequence->graph && !sequence->isRefused)
    sequence->isRefused = makeGraph(driver, *sequence) != kSuccess;
  int error = kSuccess;
  if (sequence && sequence->graph) {
    error = driver.launchGraph(sequence->graph, stream);
    failed = reinterpret_cast<const Header *>(pending.data)->kernel->name;
  } else {
    error = launchEach(driver, stream, failed);
  }
  pending.size = 0;
  count = 0;
  return error;
}

void Launches::forgetGraphs(const Driver &driver) {
  for (size_t i = 0; i < known; ++i) {
    if (sequences[i].graph)
      driver.destroyExecutable(sequences[i].graph);
    free(sequences[i].launches.data);
    sequences[i] = {};
  }
  known = next = 0;
}

} // namespace tlrt::gpu
