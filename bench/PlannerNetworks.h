//===- PlannerNetworks.h - networks to plan -------------------------------===//

#ifndef TLC_BENCH_PLANNERNETWORKS_H
#define TLC_BENCH_PLANNERNETWORKS_H

#include "compiler/planner/Planner.h"

#include <random>
#include <string>

namespace tlc::bench {

struct NamedNetwork {
  std::string name;
  planner::Network network;
  /// log10 of the multiplications of the best order known to us from elsewhere; 0: none.
  double known = 0;
};

/// The families that orders are compared on, the same on every machine.
std::vector<NamedNetwork> plannerFamilies();

/// n queens on a board of n x n: an index for each square, and along each row, column and diagonal
/// a chain of tensors that counts its queens.
planner::Network queensNetwork(int n);

/// The clauses of a formula over side x side variables; the three variables of each of the `count`
/// clauses are close to each other.
planner::Network clauseNetwork(int side, int count, unsigned seed);

} // namespace tlc::bench

#endif // TLC_BENCH_PLANNERNETWORKS_H
