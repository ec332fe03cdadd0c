//===- Kernels.cpp - sizes of index sets ----------------------------------===//
//
// log2 of the size of {i, j, k} with extents 4, 4 and 8 is 2 * log2(4) + 1 * log2(8): a count of
// bits for each extent.
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/Problem.h"

namespace tlc::planner {
namespace {

[[gnu::always_inline]] inline double unionBody(const Problem &problem, const Word *a,
                                               const Word *b) {
  double log = 0;
  for (const ExtentRun &run : problem.runs) {
    int count = 0;
    for (int word = run.begin; word < run.end; ++word)
      count += std::popcount(a[word] | b[word]);
    log += count * run.log;
  }
  return log;
}

[[gnu::always_inline]] inline RotationLogs
rotationBody(const Problem &problem, const Word *a, const Word *b, const Word *c, const Word *p) {
  RotationLogs logs{0, 0, 0};
  for (const ExtentRun &run : problem.runs) {
    int join = 0, kept = 0, root = 0;
    for (int word = run.begin; word < run.end; ++word) {
      Word both = a[word] | c[word];
      Word result = both & (b[word] | p[word]);
      join += std::popcount(both);
      kept += std::popcount(result);
      root += std::popcount(result | b[word]);
    }
    logs.join += join * run.log;
    logs.kept += kept * run.log;
    logs.root += root * run.log;
  }
  return logs;
}

double logUnionBase(const Problem &problem, const Word *a, const Word *b) {
  return unionBody(problem, a, b);
}
RotationLogs rotationBase(const Problem &problem, const Word *a, const Word *b, const Word *c,
                          const Word *p) {
  return rotationBody(problem, a, b, c, p);
}

#ifdef __x86_64__
#define TLC_POPCNT [[gnu::target("popcnt")]]
TLC_POPCNT double logUnionPopcnt(const Problem &problem, const Word *a, const Word *b) {
  return unionBody(problem, a, b);
}
TLC_POPCNT RotationLogs rotationPopcnt(const Problem &problem, const Word *a, const Word *b,
                                       const Word *c, const Word *p) {
  return rotationBody(problem, a, b, c, p);
}
#endif

Kernels choose() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("popcnt"))
    return {logUnionPopcnt, rotationPopcnt};
#endif
  return {logUnionBase, rotationBase};
}

} // namespace

const Kernels &kernels() {
  static const Kernels chosen = choose();
  return chosen;
}

} // namespace tlc::planner
