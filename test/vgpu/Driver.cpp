//===- Driver.cpp - the functions of libcuda that programs call -----------===//
//
// A shared library with the names and the meaning of the CUDA driver's functions:
//
//   TLRT_LIBCUDA=.../libtlvgpu.so VGPU_SEED=3 tlc run program.tl --target gpu
//
// What is put into a stream happens as late as the driver's manual allows: when somebody waits for
// it. VGPU_SEED decides about the order of threads, VGPU_ARCH (80) and VGPU_MEMORY (bytes) about
// the device. What goes wrong in a kernel is printed and becomes the error of the next wait.
//
//===----------------------------------------------------------------------===//

#include "test/vgpu/TensorMap.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <mutex>

namespace {

using namespace vgpu;

enum Result : int {
  Success = 0,
  InvalidValue = 1,
  OutOfMemory = 2,
  NoDevice = 100,
  InvalidDevice = 101,
  InvalidContext = 201,
  NoBinaryForGpu = 209,
  InvalidPtx = 218,
  InvalidHandle = 400,
  InvalidClusterSize = 912,
  NotFound = 500,
  NotReady = 600,
};

struct LoadedModule {
  Module module;
  std::vector<uint64_t> blocks;
};

struct Stream {
  std::vector<std::function<void()>> pending;
  /// How much of what was ever put into it is done.
  uint64_t done = 0;
};

/// A place in a stream: what is before number `end` of all that was put into it.
struct Event {
  Stream *stream = nullptr;
  uint64_t end = 0;
};

/// Launches in the order of their dependences, which make a chain.
struct Graph {
  struct Node {
    const Kernel *kernel;
    std::array<uint32_t, 3> grid, block;
    unsigned sharedBytes;
    std::vector<uint8_t> parameters;
  };
  std::vector<std::unique_ptr<Node>> nodes;
};

/// The device and all that is on it.
struct State {
  std::mutex mutex;
  DeviceMemory memory;
  bool initialized = false;
  /// A kernel that failed makes everything after it fail.
  int sticky = Success;
  uint64_t seed = 0, launches = 0, graphLaunches = 0;
  int arch = 80, devices = 1;
  std::vector<Stream *> streams;
  /// Pinned memory of the host.
  std::map<const uint8_t *, size_t> pinned;
  /// The dynamic shared memory that each kernel may have.
  std::map<const void *, uint64_t> dynamicShared;
};

thread_local bool hasContext = false;

uint64_t setting(const char *name, uint64_t otherwise) {
  const char *text = getenv(name);
  return text && *text ? strtoull(text, nullptr, 10) : otherwise;
}

void readSettings(State &state) {
  state.seed = setting("VGPU_SEED", 0);
  state.arch = int(setting("VGPU_ARCH", 80));
  state.devices = int(setting("VGPU_DEVICES", 1));
  state.memory.total = setting("VGPU_MEMORY", uint64_t(16) << 30);
}

State &state() {
  static auto *only = [] {
    auto *made = new State;
    readSettings(*made);
    return made;
  }();
  return *only;
}

using Guard = std::lock_guard<std::mutex>;

/// Errors that hold for all functions that need a device.
int ready() {
  if (!hasContext)
    return InvalidContext;
  return state().sticky;
}

uint8_t *deviceBytes(uint64_t address, size_t bytes) {
  static uint8_t none;
  return bytes == 0 ? &none : state().memory.find(address, bytes);
}

bool isPinned(const void *data) {
  const auto *address = static_cast<const uint8_t *>(data);
  auto after = state().pinned.upper_bound(address);
  return after != state().pinned.begin() &&
         address < std::prev(after)->first + std::prev(after)->second;
}

/// Does what waits in a stream, up to number `end`.
int finish(Stream &stream, uint64_t end = UINT64_MAX) {
  size_t count =
      std::min<uint64_t>(stream.pending.size(), end > stream.done ? end - stream.done : 0);
  std::vector<std::function<void()>> pending(
      std::make_move_iterator(stream.pending.begin()),
      std::make_move_iterator(stream.pending.begin() + std::ptrdiff_t(count)));
  stream.pending.erase(stream.pending.begin(), stream.pending.begin() + std::ptrdiff_t(count));
  stream.done += count;
  for (auto &action : pending) {
    if (state().sticky)
      break;
    try {
      action();
    } catch (const Fault &fault) {
      fprintf(stderr, "vgpu: %s\n", fault.what());
      state().sticky = int(fault.code);
    }
  }
  return state().sticky;
}

int finishAll() {
  for (Stream *stream : state().streams)
    finish(*stream);
  return state().sticky;
}

Stream &streamOf(void *handle) {
  static auto *common = [] {
    auto *made = new Stream;
    state().streams.push_back(made);
    return made;
  }();
  return handle ? *static_cast<Stream *>(handle) : *common;
}

/// Places the variables of a module and tells its kernels where they are.
void link(LoadedModule &loaded) {
  std::map<std::string, uint64_t> addresses;
  for (Variable &variable : loaded.module.globals) {
    if (variable.space == Space::Shared)
      continue;
    uint64_t address = state().memory.allocate(std::max<uint64_t>(variable.bytes, 1), 0);
    std::copy(variable.initial.begin(), variable.initial.end(),
              state().memory.find(address, variable.bytes));
    addresses[variable.name] = address;
    loaded.blocks.push_back(address);
  }
  for (auto &[name, kernel] : loaded.module.kernels)
    for (Instruction &instruction : kernel.code)
      for (Operand &operand : instruction.operands)
        if (auto found = addresses.find(operand.name); found != addresses.end()) {
          operand.value += found->second;
          if (operand.kind == Operand::Kind::Symbol)
            operand.kind = Operand::Kind::Immediate;
        }
}

/// CU_LAUNCH_PARAM_BUFFER_POINTER (1) and CU_LAUNCH_PARAM_BUFFER_SIZE (2), ended by 0: the
/// parameters in one block, which must be neither too short nor too long by more than its padding.
bool takeBlock(void **extra, std::vector<uint8_t> &parameters) {
  const void *block = nullptr;
  size_t bytes = 0;
  for (; *extra; extra += 2) {
    if (*extra == reinterpret_cast<void *>(1))
      block = extra[1];
    else if (*extra == reinterpret_cast<void *>(2))
      bytes = *static_cast<size_t *>(extra[1]);
    else
      return false;
  }
  if (bytes < parameters.size() || bytes >= parameters.size() + 64)
    return false;
  if (!parameters.empty())
    memcpy(parameters.data(), block, parameters.size());
  return true;
}

int launch(const Kernel *kernel, const std::array<uint32_t, 3> &grid,
           const std::array<uint32_t, 3> &block, unsigned sharedBytes, void *stream,
           void **arguments, void **extra) {
  if (int error = ready())
    return error;
  uint64_t threads = uint64_t(block[0]) * block[1] * block[2];
  bool fits = threads > 0 && threads <= 1024 && block[2] <= 64 && grid[0] && grid[1] && grid[2] &&
              grid[0] <= INT32_MAX && grid[1] <= 65535 && grid[2] <= 65535;
  uint64_t most = uint64_t(kernel->maxThreads[0]) * kernel->maxThreads[1] * kernel->maxThreads[2];
  if (!fits || (most && threads > most) ||
      (kernel->requiredThreads[0] && kernel->requiredThreads != block) ||
      kernel->sharedBytes + sharedBytes > 227 * 1024)
    return InvalidValue;
  // More than 48 KiB have to be allowed (cuFuncSetAttribute).
  if (sharedBytes > 48 * 1024 && sharedBytes > state().dynamicShared[kernel])
    return InvalidValue;
  uint32_t cluster = std::max(kernel->requiredCluster, 1u);
  if (cluster > 8 || grid[0] % cluster != 0)
    return InvalidClusterSize;
  Launch request{kernel, grid, block, cluster, sharedBytes, {}};
  request.parameters.assign(kernel->parameterBytes, 0);
  if (arguments && extra)
    return InvalidValue;
  if (extra && !takeBlock(extra, request.parameters))
    return InvalidValue;
  for (size_t i = 0; arguments && i < kernel->parameters.size(); ++i)
    memcpy(request.parameters.data() + kernel->parameters[i].address, arguments[i],
           kernel->parameters[i].bytes);
  uint64_t seed = state().seed + 1000004 * state().launches++;
  streamOf(stream).pending.push_back(
      [request, seed] { Grid(state().memory, request, seed).run(); });
  return Success;
}

} // namespace

