//===- PlannerSeconds.cpp - are predicted seconds right? ------------------===//
//
// Predicted beside measured seconds of 60 contractions and 20 networks, on one core, and how long
// the networks take in the orders for seconds and for flops. None of them is among those that
// `tlc tune` measures. Prints Markdown; `--brief` the summary alone.
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/Planner.h"
#include "tlc/tlc.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <random>
#include <string_view>

using namespace tlc;

namespace {

struct Case {
  std::string name, equation;
  std::vector<TensorType> operands;
  Semiring semiring = Semiring::SumProduct;
};

struct Result {
  double predicted = 0, measured = 0;
};

//===----------------------------------------------------------------------===//
// What is measured
//===----------------------------------------------------------------------===//

/// "x0 x1,x1 x2->x0 x2" for a network of index numbers.
Case fromNetwork(std::string name, const planner::Network &network, DType type) {
  Case made{std::move(name), "", {}, network.semiring};
  auto write = [&](const std::vector<int> &indices) {
    for (size_t i = 0; i < indices.size(); ++i)
      made.equation += fmt::format("{}x{}", i ? " " : "", indices[i]);
  };
  for (size_t i = 0; i < network.inputs.size(); ++i) {
    made.equation += i ? ", " : "";
    write(network.inputs[i]);
    std::vector<int64_t> shape;
    for (int index : network.inputs[i])
      shape.push_back(network.sizes[index]);
    made.operands.push_back({type, std::move(shape)});
  }
  made.equation += " -> ";
  write(network.output);
  return made;
}

/// An equation of single letters with the extents of its letters, "i40 j8".
Case fromLetters(std::string name, const std::string &equation, const std::string &extents,
                 DType type, Semiring semiring = Semiring::SumProduct) {
  int64_t sizes[128] = {};
  for (size_t at = 0; at < extents.size(); at = extents.find(' ', at) + 1) {
    sizes[size_t(extents[at])] = std::atoll(extents.c_str() + at + 1);
    if (extents.find(' ', at) == std::string::npos)
      break;
  }
  Case made{std::move(name), equation, {{type, {}}}, semiring};
  for (char letter : equation.substr(0, equation.find("->"))) {
    if (letter == ',')
      made.operands.push_back({type, {}});
    else
      made.operands.back().shape.push_back(sizes[size_t(letter)]);
  }
  return made;
}

class Drawer {
public:
  explicit Drawer(unsigned seed) : random(seed) {}
  int pick(int low, int high) {
    return low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1));
  }
  /// Evenly on a logarithmic scale.
  int64_t size(double low, double high) {
    double part = double(random()) / double(std::mt19937::max());
    return std::llround(low * std::pow(high / low, part));
  }

private:
  std::mt19937 random;
};

std::vector<Case> contractions() {
  struct Kind {
    const char *name, *equation, *ranges; ///< "i10-400": an extent from 10 to 400
    DType type;
    Semiring semiring = Semiring::SumProduct;
  };
  constexpr DType f32 = DType::F32, f64 = DType::F64;
  static const Kind kinds[] = {
      {"matrices", "ij,jk->ik", "i20-900 j20-900 k20-900", f32},
      {"matrices, f64", "ij,jk->ik", "i20-700 j20-700 k20-700", f64},
      {"transposed", "ji,kj->ik", "i20-700 j20-700 k20-700", f32},
      {"tall and narrow", "ij,jk->ik", "i2000-30000 j8-60 k2-12", f32},
      {"inner", "ij,kj->ik", "i4-40 j2000-40000 k4-40", f32},
      {"batch", "bij,bjk->bik", "b20-2000 i4-40 j4-40 k4-40", f32},
      {"batch, f64", "bij,bjk->bik", "b20-1000 i4-40 j4-40 k4-40", f64},
      {"matrix and vector", "ij,j->i", "i200-4000 j200-4000", f32},
      {"vectors and matrix", "bi,bij->bj", "b10-400 i10-200 j10-200", f32},
      {"outer", "i,j->ij", "i100-3000 j100-3000", f32},
      {"elementwise", "ijk,ijk->ijk", "i10-100 j10-100 k10-100", f32},
      {"rows scaled", "ij,i->ij", "i100-3000 j100-3000", f32},
      {"three indices", "abk,kc->abc", "a10-100 b10-60 c10-60 k10-100", f32},
      {"four indices", "aebf,fdce->abcd", "a6-16 b6-16 c6-16 d6-16 e6-16 f6-16", f32},
      {"four indices, f64", "aebf,dfce->abcd", "a6-14 b6-14 c6-14 d6-14 e6-14 f6-14", f64},
      {"five indices", "degc,gfab->abcdef", "a4-9 b4-9 c4-9 d4-9 e4-9 f4-9 g8-24", f32},
      {"qubits", "abcdefgh,efghij->abcdij", "a2-4 b2-4 c2-4 d2-4 e2-4 f2-4 g2-4 h2-4 i2-4 j2-4",
       f32},
      {"complex", "ij,jk->ik", "i20-300 j20-300 k20-300", DType::C64},
      {"integers", "ij,jk->ik", "i20-400 j20-400 k20-400", DType::I32},
      {"shortest paths", "ij,jk->ik", "i20-400 j20-400 k20-400", f32, Semiring::MinPlus}};
  Drawer drawer(77);
  std::vector<Case> cases;
  for (const Kind &kind : kinds)
    for (int copy = 0; copy < 3; ++copy) {
      std::string extents;
      for (const char *at = kind.ranges; *at;) {
        char letter = *at++;
        char *end;
        double low = std::strtod(at, &end), high = std::strtod(end + 1, &end);
        extents +=
            fmt::format("{}{}{}", extents.empty() ? "" : " ", letter, drawer.size(low, high));
        at = *end ? end + 1 : end;
      }
      cases.push_back(fromLetters(fmt::format("{}, {}", kind.name, extents), kind.equation, extents,
                                  kind.type, kind.semiring));
    }
  return cases;
}

