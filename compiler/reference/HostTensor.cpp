//===- HostTensor.cpp - tensors in NumPy's storage ------------------------===//

#include "compiler/reference/Interpreter.h"

#include "llvm/ADT/APFloat.h"

#include <charconv>
#include <cmath>
#include <cstring>

namespace tlc::reference {

std::optional<DType> dtypeOf(Type type) {
  if (type.isIndex())
    return DType::I64;
  if (ComplexType complexType = dyn_cast<ComplexType>(type)) {
    if (complexType.getElementType().isF32())
      return DType::C64;
    if (complexType.getElementType().isF64())
      return DType::C128;
    return std::nullopt;
  }
  if (type.isF16())
    return DType::F16;
  if (type.isBF16())
    return DType::BF16;
  if (type.isF32())
    return DType::F32;
  if (type.isF64())
    return DType::F64;
  if (type.isSignlessInteger(1))
    return DType::Bool;
  if (type.isSignlessInteger(8))
    return DType::I8;
  if (type.isSignlessInteger(32))
    return DType::I32;
  if (type.isSignlessInteger(64))
    return DType::I64;
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Bytes of elements
//===----------------------------------------------------------------------===//

template <typename T> static T read(const std::byte *bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}
template <typename T> static void write(std::byte *bytes, T value) {
  std::memcpy(bytes, &value, sizeof(T));
}

static double readHalf(const std::byte *bytes, const llvm::fltSemantics &semantics) {
  llvm::APFloat number(semantics, llvm::APInt(16, read<uint16_t>(bytes)));
  bool losesInfo;
  number.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return number.convertToDouble();
}
static void writeHalf(std::byte *bytes, double value, const llvm::fltSemantics &semantics) {
  llvm::APFloat number(value);
  bool losesInfo;
  number.convert(semantics, llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  write<uint16_t>(bytes, number.bitcastToAPInt().getZExtValue());
}

static Scalar readElement(const std::byte *bytes, DType type) {
  switch (type) {
  case DType::Bool:
    return Scalar::of(read<uint8_t>(bytes) != 0);
  case DType::I8:
    return Scalar::of(int64_t(read<int8_t>(bytes)));
  case DType::I32:
    return Scalar::of(int64_t(read<int32_t>(bytes)));
  case DType::I64:
    return Scalar::of(read<int64_t>(bytes));
  case DType::F16:
    return Scalar::of(readHalf(bytes, llvm::APFloat::IEEEhalf()));
  case DType::BF16:
    return Scalar::of(readHalf(bytes, llvm::APFloat::BFloat()));
  case DType::F32:
    return Scalar::of(double(read<float>(bytes)));
  case DType::F64:
    return Scalar::of(read<double>(bytes));
  case DType::C64:
    return Scalar::of(std::complex<double>(read<float>(bytes), read<float>(bytes + 4)));
  case DType::C128:
    return Scalar::of(std::complex<double>(read<double>(bytes), read<double>(bytes + 8)));
  }
  llvm_unreachable("unknown element type");
}

static void writeElement(std::byte *bytes, DType type, Scalar value) {
  switch (type) {
  case DType::Bool:
    return write<uint8_t>(bytes, value.integer != 0);
  case DType::I8:
    return write<int8_t>(bytes, value.integer);
  case DType::I32:
    return write<int32_t>(bytes, value.integer);
  case DType::I64:
    return write<int64_t>(bytes, value.integer);
  case DType::F16:
    return writeHalf(bytes, value.real(), llvm::APFloat::IEEEhalf());
  case DType::BF16:
    return writeHalf(bytes, value.real(), llvm::APFloat::BFloat());
  case DType::F32:
    return write<float>(bytes, value.real());
  case DType::F64:
    return write<double>(bytes, value.real());
  case DType::C64:
    write<float>(bytes, value.number.real());
    return write<float>(bytes + 4, value.number.imag());
  case DType::C128:
    write<double>(bytes, value.number.real());
    return write<double>(bytes + 8, value.number.imag());
  }
}

Tensor fromHost(const HostTensor &host, Type elementType) {
  Tensor tensor{elementType, SmallVector<int64_t>(host.shape.begin(), host.shape.end()), {}};
  int64_t size = byteSize(host.type);
  tensor.elements.reserve(host.bytes.size() / size);
  for (size_t place = 0; place + size <= host.bytes.size(); place += size)
    tensor.elements.push_back(readElement(&host.bytes[place], host.type));
  return tensor;
}

HostTensor toHost(const Tensor &tensor) {
  HostTensor host{*dtypeOf(tensor.elementType), {tensor.shape.begin(), tensor.shape.end()}, {}};
  int64_t size = byteSize(host.type);
  host.bytes.resize(tensor.elements.size() * size);
  for (auto [number, element] : llvm::enumerate(tensor.elements))
    writeElement(&host.bytes[number * size], host.type, element);
  return host;
}

//===----------------------------------------------------------------------===//
// Printing
//===----------------------------------------------------------------------===//

template <typename Float> static std::string shortest(Float value) {
  if (std::isnan(value))
    return "nan";
  char buffer[32];
  std::to_chars_result result = std::to_chars(buffer, buffer + sizeof(buffer), value);
  return std::string(buffer, result.ptr);
}

static std::string printNumber(double value, bool isDouble) {
  return isDouble ? shortest(value) : shortest(static_cast<float>(value));
}

static std::string printElement(Scalar value, DType type) {
  if (type == DType::Bool)
    return value.integer != 0 ? "true" : "false";
  if (isInteger(type))
    return std::to_string(value.integer);
  bool isDouble = type == DType::F64 || type == DType::C128;
  std::string real = printNumber(value.real(), isDouble);
  if (!isComplex(type))
    return real;
  std::string imaginary = printNumber(value.number.imag(), isDouble);
  return real + (imaginary.front() == '-' ? "" : "+") + imaginary + "j";
}

/// Prints the elements from `place` on, nested in brackets from dimension `dim` on.
static void printNested(const HostTensor &tensor, size_t dim, size_t &place, std::string &text) {
  if (dim == tensor.shape.size()) {
    text += printElement(readElement(&tensor.bytes[place], tensor.type), tensor.type);
    place += byteSize(tensor.type);
    return;
  }
  text += '[';
  for (int64_t i = 0; i < tensor.shape[dim]; ++i) {
    if (i != 0)
      text += ", ";
    printNested(tensor, dim + 1, place, text);
  }
  text += ']';
}

std::string print(const HostTensor &tensor) {
  std::string text = "tensor<";
  for (int64_t extent : tensor.shape)
    text += std::to_string(extent) + "x";
  text += std::string(name(tensor.type)) + "> ";
  size_t place = 0;
  printNested(tensor, 0, place, text);
  return text;
}

} // namespace tlc::reference
