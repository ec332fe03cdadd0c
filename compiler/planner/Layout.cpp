//===- Layout.cpp - how the tensors of a step lie in memory ---------------===//

#include "compiler/planner/Layout.h"

#include <algorithm>

namespace tlc::planner {

static bool has(const std::vector<int> &indices, int index) {
  return std::find(indices.begin(), indices.end(), index) != indices.end();
}

bool isScattered(const std::vector<int> &lhs, const std::vector<int> &rhs,
                 const std::vector<int> &result) {
  bool isSum = std::any_of(lhs.begin(), lhs.end(), [&](int index) { return !has(result, index); });
  if (!isSum) // every operand must have the result's neighbours side by side, or none of them
    return !result.empty() && ((has(lhs, result.back()) && lhs.back() != result.back()) ||
                               (has(rhs, result.back()) && rhs.back() != result.back()));
  auto isBatch = [&](int index) {
    return has(lhs, index) && has(rhs, index) && has(result, index);
  };
  auto endsInBatch = [&](const std::vector<int> &indices) {
    return !indices.empty() && isBatch(indices.back()) &&
           !std::all_of(indices.begin(), indices.end(), isBatch);
  };
  return endsInBatch(lhs) || endsInBatch(rhs) || endsInBatch(result);
}

} // namespace tlc::planner
