//===- Tune.cpp - measures contractions to predict others -----------------===//
//
// Random contractions of two tensors, such as
//
//   dba,cad->bca    b = 42, a = 55, c = 173, d = 33
//
// of every class of types and every shape (see Machine.h) are compiled and called for some
// milliseconds each; a model is fitted to the medians. Most of them lie as intermediates do, the
// others have their dimensions in any order.
//
//===----------------------------------------------------------------------===//

#include "compiler/api/MachineFile.h"
#include "compiler/planner/Layout.h"
#include "compiler/planner/Machine.h"
#include "compiler/support/DType.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <random>

namespace tlc {
namespace {

using planner::Sample;
using planner::TypeClass;

/// How many contractions of a class are measured, with which types.
struct ClassPlan {
  TypeClass type;
  std::vector<DType> types;
  Semiring semiring;
  int count;
};

const std::vector<ClassPlan> &classPlans() {
  static const std::vector<ClassPlan> plans = {
      {TypeClass::F32, {DType::F32}, Semiring::SumProduct, 80},
      {TypeClass::F64, {DType::F64}, Semiring::SumProduct, 50},
      {TypeClass::Half, {DType::BF16, DType::F16}, Semiring::SumProduct, 32},
      {TypeClass::C64, {DType::C64}, Semiring::SumProduct, 24},
      {TypeClass::C128, {DType::C128}, Semiring::SumProduct, 16},
      {TypeClass::Integer, {DType::I32}, Semiring::SumProduct, 24},
      {TypeClass::Semiring, {DType::F32}, Semiring::MinPlus, 24}};
  return plans;
}

/// Dimensions in one of four groups: in all tensors, in the left operand and the result, in the
/// right one and the result, in both operands.
enum Group { Batch, Left, Right, Summed };

struct Contraction {
  std::string equation;
  std::vector<TensorType> operands;
  TensorType result;
  Sample sample;
};

class ContractionMaker {
public:
  /// Of about `work` multiplications.
  Contraction make(DType type, double work);

private:
  double uniform(double low, double high) {
    return low + (high - low) * double(random()) / double(std::mt19937::max());
  }
  int pick(int low, int high) {
    return low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1));
  }
  std::array<double, 4> drawShares();
  void drawDimensions(double work);
  void place(std::vector<int> (&tensors)[3]);

  std::mt19937 random{20260101};
  std::vector<int64_t> extents;
  std::vector<int> groups;
};

/// Which part of the work, on a logarithmic scale, each group has.
std::array<double, 4> ContractionMaker::drawShares() {
  std::array<double, 4> shares = {0, uniform(0.3, 1), uniform(0.3, 1), uniform(0.3, 1)};
  if (pick(0, 1))
    shares[pick(Left, Summed)] *= 0.3;
  int kind = pick(0, 9);
  if (kind <= 1) // a matrix and a vector
    shares[pick(Left, Right)] = 0;
  else if (kind <= 3) // nothing is summed
    shares[Summed] = 0;
  if (kind % 2 == 0 || kind == 9)
    shares[Batch] = uniform(0.2, 1.2);
  // Rows with a factor each, and tensors of the same indices.
  int own = kind == 2 || kind == 3 ? pick(0, 2) : 0;
  if (own > 0) {
    shares[Batch] = uniform(0.5, 1);
    shares[Right] = 0;
    shares[Left] *= own == 1;
  }
  return shares;
}

void ContractionMaker::drawDimensions(double work) {
  std::array<double, 4> shares = drawShares();
  double all = std::accumulate(shares.begin(), shares.end(), 0.0);
  extents.clear();
  groups.clear();
  int most = pick(1, 4);
  for (int group = Batch; group <= Summed; ++group) {
    double log = std::log2(work) * shares[group] / all;
    if (log < 0.5)
      continue;
    int count = std::min(pick(1, most), std::max(1, static_cast<int>(log)));
    for (int i = 0; i < count; ++i) {
      extents.push_back(std::max<int64_t>(2, std::llround(std::exp2(log / count))));
      groups.push_back(group);
    }
  }
}

/// The dimensions of both operands and the result, in their order.
void ContractionMaker::place(std::vector<int> (&tensors)[3]) {
  for (int dim = 0; dim < int(groups.size()); ++dim) {
    if (groups[dim] != Right)
      tensors[0].push_back(dim);
    if (groups[dim] != Left)
      tensors[1].push_back(dim);
    if (groups[dim] != Summed)
      tensors[2].push_back(dim);
  }
  // Mostly batches of matrices, as intermediates are; some in any order.
  int order = pick(0, 5);
  for (std::vector<int> &tensor : tensors) {
    int rank[4] = {0, 1, 2, 3};
    std::shuffle(rank + (order == 1 ? 0 : 1), rank + 4, random);
    if (order == 0)
      std::shuffle(tensor.begin(), tensor.end(), random);
    else
      std::stable_sort(tensor.begin(), tensor.end(),
                       [&](int a, int b) { return rank[groups[a]] < rank[groups[b]]; });
  }
}

