//===- TransposeMultiply.h - a contraction through one matrix product -----===//
//
// What most libraries do with a contraction: permute the operands into matrices, multiply these
// with BLAS, permute the product into the result.
//
//   C[a,b,c] = A[b,d,a] B[d,c]     A'[a,b,d] = A[b,d,a];   C[(ab),c] = A'[(ab),d] B[d,c]
//
//===----------------------------------------------------------------------===//

#ifndef TLC_BENCH_TRANSPOSEMULTIPLY_H
#define TLC_BENCH_TRANSPOSEMULTIPLY_H

#include "bench/Blas.h"
#include "bench/Machine.h"
#include "bench/Transpose.h"

#include <map>
#include <memory>
#include <string>

namespace tlc::bench {

/// The labels of one operand, or of the result, and of the matrix that takes its place.
struct Unfolding {
  std::string tensor;
  std::string matrix;
};

/// Of all ways to order the flattened indices, one that moves the fewest elements.
struct MultiplyPlan {
  Unfolding a, b, c;
  Product product;      ///< of matrices as they are unfolded
  bool swapped = false; ///< c is computed as its transpose, from b and a
  double movedElements = 0;
};

using Extents = std::map<char, int64_t>;

/// For labels that each occur in exactly two of the three.
MultiplyPlan planMultiply(const std::string &a, const std::string &b, const std::string &c,
                          const Extents &extents);

template <typename T> class TransposeMultiply {
public:
  TransposeMultiply(MultiplyPlan plan, const Extents &extents, const Blas &blas);
  void run(const T *a, const T *b, T *c);

private:
  struct Side {
    std::unique_ptr<Transpose> transpose; ///< null if the tensor is the matrix
    std::unique_ptr<Buffer> matrix;
  };
  Side sideOf(const std::string &from, const std::string &to, const Extents &extents) const;
  const T *unfold(const Side &side, const T *tensor);

  MultiplyPlan plan;
  Blas::Multiply<T> multiply;
  Side a, b, c;
};

} // namespace tlc::bench

#endif // TLC_BENCH_TRANSPOSEMULTIPLY_H