/// n tensors of three bonds each, joined at random, with extents drawn between two bounds.
planner::Network bonds(int n, int low, int high, unsigned seed, int hyperedges = 0) {
  Drawer drawer(seed);
  planner::Network network;
  network.inputs.resize(n);
  std::vector<int> ends;
  for (int i = 0; i < 3 * n / 2 * 2; ++i)
    ends.push_back(i % n);
  for (size_t i = ends.size(); i-- > 1;)
    std::swap(ends[i], ends[size_t(drawer.pick(0, int(i)))]);
  auto add = [&](std::vector<int> holders) {
    int index = int(network.sizes.size());
    network.sizes.push_back(drawer.size(low, high));
    std::sort(holders.begin(), holders.end());
    holders.erase(std::unique(holders.begin(), holders.end()), holders.end());
    for (int holder : holders)
      network.inputs[holder].push_back(index);
    if (holders.size() == 1)
      network.output.push_back(index);
  };
  for (size_t i = 0; i + 1 < ends.size(); i += 2)
    add({ends[i], ends[i + 1]});
  for (int i = 0; i < hyperedges; ++i)
    add({drawer.pick(0, n - 1), drawer.pick(0, n - 1), drawer.pick(0, n - 1)});
  return network;
}

planner::Network chain(int n, int64_t low, int64_t high, unsigned seed) {
  Drawer drawer(seed);
  planner::Network network;
  for (int i = 0; i <= n; ++i)
    network.sizes.push_back(drawer.size(double(low), double(high)));
  for (int i = 0; i < n; ++i)
    network.inputs.push_back({i, i + 1});
  network.output = {0, n};
  return network;
}

std::vector<Case> networks() {
  constexpr DType f32 = DType::F32, f64 = DType::F64;
  std::vector<Case> cases = {
      fromNetwork("bonds of 8, 6 to 60", bonds(8, 6, 60, 1), f32),
      fromNetwork("bonds of 10, 4 to 40", bonds(10, 4, 40, 2), f32),
      fromNetwork("bonds of 12, 3 to 24, f64", bonds(12, 3, 24, 3), f64),
      fromNetwork("bonds of 14, 3 to 20", bonds(14, 3, 20, 4), f32),
      fromNetwork("bonds of 20, 2 to 10", bonds(20, 2, 10, 5), f32),
      fromNetwork("bonds of 8 and hyperedges", bonds(8, 4, 24, 6, 4), f32),
      fromNetwork("bonds of 10 and hyperedges", bonds(10, 3, 18, 7, 4), f32),
      fromNetwork("chain of 8", chain(8, 10, 900, 8), f32),
      fromNetwork("chain of 12, f64", chain(12, 4, 700, 9), f64),
      fromLetters("Tucker", "abcd,ia,jb,kc,ld->ijkl", "a12 b12 c12 d12 i40 j40 k40 l40", f32),
      fromLetters("tensor train", "ab,bcd,def,fgh,hi->acegi", "a12 b24 c12 d24 e12 f24 g12 h24 i12",
                  f32),
      fromLetters("CP of three modes", "ir,jr,kr->ijk", "i120 j120 k120 r24", f32),
      fromLetters("MTTKRP of four modes", "ijkl,jr,kr,lr->ir", "i40 j40 k40 l40 r16", f32),
      fromLetters("integral transform", "pqrs,pi,qj,rk,sl->ijkl", "p28 q28 r28 s28 i20 j20 k20 l20",
                  f64),
      fromLetters("bilinear", "bi,ijk,bj->bk", "b400 i60 j60 k60", f32),
      fromLetters("attention", "bhqd,bhkd,bhke->bhqe", "b2 h8 q200 k200 d48 e48", f32),
      fromLetters("triangles", "ij,jk,ki->", "i500 j500 k500", f32),
      fromLetters("paths of a graph", "xr,ry,yz,zs->xs", "x300 r40 y300 z300 s40", f32),
      fromLetters("masked sum", "ij,jk,ik,k->i", "i600 j60 k600", f32),
      fromLetters("pooled factors", "ai,bi,ci,di->abcd", "a24 b24 c24 d24 i40", f32)};
  return cases;
}