#define VGPU_API extern "C" __attribute__((visibility("default"))) int

//===----------------------------------------------------------------------===//
// The device
//===----------------------------------------------------------------------===//

VGPU_API cuInit(unsigned) {
  Guard guard(state().mutex);
  state().initialized = true;
  return state().devices > 0 ? Success : NoDevice;
}

VGPU_API cuDriverGetVersion(int *version) {
  *version = int(setting("VGPU_DRIVER", 13000));
  return Success;
}

VGPU_API cuDeviceGetCount(int *count) {
  *count = state().devices;
  return Success;
}

VGPU_API cuDeviceGet(int *device, int ordinal) {
  *device = ordinal;
  return ordinal >= 0 && ordinal < state().devices ? Success : InvalidDevice;
}

VGPU_API cuDeviceGetName(char *name, int length, int) {
  snprintf(name, size_t(length), "vgpu sm_%d", state().arch);
  return Success;
}

VGPU_API cuDeviceGetAttribute(int *value, int attribute, int) {
  switch (attribute) {
  case 1: // threads of a block
    *value = 1024;
    return Success;
  case 10: // lanes of a warp
    *value = kLanes;
    return Success;
  case 16: // multiprocessors
    *value = int(setting("VGPU_MULTIPROCESSORS", 4));
    return Success;
  case 75: // compute capability, major and minor
    *value = state().arch / 10;
    return Success;
  case 76:
    *value = state().arch % 10;
    return Success;
  case 97: // shared memory of a block, if asked for
    *value = 227 * 1024;
    return Success;
  default:
    return InvalidValue;
  }
}

