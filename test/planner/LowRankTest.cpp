//===- LowRankTest.cpp - factorizations of planted, random and noisy tensors ===//
//
// lowrank-test NAME [COUNT] runs one of the tests below and prints "NAME: ok" or what differs.
// Errors are computed here a second time, element by element from the definition of each format.
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/lowrank/LowRank.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <random>
#include <string_view>

using namespace tlc;
using namespace tlc::lowrank;

namespace {

using Complex = std::complex<double>;
using Extents = std::vector<int64_t>;
using Modes = std::vector<std::vector<int>>;
using Random = std::mt19937_64;

int failures = 0;

template <typename... Args>
void expect(bool condition, fmt::format_string<Args...> format, Args &&...args) {
  if (condition)
    return;
  ++failures;
  fmt::print("failed: {}\n", fmt::format(format, std::forward<Args>(args)...));
}

int64_t pick(Random &random, int64_t low, int64_t high) {
  return low + static_cast<int64_t>(random() % static_cast<uint64_t>(high - low + 1));
}

/// In [-1, 1).
template <typename T> T draw(Random &random) {
  auto part = [&] { return double(random() >> 11) * 0x1p-52 - 1; };
  if constexpr (std::is_same_v<T, double>)
    return part();
  else
    return {part(), part()};
}

int64_t sizeOf(const Extents &extents) {
  return std::accumulate(extents.begin(), extents.end(), int64_t(1), std::multiplies<>());
}

template <typename T> Tensor<T> randomTensor(Random &random, const Extents &extents) {
  Tensor<T> tensor{extents, {}};
  for (int64_t i = 0; i < sizeOf(extents); ++i)
    tensor.values.push_back(draw<T>(random));
  return tensor;
}

/// The sum over all ranks of the product of the factors' elements, for each element.
template <typename T>
Tensor<T> multiplyOut(const Modes &modes, const std::vector<Tensor<T>> &factors,
                      const Extents &extents, const Extents &ranks) {
  Extents all = extents;
  all.insert(all.end(), ranks.begin(), ranks.end());
  Tensor<T> result{extents, std::vector<T>(sizeOf(extents))};
  Extents position(all.size(), 0);
  int64_t inner = sizeOf(ranks);
  for (int64_t point = 0; point < sizeOf(all); ++point) {
    int64_t rest = point;
    for (size_t mode = all.size(); mode-- > 0; rest /= all[mode])
      position[mode] = rest % all[mode];
    T product = T(1);
    for (size_t f = 0; f < factors.size(); ++f) {
      int64_t offset = 0;
      for (int mode : modes[f])
        offset = offset * all[mode] + position[mode];
      product *= factors[f].values[offset];
    }
    result.values[point / inner] += product;
  }
  return result;
}

template <typename T>
Tensor<T> planted(Random &random, const Modes &modes, const Extents &extents,
                  const Extents &ranks) {
  std::vector<Tensor<T>> factors;
  for (const std::vector<int> &list : modes) {
    Extents own;
    for (int mode : list)
      own.push_back(mode < int(extents.size()) ? extents[mode] : ranks[mode - extents.size()]);
    factors.push_back(randomTensor<T>(random, own));
  }
  return multiplyOut(modes, factors, extents, ranks);
}

template <typename T> double normOf(const std::vector<T> &values) {
  double sum = 0;
  for (const T &value : values)
    sum += std::norm(value);
  return std::sqrt(sum);
}

/// A request whose seconds are the elements of the factors.
template <typename T> Request requestFor(const Tensor<T> &tensor, DType type, double eps) {
  Request request;
  request.type = type;
  request.eps = eps;
  request.seconds = [extents = tensor.extents](const Format &format) {
    if (format.form == Form::Dense)
      return double(sizeOf(extents));
    return format.form == Form::Sparse ? HUGE_VAL : format.parameters(extents);
  };
  return request;
}

/// Whether the stated error is that of the factors, which have values of the type.
template <typename T>
void checkCertificate(const Tensor<T> &tensor, const Request &request,
                      const Factorization<T> &found, std::string_view what) {
  const Format &format = found.format;
  Tensor<T> product = multiplyOut(format.factors, found.factors, tensor.extents, format.ranks);
  double largest = 0;
  for (size_t i = 0; i < product.values.size(); ++i) {
    product.values[i] -= tensor.values[i];
    largest = std::max(largest, std::abs(product.values[i]));
  }
  double error = normOf(product.values) / normOf(tensor.values);
  expect(error <= found.error * (1 + 1e-6) + 1e-15, "{}: error {} is more than the stated {}", what,
         error, found.error);
  expect(found.error <= request.eps, "{}: error {} is more than {}", what, found.error,
         request.eps);
  expect(largest <= found.largestError * (1 + 1e-6) + 1e-14 * normOf(tensor.values),
         "{}: largest error {} is more than the stated {}", what, largest, found.largestError);
  for (const Tensor<T> &factor : found.factors)
    for (const T &value : factor.values)
      if (roundTo(request.type, value) != value)
        return expect(false, "{}: a factor has values that {} has not", what, name(request.type));
}

template <typename T>
void checkPlanted(std::string_view what, const Modes &modes, const Extents &extents,
                  const Extents &ranks, Form form, DType type, double eps) {
  Random random(7);
  Tensor<T> tensor = planted<T>(random, modes, extents, ranks);
  Request request = requestFor(tensor, type, eps);
  Choice<T> choice = choose(tensor, request);
  if (!choice.factorization)
    return expect(false, "{}: stays dense: {}", what, choice.reason);
  const Format &format = choice.factorization->format;
  Extents found = format.ranks, wanted = ranks;
  std::sort(found.begin(), found.end());
  std::sort(wanted.begin(), wanted.end());
  expect(format.form == form && found == wanted, "{}: found {}", what, describe(format));
  checkCertificate(tensor, request, *choice.factorization, what);
}

void testPlanted() {
  checkPlanted<double>("matrix", {{0, 2}, {2, 1}}, {60, 50}, {7}, Form::Matrix, DType::F32, 1e-4);
  checkPlanted<double>("parted axes", {{0, 2, 4}, {4, 1, 3}}, {9, 8, 7, 10}, {5}, Form::Matrix,
                       DType::F64, 1e-9);
  checkPlanted<double>("tucker", {{4, 5, 2, 3}, {0, 4}, {1, 5}}, {24, 20, 3, 3}, {4, 5},
                       Form::Tucker, DType::F32, 1e-4);
  checkPlanted<double>("train", {{0, 4}, {4, 1, 5}, {5, 2, 6}, {6, 3}}, {10, 9, 8, 11}, {3, 4, 3},
                       Form::Train, DType::F64, 1e-8);
  checkPlanted<double>("train in another order", {{2, 4}, {4, 0, 5}, {5, 3, 6}, {6, 1}},
                       {10, 9, 8, 11}, {3, 4, 3}, Form::Train, DType::F32, 1e-4);
  checkPlanted<double>("layer of pairs", {{0, 3, 6}, {6, 1, 4, 7}, {7, 2, 5}}, {5, 4, 5, 4, 5, 4},
                       {2, 3}, Form::Train, DType::F32, 1e-4);
  checkPlanted<double>("canonical", {{0, 3}, {1, 3}, {2, 3}}, {14, 13, 12}, {6}, Form::Canonical,
                       DType::F32, 1e-4);
  checkPlanted<double>("canonical of four", {{0, 4}, {1, 4}, {2, 4}, {3, 4}}, {3, 3, 16, 14}, {5},
                       Form::Canonical, DType::F64, 1e-8);
  checkPlanted<Complex>("complex matrix", {{0, 2}, {2, 1}}, {30, 40}, {6}, Form::Matrix, DType::C64,
                        1e-4);
  checkPlanted<Complex>("complex canonical", {{0, 3}, {1, 3}, {2, 3}}, {12, 11, 10}, {5},
                        Form::Canonical, DType::C128, 1e-9);
}

void testLarge() {
  Random random(3);
  Tensor<double> tensor = planted<double>(random, {{0, 2}, {2, 1}}, {1600, 1700}, {12});
  for (double &value : tensor.values)
    value += 1e-4 * draw<double>(random);
  Request request = requestFor(tensor, DType::F32, 1e-3);
  Choice<double> choice = choose(tensor, request);
  expect(choice.factorization && choice.factorization->format.ranks == Extents{12}, "large: {}",
         choice.factorization ? describe(choice.factorization->format) : choice.reason);
  if (choice.factorization)
    checkCertificate(tensor, request, *choice.factorization, "large");
}

void testNoise() {
  for (Extents extents : {Extents{40, 50}, {12, 13, 14}, {6, 7, 5, 6}}) {
    Random random(11);
    Tensor<double> tensor = randomTensor<double>(random, extents);
    Choice<double> choice = choose(tensor, requestFor(tensor, DType::F32, 1e-2));
    expect(!choice.factorization, "noise of [{}] is found to be {}", fmt::join(extents, ", "),
           choice.factorization ? describe(choice.factorization->format) : "");
    expect(!choice.reason.empty(), "no reason is given");
  }
  Tensor<double> tensor{{8, 8}, std::vector<double>(64, 0.0)};
  expect(!choose(tensor, requestFor(tensor, DType::F32, 1e-2)).factorization, "zeros");
  tensor.values[5] = HUGE_VAL;
  expect(!choose(tensor, requestFor(tensor, DType::F32, 1e-2)).factorization, "infinity");
  tensor.values.assign(64, 1.0);
  expect(!choose(tensor, requestFor(tensor, DType::BF16, 1e-4)).factorization,
         "an error below the precision of the type");
}

/// The elements of the factors do not grow with the error.
void testMonotone() {
  Random random(5);
  Extents extents = {12, 10, 14};
  Tensor<double> tensor{extents, std::vector<double>(sizeOf(extents))};
  for (int64_t rank = 1; rank <= 10; ++rank) {
    Tensor<double> term = planted<double>(random, {{0, 3}, {1, 3}, {2, 3}}, extents, {1});
    for (size_t i = 0; i < term.values.size(); ++i)
      tensor.values[i] += std::pow(0.4, double(rank)) * term.values[i];
  }
  double before = HUGE_VAL;
  for (double eps : {1e-4, 1e-3, 1e-2, 1e-1, 0.5}) {
    Choice<double> choice = choose(tensor, requestFor(tensor, DType::F64, eps));
    double now = choice.factorization ? choice.factorization->format.parameters(extents) : HUGE_VAL;
    expect(now <= before, "with an error of {}: {} elements after {}", eps, now, before);
    before = now;
  }
  expect(before < 100, "{} elements at last", before);
}

/// Sums of few products with falling weights, and noise.
template <typename T> void checkRandom(Random &random, DType type, int number, int &factorized) {
  int64_t order = pick(random, 2, 5), most = order == 2 ? 40 : order == 3 ? 14 : order == 4 ? 8 : 5;
  Extents extents;
  for (int64_t axis = 0; axis < order; ++axis)
    extents.push_back(pick(random, 2, most));
  Tensor<T> tensor{extents, std::vector<T>(sizeOf(extents))};
  double fall = 0.1 + 0.1 * double(pick(random, 0, 7)), weight = 1;
  Modes modes;
  for (int axis = 0; axis < order; ++axis)
    modes.push_back({axis, int(order)});
  for (int term = 0; term < 8; ++term, weight *= fall) {
    Tensor<T> part = planted<T>(random, modes, extents, {1});
    for (size_t i = 0; i < part.values.size(); ++i)
      tensor.values[i] += weight * part.values[i];
  }
  double noise = std::pow(10.0, -double(pick(random, 1, 8)));
  double scale = std::pow(10.0, double(pick(random, -2, 2)));
  for (T &value : tensor.values)
    value = roundTo(type, T(scale * (value + noise * draw<T>(random))));
  Request request = requestFor(tensor, type, std::pow(10.0, -double(pick(random, 1, 6))));
  Choice<T> choice = choose(tensor, request);
  factorized += choice.factorization.has_value();
  if (choice.factorization)
    checkCertificate(tensor, request, *choice.factorization,
                     fmt::format("{} of {} [{}]", number, name(type), fmt::join(extents, ", ")));
}

void testRandom(int count) {
  Random random(1);
  int factorized = 0;
  constexpr DType types[] = {DType::F16, DType::BF16, DType::F32,
                             DType::F64, DType::C64,  DType::C128};
  for (int number = 0; number < count; ++number)
    for (DType type : types)
      if (type == DType::C64 || type == DType::C128)
        checkRandom<Complex>(random, type, number, factorized);
      else
        checkRandom<double>(random, type, number, factorized);
  fmt::print("{} of {} factorized\n", factorized, 6 * count);
  expect(factorized >= count, "too few are factorized to tell");
}

void testSparse() {
  // The elements that are not zero, and two that the error allows to drop.
  Tensor<double> tensor{{4, 5, 6}, std::vector<double>(120, 0.0)};
  for (int i : {3, 17, 40, 66, 100})
    tensor.values[i] = i;
  tensor.values[5] = tensor.values[6] = 1e-7;
  Request request = requestFor(tensor, DType::F32, 1e-5);
  request.seconds = [](const Format &format) {
    return format.form == Form::Dense    ? 1000.0
           : format.form == Form::Sparse ? double(format.nonzeros)
                                         : 500.0;
  };
  Choice<double> choice = choose(tensor, request);
  expect(choice.factorization && choice.factorization->format.form == Form::Sparse &&
             choice.factorization->format.nonzeros == 5,
         "found {}", choice.factorization ? describe(choice.factorization->format) : choice.reason);
}

} // namespace

int main(int argc, char **argv) {
  std::string_view test = argc > 1 ? argv[1] : "";
  int count = argc > 2 ? std::atoi(argv[2]) : 10;
  if (test == "planted")
    testPlanted();
  else if (test == "large")
    testLarge();
  else if (test == "noise")
    testNoise();
  else if (test == "monotone")
    testMonotone();
  else if (test == "random")
    testRandom(count);
  else if (test == "sparse")
    testSparse();
  else
    expect(false, "there is no test '{}'", test);
  if (failures == 0)
    fmt::print("{}: ok\n", test);
  return failures != 0;
}
