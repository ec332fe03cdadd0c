//===- Choose.cpp - the format that is predicted to be fastest ------------===//
//
// Formats that meet the error by their bound are sorted by predicted seconds. The first whose
// rounded factors meet it in fact is taken.
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/lowrank/Formats.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

namespace tlc::lowrank {
namespace {

/// Larger constants stay as they are: their singular values take too long.
constexpr int64_t mostElements = int64_t(1) << 26;
constexpr size_t mostTries = 4, mostPredictions = 512;
constexpr int mostRaises = 6, mostCanonicalRanks = 6;

struct Candidate {
  Format format;
  double seconds = 0;
};

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

template <typename T> class Chooser {
public:
  Chooser(const Tensor<T> &constant, const Request &request)
      : constant(constant), request(request), spectra(constant, request.eps, request.seed),
        norm(spectra.squaredNormOfAll()) {}

  Choice<T> run();

private:
  double budget() const;
  bool pays(double seconds) const { return seconds * request.gain <= denseSeconds; }
  void predict(std::vector<Format> formats);
  void addCutFormats();
  void addSparse();
  std::optional<Factorization<T>> realize(Format &format);
  std::optional<Factorization<T>> realizeCut(Format &format);
  std::optional<Factorization<T>> measure(const Format &format, std::vector<Tensor<T>> factors);
  bool raise(Format &format);
  void tryCanonical(Choice<T> &choice);

  const Tensor<T> &constant;
  const Request &request;
  Spectra<T> spectra;
  double norm, denseSeconds = 0;
  std::vector<Candidate> candidates;
  /// The error that came nearest, for the reason.
  double leastError = HUGE_VAL;
};

/// What may be dropped, with some left for rounding.
template <typename T> double Chooser<T>::budget() const {
  double rounding = 2 * unitRoundoff(request.type);
  return norm * (request.eps * request.eps - rounding * rounding);
}

template <typename T> void Chooser<T>::predict(std::vector<Format> formats) {
  double dense = double(constant.values.size());
  std::erase_if(formats, [&](const Format &format) {
    return format.form != Form::Sparse && format.parameters(constant.extents) >= dense;
  });
  std::stable_sort(formats.begin(), formats.end(), [&](const Format &a, const Format &b) {
    return a.parameters(constant.extents) < b.parameters(constant.extents);
  });
  if (formats.size() > mostPredictions)
    formats.resize(mostPredictions);
  for (Format &format : formats)
    if (double seconds = request.seconds(format); pays(seconds))
      candidates.push_back({std::move(format), seconds});
}

template <typename T> void Chooser<T>::addCutFormats() {
  std::vector<Format> formats = cutFormats(constant.order());
  std::erase_if(formats, [&](Format &format) { return !chooseRanks(format, spectra, budget()); });
  predict(std::move(formats));
}

template <typename T> void Chooser<T>::addSparse() {
  Tensor<T> copy = constant;
  predict({dropSmall(copy, budget())});
}

template <typename T>
std::optional<Factorization<T>> Chooser<T>::measure(const Format &format,
                                                    std::vector<Tensor<T>> factors) {
  for (Tensor<T> &factor : factors)
    for (T &value : factor.values)
      value = roundTo(request.type, value);
  Tensor<T> product = reconstruct(format, factors, constant.extents);
  double sum = 0, largest = 0;
  for (size_t i = 0; i < product.values.size(); ++i) {
    double distance = square(product.values[i] - constant.values[i]);
    sum += distance;
    largest = std::max(largest, distance);
  }
  Factorization<T> found = {format, std::move(factors), std::sqrt(sum / norm), std::sqrt(largest)};
  leastError = std::min(leastError, found.error);
  if (!(found.error <= request.eps) || !(found.largestError <= request.largestError))
    return std::nullopt;
  return found;
}

/// Raises the rank that drops most; false if none can be raised.
template <typename T> bool Chooser<T>::raise(Format &format) {
  double most = -1;
  size_t chosen = 0;
  for (size_t i = 0; i < format.cuts.size(); ++i) {
    const std::vector<double> &tails = spectra.tails(format.cuts[i]);
    bool canRise = format.ranks[i] + 1 < static_cast<int64_t>(tails.size());
    if (canRise && tails[format.ranks[i]] > most) {
      most = tails[format.ranks[i]];
      chosen = i;
    }
  }
  if (most < 0)
    return false;
  format.ranks[chosen] += 1 + format.ranks[chosen] / 20;
  int64_t full = static_cast<int64_t>(spectra.tails(format.cuts[chosen]).size()) - 1;
  format.ranks[chosen] = std::min(format.ranks[chosen], full);
  return true;
}

template <typename T> std::optional<Factorization<T>> Chooser<T>::realizeCut(Format &format) {
  std::optional<Factorization<T>> found;
  for (int tries = 0; !found && tries <= mostRaises; ++tries) {
    if (tries > 0 && (!raise(format) || !pays(request.seconds(format))))
      return std::nullopt;
    found = measure(format, truncate(constant, format, request.eps, request.seed));
  }
  if (!found)
    return std::nullopt;
  // The bound adds up what is dropped at each cut; what was not used of the budget is used now.
  Format smaller = format;
  double unused = budget() - found->error * found->error * norm;
  if (unused > 0.05 * budget() && chooseRanks(smaller, spectra, budget() + unused) &&
      smaller.ranks != format.ranks && request.seconds(smaller) < request.seconds(format))
    if (auto better = measure(smaller, truncate(constant, smaller, request.eps, request.seed))) {
      format = smaller;
      return better;
    }
  return found;
}

template <typename T> std::optional<Factorization<T>> Chooser<T>::realize(Format &format) {
  if (format.form != Form::Sparse)
    return realizeCut(format);
  Tensor<T> copy = constant;
  dropSmall(copy, budget());
  return measure(format, {std::move(copy)});
}

/// No rank below the largest of an unfolding can do, and none that is predicted to be slower than
/// what is there is of interest.
template <typename T> void Chooser<T>::tryCanonical(Choice<T> &choice) {
  int64_t order = constant.order(), rank = 1;
  if (order < 3 || order > mostAxes)
    return;
  for (unsigned set = 1; set + 1 < 1u << order; ++set) {
    int64_t least = spectra.rankFor(set, norm * request.eps * request.eps);
    if (least < 0)
      return;
    rank = std::max(rank, least);
  }
  for (int tries = 0; tries < mostCanonicalRanks; ++tries, rank += std::max<int64_t>(1, rank / 4)) {
    Format format = canonicalFormat(order, rank);
    double seconds = request.seconds(format);
    if (format.parameters(constant.extents) >= double(constant.values.size()) || !pays(seconds) ||
        (choice.factorization && seconds >= choice.seconds))
      return;
    double eps = std::sqrt(budget() / norm);
    std::vector<Tensor<T>> factors = fitCanonical(constant, format, eps, request.seed);
    if (std::optional<Factorization<T>> found = measure(format, std::move(factors))) {
      choice.factorization = std::move(found);
      choice.seconds = seconds;
      return;
    }
  }
}

template <typename T> Choice<T> Chooser<T>::run() {
  Choice<T> choice;
  choice.denseSeconds = denseSeconds = request.seconds(Format());
  auto keep = [&](std::string reason) {
    choice.reason = std::move(reason);
    choice.seconds = denseSeconds;
    return choice;
  };
  if (static_cast<int64_t>(constant.values.size()) > mostElements)
    return keep("it has more elements than are factorized");
  if (!std::isfinite(norm))
    return keep("it has elements that are not finite");
  if (norm == 0)
    return keep("all its elements are zero");
  if (!(budget() > 0))
    return keep("the error allowed is below what rounding to " +
                std::string(tlc::name(request.type)) + " costs");
  addCutFormats();
  addSparse();
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate &a, const Candidate &b) { return a.seconds < b.seconds; });
  for (size_t i = 0; i < std::min(candidates.size(), mostTries) && !choice.factorization; ++i) {
    choice.factorization = realize(candidates[i].format);
    if (choice.factorization)
      choice.seconds = request.seconds(candidates[i].format);
  }
  tryCanonical(choice);
  if (choice.factorization)
    return choice;
  if (!candidates.empty())
    return keep("the error of its factors is " + number(leastError));
  return keep("no factorization with that error is predicted to be " + number(request.gain) +
              " times faster");
}

} // namespace

template <typename T> Choice<T> choose(const Tensor<T> &constant, const Request &request) {
  return Chooser<T>(constant, request).run();
}

template Choice<double> choose(const Tensor<double> &, const Request &);
template Choice<std::complex<double>> choose(const Tensor<std::complex<double>> &, const Request &);

} // namespace tlc::lowrank