VGPU_API cuDeviceTotalMem_v2(size_t *bytes, int) {
  *bytes = state().memory.total;
  return Success;
}

VGPU_API cuDevicePrimaryCtxRetain(void **context, int) {
  *context = &state();
  return Success;
}

VGPU_API cuDevicePrimaryCtxRelease_v2(int) { return Success; }

/// Forgets everything: memory, errors, what waits. The settings are read again.
VGPU_API cuDevicePrimaryCtxReset_v2(int) {
  Guard guard(state().mutex);
  for (Stream *stream : state().streams)
    stream->pending.clear();
  state().memory = DeviceMemory();
  state().sticky = Success;
  state().launches = 0;
  readSettings(state());
  return Success;
}

VGPU_API cuCtxSetCurrent(void *context) {
  hasContext = context != nullptr;
  return Success;
}

VGPU_API cuCtxSynchronize() {
  Guard guard(state().mutex);
  if (int error = ready())
    return error;
  return finishAll();
}

VGPU_API cuGetErrorName(int error, const char **name) {
  static const std::map<int, const char *> names = {
      {Success, "CUDA_SUCCESS"},
      {InvalidValue, "CUDA_ERROR_INVALID_VALUE"},
      {OutOfMemory, "CUDA_ERROR_OUT_OF_MEMORY"},
      {NoDevice, "CUDA_ERROR_NO_DEVICE"},
      {InvalidDevice, "CUDA_ERROR_INVALID_DEVICE"},
      {InvalidContext, "CUDA_ERROR_INVALID_CONTEXT"},
      {NoBinaryForGpu, "CUDA_ERROR_NO_BINARY_FOR_GPU"},
      {InvalidPtx, "CUDA_ERROR_INVALID_PTX"},
      {InvalidHandle, "CUDA_ERROR_INVALID_HANDLE"},
      {NotFound, "CUDA_ERROR_NOT_FOUND"},
      {NotReady, "CUDA_ERROR_NOT_READY"},
      {InvalidClusterSize, "CUDA_ERROR_INVALID_CLUSTER_SIZE"},
      {700, "CUDA_ERROR_ILLEGAL_ADDRESS"},
      {702, "CUDA_ERROR_LAUNCH_TIMEOUT"},
      {716, "CUDA_ERROR_MISALIGNED_ADDRESS"},
      {719, "CUDA_ERROR_LAUNCH_FAILED"}};
  auto found = names.find(error);
  *name = found == names.end() ? nullptr : found->second;
  return *name ? Success : InvalidValue;
}