Contraction ContractionMaker::make(DType type, double work) {
  constexpr double maxBytes = 1e8;
  Contraction contraction;
  planner::StepSizes &sizes = contraction.sample.sizes;
  std::vector<int> tensors[3];
  double elements[3];
  do {
    drawDimensions(work);
    for (std::vector<int> &tensor : tensors)
      tensor.clear();
    place(tensors);
    for (int i = 0; i < 3; ++i) {
      elements[i] = 1;
      for (int dim : tensors[i])
        elements[i] *= double(extents[dim]);
    }
  } while (*std::max_element(elements, elements + 3) * double(byteSize(type)) > maxBytes);
  for (int64_t extent : extents)
    sizes.join *= double(extent);
  sizes.lhs = elements[0];
  sizes.rhs = elements[1];
  sizes.result = elements[2];
  sizes.bytes = (sizes.lhs + sizes.rhs + sizes.result) * double(byteSize(type));
  for (int i = 0; i < 3; ++i) {
    TensorType tensor{type, {}};
    contraction.equation += i == 0 ? "" : i == 1 ? "," : "->";
    for (int dim : tensors[i]) {
      contraction.equation += static_cast<char>('a' + dim);
      tensor.shape.push_back(extents[dim]);
    }
    if (i == 2)
      contraction.result = std::move(tensor);
    else
      contraction.operands.push_back(std::move(tensor));
  }
  contraction.sample.isScattered = planner::isScattered(tensors[0], tensors[1], tensors[2]);
  return contraction;
}

//===----------------------------------------------------------------------===//
// Measuring
//===----------------------------------------------------------------------===//

/// Median wall seconds of a call, from calls of some milliseconds.
Expected<double> measure(const Contraction &contraction, const Options &options) {
  constexpr double enough = 4e-3;
  using Clock = std::chrono::steady_clock;
  Expected<Function> function = compileEinsum(contraction.equation, contraction.operands, options);
  if (!function)
    return function.error();
  std::vector<Tensor> tensors;
  for (const TensorType &type :
       {contraction.operands[0], contraction.operands[1], contraction.result}) {
    Expected<Tensor> tensor = Tensor::zeros(type.type, type.shape);
    if (!tensor)
      return tensor.error();
    tensors.push_back(*tensor);
  }
  std::vector<View> inputs = {tensors[0].view(), tensors[1].view()}, outputs = {tensors[2].view()};
  std::vector<double> seconds;
  double total = 0;
  // The first call touches the memory.
  for (int call = 0; call < 4 || (total < enough && call < 2000); ++call) {
    Clock::time_point begin = Clock::now();
    if (Expected<void> done = function->call(inputs, outputs); !done)
      return done.error();
    double taken = std::chrono::duration<double>(Clock::now() - begin).count();
    if (call == 0)
      continue;
    seconds.push_back(taken);
    total += taken;
  }
  std::nth_element(seconds.begin(), seconds.begin() + seconds.size() / 2, seconds.end());
  return seconds[seconds.size() / 2];
}

Contraction simple(const char *equation, std::vector<std::vector<int64_t>> shapes) {
  Contraction contraction;
  contraction.equation = equation;
  contraction.result = {DType::F32, shapes.back()};
  shapes.pop_back();
  for (std::vector<int64_t> &shape : shapes)
    contraction.operands.push_back({DType::F32, std::move(shape)});
  return contraction;
}

/// What one number decides: the start of a step, and memory.
Expected<void> measureBasics(planner::MachineModel &machine, const Options &options) {
  Expected<double> start = measure(simple("ij,jk->ik", {{2, 2}, {2, 2}, {2, 2}}), options);
  if (!start)
    return start.error();
  constexpr int64_t many = 1 << 24;
  Expected<double> stream = measure(simple("i,i->i", {{many}, {many}, {many}}), options);
  if (!stream)
    return stream.error();
  machine.stepSeconds = *start;
  machine.bytesPerSecond = 3.0 * sizeof(float) * many / *stream;
  return {};
}

std::string reportOf(const std::vector<Sample> &samples, const planner::MachineModel &machine) {
  std::vector<double> errors;
  for (const Sample &sample : samples) {
    double predicted =
        machine.stepSeconds + planner::stepSeconds(machine, machine.rates[size_t(sample.type)],
                                                   sample.sizes, sample.isScattered);
    errors.push_back(std::exp(std::abs(std::log(predicted / sample.seconds))));
  }
  std::nth_element(errors.begin(), errors.begin() + errors.size() / 2, errors.end());
  auto gigaflops = [&](TypeClass type) { return 2e-9 / machine.rates[size_t(type)][0].flop; };
  return fmt::format("{} contractions measured; half of the predictions are within {:.2f} times\n"
                     "large products: {:.0f} GFLOP/s in f32, {:.0f} in f64\n"
                     "memory: {:.1f} GB/s; start of a step: {:.0f} ns\nkept in {}\n",
                     samples.size(), errors[errors.size() / 2], gigaflops(TypeClass::F32),
                     gigaflops(TypeClass::F64), machine.bytesPerSecond / 1e9,
                     machine.stepSeconds * 1e9, machineFile());
}

} // namespace

Expected<std::string> tune() {
  Options options;
  options.diskCache = false;
  planner::MachineModel machine;
  if (Expected<void> done = measureBasics(machine, options); !done)
    return done.error();
  int every = 1; // for tests, which have less time
  if (const char *text = std::getenv("TLC_TUNE_EVERY"))
    every = std::max(1, std::atoi(text));
  ContractionMaker maker;
  std::vector<Sample> samples;
  for (const ClassPlan &plan : classPlans())
    for (int number = 0; number < plan.count; number += every) {
      // From some thousand multiplications to as many as take some milliseconds.
      double bits = plan.type == TypeClass::F32 || plan.type == TypeClass::F64 ? 28 : 25;
      double work = std::exp2(11 + (bits - 11) * (number + 0.5) / plan.count);
      Contraction contraction = maker.make(plan.types[number % plan.types.size()], work);
      options.semiring = plan.semiring;
      Expected<double> seconds = measure(contraction, options);
      if (!seconds)
        return seconds.error();
      contraction.sample.type = plan.type;
      contraction.sample.seconds = *seconds;
      samples.push_back(contraction.sample);
    }
  machine = planner::fitMachine(samples, machine);
  if (Expected<void> kept = keepMachine(machine); !kept)
    return kept.error();
  return reportOf(samples, machine);
}

} // namespace tlc
