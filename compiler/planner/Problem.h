//===- Problem.h - a network prepared for the search ----------------------===//
//
// The searches look at millions of trees, so they see a network as bits: the indices of a tensor
// are a row of 64-bit words, and what a step costs follows from the sizes of a few unions.
//
//   ij,jk,kl->il   is   0011, 0110, 1100 -> 1001
//
// Extents are in logarithms. Indices are numbered so that all those of one word have the same
// extent: the size of a set is then one count of bits a word.
//
// Indices that the same tensors have are one index here, indices of extent 1 are none, and tensors
// with equal indices are multiplied beforehand (see Simplify.cpp).
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_PLANNER_PROBLEM_H
#define TLC_COMPILER_PLANNER_PROBLEM_H

#include "compiler/planner/Planner.h"

#include <bit>
#include <cstdint>
#include <vector>

namespace tlc::planner {

using Word = uint64_t;

/// Adjacent words whose indices have the same extent.
struct ExtentRun {
  int begin = 0, end = 0; ///< words
  double log = 0;         ///< log2 of the extent
};

struct Problem {
  int numTensors = 0, numWords = 0;
  std::vector<ExtentRun> runs;
  std::vector<Word> tensors; ///< `numWords` for each tensor
  std::vector<Word> output;
  std::vector<double> logs; ///< log2 of the extent, by index
  std::vector<int> nodes;   ///< of each tensor, in the network's path

  int numIndices() const { return static_cast<int>(logs.size()); }
  const Word *tensor(int number) const { return tensors.data() + size_t(number) * numWords; }
  double logSize(const Word *set) const;
};

/// A network as independent problems.
struct Parts {
  Path prefix; ///< steps that come first
  std::vector<Problem> problems;
};

Parts simplify(const Network &network);

/// Calls `function` with the number of each bit of a set.
template <typename Function> void forEachIndex(const Word *set, int numWords, Function function) {
  for (int word = 0; word < numWords; ++word)
    for (Word bits = set[word]; bits; bits &= bits - 1)
      function(word * 64 + std::countr_zero(bits));
}

inline bool contains(const Word *set, int index) { return set[index / 64] >> (index % 64) & 1; }
inline void insert(Word *set, int index) { set[index / 64] |= Word(1) << (index % 64); }
inline void erase(Word *set, int index) { set[index / 64] &= ~(Word(1) << (index % 64)); }

/// log2 of the sizes that decide about a rotation ((A B) C) -> ((A C) B) below a node with
/// indices P: of the union of A and C, of what (A C) keeps, and of the union of that and B.
struct RotationLogs {
  double join, kept, root;
};

/// The inner loops, compiled for processors that count bits in one instruction too.
struct Kernels {
  double (*logUnion)(const Problem &problem, const Word *a, const Word *b);
  RotationLogs (*rotation)(const Problem &problem, const Word *a, const Word *b, const Word *c,
                           const Word *p);
};
const Kernels &kernels();

inline double Problem::logSize(const Word *set) const {
  return kernels().logUnion(*this, set, set);
}

/// Reproducible on every platform (Vigna's SplitMix64).
class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}

  uint64_t next() {
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// In (0, 1).
  double uniform() { return (double(next() >> 12) + 0.5) * 0x1p-52; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }

private:
  uint64_t state;
};

} // namespace tlc::planner

#endif // TLC_COMPILER_PLANNER_PROBLEM_H