//===----------------------------------------------------------------------===//
// Measuring
//===----------------------------------------------------------------------===//

double medianSeconds(const Function &function, const std::vector<View> &inputs,
                     const std::vector<View> &outputs) {
  constexpr double enough = 0.05;
  using Clock = std::chrono::steady_clock;
  std::vector<double> seconds;
  double total = 0;
  for (int call = 0; call < 4 || (total < enough && call < 1000); ++call) {
    Clock::time_point begin = Clock::now();
    if (!function.call(inputs, outputs))
      return 0;
    double taken = std::chrono::duration<double>(Clock::now() - begin).count();
    if (call == 0)
      continue;
    seconds.push_back(taken);
    total += taken;
  }
  std::nth_element(seconds.begin(), seconds.begin() + seconds.size() / 2, seconds.end());
  return seconds[seconds.size() / 2];
}

Result run(const Case &what, PlanObjective objective) {
  Options options;
  options.semiring = what.semiring;
  options.diskCache = false;
  options.plan.objective = objective;
  Expected<Function> function = compileEinsum(what.equation, what.operands, options);
  if (!function) {
    fmt::print(stderr, "{}: {}\n", what.name, function.error().message());
    std::exit(1);
  }
  std::vector<Tensor> tensors;
  std::vector<View> inputs;
  for (const TensorType &operand : what.operands) {
    tensors.push_back(*Tensor::zeros(operand.type, operand.shape));
    inputs.push_back(tensors.back().view());
  }
  Expected<std::vector<Tensor>> outputs = (*function)(inputs);
  if (!outputs) {
    fmt::print(stderr, "{}: {}\n", what.name, outputs.error().message());
    std::exit(1);
  }
  Result result;
  for (const Plan &plan : function->plans())
    result.predicted += plan.seconds;
  result.measured = medianSeconds(*function, inputs, {outputs->front().view()});
  return result;
}

std::vector<double> ranks(const std::vector<double> &values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
  std::vector<double> result(values.size());
  for (size_t i = 0; i < order.size(); ++i)
    result[order[i]] = double(i);
  return result;
}

/// Spearman's rank correlation.
double correlation(const std::vector<Result> &results) {
  std::vector<double> predicted, measured;
  for (const Result &result : results) {
    predicted.push_back(result.predicted);
    measured.push_back(result.measured);
  }
  predicted = ranks(predicted);
  measured = ranks(measured);
  double n = double(results.size()), squares = 0;
  for (size_t i = 0; i < results.size(); ++i)
    squares += (predicted[i] - measured[i]) * (predicted[i] - measured[i]);
  return 1 - 6 * squares / (n * (n * n - 1));
}

void summarize(const char *name, const std::vector<Result> &results) {
  std::vector<double> ratios, errors;
  for (const Result &result : results) {
    ratios.push_back(result.predicted / result.measured);
    errors.push_back(std::exp(std::abs(std::log(ratios.back()))));
  }
  std::sort(ratios.begin(), ratios.end());
  std::sort(errors.begin(), errors.end());
  fmt::print("{}: rank correlation {:.3f}, median of predicted over measured {:.2f}, "
             "half within {:.2f} times, nine in ten within {:.2f} times\n\n",
             name, correlation(results), ratios[ratios.size() / 2], errors[errors.size() / 2],
             errors[errors.size() * 9 / 10]);
}

} // namespace

int main(int argc, char **argv) {
  bool isBrief = argc > 1 && std::string_view(argv[1]) == "--brief";
  std::vector<Result> single, whole, all;
  if (!isBrief)
    fmt::print("| contraction | predicted ms | measured ms |\n|---|---|---|\n");
  for (const Case &what : contractions()) {
    single.push_back(run(what, PlanObjective::Seconds));
    if (!isBrief)
      fmt::print("| {} | {:.4f} | {:.4f} |\n", what.name, 1e3 * single.back().predicted,
                 1e3 * single.back().measured);
  }
  fmt::print("\n");
  double forFlops = 0, forSeconds = 0;
  if (!isBrief)
    fmt::print("| network | predicted ms | measured ms | in the order for flops | times |\n"
               "|---|---|---|---|---|\n");
  for (const Case &what : networks()) {
    whole.push_back(run(what, PlanObjective::Seconds));
    Result flops = run(what, PlanObjective::Flops);
    forFlops += flops.measured;
    forSeconds += whole.back().measured;
    if (!isBrief)
      fmt::print("| {} | {:.4f} | {:.4f} | {:.4f} | {:.2f} |\n", what.name,
                 1e3 * whole.back().predicted, 1e3 * whole.back().measured, 1e3 * flops.measured,
                 flops.measured / whole.back().measured);
  }
  fmt::print("\n");
  all = single;
  all.insert(all.end(), whole.begin(), whole.end());
  summarize("contractions", single);
  summarize("networks", whole);
  summarize("all", all);
  fmt::print("networks in orders for seconds {:.3f} s, for flops {:.3f} s: {:.2f} times\n",
             forSeconds, forFlops, forFlops / forSeconds);
}
