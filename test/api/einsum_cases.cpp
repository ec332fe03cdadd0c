//===- einsum_cases.cpp - computes listed einsums on strided views --------===//
//
// usage: einsum-cases cases.tsv SEED THREADS [reference]
//
// A line holds an equation, an element type, the file for the result and the operands'
// files, each followed by ':' and the axes along which its slices are equal. Every operand
// and result is laid out anew with a random order of axes, gaps, negative strides and, along
// those axes, zero strides.
//
//===----------------------------------------------------------------------===//

#include "tlc/tlc.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <numeric>
#include <random>
#include <sstream>

namespace {

const std::map<std::string, tlc::DType> types = {
    {"bool", tlc::DType::Bool}, {"i32", tlc::DType::I32},   {"i64", tlc::DType::I64},
    {"f16", tlc::DType::F16},   {"bf16", tlc::DType::BF16}, {"f32", tlc::DType::F32},
    {"f64", tlc::DType::F64},   {"c64", tlc::DType::C64},   {"c128", tlc::DType::C128}};

int64_t elementBytes(tlc::DType type) {
  constexpr int64_t bytes[] = {1, 1, 4, 8, 2, 2, 4, 8, 8, 16};
  return bytes[static_cast<int>(type)];
}

/// Memory and a view of it with unusual strides.
struct Layout {
  std::vector<char> memory;
  tlc::View view;
};

template <typename Random>
Layout randomLayout(tlc::DType type, const std::vector<int64_t> &shape,
                    const std::vector<bool> &isConstant, Random &random) {
  size_t rank = shape.size();
  std::vector<size_t> order(rank);
  std::iota(order.begin(), order.end(), 0);
  if (random() % 2)
    std::shuffle(order.begin(), order.end(), random);
  Layout layout;
  layout.view = {nullptr, type, shape, std::vector<int64_t>(rank, 0)};
  int64_t elements = 1, start = 0;
  for (size_t i = rank; i-- > 0;) {
    size_t axis = order[i];
    if (isConstant[axis])
      continue;
    int64_t step = elements * (random() % 4 == 0 ? 2 : 1);
    bool isReversed = random() % 4 == 0 && shape[axis] > 0;
    layout.view.strides[axis] = isReversed ? -step : step;
    start += isReversed ? step * (shape[axis] - 1) : 0;
    elements = step * std::max<int64_t>(shape[axis], 1);
  }
  layout.memory.resize(static_cast<size_t>(elements * elementBytes(type)));
  layout.view.data = layout.memory.data() + start * elementBytes(type);
  return layout;
}

/// Copies between a row-major tensor and a view.
void copy(const tlc::Tensor &dense, const tlc::View &view, bool toView) {
  int64_t bytes = elementBytes(dense.type());
  std::vector<int64_t> at(view.shape.size(), 0);
  for (int64_t i = 0; i < dense.size(); ++i) {
    int64_t offset = 0;
    for (size_t axis = 0; axis < at.size(); ++axis)
      offset += at[axis] * view.strides[axis];
    char *element = static_cast<char *>(view.data) + offset * bytes;
    char *flat = dense.data<char>() + i * bytes;
    std::memcpy(toView ? element : flat, toView ? flat : element, static_cast<size_t>(bytes));
    for (size_t axis = at.size(); axis-- > 0 && ++at[axis] == view.shape[axis];)
      at[axis] = 0;
  }
}

[[noreturn]] void fail(const std::string &line, const tlc::Error &error) {
  std::fprintf(stderr, "%s\n%s\n", line.c_str(), error.message().c_str());
  std::exit(1);
}

template <typename T> T take(const std::string &line, tlc::Expected<T> value) {
  if (!value)
    fail(line, value.error());
  return *value;
}

template <typename Random>
Layout readOperand(const std::string &line, const std::string &field, tlc::DType type,
                   Random &random) {
  size_t colon = field.rfind(':');
  tlc::Tensor tensor = take(line, tlc::Tensor::read(field.substr(0, colon)));
  if (tensor.type() != type)
    tensor = take(line, tensor.cast(type));
  std::vector<bool> isConstant(tensor.shape().size(), false);
  std::stringstream axes(field.substr(colon + 1));
  for (std::string axis; std::getline(axes, axis, '+');)
    isConstant[static_cast<size_t>(std::stoi(axis))] = true;
  Layout layout = randomLayout(type, tensor.shape(), isConstant, random);
  copy(tensor, layout.view, /*toView=*/true);
  return layout;
}

void runCase(const std::string &line, std::mt19937 &random, const tlc::Options &options) {
  std::stringstream stream(line);
  std::vector<std::string> fields;
  for (std::string field; std::getline(stream, field, '\t');)
    fields.push_back(field);
  tlc::DType type = types.at(fields[1]);
  std::vector<Layout> operands;
  std::vector<tlc::View> views;
  std::vector<tlc::TensorType> operandTypes;
  for (size_t i = 3; i < fields.size(); ++i) {
    operands.push_back(readOperand(line, fields[i], type, random));
    views.push_back(operands.back().view);
    std::vector<int64_t> shape = views.back().shape;
    operandTypes.push_back({type, std::move(shape)});
  }
  tlc::Function function = take(line, tlc::compileEinsum(fields[0], operandTypes, options));
  tlc::Tensor result = take(line, tlc::Tensor::zeros(type, function.outputs().front().type.shape));
  Layout output =
      randomLayout(type, result.shape(), std::vector<bool>(result.shape().size(), false), random);
  if (auto done = function.call(views, {output.view}); !done)
    fail(line, done.error());
  copy(result, output.view, /*toView=*/false);
  if (type == tlc::DType::BF16)
    result = take(line, result.cast(tlc::DType::F32));
  if (auto written = result.write(fields[2]); !written)
    fail(line, written.error());
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: einsum-cases cases.tsv SEED THREADS [reference]\n");
    return 2;
  }
  tlc::Options options;
  options.threads = std::atoi(argv[3]);
  if (argc > 4)
    options.target = tlc::Target::Reference;
  std::mt19937 random(static_cast<unsigned>(std::atoi(argv[2])));
  std::ifstream file(argv[1]);
  for (std::string line; std::getline(file, line);)
    runCase(line, random, options);
  return 0;
}
