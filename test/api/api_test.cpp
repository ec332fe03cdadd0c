//===- api_test.cpp - the public API, end to end --------------------------===//
//
// usage: api-test NAME, one of the tests in the table at the end. Exits with 1 and says what
// differs, or prints "ok".
//
//===----------------------------------------------------------------------===//

#include "tlc/tlc.h"

#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

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
void take(tlc::Expected<void> done) {
  if (!done) {
    std::fprintf(stderr, "%s\n", done.error().message().c_str());
    std::exit(1);
  }
}

std::vector<float> numbers(size_t count, float scale) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i)
    values[i] = scale * static_cast<float>(static_cast<int>(i * 7 % 13) - 6);
  return values;
}

/// c = a b for row-major matrices, by the definition.
std::vector<float> product(const std::vector<float> &a, const std::vector<float> &b, size_t m,
                           size_t k, size_t n) {
  std::vector<float> c(m * n, 0);
  for (size_t i = 0; i < m; ++i)
    for (size_t j = 0; j < n; ++j)
      for (size_t l = 0; l < k; ++l)
        c[i * n + j] += a[i * k + l] * b[l * n + j];
  return c;
}

bool isClose(const float *actual, const std::vector<float> &expected) {
  for (size_t i = 0; i < expected.size(); ++i)
    if (std::abs(actual[i] - expected[i]) > 1e-4f * (1 + std::abs(expected[i])))
      return false;
  return true;
}

void oneEinsum() {
  std::vector<float> a = numbers(8 * 16, 0.5f), b = numbers(16 * 4, 0.25f);
  tlc::Tensor c = take(tlc::einsum(
      "ij,jk->ik", {tlc::View::of(a.data(), {8, 16}), tlc::View::of(b.data(), {16, 4})}));
  CHECK(c.shape() == std::vector<int64_t>({8, 4}));
  CHECK(isClose(c.data<float>(), product(a, b, 8, 16, 4)));
}

/// A transposed, a reversed and a repeated operand.
void stridedViews() {
  std::vector<float> a = numbers(8 * 16, 0.5f), b = numbers(16, 0.25f);
  tlc::Function f = take(
      tlc::compileEinsum("ij,jk->ik", {{tlc::DType::F32, {16, 8}}, {tlc::DType::F32, {8, 4}}}));
  std::vector<float> at(16 * 8), rows(8 * 4), c(16 * 4 * 2, 99);
  for (size_t i = 0; i < 16; ++i)
    for (size_t j = 0; j < 8; ++j)
      at[i * 8 + j] = a[j * 16 + i];
  for (size_t j = 0; j < 8; ++j)
    for (size_t k = 0; k < 4; ++k)
      rows[j * 4 + k] = b[7 - j];
  take(f.call(
      {tlc::View::of(a.data(), {16, 8}, {1, 16}), tlc::View::of(b.data() + 7, {8, 4}, {-1, 0})},
      {tlc::View::of(c.data(), {16, 4}, {8, 2})}));
  std::vector<float> expected = product(at, rows, 16, 8, 4);
  for (size_t i = 0; i < 16; ++i)
    for (size_t k = 0; k < 4; ++k) {
      CHECK(std::abs(c[i * 8 + k * 2] - expected[i * 4 + k]) < 1e-4f);
      CHECK(c[i * 8 + k * 2 + 1] == 99);
    }
}

/// One compilation, several sizes [T3].
void runtimeExtents() {
  tlc::Function f = take(
      tlc::compileEinsum("ij,jk->ik", {{tlc::DType::F32, {-1, -1}}, {tlc::DType::F32, {-1, -1}}}));
  for (int64_t n : {1, 3, 17, 64, 130}) {
    auto size = static_cast<size_t>(n);
    std::vector<float> a = numbers(size * (size + 1), 0.5f), b = numbers((size + 1) * 5, 0.25f);
    std::vector<tlc::Tensor> c =
        take(f({tlc::View::of(a.data(), {n, n + 1}), tlc::View::of(b.data(), {n + 1, 5})}));
    CHECK(c[0].shape() == std::vector<int64_t>({n, 5}));
    CHECK(isClose(c[0].data<float>(), product(a, b, size, size + 1, 5)));
  }
  std::vector<float> a(6), b(20);
  auto wrong = f({tlc::View::of(a.data(), {2, 3}), tlc::View::of(b.data(), {4, 5})});
  CHECK(!wrong && wrong.error().kind() == tlc::ErrorKind::Data);
}

void severalThreads() {
  tlc::Options options;
  options.threads = 2;
  tlc::Function f = take(tlc::compileEinsum(
      "ij,jk->ik", {{tlc::DType::F32, {96, 64}}, {tlc::DType::F32, {64, 80}}}, options));
  std::vector<float> a = numbers(96 * 64, 0.5f), b = numbers(64 * 80, 0.25f);
  std::vector<float> expected = product(a, b, 96, 64, 80);
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int repeat = 0; repeat < 50; ++repeat) {
        std::vector<float> c(96 * 80);
        auto done = f.call({tlc::View::of(a.data(), {96, 64}), tlc::View::of(b.data(), {64, 80})},
                           {tlc::View::of(c.data(), {96, 80})});
        if (!done || !isClose(c.data(), expected))
          ++failures;
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  CHECK(failures == 0);
}

