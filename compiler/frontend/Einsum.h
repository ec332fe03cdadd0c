//===- Einsum.h - the einsum notation, free of letters --------------------===//
//
//   parseEinsum("b...i,ji->b...j", {{8, 4, 3}, {5, 1}})
//
//     inputs  {{0, 3, 1}, {2, -1}}     labels b i j and the one that '...' stands for
//     output  {0, 3, 2}
//     extents {8, 3, 5, 4}
//
// The notation is NumPy's, with its meaning; beyond it: a repeated index in the result (`i->ii`,
// zero off the diagonal), indices of any script and any number, and names of several letters with
// white space between them: `batch i k, k j -> batch i j`.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_FRONTEND_EINSUM_H
#define TLC_COMPILER_FRONTEND_EINSUM_H

#include "compiler/support/Diagnostic.h"
#include "compiler/support/Source.h"

#include <optional>
#include <string>
#include <vector>

namespace tlc {

struct EinsumSpec {
  /// For each operand, the label of each dimension; -1 where a dimension of extent 1 is repeated
  /// along a label of another extent: position 0 is read, whatever the label's value.
  std::vector<std::vector<int>> inputs;
  std::vector<int> output;
  /// By label; -1 if it is not known yet.
  std::vector<int64_t> extents;
  /// By label; "...0", "...1" for those that an ellipsis stands for.
  std::vector<std::string> labelNames;
};

/// Reads the notation that is the text of `file`. `shapes` holds the extents of each operand, -1
/// where unknown; if it is empty, no ranks and extents are checked and there can be no ellipsis.
/// Nullopt if there were errors, located in the notation.
std::optional<EinsumSpec> parseEinsum(const SourceManager &sources, uint32_t file,
                                      const std::vector<std::vector<int64_t>> &shapes,
                                      Diagnostics &diagnostics);

} // namespace tlc

#endif // TLC_COMPILER_FRONTEND_EINSUM_H
