//===- Bench.cpp - tlc beside OpenBLAS ------------------------------------===//
//
// Prints Markdown: what the machine can do, square products beside OpenBLAS, contractions of
// tensors, and how long compiling takes. Everything runs on one thread and is timed by the
// thread's processor time; contenders take turns, and medians are reported.
//
//===----------------------------------------------------------------------===//

#include "bench/Blas.h"
#include "bench/Machine.h"
#include "tlc/tlc.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

namespace tlc::bench {
namespace {

/// Ends the program with an error's message: a benchmark has no use for wrong results.
template <typename T> T check(Expected<T> value) {
  if (value)
    return std::move(*value);
  std::fprintf(stderr, "%s\n", value.error().message().c_str());
  std::exit(1);
}
void check(Expected<void> value) {
  if (value)
    return;
  std::fprintf(stderr, "%s\n", value.error().message().c_str());
  std::exit(1);
}

template <typename T> std::vector<T> numbers(int64_t size) {
  std::vector<T> values(size);
  uint32_t state = 1;
  for (T &value : values) {
    state = state * 1664525 + 1013904223;
    value = T(int32_t(state >> 24)) / 128 - 1;
  }
  return values;
}

template <typename T> constexpr const char *typeName = sizeof(T) == 4 ? "f32" : "f64";

//===----------------------------------------------------------------------===//
// Square products
//===----------------------------------------------------------------------===//

/// Ends the program if the two products are not equal but for rounding.
template <typename T> void compare(const std::vector<T> &ours, const std::vector<T> &theirs) {
  double tolerance = (sizeof(T) == 4 ? 1e-6 : 1e-15) * std::sqrt(double(ours.size()));
  for (size_t i = 0; i < ours.size(); ++i)
    if (!(std::abs(double(ours[i]) - theirs[i]) <= tolerance)) {
      std::fprintf(stderr, "element %zu is %g, but %g with OpenBLAS\n", i, double(ours[i]),
                   double(theirs[i]));
      std::exit(1);
    }
}

template <typename T> void squareProduct(int64_t n, double peak) {
  std::vector<T> a = numbers<T>(n * n), b = numbers<T>(n * n), c(n * n), d(n * n);
  TensorType type{typeOf<T>, {n, n}};
  Function function = check(compileEinsum("ij,jk->ik", {type, type}));
  View lhs = View::of(a.data(), {n, n}), rhs = View::of(b.data(), {n, n});
  View result = View::of(c.data(), {n, n});
  double flops = 2e-9 * n * n * n;
  int rounds = std::max(5, std::min(51, int(4.0 / flops)));
  std::vector<double> ours, theirs;
  for (int round = 0; round <= rounds; ++round) {
    double start = threadSeconds();
    check(function.call({lhs, rhs}, {result}));
    double middle = threadSeconds();
    blasProduct(n, n, n, a.data(), b.data(), d.data());
    double end = threadSeconds();
    if (round == 0) {
      if (*blasName())
        compare(c, d);
      continue;
    }
    ours.push_back(middle - start);
    theirs.push_back(end - middle);
  }
  double speed = flops / median(ours);
  std::printf("| %s | %lld | %.1f | %.0f %% |", typeName<T>, (long long)n, speed,
              100 * speed / peak);
  if (*blasName()) {
    double blas = flops / median(theirs);
    std::printf(" %.1f | %.0f %% | %.2f |", blas, 100 * blas / peak, speed / blas);
  } else {
    std::printf(" | | |");
  }
  std::printf("\n");
  std::fflush(stdout);
}

void squareProducts(double peakF32, double peakF64) {
  std::printf("\n## Square products, one thread, GFLOP/s\n\n"
              "| type | n | tlc | of peak | OpenBLAS | of peak | tlc / OpenBLAS |\n"
              "|---|---|---|---|---|---|---|\n");
  for (int64_t n : {64, 128, 256, 512, 1000, 1024, 2048}) {
    squareProduct<float>(n, peakF32);
    squareProduct<double>(n, peakF64);
  }
}

//===----------------------------------------------------------------------===//
// Contractions
//===----------------------------------------------------------------------===//

struct Contraction {
  const char *equation;
  std::map<char, int64_t> extents;
};

/// From quantum chemistry and machine learning; sizes that fit a few hundred megabytes.
const Contraction contractions[] = {
    {"dbea,ec->abcd", {{'a', 72}, {'b', 24}, {'c', 72}, {'d', 24}, {'e', 72}}},
    {"dac,bcd->ab", {{'a', 312}, {'b', 296}, {'c', 24}, {'d', 312}}},
    {"adb,cd->abc", {{'a', 296}, {'b', 24}, {'c', 312}, {'d', 312}}},
    {"eafb,cfde->abcd", {{'a', 40}, {'b', 40}, {'c', 40}, {'d', 40}, {'e', 40}, {'f', 40}}},
    {"gdab,efgc->abcdef",
     {{'a', 24}, {'b', 16}, {'c', 16}, {'d', 24}, {'e', 16}, {'f', 16}, {'g', 24}}},
    {"bqhd,bkhd->bhqk", {{'b', 8}, {'q', 256}, {'k', 256}, {'h', 8}, {'d', 64}}},
};

template <typename T> void contract(const Contraction &contraction, double peak) {
  std::string equation = contraction.equation;
  std::vector<TensorType> types;
  std::vector<std::vector<T>> data;
  std::vector<View> views;
  size_t arrow = equation.find("->");
  double flops = 2e-9;
  for (auto [label, extent] : contraction.extents)
    flops *= extent;
  std::string operands = equation.substr(0, arrow) + "," + equation.substr(arrow + 2);
  for (size_t at = 0; at <= operands.size();) {
    size_t end = std::min(operands.find(',', at), operands.size());
    std::vector<int64_t> shape;
    int64_t size = 1;
    for (char label : operands.substr(at, end - at))
      size *= shape.emplace_back(contraction.extents.at(label));
    data.push_back(numbers<T>(size));
    views.push_back(View::of(data.back().data(), shape));
    types.push_back({typeOf<T>, shape});
    at = end + 1;
  }
  View result = views.back();
  views.pop_back();
  types.pop_back();
  Function function = check(compileEinsum(equation, types));
  std::vector<double> times;
  for (int round = 0; round < 6; ++round) {
    double start = threadSeconds();
    check(function.call(views, {result}));
    if (round > 0)
      times.push_back(threadSeconds() - start);
  }
  double speed = flops / median(times);
  std::printf("| %s | %s | %.1f | %.0f %% |\n", contraction.equation, typeName<T>, speed,
              100 * speed / peak);
  std::fflush(stdout);
}

void tensorContractions(double peakF32, double peakF64) {
  std::printf("\n## Contractions of tensors, one thread, GFLOP/s\n\n"
              "| equation | type | tlc | of peak |\n|---|---|---|---|\n");
  for (const Contraction &contraction : contractions) {
    contract<float>(contraction, peakF32);
    contract<double>(contraction, peakF64);
  }
}

//===----------------------------------------------------------------------===//
// Compiling
//===----------------------------------------------------------------------===//

void compiling() {
  std::vector<double> times;
  for (int64_t n = 200; n < 220; ++n)
    times.push_back(check(compileEinsum("ij,jk->ik", {{DType::F32, {n, n}}, {DType::F32, {n, n}}}))
                        .compileSeconds());
  std::printf("\n## Compiling\n\n| what | ms |\n|---|---|\n"
              "| `ij,jk->ik` in a process that has compiled before, processor time | %.1f |\n",
              1e3 * median(times));
}

/// The whole of `tlc einsum` on files: start, compile, read, compute, print.
void commandLine(const char *tlc) {
  check(check(Tensor::zeros(DType::F32, {64, 64})).write("tlc-bench-operand.npy"));
  std::string command = std::string("'") + tlc +
                        "' einsum 'ij,jk->ik' tlc-bench-operand.npy tlc-bench-operand.npy "
                        "> /dev/null";
  std::vector<double> times;
  for (int round = 0; round < 11; ++round) {
    double start = wallSeconds();
    if (std::system(command.c_str()) != 0) {
      std::fprintf(stderr, "'%s' failed\n", command.c_str());
      std::exit(1);
    }
    times.push_back(wallSeconds() - start);
  }
  std::remove("tlc-bench-operand.npy");
  std::printf("| `tlc einsum \"ij,jk->ik\"` on two files of 64 x 64, wall time | %.1f |\n",
              1e3 * median(times));
}

} // namespace
} // namespace tlc::bench

int main(int argc, char **argv) {
  using namespace tlc::bench;
  double peakF32 = tlc::measuredFmaPeak(tlc::DType::F32);
  double peakF64 = tlc::measuredFmaPeak(tlc::DType::F64);
  std::printf("# tlc %s on %s\n\n| | one core |\n|---|---|\n", tlc::version().c_str(),
              cpuName().c_str());
  std::printf("| multiply-adds, f32 | %.1f GFLOP/s |\n", peakF32);
  std::printf("| multiply-adds, f64 | %.1f GFLOP/s |\n", peakF64);
  std::printf("| `a = b + s c`, f64 | %.1f GB/s |\n", streamBandwidth());
  std::printf("| OpenBLAS | %s |\n", *blasName() ? blasName() : "not found");
  std::fflush(stdout);
  squareProducts(peakF32, peakF64);
  tensorContractions(peakF32, peakF64);
  compiling();
  if (argc > 1)
    commandLine(argv[1]);
  return 0;
}
