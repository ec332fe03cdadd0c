//===- CompiledFunction.cpp - machine code and what belongs to it ---------===//
//
// One function visits the fields of each struct, for both directions:
//
//   visit(writer, plan)    appends the fields
//   visit(reader, plan)    fills them in
//
//===----------------------------------------------------------------------===//

#include "compiler/api/CompiledFunction.h"

#include <cstring>
#include <type_traits>

namespace tlc {
namespace {

/// T is U, to read or to fill in.
template <typename T, typename U>
concept Is = std::is_same_v<std::remove_const_t<T>, U>;

void visit(auto &archive, Is<PlanStep> auto &step);
void visit(auto &archive, Is<Plan> auto &plan);
void visit(auto &archive, Is<Binding> auto &binding);

/// Numbers as in memory, texts and lists with their length.
class Writer {
public:
  template <typename T> void operator()(const T &value) {
    if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>)
      bytes.append(reinterpret_cast<const char *>(&value), sizeof value);
    else
      visit(*this, value);
  }
  void operator()(const std::string &text) {
    uint64_t size = text.size();
    (*this)(size);
    bytes += text;
  }
  template <typename T> void operator()(const std::vector<T> &list) {
    uint64_t size = list.size();
    (*this)(size);
    for (const T &element : list)
      (*this)(element);
  }

  std::string bytes;
};

/// Reads what Writer wrote. After an end that comes too early, every value is zero or empty.
class Reader {
public:
  explicit Reader(std::string_view bytes) : bytes(bytes) {}

  template <typename T> void operator()(T &value) {
    if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
      std::string_view taken = take(sizeof value);
      value = T();
      if (!failed)
        std::memcpy(&value, taken.data(), sizeof value);
    } else {
      visit(*this, value);
    }
  }
  void operator()(std::string &text) { text = take(readSize()); }
  template <typename T> void operator()(std::vector<T> &list) {
    list.resize(readSize());
    for (T &element : list)
      (*this)(element);
  }
  bool isDone() const { return !failed && bytes.empty(); }

private:
  /// A size of elements of one byte or more: no list is longer than the bytes that are left.
  uint64_t readSize() {
    uint64_t size;
    (*this)(size);
    failed |= size > bytes.size();
    return failed ? 0 : size;
  }
  std::string_view take(uint64_t size) {
    failed |= size > bytes.size();
    if (failed)
      return {};
    std::string_view taken = bytes.substr(0, size);
    bytes.remove_prefix(size);
    return taken;
  }

  std::string_view bytes;
  bool failed = false;
};

void visit(auto &archive, Is<PlanStep> auto &step) {
  archive(step.lhs);
  archive(step.rhs);
  archive(step.equation);
  archive(step.flops);
  archive(step.resultSize);
  archive(step.liveBytes);
  archive(step.seconds);
}

void visit(auto &archive, Is<Plan> auto &plan) {
  archive(plan.equation);
  archive(plan.steps);
  archive(plan.flops);
  archive(plan.muls);
  archive(plan.largest);
  archive(plan.peakBytes);
  archive(plan.seconds);
  archive(plan.optimal);
  archive(plan.slices);
}

void visit(auto &archive, Is<Binding> auto &binding) {
  archive(binding.name);
  archive(binding.type.type);
  archive(binding.type.shape);
  archive(binding.kind);
  archive(binding.path);
  archive(binding.initializer);
  archive(binding.initializerArguments);
}

void visit(auto &archive, Is<CompiledFunction> auto &function) {
  archive(function.signature.arguments);
  archive(function.signature.results);
  archive(function.plans);
  archive(function.peakBytes);
  archive(function.code.kernelLevel);
  archive(function.code.object);
}

} // namespace

std::string encode(const CompiledFunction &function) {
  Writer writer;
  visit(writer, function);
  return std::move(writer.bytes);
}

std::optional<CompiledFunction> decode(std::string_view bytes) {
  Reader reader(bytes);
  CompiledFunction function;
  visit(reader, function);
  if (!reader.isDone())
    return std::nullopt;
  return function;
}

} // namespace tlc
