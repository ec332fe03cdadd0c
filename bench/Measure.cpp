//===- Measure.cpp - contenders that take turns ---------------------------===//

#include "bench/Measure.h"
#include "compiler/support/DType.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <thread>
#include <unistd.h>

namespace tlc::bench {
namespace {

/// Of one turn of a contender; shorter calls are repeated.
constexpr double kTurnSeconds = 2e-3;
/// Threads of a pool that have nothing to do spin first and then sleep. Until then they would take
/// the processor from the next contender: OpenBLAS's spin the longest, about 30 ms.
constexpr int kSettleMicroseconds = 35'000;

class Turns {
public:
  Turns(const Case &what, const Contender &contender)
      : contender(contender), threads(what.threads) {}

  /// Seconds for one call, from `repeats` of them.
  double take(int repeats) const {
    if (contender.turn)
      return contender.turn(repeats) / repeats;
    auto clock = threads > 1 ? wallSeconds : threadSeconds;
    double start = clock();
    for (int i = 0; i < repeats; ++i)
      contender.call();
    return (clock() - start) / repeats;
  }

  /// A turn among others: with several threads, one call goes before to wake them.
  double takeAmongOthers() const {
    if (threads > 1) {
      usleep(kSettleMicroseconds);
      if (seconds < 20e-3)
        take(1);
    }
    return take(repeats);
  }

