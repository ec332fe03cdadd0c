//===- memory_cases.cpp - contractions under limits of memory -------------===//
//
// memory-cases COUNT: random networks whose best order needs a lot, each under a limit between what
// operands and result take and that. Either it is refused, and then nothing was allocated, or the
// results are the same, what the runtime allocated is within the limit, and not above the model by
// more than 5 % and 64 MiB.
//
//===----------------------------------------------------------------------===//

#include "tlc/tlc.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

namespace {

std::mt19937 source(5);

int pick(int low, int high) {
  return low + static_cast<int>(source() % static_cast<unsigned>(high - low + 1));
}

struct Network {
  std::string equation;
  std::vector<tlc::TensorType> operands;
  double operandBytes = 0;
};

/// Tensors in a ring with chords, on a batch index now and then; a few open legs.
Network randomNetwork(tlc::DType type, int64_t elementBytes) {
  int n = pick(5, 9), extent = pick(4, 12), next = 0;
  std::vector<std::vector<int>> inputs(n);
  std::vector<int64_t> sizes;
  std::vector<int> output;
  auto join = [&](std::vector<int> holders, bool isOpen) {
    sizes.push_back(std::max(2, extent + pick(-2, 2)));
    for (int holder : holders)
      inputs[holder].push_back(next);
    if (isOpen)
      output.push_back(next);
    ++next;
  };
  for (int i = 0; i < n; ++i)
    join({i, (i + 1) % n}, false);
  for (int i = 0; i < n; ++i)
    if (int other = pick(0, n - 1); other != i && inputs[i].size() < 4)
      join({i, other}, pick(0, 5) == 0);
  join({pick(0, n - 1)}, true);
  auto name = [](const std::vector<int> &indices) {
    std::string text;
    for (int index : indices)
      text += static_cast<char>('a' + index);
    return text;
  };
  Network network;
  for (const std::vector<int> &input : inputs) {
    network.equation += (network.operands.empty() ? "" : ",") + name(input);
    std::vector<int64_t> shape;
    double bytes = double(elementBytes);
    for (int index : input) {
      shape.push_back(sizes[index]);
      bytes *= double(sizes[index]);
    }
    network.operandBytes += bytes;
    network.operands.push_back({type, shape});
  }
  network.equation += "->" + name(output);
  return network;
}

std::vector<tlc::Tensor> fill(const Network &network) {
  std::vector<tlc::Tensor> tensors;
  for (const tlc::TensorType &operand : network.operands) {
    tlc::Tensor tensor = *tlc::Tensor::zeros(tlc::DType::F64, operand.shape);
    for (int64_t i = 0; i < tensor.size(); ++i)
      tensor.data<double>()[i] = 0.25 * pick(-2, 2);
    tensors.push_back(*tensor.cast(operand.type));
  }
  return tensors;
}

bool areClose(const tlc::Tensor &a, const tlc::Tensor &b) {
  tlc::Tensor x = *a.cast(tlc::DType::F64), y = *b.cast(tlc::DType::F64);
  double largest = 0, difference = 0;
  for (int64_t i = 0; i < x.size(); ++i) {
    largest = std::max(largest, std::abs(x.data<double>()[i]));
    difference = std::max(difference, std::abs(x.data<double>()[i] - y.data<double>()[i]));
  }
  return difference <= 1e-2 * largest + 1e-6;
}

int failures = 0, sliced = 0, refused = 0, unlimited = 0;

void fail(const Network &network, const char *what, double a, double b) {
  ++failures;
  std::printf("%s: %s: %.0f and %.0f\n", network.equation.c_str(), what, a, b);
}

void runCase(int number) {
  constexpr tlc::DType types[] = {tlc::DType::F32, tlc::DType::F64, tlc::DType::BF16};
  constexpr int64_t bytes[] = {4, 8, 2};
  Network network = randomNetwork(types[number % 3], bytes[number % 3]);
  tlc::Options options;
  options.diskCache = false;
  auto free = tlc::compileEinsum(network.equation, network.operands, options);
  if (!free)
    return fail(network, free.error().message().c_str(), 0, 0);
  std::vector<tlc::Tensor> tensors = fill(network);
  std::vector<tlc::View> inputs;
  for (const tlc::Tensor &tensor : tensors)
    inputs.push_back(tensor.view());
  auto expected = (*free)(inputs);
  if (!expected)
    return fail(network, expected.error().message().c_str(), 0, 0);
  double peak = free->plans()[0].peakBytes;
  double callers = network.operandBytes + double(expected->front().size() * bytes[number % 3]);
  double share = 0.02 + 0.13 * pick(0, 7);
  options.memoryLimit = static_cast<uint64_t>(callers + share * (peak - callers));
  auto limited = tlc::compileEinsum(network.equation, network.operands, options);
  if (!limited) {
    ++refused;
    if (limited.error().kind() != tlc::ErrorKind::Resource)
      fail(network, limited.error().message().c_str(), 0, 0);
    return;
  }
  sliced += limited->plans()[0].slices > 1;
  unlimited += limited->plans()[0].slices == 1;
  auto results = (*limited)(inputs);
  if (!results)
    return fail(network, results.error().message().c_str(), 0, 0);
  if (!areClose(expected->front(), results->front()))
    fail(network, "other results in slices", limited->plans()[0].slices, 0);
  double model = limited->plans()[0].peakBytes - network.operandBytes;
  double measured = double(limited->peakBytes());
  if (measured > 1.05 * model + double(64 << 20))
    fail(network, "allocated and modelled", measured, model);
  if (measured + network.operandBytes > double(options.memoryLimit))
    fail(network, "allocated and limit", measured, double(options.memoryLimit));
}

} // namespace

int main(int argc, char **argv) {
  int count = argc > 1 ? std::atoi(argv[1]) : 10;
  for (int number = 0; number < count; ++number)
    runCase(number);
  std::printf("%d networks: %d sliced, %d in another order or the same, %d refused, %d failures\n",
              count, sliced, unlimited, refused, failures);
  return failures != 0;
}