VGPU_API cuGetErrorString(int error, const char **text) { return cuGetErrorName(error, text); }

//===----------------------------------------------------------------------===//
// Modules
//===----------------------------------------------------------------------===//

/// CU_JIT_ERROR_LOG_BUFFER and its size are options 5 and 6.
VGPU_API cuModuleLoadDataEx(void **module, const void *image, unsigned optionCount, int *options,
                            void **values) {
  Guard guard(state().mutex);
  if (int error = ready())
    return error;
  // Assembled code is for real devices.
  if (memcmp(image, "\177ELF", 4) == 0)
    return NoBinaryForGpu;
  try {
    auto loaded = std::make_unique<LoadedModule>();
    loaded->module = parse(static_cast<const char *>(image));
    int wanted = atoi(loaded->module.target.c_str() + 3);
    if (loaded->module.target.starts_with("sm_") && wanted > state().arch)
      throw ParseError(1, "the code is for " + loaded->module.target + ", the device is an sm_" +
                              std::to_string(state().arch));
    link(*loaded);
    *module = loaded.release();
    return Success;
  } catch (const ParseError &error) {
    char *log = nullptr;
    size_t size = 0;
    for (unsigned i = 0; i < optionCount; ++i) {
      if (options[i] == 5)
        log = static_cast<char *>(values[i]);
      else if (options[i] == 6)
        size = reinterpret_cast<size_t>(values[i]);
    }
    if (log && size)
      snprintf(log, size, "%s", error.what());
    return InvalidPtx;
  }
}

VGPU_API cuModuleUnload(void *module) {
  Guard guard(state().mutex);
  finishAll();
  auto *loaded = static_cast<LoadedModule *>(module);
  for (uint64_t block : loaded->blocks)
    state().memory.free(block);
  delete loaded;
  return Success;
}

VGPU_API cuModuleGetFunction(void **function, void *module, const char *name) {
  auto &kernels = static_cast<LoadedModule *>(module)->module.kernels;
  auto found = kernels.find(name);
  if (found == kernels.end())
    return NotFound;
  *function = &found->second;
  return Success;
}

VGPU_API cuFuncSetAttribute(void *function, int attribute, int value) {
  Guard guard(state().mutex);
  if (attribute == 8) { // bytes of dynamic shared memory
    auto bytes = uint64_t(value);
    if (value < 0 || static_cast<Kernel *>(function)->sharedBytes + bytes > 227 * 1024)
      return InvalidValue;
    state().dynamicShared[function] = bytes;
  }
  return Success;
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

VGPU_API cuMemAlloc_v2(uint64_t *address, size_t bytes) {
  Guard guard(state().mutex);
  if (int error = ready())
    return error;
  if (bytes == 0)
    return InvalidValue;
  *address = state().memory.allocate(bytes, garbage(state().seed));
  return *address ? Success : OutOfMemory;
}

VGPU_API cuMemFree_v2(uint64_t address) {
  Guard guard(state().mutex);
  // It waits for the work that may use the memory.
  finishAll();
  return state().memory.free(address) ? Success : InvalidValue;
}

VGPU_API cuMemGetInfo_v2(size_t *free, size_t *total) {
  Guard guard(state().mutex);
  *total = state().memory.total;
  *free = *total - state().memory.used;
  return Success;
}

VGPU_API cuMemHostAlloc(void **data, size_t bytes, unsigned) {
  Guard guard(state().mutex);
  if (int error = ready())
    return error;
  auto *block = static_cast<uint8_t *>(malloc(bytes));
  state().pinned[block] = bytes;
  *data = block;
  return Success;
}

VGPU_API cuMemFreeHost(void *data) {
  Guard guard(state().mutex);
  finishAll();
  if (!state().pinned.erase(static_cast<uint8_t *>(data)))
    return InvalidValue;
  free(data);
  return Success;
}

/// CU_POINTER_ATTRIBUTE_MEMORY_TYPE (2): 1 is the host's, 2 the device's.
VGPU_API cuPointerGetAttribute(void *value, int attribute, uint64_t address) {
  Guard guard(state().mutex);
  if (attribute != 2)
    return InvalidValue;
  bool isDevice = state().memory.find(address, 1);
  if (!isDevice && !isPinned(reinterpret_cast<void *>(address)))
    return InvalidValue;
  *static_cast<unsigned *>(value) = isDevice ? 2 : 1;
  return Success;
}

/// From memory that is not pinned the bytes are taken at once.
VGPU_API cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t bytes, void *stream) {
  Guard guard(state().mutex);
  if (int error = ready())
    return error;
  if (!deviceBytes(to, bytes))
    return InvalidValue;
  if (isPinned(from)) {
    streamOf(stream).pending.push_back([=] { memcpy(deviceBytes(to, bytes), from, bytes); });
    return Success;
  }
  const auto *first = static_cast<const uint8_t *>(from);
  std::vector<uint8_t> staged(first, first + bytes);
  streamOf(stream).pending.push_back([to, staged = std::move(staged)] {
    memcpy(deviceBytes(to, staged.size()), staged.data(), staged.size());
  });
  return Success;
}

