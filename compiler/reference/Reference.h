//===- Reference.h - what an ein program means ----------------------------===//
//
// The oracle that every back end is compared with: an interpreter of ein that follows the
// definitions of the operations literally. A contraction is a loop over its whole iteration space,
//
//   result[p] = (+)_{x : r(x) = p}  T_1[m_1(x)] (x) ... (x) T_n[m_n(x)]
//
// Sums are accumulated in f64, integers wrap at their width, and every element that is stored is
// rounded to its tensor's type. An overflow of `count` is an error.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_REFERENCE_REFERENCE_H
#define TLC_COMPILER_REFERENCE_REFERENCE_H

#include "compiler/support/DType.h"
#include "compiler/support/Expected.h"
#include "dialects/Mlir.h"

#include "mlir/IR/BuiltinOps.h"

#include <cstddef>
#include <string>
#include <vector>

namespace tlc::reference {

/// A dense row-major tensor in NumPy's storage.
struct HostTensor {
  DType type = DType::F32;
  std::vector<int64_t> shape;
  std::vector<std::byte> bytes;
};

/// Iterations that a fixpoint may take.
inline constexpr int64_t maxFixpointSteps = 1'000'000;

/// Runs a function of ein operations, `tensor.dim`, `tensor.empty` and the like, constants and
/// index arithmetic.
Expected<std::vector<HostTensor>> interpret(mlir::ModuleOp module, StringRef function,
                                            ArrayRef<HostTensor> arguments);

/// "tensor<2x2xi32> [[1, 2], [3, 4]]": numbers are the shortest that read back as the same.
std::string print(const HostTensor &tensor);

} // namespace tlc::reference

#endif // TLC_COMPILER_REFERENCE_REFERENCE_H
