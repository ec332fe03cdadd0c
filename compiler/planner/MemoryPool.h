//===- MemoryPool.h - how much memory a loop's body takes -----------------===//
//
// Blocks that the body of a loop needs are allocated in front of the loop. A tensor takes the
// smallest block that is large enough and free, or a new one:
//
//   8 MB for A;  4 MB for B;  A is dead;  6 MB for C, in A's block    takes 12 MB
//
// The code generator does the same (EmitterMemory.cpp).
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_PLANNER_MEMORYPOOL_H
#define TLC_COMPILER_PLANNER_MEMORYPOOL_H

#include <algorithm>
#include <cmath>
#include <set>

namespace tlc::planner {

class MemoryPool {
public:
  /// Blocks are whole lines of the cache.
  static double roundedUp(double bytes) { return std::max(1.0, std::ceil(bytes / 64)) * 64; }

  /// The size of the block that is taken.
  double take(double bytes) {
    bytes = roundedUp(bytes);
    auto found = free.lower_bound(bytes);
    if (found == free.end()) {
      all += bytes;
      return bytes;
    }
    double block = *found;
    free.erase(found);
    return block;
  }
  void release(double block) { free.insert(block); }
  double total() const { return all; }

private:
  std::multiset<double> free;
  double all = 0;
};

} // namespace tlc::planner

#endif // TLC_COMPILER_PLANNER_MEMORYPOOL_H
