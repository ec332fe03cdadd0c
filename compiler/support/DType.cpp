//===- DType.cpp - element types and semirings by name --------------------===//

#include "compiler/support/DType.h"

#include <array>

namespace tlc {

namespace {

struct TypeInfo {
  std::string_view name;
  int64_t bytes;
  enum Class { Boolean, Integer, Float, Complex } kind;
};

constexpr std::array<TypeInfo, 10> types = {{{"bool", 1, TypeInfo::Boolean},
                                             {"i8", 1, TypeInfo::Integer},
                                             {"i32", 4, TypeInfo::Integer},
                                             {"i64", 8, TypeInfo::Integer},
                                             {"f16", 2, TypeInfo::Float},
                                             {"bf16", 2, TypeInfo::Float},
                                             {"f32", 4, TypeInfo::Float},
                                             {"f64", 8, TypeInfo::Float},
                                             {"c64", 8, TypeInfo::Complex},
                                             {"c128", 16, TypeInfo::Complex}}};

constexpr std::array<std::string_view, 8> semirings = {"sum_product", "or_and",    "max_plus",
                                                       "min_plus",    "max_times", "max_min",
                                                       "log_sum_exp", "count"};

const TypeInfo &info(DType type) { return types[static_cast<size_t>(type)]; }

} // namespace

std::string_view name(DType type) { return info(type).name; }

std::optional<DType> parseDType(std::string_view name) {
  for (size_t i = 0; i < types.size(); ++i)
    if (types[i].name == name)
      return static_cast<DType>(i);
  return std::nullopt;
}

int64_t byteSize(DType type) { return info(type).bytes; }
bool isFloat(DType type) { return info(type).kind == TypeInfo::Float; }
bool isInteger(DType type) { return info(type).kind == TypeInfo::Integer; }
bool isComplex(DType type) { return info(type).kind == TypeInfo::Complex; }

std::string_view name(Semiring semiring) { return semirings[static_cast<size_t>(semiring)]; }

std::optional<Semiring> parseSemiring(std::string_view name) {
  for (size_t i = 0; i < semirings.size(); ++i)
    if (semirings[i] == name)
      return static_cast<Semiring>(i);
  return std::nullopt;
}

bool isIdempotent(Semiring semiring) {
  return semiring != Semiring::SumProduct && semiring != Semiring::LogSumExp &&
         semiring != Semiring::Count;
}

} // namespace tlc