/// Into memory that is not pinned the bytes are there when the function returns.
VGPU_API cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t bytes, void *stream) {
  Guard guard(state().mutex);
  if (int error = ready())
    return error;
  if (!deviceBytes(from, bytes))
    return InvalidValue;
  if (isPinned(to)) {
    streamOf(stream).pending.push_back([=] { memcpy(to, deviceBytes(from, bytes), bytes); });
    return Success;
  }
  if (int error = finish(streamOf(stream)))
    return error;
  memcpy(to, deviceBytes(from, bytes), bytes);
  return Success;
}

VGPU_API cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, void *stream) {
  Guard guard(state().mutex);
  if (int error = ready())
    return error;
  if (!deviceBytes(from, bytes) || !deviceBytes(to, bytes))
    return InvalidValue;
  streamOf(stream).pending.push_back(
      [=] { memmove(deviceBytes(to, bytes), deviceBytes(from, bytes), bytes); });
  return Success;
}

VGPU_API cuMemsetD8Async(uint64_t to, unsigned char value, size_t bytes, void *stream) {
  Guard guard(state().mutex);
  if (int error = ready())
    return error;
  if (!deviceBytes(to, bytes))
    return InvalidValue;
  streamOf(stream).pending.push_back([=] { memset(deviceBytes(to, bytes), value, bytes); });
  return Success;
}

//===----------------------------------------------------------------------===//
// Streams, events and launches
//===----------------------------------------------------------------------===//

VGPU_API cuStreamCreate(void **stream, unsigned) {
  Guard guard(state().mutex);
  if (int error = ready())
    return error;
  state().streams.push_back(new Stream);
  *stream = state().streams.back();
  return Success;
}

VGPU_API cuStreamDestroy_v2(void *stream) {
  Guard guard(state().mutex);
  auto *own = static_cast<Stream *>(stream);
  finish(*own);
  std::erase(state().streams, own);
  delete own;
  return Success;
}

VGPU_API cuStreamSynchronize(void *stream) {
  Guard guard(state().mutex);
  if (int error = ready())
    return error;
  return finish(streamOf(stream));
}

VGPU_API cuStreamQuery(void *stream) {
  Guard guard(state().mutex);
  if (int error = ready())
    return error;
  return streamOf(stream).pending.empty() ? Success : NotReady;
}

VGPU_API cuEventCreate(void **event, unsigned) {
  *event = new Event;
  return Success;
}

VGPU_API cuEventDestroy_v2(void *event) {
  delete static_cast<Event *>(event);
  return Success;
}

VGPU_API cuEventRecord(void *event, void *handle) {
  Guard guard(state().mutex);
  Stream &stream = streamOf(handle);
  *static_cast<Event *>(event) = {&stream, stream.done + stream.pending.size()};
  return ready();
}

VGPU_API cuEventSynchronize(void *handle) {
  Guard guard(state().mutex);
  if (int error = ready())
    return error;
  auto *event = static_cast<Event *>(handle);
  return event->stream ? finish(*event->stream, event->end) : Success;
}

VGPU_API cuStreamWaitEvent(void *, void *, unsigned) { return cuCtxSynchronize(); }

/// There is no time here.
VGPU_API cuEventElapsedTime(float *milliseconds, void *, void *) {
  *milliseconds = 0;
  return Success;
}

