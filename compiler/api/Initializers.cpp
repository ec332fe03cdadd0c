//===- Initializers.cpp - first values of params --------------------------===//
//
// Random numbers come from a counter: element i of param W is a function of (W, i) only,
// through the mixing function of SplitMix64 (Steele, Lea, Flood 2014). Normal deviates by
// Box and Muller; glorot is uniform in +-sqrt(6 / (rows + columns)) (Glorot, Bengio 2010),
// where columns is the last extent and rows the product of the others.
//
//===----------------------------------------------------------------------===//

#include "compiler/api/Initializers.h"

#include "compiler/support/DType.h"
#include "tlrt/io.h"

#include <fmt/format.h>

#include <cmath>
#include <functional>

namespace tlc {
namespace {

uint64_t mix(uint64_t z) {
  z += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

uint64_t seedOf(const std::string &name) {
  uint64_t seed = 0;
  for (unsigned char c : name)
    seed = mix(seed ^ c);
  return seed;
}

/// In (0, 1).
double uniformAt(uint64_t seed, uint64_t counter) {
  return (static_cast<double>(mix(seed ^ mix(counter)) >> 11) + 0.5) * 0x1p-53;
}

double normalAt(uint64_t seed, uint64_t i) {
  double radius = std::sqrt(-2 * std::log(uniformAt(seed, 2 * i)));
  return radius * std::cos(2 * M_PI * uniformAt(seed, 2 * i + 1));
}

void store(const Tensor &tensor, int64_t i, double value) {
  switch (tensor.type()) {
  case DType::Bool:
    tensor.data<uint8_t>()[i] = value != 0;
    break;
  case DType::I8:
    tensor.data<int8_t>()[i] = static_cast<int8_t>(value);
    break;
  case DType::I32:
    tensor.data<int32_t>()[i] = static_cast<int32_t>(value);
    break;
  case DType::I64:
    tensor.data<int64_t>()[i] = static_cast<int64_t>(value);
    break;
  case DType::F16:
    tensor.data<uint16_t>()[i] = tlrt_float_to_half(static_cast<float>(value));
    break;
  case DType::BF16:
    tensor.data<uint16_t>()[i] = tlrt_float_to_bfloat(static_cast<float>(value));
    break;
  case DType::F32:
    tensor.data<float>()[i] = static_cast<float>(value);
    break;
  case DType::F64:
    tensor.data<double>()[i] = value;
    break;
  case DType::C64:
    tensor.data<float>()[2 * i] = static_cast<float>(value);
    break;
  case DType::C128:
    tensor.data<double>()[2 * i] = value;
    break;
  }
}

/// 1 where all positions are equal.
double eyeAt(const std::vector<int64_t> &shape, int64_t i) {
  int64_t last = -1;
  for (size_t axis = shape.size(); axis-- > 0; i /= shape[axis]) {
    int64_t position = i % shape[axis];
    if (last >= 0 && position != last)
      return 0;
    last = position;
  }
  return 1;
}

} // namespace

Expected<Tensor> initialize(const std::string &paramName, DType type,
                            const std::vector<int64_t> &shape, const std::string &initializer,
                            const std::vector<double> &arguments) {
  auto argument = [&](size_t i, double otherwise) {
    return i < arguments.size() ? arguments[i] : otherwise;
  };
  uint64_t seed = seedOf(paramName);
  std::function<double(int64_t)> value;
  if (initializer == "zeros") {
    value = [](int64_t) { return 0.0; };
  } else if (initializer == "ones") {
    value = [](int64_t) { return 1.0; };
  } else if (initializer == "eye") {
    value = [&](int64_t i) { return eyeAt(shape, i); };
  } else if (initializer == "normal") {
    value = [=](int64_t i) {
      return argument(0, 0) + argument(1, 1) * normalAt(seed, static_cast<uint64_t>(i));
    };
  } else if (initializer == "uniform" || initializer == "glorot") {
    double columns = shape.empty() ? 1 : static_cast<double>(shape.back()), rows = 1;
    for (size_t i = 0; i + 1 < shape.size(); ++i)
      rows *= static_cast<double>(shape[i]);
    bool isGlorot = initializer == "glorot";
    double limit = std::sqrt(6 / std::max(1.0, rows + columns));
    double low = isGlorot ? -limit : argument(0, 0), high = isGlorot ? limit : argument(1, 1);
    value = [=](int64_t i) {
      return low + (high - low) * uniformAt(seed, static_cast<uint64_t>(i));
    };
  } else {
    return Error(ErrorKind::Data,
                 fmt::format("param '{}' has no initialiser: give its value", paramName));
  }
  Expected<Tensor> tensor = Tensor::zeros(type, shape);
  if (tensor)
    for (int64_t i = 0, n = tensor->size(); i < n; ++i)
      store(*tensor, i, value(i));
  return tensor;
}

} // namespace tlc
