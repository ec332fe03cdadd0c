//===- Machine.cpp - how long contractions take on a machine --------------===//

#include "compiler/planner/Machine.h"

#include <fmt/format.h>

#include <cmath>
#include <sstream>

namespace tlc::planner {
namespace {

constexpr std::string_view header = "tlc-machine 1";
constexpr const char *typeNames[numTypeClasses] = {"f32",  "f64",     "half",    "c64",
                                                   "c128", "integer", "semiring"};
constexpr const char *shapeNames[numStepShapes] = {"product", "vector", "elementwise"};

/// Calls `function` with the name and the place of each number of a model.
template <typename Model, typename Function> void forEachNumber(Model &machine, Function function) {
  function("step", machine.stepSeconds);
  function("bytes_per_second", machine.bytesPerSecond);
  function("cache_bytes", machine.cacheBytes);
  for (size_t type = 0; type < numTypeClasses; ++type)
    for (size_t shape = 0; shape < numStepShapes; ++shape) {
      auto &rates = machine.rates[type][shape];
      auto name = [&](const char *rate) {
        return fmt::format("{}.{}.{}", typeNames[type], shapeNames[shape], rate);
      };
      function(name("flop"), rates.flop);
      function(name("operand"), rates.operand);
      function(name("result"), rates.result);
      function(name("matrix"), rates.matrix);
      function(name("passes"), rates.passes);
      function(name("scattered"), rates.scattered);
    }
}

} // namespace

TypeClass classOf(DType type, Semiring semiring) {
  if (semiring != Semiring::SumProduct)
    return TypeClass::Semiring;
  switch (type) {
  case DType::F16:
  case DType::BF16:
    return TypeClass::Half;
  case DType::F32:
    return TypeClass::F32;
  case DType::F64:
    return TypeClass::F64;
  case DType::C64:
    return TypeClass::C64;
  case DType::C128:
    return TypeClass::C128;
  default:
    return TypeClass::Integer;
  }
}

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

MachineModel::MachineModel() {
  constexpr ShapeRates elementwise{1e-11, 2e-11, 5e-11, 1e-11, 1, 1e-9};
  rates = {{
      {{{1.8e-11, 4.9e-10, 1.9e-10, 2e-9, 1.4, 1e-10},
        {2.3e-11, 3.7e-11, 3.5e-10, 9e-9, 1.4, 2e-10},
        elementwise}},
      {{{4.4e-11, 3.1e-10, 1e-10, 6e-9, 2, 1e-10},
        {2e-11, 1e-10, 9e-10, 2e-9, 1.1, 1e-10},
        {2.8e-11, 4e-11, 1e-10, 1.5e-8, 1, 1e-10}}},
      {{{6e-11, 1e-11, 1.6e-9, 2e-8, 2, 2e-10}, {3e-11, 3e-11, 1e-9, 1e-8, 1, 4e-10}, elementwise}},
      {{{7e-10, 2e-11, 1e-10, 3e-9, 2, 6e-10},
        {4e-10, 2e-10, 4e-9, 3e-9, 1.7, 4e-10},
        {1e-10, 1e-10, 4e-10, 1.5e-8, 1, 4e-10}}},
      {{{7e-10, 2e-11, 1e-10, 3e-9, 2, 6e-10},
        {4e-10, 2e-10, 4e-9, 3e-9, 1.7, 4e-10},
        {1e-10, 1e-10, 4e-10, 1.5e-8, 1, 4e-10}}},
      {{{5e-11, 4e-11, 5e-10, 5e-8, 2, 3e-10}, {2e-11, 2e-11, 4e-9, 1e-8, 2, 3e-10}, elementwise}},
      {{{1e-10, 4e-11, 5e-10, 5e-8, 2, 3e-10}, {1e-10, 2e-11, 4e-9, 1e-8, 2, 3e-10}, elementwise}},
  }};
}

MachineModel MachineModel::gpu() {
  MachineModel machine;
  machine.stepSeconds = 5e-6;
  machine.bytesPerSecond = 1.5e12;
  machine.cacheBytes = 30e6;
  // Multiply-adds a second of large products, without tensor cores.
  constexpr double perSecond[numTypeClasses] = {8e12, 4e12, 8e12, 2e12, 1e12, 4e12, 4e12};
  for (size_t type = 0; type < numTypeClasses; ++type) {
    double flop = 1 / perSecond[type];
    machine.rates[type][0] = {flop, 32 * flop, 32 * flop, 64 * flop, 1.5, 8 * flop};
    machine.rates[type][1] = {4 * flop, 4 * flop, 32 * flop, 64 * flop, 1, 8 * flop};
    machine.rates[type][2] = {flop, 4 * flop, 8 * flop, 64 * flop, 1, 8 * flop};
  }
  return machine;
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

std::string printMachine(const MachineModel &machine) {
  std::string text = fmt::format("{}\n", header);
  forEachNumber(machine, [&](const std::string &name, double value) {
    text += fmt::format("{} {:.6g}\n", name, value);
  });
  return text;
}

std::optional<MachineModel> parseMachine(std::string_view text) {
  std::istringstream stream{std::string(text)};
  std::string line;
  if (!std::getline(stream, line) || line != header)
    return std::nullopt;
  MachineModel machine;
  bool isWhole = true;
  forEachNumber(machine, [&](const std::string &name, double &value) {
    std::string found;
    isWhole = isWhole && stream >> found >> value && found == name && std::isfinite(value) &&
              value > 0 && value < 1e18;
  });
  return isWhole ? std::optional(machine) : std::nullopt;
}

//===----------------------------------------------------------------------===//
// Fitting
//===----------------------------------------------------------------------===//

namespace {

/// What samples of one type and shape say about its coefficients. They are positive, and what
/// counts are ratios, so the search is for their logarithms, one after the other, with ever smaller
/// steps.
class RatesFit {
public:
  RatesFit(const MachineModel &machine, std::vector<const Sample *> samples,
           const ShapeRates &prior)
      : machine(machine), samples(std::move(samples)), prior(prior) {}

  ShapeRates run() {
    ShapeRates best = prior;
    double least = error(best);
    for (double step = 1; step > 0.02;) {
      bool isBetter = false;
      for (size_t number = 0; number < numShapeRates; ++number)
        for (double factor : {std::exp(step), std::exp(-step)}) {
          ShapeRates other = best;
          rate(other, number) *= factor;
          if (double value = error(other); value < least - 1e-9) {
            least = value;
            best = other;
            isBetter = true;
          }
        }
      step = isBetter ? step : step / 2;
    }
    return best;
  }

private:
  static double &rate(ShapeRates &rates, size_t number) { return (&rates.flop)[number]; }

  /// Squares of the logarithms of the ratios, outliers less, and how far from the prior.
  double error(ShapeRates rates) const {
    constexpr double outlier = 0.5, priorWeight = 0.01;
    TypeRates all;
    all.fill(rates);
    double sum = 0;
    for (const Sample *sample : samples) {
      double predicted =
          machine.stepSeconds + stepSeconds(machine, all, sample->sizes, sample->isScattered);
      double log = std::abs(std::log(predicted / sample->seconds));
      sum += log < outlier ? log * log : outlier * (2 * log - outlier);
    }
    sum /= double(samples.size());
    ShapeRates start = prior;
    for (size_t number = 0; number < numShapeRates; ++number) {
      double log = std::log(rate(rates, number) / rate(start, number));
      sum += priorWeight / double(samples.size()) * log * log;
    }
    return sum;
  }

  const MachineModel &machine;
  std::vector<const Sample *> samples;
  ShapeRates prior;
};

} // namespace

MachineModel fitMachine(const std::vector<Sample> &samples, MachineModel machine) {
  for (size_t type = 0; type < numTypeClasses; ++type)
    for (size_t shape = 0; shape < numStepShapes; ++shape) {
      std::vector<const Sample *> chosen;
      for (const Sample &sample : samples)
        if (size_t(sample.type) == type && size_t(shapeOf(sample.sizes)) == shape)
          chosen.push_back(&sample);
      if (!chosen.empty())
        machine.rates[type][shape] =
            RatesFit(machine, std::move(chosen), machine.rates[type][shape]).run();
    }
  return machine;
}

} // namespace tlc::planner