VGPU_API cuLaunchKernel(void *function, unsigned gridX, unsigned gridY, unsigned gridZ,
                        unsigned blockX, unsigned blockY, unsigned blockZ, unsigned sharedBytes,
                        void *stream, void **arguments, void **extra) {
  Guard guard(state().mutex);
  return launch(static_cast<Kernel *>(function), {gridX, gridY, gridZ}, {blockX, blockY, blockZ},
                sharedBytes, stream, arguments, extra);
}

//===----------------------------------------------------------------------===//
// Graphs
//===----------------------------------------------------------------------===//

VGPU_API cuGraphCreate(void **graph, unsigned flags) {
  *graph = new Graph;
  return flags ? InvalidValue : Success;
}

VGPU_API cuGraphDestroy(void *graph) {
  delete static_cast<Graph *>(graph);
  return Success;
}

/// CUDA_KERNEL_NODE_PARAMS.
struct KernelNodeParams {
  Kernel *function;
  unsigned grid[3], block[3], sharedBytes;
  void **arguments, **extra;
};

/// Each node depends on the one before: other graphs are not made here.
VGPU_API cuGraphAddKernelNode(void **added, void *handle, void *const *dependences, size_t count,
                              const KernelNodeParams *node) {
  auto &nodes = static_cast<Graph *>(handle)->nodes;
  bool isChain = nodes.empty() ? count == 0 : count == 1 && dependences[0] == nodes.back().get();
  if (!isChain)
    return InvalidValue;
  auto made = std::make_unique<Graph::Node>();
  made->kernel = node->function;
  std::copy_n(node->grid, 3, made->grid.begin());
  std::copy_n(node->block, 3, made->block.begin());
  made->sharedBytes = node->sharedBytes;
  made->parameters.assign(node->function->parameterBytes, 0);
  if (!node->extra || !takeBlock(node->extra, made->parameters))
    return InvalidValue;
  *added = made.get();
  nodes.push_back(std::move(made));
  return Success;
}

VGPU_API cuGraphInstantiateWithFlags(void **executable, void *graph, unsigned long long) {
  auto copy = std::make_unique<Graph>();
  for (const auto &node : static_cast<Graph *>(graph)->nodes)
    copy->nodes.push_back(std::make_unique<Graph::Node>(*node));
  *executable = copy.release();
  return Success;
}

VGPU_API cuGraphExecDestroy(void *executable) {
  Guard guard(state().mutex);
  finishAll();
  delete static_cast<Graph *>(executable);
  return Success;
}

VGPU_API cuGraphLaunch(void *executable, void *stream) {
  Guard guard(state().mutex);
  state().graphLaunches++;
  for (const auto &node : static_cast<Graph *>(executable)->nodes) {
    size_t bytes = node->parameters.size();
    void *extra[] = {reinterpret_cast<void *>(1), node->parameters.data(),
                     reinterpret_cast<void *>(2), &bytes, nullptr};
    if (int error = launch(node->kernel, node->grid, node->block, node->sharedBytes, stream,
                           nullptr, extra))
      return error;
  }
  return Success;
}

/// For tests: how many graphs have been launched.
VGPU_API vgpuGraphLaunches() { return int(state().graphLaunches); }

//===----------------------------------------------------------------------===//
// Tensor maps
//===----------------------------------------------------------------------===//

VGPU_API cuTensorMapEncodeTiled(void *map, int type, unsigned rank, uint64_t address,
                                const uint64_t *extents, const uint64_t *strides,
                                const unsigned *box, const unsigned *elementStrides, int interleave,
                                int swizzle, int promotion, int fill) {
  Guard guard(state().mutex);
  if (state().arch < 90 || reinterpret_cast<uintptr_t>(map) % 64 != 0 || promotion < 0 ||
      promotion > 3)
    return InvalidValue;
  TensorMap encoded;
  if (const char *reason = encodeTensorMap(encoded, type, rank, address, extents, strides, box,
                                           elementStrides, interleave, swizzle, fill)) {
    fprintf(stderr, "vgpu: no tensor map: %s\n", reason);
    return InvalidValue;
  }
  memset(map, 0, 128);
  memcpy(map, &encoded, sizeof encoded);
  return Success;
}
