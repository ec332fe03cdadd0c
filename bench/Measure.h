//===- Measure.h - contenders that take turns -----------------------------===//
//
// The ratio of two times is what counts, and a shared machine is faster one minute and slower the
// next. So all contenders of a case take turns in one process, and medians are compared:
//
//   round 1: tlc OpenBLAS BLIS    round 2: OpenBLAS BLIS tlc    ...
//
// One thread is timed by its processor time, which other processes do not lengthen; several
// threads by the clock on the wall. google-benchmark runs one benchmark to its end before it
// starts the next, and repeats it until its own time is stable; it cannot take turns, nor ask a
// contender in another process for its time. Micro.cpp uses it, where one loop is timed alone.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_BENCH_MEASURE_H
#define TLC_BENCH_MEASURE_H

#include "bench/Machine.h"
#include "tlc/tlc.h"

#include <functional>
#include <string>
#include <vector>

namespace tlc::bench {

struct Settings {
  bool quick = false;
  std::vector<std::string> groups;
  std::vector<std::string> filters; ///< a case runs if its title contains all of them
  std::vector<std::string> types;   ///< all if there is none
  std::vector<int> threads;
  std::string tlc;    ///< the program, for the group that starts it
  std::string python; ///< with PyTorch, or "" to do without
  std::string json;   ///< file for the results
};

/// One way to compute a case's result.
struct Contender {
  std::string name;
  std::function<void()> call;
  /// Instead of `call`, of contenders in another process: does it so many times, gives seconds.
  std::function<double(int repeats)> turn;
  /// Of these: brings the result here, before it is compared.
  std::function<void()> fetch;
  /// Computes something else, with a result of its own: what the case is compared with.
  bool isOther = false;
};

/// What is computed: the first contender is tlc.
struct Case {
  std::string group;
  std::string name; ///< "ij,jk->ik"
  std::string type; ///< "f32"
  std::string size; ///< "1024" or "4096x16x16"
  int threads = 1;
  double flops = 0;
  double readBytes = 0;
  double writtenBytes = 0;
  /// Every contender writes here; what tlc wrote is what the others must agree with.
  void *result = nullptr;
  size_t resultBytes = 0;
  double tolerance = 0; ///< absolute
  DType resultType = type == "f64" ? DType::F64 : DType::F32;
  /// Multiply-adds in the time of one of f32 at least.
  double speed = 1;

  std::string title() const;
};

struct Timing {
  std::string contender;
  double median = 0;
  double best = 0;
  int calls = 0;
  bool isOther = false;
};

struct Result {
  Case what;
  std::vector<Timing> timings;
  double limitSeconds = 0; ///< what the machine allows, at best
};

/// What one core or two can do, in GFLOP/s, [type is f64][threads - 1].
struct Peaks {
  double gflops[2][2] = {};
};
Peaks measurePeaks(int threads);

/// The run: what was asked for, what the machine can do, and what was found.
class Session {
public:
  explicit Session(Settings settings) : settings(std::move(settings)) {}

  const Settings settings;
  Peaks peaks;
  Bandwidths bandwidths;
  std::vector<std::pair<std::string, std::string>> peers; ///< names, and what they are
  std::vector<Result> results;
  struct Figure {
    std::string what;
    double value;
    std::string unit;
  };
  std::vector<Figure> figures; ///< what has no contenders
  bool failed = false;

  bool wants(const Case &what) const;
  bool wantsType(const std::string &type) const;
  bool wantsThreads(int threads) const;

  /// Checks that the contenders agree, lets them take turns, prints a line.
  void measure(const Case &what, const std::vector<Contender> &contenders);
  void figure(const std::string &what, double value, const std::string &unit);
  /// Reports something that does not work; the run goes on, but ends with status 1.
  void fail(const std::string &message);
  void writeJson() const;

private:
  double limit(const Case &what) const;
  bool agree(const Case &what, const std::vector<Contender> &contenders);
  void print(const Result &result) const;
};

/// How far two sums of `terms` products of numbers in [-1, 1) may be apart.
double sumTolerance(const std::string &type, double terms);

/// The value, or null with the error's message reported.
template <typename T>
bool works(Session &session, const std::string &what, const Expected<T> &value) {
  if (!value)
    session.fail(what + ": " + value.error().message());
  return bool(value);
}

} // namespace tlc::bench

#endif // TLC_BENCH_MEASURE_H
