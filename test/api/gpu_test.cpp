//===- gpu_test.cpp - the public API on a GPU, end to end -----------------===//
//
// usage: gpu-test NAME, one of the tests in the table at the end. Runs on what TLRT_LIBCUDA names.
// Exits with 1 and says what differs, or prints "ok".
//
//===----------------------------------------------------------------------===//

#include "tlc/tlc.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>

namespace {

#define CHECK(condition)                                                                           \
  if (!(condition)) {                                                                              \
    std::fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition);             \
    std::exit(1);                                                                                  \
  }

template <typename T> T take(tlc::Expected<T> value) {
  if (!value) {
    std::fprintf(stderr, "%s\n", value.error().message().c_str());
    std::exit(1);
  }
  return *value;
}

tlc::Options onGpu(int device = -1) {
  tlc::Options options;
  options.target = tlc::Target::Gpu;
  options.gpuDevice = device;
  options.diskCache = false;
  return options;
}

/// Small whole numbers: every order of the sums gives the same.
tlc::Tensor numbers(std::vector<int64_t> shape, int factor) {
  tlc::Tensor tensor = take(tlc::Tensor::zeros(tlc::DType::F32, std::move(shape)));
  for (int64_t i = 0; i < tensor.size(); ++i)
    tensor.data<float>()[i] = static_cast<float>(i * factor % 7 - 3);
  return tensor;
}

bool areEqual(const tlc::Tensor &a, const tlc::Tensor &b) {
  return a.shape() == b.shape() &&
         std::memcmp(a.raw(), b.raw(), static_cast<size_t>(a.size()) * sizeof(float)) == 0;
}

bool says(const tlc::Error &error, const char *text) {
  bool found = error.message().find(text) != std::string::npos;
  if (!found)
    std::fprintf(stderr, "%s\n", error.message().c_str());
  return found;
}

const std::vector<tlc::TensorType> matrices = {{tlc::DType::F32, {20, 24}},
                                               {tlc::DType::F32, {24, 18}}};

void deviceTensors() {
  tlc::Tensor a = numbers({20, 24}, 3), b = numbers({24, 18}, 5);
  tlc::Tensor expected = take(tlc::einsum("ij,jk->ik", {a.view(), b.view()}));
  tlc::Function f = take(tlc::compileEinsum("ij,jk->ik", matrices, onGpu()));
  tlc::Tensor deviceA = take(a.toGpu()), deviceB = take(b.toGpu());
  CHECK(deviceA.isOnGpu() && !a.isOnGpu() && areEqual(take(deviceA.toHost()), a));
  CHECK(deviceA.str() == a.str() && deviceA.json() == a.json());

  // All inputs there: the result is there, too.
  tlc::Tensor there = take(f({deviceA.view(), deviceB.view()})).front();
  CHECK(there.isOnGpu() && areEqual(take(there.toHost()), expected));
  // Some here: the result is here.
  tlc::Tensor here = take(f({deviceA.view(), b.view()})).front();
  CHECK(!here.isOnGpu() && areEqual(here, expected));
  // Into memory of the caller, there and here.
  tlc::Tensor output = take(numbers({20, 18}, 1).toGpu()), outputHere = numbers({20, 18}, 1);
  CHECK(f.call({a.view(), b.view()}, {output.view()}));
  CHECK(areEqual(take(output.toHost()), expected));
  CHECK(f.call({deviceA.view(), deviceB.view()}, {outputHere.view()}));
  CHECK(areEqual(outputHere, expected));
}

void refusals() {
  tlc::Function f = take(tlc::compileEinsum("ij,jk->ik", matrices, onGpu()));
  tlc::Tensor a = take(numbers({24, 20}, 3).toGpu()), b = take(numbers({24, 18}, 5).toGpu());
  tlc::View transposed{a.raw(), tlc::DType::F32, {20, 24}, {1, 20}};
  auto strided = f({transposed, b.view()});
  CHECK(!strided && strided.error().exitCode() == 3);
  CHECK(says(strided.error(), "input '0' is on the GPU, where tensors must be dense"));
  void *second = static_cast<char *>(a.raw()) + 4;
  auto shifted = f({tlc::View::contiguous(second, tlc::DType::F32, {20, 24}), b.view()});
  CHECK(!shifted && says(shifted.error(), "where tensors begin at multiples of 16 bytes"));
  auto overlapping = f.call({tlc::View::contiguous(a.raw(), tlc::DType::F32, {20, 24}), b.view()},
                            {tlc::View::contiguous(b.raw(), tlc::DType::F32, {20, 18})});
  CHECK(!overlapping && says(overlapping.error(), "overlaps an input"));
}

/// A program of several kernels, called again and again.
void graphs() {
  auto program = take(tlc::Program::compile("input X[i, j]\n"
                                            "domain i = 12; domain j = 10\n"
                                            "S[i] = X[i, j]\n"
                                            "Y[i, j] = X[i, j] / (1 + S[i] ^ 2)\n"
                                            "Z[j] = Y[i, j] X[i, j]\n"
                                            "output Z",
                                            onGpu()));
  tlc::Tensor x = take(numbers({12, 10}, 3).toGpu());
  CHECK(program.set("X", x.view()));
  std::string first;
  for (int call = 0; call < 5; ++call) {
    CHECK(program.run());
    std::string result = take(program.get("Z")).str();
    CHECK(call == 0 || result == first);
    first = result;
  }
  void *driver = dlopen(std::getenv("TLRT_LIBCUDA"), RTLD_NOW);
  CHECK(driver);
  auto count = reinterpret_cast<int (*)()>(dlsym(driver, "vgpuGraphLaunches"));
  // The program keeps its last result: a new one is in another block, every second in the same. The
  // first two calls are new, the others are graphs.
  CHECK(count && count() == 3);
}

/// Needs VGPU_DEVICES=2.
void severalDevices() {
  tlc::Tensor a = numbers({20, 24}, 3), b = numbers({24, 18}, 5);
  tlc::Tensor expected = take(tlc::einsum("ij,jk->ik", {a.view(), b.view()}));
  for (int device : {0, 1, 0}) {
    tlc::Function f = take(tlc::compileEinsum("ij,jk->ik", matrices, onGpu(device)));
    tlc::Tensor there = take(f({take(a.toGpu(device)).view(), take(b.toGpu(device)).view()}))[0];
    CHECK(areEqual(take(there.toHost()), expected));
  }
  tlc::Function f = take(tlc::compileEinsum("ij,jk->ik", matrices, onGpu(2)));
  auto none = f({a.view(), b.view()});
  CHECK(!none && none.error().exitCode() == 3);
  CHECK(says(none.error(), "device 2 is asked for, the driver has 2"));
  CHECK(!a.toGpu(2));
}

const struct {
  const char *name;
  void (*run)();
} tests[] = {{"device-tensors", deviceTensors},
             {"refusals", refusals},
             {"graphs", graphs},
             {"several-devices", severalDevices}};

} // namespace

int main(int argc, char **argv) {
  for (const auto &test : tests)
    if (argc == 2 && std::strcmp(argv[1], test.name) == 0) {
      test.run();
      std::puts("ok");
      return 0;
    }
  std::fprintf(stderr, "usage: gpu-test NAME\n");
  return 2;
}