  const Contender &contender;
  int threads;
  double seconds = 0; ///< of one call, at first
  int repeats = 1;
  std::vector<double> times;
};

/// The number of rounds that fit the time for a case: an odd number, for the median.
int roundsFor(const std::vector<Turns> &turns, bool quick) {
  double round = 0;
  for (const Turns &turn : turns)
    round += turn.seconds * turn.repeats + (turn.threads > 1 ? 1e-6 * kSettleMicroseconds : 0);
  int rounds = int((quick ? 0.15 : 1.5) / round);
  return std::clamp(rounds | 1, 3, 21);
}

/// A number of the type at `data`; of a complex one its parts count as numbers.
double numberAt(DType type, const void *data, size_t i) {
  auto half = [&](int mantissaBits) {
    uint16_t bits = static_cast<const uint16_t *>(data)[i];
    int exponentBits = 15 - mantissaBits, bias = (1 << (exponentBits - 1)) - 1;
    int exponent = (bits >> mantissaBits) & ((1 << exponentBits) - 1);
    int mantissa = bits & ((1 << mantissaBits) - 1);
    if (exponent == (1 << exponentBits) - 1)
      return std::nan("");
    double value = exponent == 0
                       ? std::ldexp(mantissa, 1 - bias - mantissaBits)
                       : std::ldexp(mantissa + (1 << mantissaBits), exponent - bias - mantissaBits);
    return bits & 0x8000 ? -value : value;
  };
  switch (type) {
  case DType::F64:
  case DType::C128:
    return static_cast<const double *>(data)[i];
  case DType::BF16:
    return half(7);
  case DType::F16:
    return half(10);
  case DType::I32:
    return static_cast<const int32_t *>(data)[i];
  case DType::I64:
    return double(static_cast<const int64_t *>(data)[i]);
  case DType::I8:
  case DType::Bool:
    return static_cast<const int8_t *>(data)[i];
  default:
    return static_cast<const float *>(data)[i];
  }
}

std::string difference(const Case &what, const void *ours, const void *theirs) {
  DType type = what.resultType;
  size_t bytes = byteSize(type) / (type == DType::C64 || type == DType::C128 ? 2 : 1);
  for (size_t i = 0; i < what.resultBytes / bytes; ++i) {
    double a = numberAt(type, ours, i), b = numberAt(type, theirs, i);
    if (!(std::abs(a - b) <= what.tolerance))
      return fmt::format("element {} is {}, but {}", i, a, b);
  }
  return "";
}

} // namespace

double sumTolerance(const std::string &type, double terms) {
  return (type == "f32" ? 2.4e-7 : 4.5e-16) * std::max(terms, 1.0);
}

std::string Case::title() const {
  return fmt::format("{} {} {} {} {} thread{}", group, type, size, name, threads,
                     threads > 1 ? "s" : "");
}

Peaks measurePeaks(int threads) {
  Peaks peaks;
  for (int f64 = 0; f64 < 2; ++f64) {
    DType type = f64 ? DType::F64 : DType::F32;
    peaks.gflops[f64][0] = measuredFmaPeak(type);
    if (threads < 2)
      continue;
    double other = 0;
    std::thread thread([&] { other = measuredFmaPeak(type); });
    double own = measuredFmaPeak(type);
    thread.join();
    peaks.gflops[f64][1] = own + other;
  }
  return peaks;
}

bool Session::wantsType(const std::string &type) const {
  return settings.types.empty() ||
         std::count(settings.types.begin(), settings.types.end(), type) > 0;
}

bool Session::wantsThreads(int threads) const {
  return std::count(settings.threads.begin(), settings.threads.end(), threads) > 0;
}

bool Session::wants(const Case &what) const {
  std::string title = what.title();
  return wantsType(what.type) && wantsThreads(what.threads) &&
         std::all_of(
             settings.filters.begin(), settings.filters.end(),
             [&](const std::string &part) { return title.find(part) != std::string::npos; });
}

void Session::fail(const std::string &message) {
  failed = true;
  fmt::print(stderr, "tlc-bench: {}\n", message);
}

void Session::figure(const std::string &what, double value, const std::string &unit) {
  figures.push_back({what, value, unit});
  fmt::print("{:<76} {:8.2f} {}\n", what, value, unit);
  std::fflush(stdout);
}

double Session::limit(const Case &what) const {
  double peak = what.speed * peaks.gflops[what.type == "f64"][what.threads > 1];
  return std::max(1e-9 * what.flops / peak, bandwidths.seconds(what.readBytes, what.writtenBytes));
}

/// Calls every contender once, on a result that is full of NaNs.
bool Session::agree(const Case &what, const std::vector<Contender> &contenders) {
  Buffer ours(what.resultBytes);
  for (const Contender &contender : contenders) {
    if (contender.isOther)
      continue;
    std::memset(what.result, 0xff, what.resultBytes);
    if (contender.call)
      contender.call();
    else
      contender.turn(1);
    if (contender.fetch)
      contender.fetch();
    if (&contender == &contenders.front()) {
      std::memcpy(ours.raw(), what.result, what.resultBytes);
      continue;
    }
    std::string wrong = difference(what, ours.raw(), what.result);
    if (!wrong.empty()) {
      fail(fmt::format("{}: {} with {}", what.title(), wrong, contender.name));
      return false;
    }
  }
  return true;
}

void Session::measure(const Case &what, const std::vector<Contender> &contenders) {
  if (!agree(what, contenders))
    return;
  std::vector<Turns> turns;
  for (const Contender &contender : contenders) {
    Turns &turn = turns.emplace_back(what, contender);
    turn.seconds = std::max(turn.take(1), 1e-9);
    turn.repeats = int(std::clamp(std::ceil(kTurnSeconds / turn.seconds), 1.0, 1e6));
  }
  int rounds = roundsFor(turns, settings.quick);
  for (int round = 0; round < rounds; ++round)
    for (size_t i = 0; i < turns.size(); ++i) {
      Turns &turn = turns[(i + round) % turns.size()];
      turn.times.push_back(turn.takeAmongOthers());
    }
  Result result{what, {}, limit(what)};
  for (Turns &turn : turns)
    result.timings.push_back({turn.contender.name, median(turn.times),
                              *std::min_element(turn.times.begin(), turn.times.end()),
                              rounds * turn.repeats, turn.contender.isOther});
  print(result);
  results.push_back(std::move(result));
}

void Session::print(const Result &result) const {
  const Case &what = result.what;
  double ours = result.timings.front().median, oursBest = result.timings.front().best;
  double peers = std::numeric_limits<double>::infinity(), peersBest = peers;
  bool byBytes = what.group == "memory";
  double work = byBytes ? what.readBytes + what.writtenBytes : what.flops;
  std::string others;
  for (size_t i = 1; i < result.timings.size(); ++i) {
    const Timing &timing = result.timings[i];
    others += fmt::format("  {} {:.2f}", timing.contender, 1e-9 * work / timing.median);
    if (timing.isOther) {
      others += fmt::format(" ({:.2f}x)", timing.median / ours);
      continue;
    }
    peers = std::min(peers, timing.median);
    peersBest = std::min(peersBest, timing.best);
  }
  std::string ratio;
  if (!std::isinf(peers))
    ratio = fmt::format("  {:.2f}x best peer ({:.2f}x by least times)", peers / ours,
                        peersBest / oursBest);
  fmt::print("{:<52} {:8.2f} {}  {:3.0f} % of limit{} {}\n", what.title(), 1e-9 * work / ours,
             byBytes ? "GB/s" : "GFLOP/s", 100 * result.limitSeconds / ours, ratio, others);
  std::fflush(stdout);
}

} // namespace tlc::bench
