//===- Groups.h - what is measured ----------------------------------------===//

#ifndef TLC_BENCH_GROUPS_H
#define TLC_BENCH_GROUPS_H

#include "bench/Blas.h"
#include "bench/Measure.h"
#include "bench/Torch.h"
#include "bench/Xsmm.h"

namespace tlc::bench {

/// The contenders beside tlc.
struct Peers {
  std::vector<Blas> blas;
  Xsmm xsmm;
  Torch torch;
};

/// Square products of all four transpositions.
void benchGemm(Session &session, Peers &peers);
/// Products with one or two small extents, and a matrix with a vector.
void benchSkinny(Session &session, Peers &peers);
/// Many small products.
void benchBatched(Session &session, Peers &peers);
/// The 48 contractions of the Tensor Contraction Code Generator's benchmark.
void benchTccg(Session &session, Peers &peers);
/// Elementwise chains, reductions, transposes and softmax.
void benchMemory(Session &session, Peers &peers);
/// Products of other types of numbers and in other semirings.
void benchTypes(Session &session, Peers &peers);
void benchAttention(Session &session, Peers &peers);
void benchCompile(Session &session, Peers &peers);

} // namespace tlc::bench

#endif // TLC_BENCH_GROUPS_H
