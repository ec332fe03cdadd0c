//===- Tccg.cpp - contractions of tensors ---------------------------------===//
//
// tlc beside the usual way, transposes and one matrix product. The extents of tccg48.txt are used
// as they are where one contraction then takes about a second, and are scaled down where not.
//
//===----------------------------------------------------------------------===//

#include "bench/Groups.h"
#include "bench/Tlc.h"
#include "bench/TransposeMultiply.h"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <sstream>

namespace tlc::bench {
namespace {

struct Contraction {
  std::string equation;
  Extents extents[2]; ///< for f32 and f64
};

Extents parseExtents(const std::string &text) {
  Extents extents;
  std::istringstream stream(text);
  char label = 'a';
  for (std::string part; std::getline(stream, part, ',');)
    extents[label++] = std::stoll(part);
  return extents;
}

std::vector<Contraction> readContractions() {
  std::vector<Contraction> result;
  std::ifstream file(TLC_BENCH_SOURCE_DIR "/tccg48.txt");
  for (std::string line; std::getline(file, line);) {
    std::istringstream columns(line);
    std::string family, equation, f32, f64;
    if (columns >> family >> equation >> f32 >> f64 && family != "#")
      result.push_back({equation, {parseExtents(f32), parseExtents(f64)}});
  }
  return result;
}

double flopsOf(const Extents &extents) {
  double flops = 2;
  for (auto [label, extent] : extents)
    flops *= double(extent);
  return flops;
}

/// Shrinks all extents alike, to multiples of 4, until no more is computed than asked for.
Extents scaled(const Extents &extents, double flops) {
  Extents result = extents;
  for (double factor = 1; flopsOf(result) > flops; factor *= 0.98)
    for (auto &[label, extent] : result)
      extent = std::max<int64_t>(4, int64_t(double(extents.at(label)) * factor) / 4 * 4);
  return result;
}

std::string sizeText(const Extents &extents) {
  std::string text;
  for (auto [label, extent] : extents)
    text += fmt::format("{}{}", text.empty() ? "" : ",", extent);
  return text;
}

template <typename T>
void measureContraction(Session &session, const Blas *blas, const Contraction &contraction) {
  bool isF32 = sizeof(T) == 4, quick = session.settings.quick;
  Extents extents = scaled(contraction.extents[!isF32], quick ? 2e9 : isF32 ? 50e9 : 25e9);
  const std::string &equation = contraction.equation;
  size_t comma = equation.find(','), arrow = equation.find("->");
  const std::string labels[3] = {equation.substr(0, comma),
                                 equation.substr(comma + 1, arrow - comma - 1),
                                 equation.substr(arrow + 2)};
  Case what{"tccg", equation, isF32 ? "f32" : "f64", sizeText(extents), 1, flopsOf(extents)};
  if (!session.wants(what))
    return;
  std::vector<Buffer> buffers;
  std::vector<View> views;
  for (const std::string &tensor : labels) {
    std::vector<int64_t> shape;
    int64_t size = 1;
    for (char label : tensor)
      size *= shape.emplace_back(extents.at(label));
    buffers.emplace_back(sizeof(T) * size);
    buffers.back().randomize<T>(uint32_t(buffers.size()));
    views.push_back(View::of(buffers.back().data<T>(), shape));
  }
  what.readBytes = double(buffers[0].bytes() + buffers[1].bytes());
  what.writtenBytes = double(buffers[2].bytes());
  what.result = buffers[2].raw();
  what.resultBytes = buffers[2].bytes();
  MultiplyPlan plan = planMultiply(labels[0], labels[1], labels[2], extents);
  what.tolerance = sumTolerance(what.type, double(plan.product.k));
  auto ours = einsumContender(session, equation, {views[0], views[1]}, views[2], 1);
  if (!ours)
    return;
  std::vector<Contender> contenders{*ours};
  if (blas) {
    auto multiply = std::make_shared<TransposeMultiply<T>>(plan, extents, *blas);
    contenders.push_back(
        {"transpose+" + blas->name, [=, a = buffers[0].data<T>(), b = buffers[1].data<T>(),
                                     c = buffers[2].data<T>()] { multiply->run(a, b, c); }});
  }
  session.measure(what, contenders);
}

} // namespace

void benchTccg(Session &session, Peers &peers) {
  const Blas *blas = nullptr;
  for (const Blas &found : peers.blas)
    if (found.name == "OpenBLAS")
      blas = &found;
  if (blas)
    blas->setThreads(1);
  for (const Contraction &contraction : readContractions()) {
    measureContraction<float>(session, blas, contraction);
    measureContraction<double>(session, blas, contraction);
  }
}

} // namespace tlc::bench
