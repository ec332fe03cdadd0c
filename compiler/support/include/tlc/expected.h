//===- expected.h - a value, or why there is none -------------------------===//
//
//   tlc::Expected<tlc::Tensor> c = tlc::einsum("ij,jk->ik", {a, b});
//   if (!c) {
//     std::fputs(c.error().message().c_str(), stderr);
//     return c.error().exitCode();
//   }
//
// No exceptions are thrown, with or without -fno-exceptions. Plain C++17.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_EXPECTED_H
#define TLC_EXPECTED_H

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace tlc {

/// Whose fault it was. The values are the exit codes of the command line.
enum class ErrorKind : int { Program = 1, Usage = 2, Data = 3, Resource = 4, Internal = 70 };

/// A message for a person. For a wrong program: every diagnostic, rendered with the source
/// line and a caret, one after the other.
class Error {
public:
  Error(ErrorKind kind, std::string message) : errorKind(kind), text(std::move(message)) {}

  ErrorKind kind() const { return errorKind; }
  int exitCode() const { return static_cast<int>(errorKind); }
  const std::string &message() const { return text; }

private:
  ErrorKind errorKind;
  std::string text;
};

/// Either a `T` or an `Error`. Look before you take: `operator bool` says which.
template <typename T> class [[nodiscard]] Expected {
public:
  Expected(T value) : content(std::move(value)) {}
  Expected(Error error) : content(std::move(error)) {}

  explicit operator bool() const { return std::holds_alternative<T>(content); }
  T &operator*() { return get(); }
  const T &operator*() const { return get(); }
  T *operator->() { return &get(); }
  const T *operator->() const { return &get(); }
  const Error &error() const {
    assert(!*this && "there is a value, not an error");
    return *std::get_if<Error>(&content);
  }

private:
  T &get() {
    assert(*this && "there is an error, not a value");
    return *std::get_if<T>(&content);
  }
  const T &get() const { return const_cast<Expected *>(this)->get(); }

  std::variant<T, Error> content;
};

/// Success, or an `Error`.
template <> class [[nodiscard]] Expected<void> {
public:
  Expected() = default;
  Expected(Error error) : content(std::move(error)) {}

  explicit operator bool() const { return std::holds_alternative<std::monostate>(content); }
  const Error &error() const {
    assert(!*this && "there is no error");
    return *std::get_if<Error>(&content);
  }

private:
  std::variant<std::monostate, Error> content;
};

} // namespace tlc

#endif // TLC_EXPECTED_H
