//===- Cost.h - index sets and their sizes --------------------------------===//

#ifndef TLC_COMPILER_PLANNER_COST_H
#define TLC_COMPILER_PLANNER_COST_H

#include "compiler/planner/Planner.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace tlc::planner {

/// Costs above this are all equally hopeless; sums of them stay finite.
inline constexpr double maxCost = 1e300;

inline double saturate(double cost) { return std::min(cost, maxCost); }

/// A set of index numbers.
class IndexSet {
public:
  explicit IndexSet(size_t universe = 0) : words((universe + 63) / 64, 0) {}

  void insert(int index) { words[index / 64] |= uint64_t(1) << (index % 64); }
  void erase(int index) { words[index / 64] &= ~(uint64_t(1) << (index % 64)); }
  bool contains(int index) const { return words[index / 64] >> (index % 64) & 1; }
  bool operator==(const IndexSet &) const = default;
  auto operator<=>(const IndexSet &) const = default;

  size_t numWords() const { return words.size(); }
  uint64_t word(size_t number) const { return words[number]; }
  void setWord(size_t number, uint64_t bits) { words[number] = bits; }

  template <typename Function> void forEach(Function function) const {
    for (size_t number = 0; number < words.size(); ++number)
      forEachBit(words[number], number, function);
  }
  template <typename Function>
  static void forEachBit(uint64_t bits, size_t number, Function function) {
    for (; bits; bits &= bits - 1)
      function(static_cast<int>(number * 64 + std::countr_zero(bits)));
  }

private:
  std::vector<uint64_t> words;
};

/// Bytes of one element of an intermediate: f16 and bf16 are accumulated in f32.
int64_t accumulatorBytes(DType type);

/// The extent used for planning: an empty tensor has no better or worse order.
inline double planningExtent(int64_t extent) { return extent < 1 ? 1.0 : double(extent); }

/// The operands' index sets, and the live tensors that hold each index while steps are taken.
class NetworkState {
public:
  explicit NetworkState(const Network &network);

  const IndexSet &indices(int node) const { return sets[node]; }
  int numNodes() const { return static_cast<int>(sets.size()); }
  double extent(int index) const { return extents[index]; }
  double size(const IndexSet &set) const;

  /// The indices that the contraction of two live nodes keeps.
  IndexSet kept(int lhs, int rhs) const;
  /// The product of their extents.
  double keptSize(int lhs, int rhs) const;
  /// Whether one live tensor alone has the index, and not the network's result.
  bool isOwn(int index) const { return holders[index] == 1; }

  /// Contracts two live nodes and returns the number of the new one.
  int contract(int lhs, int rhs);

private:
  void setHolders(int index, int count);
  uint64_t keptWord(int lhs, int rhs, size_t number) const;

  std::vector<double> extents;
  std::vector<IndexSet> sets;
  /// Live tensors with the index, the network's result being one.
  std::vector<int> holders;
  IndexSet atLeastTwo, atLeastThree;
};

/// Contracts tensors with equal index sets and returns the steps.
Path contractEqualSets(NetworkState &state);

/// Exact order of at most `options.exactLimit` operands with different index sets, or an empty path
/// if there are more or none is within `bound`.
Path exactOrder(const Network &network, const Options &options, double bound);

/// The same tree, with the steps ordered so that little is alive at a time.
Path orderForMemory(const Network &network, const Path &path);

/// The plan's value in the objective.
double objectiveOf(const Plan &plan, Objective objective);

} // namespace tlc::planner

#endif // TLC_COMPILER_PLANNER_COST_H
