//===- Tensor.cpp - tensors of the public API -----------------------------===//

#include "compiler/api/NumpyPrint.h"
#include "compiler/api/TensorAccess.h"
#include "compiler/support/DType.h"

#include <fmt/format.h>

#include <cstring>

namespace tlc {

Error runtimeError(const tlrt_context *context, int32_t status) {
  return {static_cast<ErrorKind>(status), fmt::format("error: {}", tlrt_context_message(context))};
}

tlrt_view toRuntime(const View &view) {
  return {view.data, const_cast<int64_t *>(view.shape.data()),
          const_cast<int64_t *>(view.strides.data()), static_cast<int32_t>(view.shape.size()),
          static_cast<int32_t>(view.type)};
}

View View::contiguous(void *data, DType type, std::vector<int64_t> shape) {
  std::vector<int64_t> strides(shape.size());
  int64_t stride = 1;
  for (size_t i = shape.size(); i-- > 0; stride *= shape[i])
    strides[i] = stride;
  return {data, type, std::move(shape), std::move(strides)};
}

void copyElements(const View &from, const View &to) {
  int64_t bytes = byteSize(from.type), count = 1;
  for (int64_t extent : from.shape)
    count *= extent;
  std::vector<int64_t> at(from.shape.size(), 0);
  for (int64_t i = 0; i < count; ++i) {
    int64_t source = 0, target = 0;
    for (size_t axis = 0; axis < at.size(); ++axis) {
      source += at[axis] * from.strides[axis];
      target += at[axis] * to.strides[axis];
    }
    std::memcpy(static_cast<char *>(to.data) + target * bytes,
                static_cast<const char *>(from.data) + source * bytes, static_cast<size_t>(bytes));
    for (size_t axis = at.size(); axis-- > 0 && ++at[axis] == from.shape[axis];)
      at[axis] = 0;
  }
}

Expected<Tensor> copyToTensor(const View &view) {
  Expected<Tensor> tensor = Tensor::zeros(view.type, view.shape);
  if (tensor)
    copyElements(view, tensor->view());
  return tensor;
}

int64_t Tensor::size() const {
  int64_t count = 1;
  for (int64_t extent : extents)
    count *= extent;
  return count;
}

Expected<Tensor> Tensor::zeros(DType type, std::vector<int64_t> shape) {
  int64_t bytes = byteSize(type);
  for (int64_t extent : shape)
    if (extent < 0 || __builtin_mul_overflow(bytes, extent, &bytes))
      return Error(ErrorKind::Resource,
                   fmt::format("error: a tensor of shape [{}] does not fit in memory",
                               fmt::join(shape, ", ")));
  void *memory = std::calloc(static_cast<size_t>(std::max<int64_t>(bytes, 1)), 1);
  if (!memory)
    return Error(ErrorKind::Resource, fmt::format("error: no memory for {} bytes", bytes));
  return TensorAccess::make(std::shared_ptr<void>(memory, std::free), type, std::move(shape));
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

Expected<Tensor> Tensor::read(const std::string &path) {
  RuntimeContext context(tlrt_context_create(1));
  tlrt_tensor tensor = {};
  if (int32_t status = tlrt_read(context.get(), path.c_str(), &tensor)) {
    tlrt_tensor_free(context.get(), &tensor);
    return runtimeError(context.get(), status);
  }
  // The memory belongs to the context, which lives as long as the tensor does.
  std::shared_ptr<tlrt_context> owner(context.release(), ContextDeleter());
  std::shared_ptr<void> memory(tensor.view.data,
                               [owner](void *data) { tlrt_release(owner.get(), data); });
  return TensorAccess::make(std::move(memory), static_cast<DType>(tensor.view.dtype),
                            {tensor.shape, tensor.shape + tensor.view.rank});
}

Expected<void> Tensor::write(const std::string &path) const {
  if (onGpu) {
    Expected<Tensor> host = toHost();
    return host ? host->write(path) : Expected<void>(host.error());
  }
  RuntimeContext context(tlrt_context_create(1));
  View source = view();
  tlrt_view runtimeView = toRuntime(source);
  if (int32_t status = tlrt_write(context.get(), path.c_str(), &runtimeView))
    return runtimeError(context.get(), status);
  return {};
}

//===----------------------------------------------------------------------===//
// Conversion
//===----------------------------------------------------------------------===//

Expected<Tensor> Tensor::cast(DType type) const {
  if (type == elementType)
    return *this;
  if (onGpu) {
    Expected<Tensor> host = toHost();
    return host ? host->cast(type) : host;
  }
  Expected<Tensor> result = zeros(type, extents);
  if (!result)
    return result;
  RuntimeContext context(tlrt_context_create(1));
  View source = view();
  tlrt_view from = toRuntime(source);
  if (int32_t status =
          tlrt_convert(context.get(), &from, static_cast<int32_t>(type), "a tensor", result->raw()))
    return runtimeError(context.get(), status);
  return result;
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

std::string Tensor::str(int64_t threshold) const {
  Expected<Tensor> host = toHost();
  return host ? printLikeNumpy(*host, threshold) : host.error().message();
}

namespace {

void appendNested(const Tensor &tensor, size_t axis, int64_t &offset, std::string &text) {
  if (axis == tensor.shape().size()) {
    text += elementAsJson(tensor, offset++);
    return;
  }
  text += '[';
  for (int64_t i = 0; i < tensor.shape()[axis]; ++i) {
    if (i)
      text += ", ";
    appendNested(tensor, axis + 1, offset, text);
  }
  text += ']';
}

/// Reads "2.5", "[[1, 2], [3, 4]]".
class ValueParser {
public:
  explicit ValueParser(const std::string &text) : text(text) {}

  Expected<Tensor> parse() {
    if (!parseItem(0) || !atEnd())
      return Error(ErrorKind::Data,
                   fmt::format("error: '{}' is neither a file, a number nor a list of equal rows, "
                               "such as 2.5 or [[1, 2], [3, 4]]",
                               text));
    DType type = isBool ? DType::Bool : isReal ? DType::F64 : DType::I64;
    Expected<Tensor> tensor = Tensor::zeros(type, shape);
    for (size_t i = 0; tensor && i < reals.size(); ++i) {
      if (isBool)
        tensor->data<uint8_t>()[i] = integers[i] != 0;
      else if (isReal)
        tensor->data<double>()[i] = reals[i];
      else
        tensor->data<int64_t>()[i] = integers[i];
    }
    return tensor;
  }

private:
  void skipBlanks() { at = std::min(text.find_first_not_of(" \t\n", at), text.size()); }
  bool consume(char c) {
    skipBlanks();
    if (at >= text.size() || text[at] != c)
      return false;
    ++at;
    return true;
  }
  bool atEnd() {
    skipBlanks();
    return at == text.size();
  }

  bool parseItem(size_t depth) {
    if (!consume('['))
      return depth == shape.size() && parseNumber();
    if (depth == shape.size()) {
      if (!reals.empty() || depth >= TLRT_MAX_RANK)
        return false;
      shape.push_back(-1);
    }
    int64_t count = 0;
    if (!consume(']')) {
      do {
        if (!parseItem(depth + 1))
          return false;
        ++count;
      } while (consume(','));
      if (!consume(']'))
        return false;
    }
    if (shape[depth] < 0)
      shape[depth] = count;
    return shape[depth] == count;
  }

  bool parseNumber() {
    skipBlanks();
    for (bool value : {false, true}) {
      std::string word = value ? "true" : "false";
      if (text.compare(at, word.size(), word) == 0) {
        at += word.size();
        isBool = true;
        reals.push_back(value);
        integers.push_back(value);
        return true;
      }
    }
    const char *begin = text.c_str() + at;
    char *end = nullptr;
    double real = std::strtod(begin, &end);
    size_t length = static_cast<size_t>(end - begin);
    if (length == 0)
      return false;
    isReal |= text.substr(at, length).find_first_of(".eEnN") != std::string::npos;
    integers.push_back(std::strtoll(begin, nullptr, 10));
    reals.push_back(real);
    at += length;
    return true;
  }

  const std::string &text;
  size_t at = 0;
  std::vector<int64_t> shape;
  std::vector<double> reals;
  std::vector<int64_t> integers;
  bool isReal = false, isBool = false;
};

} // namespace

Expected<Tensor> Tensor::parse(const std::string &text) { return ValueParser(text).parse(); }

std::string Tensor::json() const {
  std::string values = "null"; // where a GPU does not give the elements
  int64_t offset = 0;
  if (Expected<Tensor> host = toHost()) {
    values.clear();
    appendNested(*host, 0, offset, values);
  }
  return fmt::format("{{\"type\": \"{}\", \"shape\": [{}], \"values\": {}}}", name(elementType),
                     fmt::join(extents, ", "), values);
}

} // namespace tlc