void sameBitsForAnyThreads() {
  std::vector<float> a = numbers(300 * 500, 0.37f), b = numbers(500 * 200, 0.73f), first;
  for (int threads : {1, 2, 3, 4}) {
    tlc::Options options;
    options.threads = threads;
    tlc::Tensor c = take(tlc::einsum(
        "ij,jk->ik", {tlc::View::of(a.data(), {300, 500}), tlc::View::of(b.data(), {500, 200})},
        options));
    std::vector<float> bits(c.data<float>(), c.data<float>() + c.size());
    if (first.empty())
      first = bits;
    CHECK(std::memcmp(first.data(), bits.data(), bits.size() * sizeof(float)) == 0);
  }
}

void cache() {
  std::vector<tlc::TensorType> types = {{tlc::DType::F64, {5, 6}}, {tlc::DType::F64, {6}}};
  tlc::Function first = take(tlc::compileEinsum("ij,j->i", types));
  tlc::Function second = take(tlc::compileEinsum("ij,j->i", types));
  CHECK(&first.plans() == &second.plans());
  types[0].shape = types[1].shape = {6};
  CHECK(take(tlc::compileEinsum("i,i->", types)).outputs()[0].type.shape.empty());
}

void wrongArguments() {
  tlc::Function f = take(tlc::compileEinsum("ij->ji", {{tlc::DType::F32, {2, 3}}}));
  float a[6] = {}, c[6] = {};
  double d[6] = {};
  CHECK(!f.call({}, {tlc::View::of(c, {3, 2})}));
  CHECK(!f.call({tlc::View::of(a, {3, 2})}, {tlc::View::of(c, {3, 2})}));
  CHECK(!f.call({tlc::View::of(a, {2, 3})}, {tlc::View::of(c, {6})}));
  CHECK(!f.call({tlc::View::of(d, {2, 3})}, {tlc::View::of(c, {3, 2})}));
  CHECK(!f.call({tlc::View::of<float>(nullptr, {2, 3})}, {tlc::View::of(c, {3, 2})}));
  CHECK(!tlc::compileEinsum("ij,jk->iz", {{tlc::DType::F32, {2, 3}}, {tlc::DType::F32, {3, 2}}}));
  auto error = tlc::compileEinsum("ij->", {{tlc::DType::F32, {2}}});
  CHECK(!error && error.error().kind() == tlc::ErrorKind::Program);
  CHECK(error.error().message().find("<einsum>:1:") != std::string::npos);
}

void memoryLimit() {
  tlc::Options options;
  options.memoryLimit = 1 << 20;
  std::vector<float> a(2000, 1);
  auto result = tlc::einsum(
      "i,j->ij", {tlc::View::of(a.data(), {2000}), tlc::View::of(a.data(), {2000})}, options);
  CHECK(!result && result.error().kind() == tlc::ErrorKind::Resource);
}

void oneProgram() {
  tlc::Program p = take(tlc::Program::compile("input X[i] : f32\n"
                                              "Y[i] = relu(2 X[i] - 1)\n"
                                              "Total = Y[i]\n"
                                              "output Y\noutput Total\n"));
  std::vector<float> x = {-1, 0, 1, 2};
  take(p.set("X", tlc::View::of(x.data(), {4})));
  take(p.run());
  CHECK(take(p.get("Total")).data<float>()[0] == 4);
  std::vector<double> more = {1, 1, 1, 1, 1, 1};
  take(p.set("X", tlc::View::of(more.data(), {6})));
  take(p.run());
  CHECK(take(p.get("Y")).shape() == std::vector<int64_t>({6}));
  CHECK(take(p.get("Total")).data<float>()[0] == 6);
  CHECK(!p.get("Totl") && p.get("Totl").error().message().find("'Total'") != std::string::npos);
  CHECK(!p.set("Z", tlc::View::of(x.data(), {4})));
}

void plansAsData() {
  tlc::Function f = take(tlc::compileEinsum(
      "ij,jk,kl->il",
      {{tlc::DType::F32, {100, 2}}, {tlc::DType::F32, {2, 100}}, {tlc::DType::F32, {100, 100}}}));
  CHECK(f.plans().size() == 1 && f.plans()[0].steps.size() == 2 && f.plans()[0].optimal);
  CHECK(f.plans()[0].muls == 2 * 100 * 100 + 100 * 2 * 100);
  CHECK(f.plans()[0].steps[0].lhs + f.plans()[0].steps[0].rhs == 3);
}

const struct {
  const char *name;
  void (*run)();
} tests[] = {{"one-einsum", oneEinsum},
             {"strided-views", stridedViews},
             {"runtime-extents", runtimeExtents},
             {"several-threads", severalThreads},
             {"same-bits-for-any-threads", sameBitsForAnyThreads},
             {"cache", cache},
             {"wrong-arguments", wrongArguments},
             {"memory-limit", memoryLimit},
             {"one-program", oneProgram},
             {"plans-as-data", plansAsData}};

} // namespace

int main(int argc, char **argv) {
  for (const auto &test : tests)
    if (argc == 2 && std::strcmp(argv[1], test.name) == 0) {
      test.run();
      std::puts("ok");
      return 0;
    }
  std::fprintf(stderr, "usage: api-test NAME\n");
  return 2;
}
