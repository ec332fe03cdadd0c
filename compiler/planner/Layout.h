//===- Layout.h - how the tensors of a step lie in memory -----------------===//

#ifndef TLC_COMPILER_PLANNER_LAYOUT_H
#define TLC_COMPILER_PLANNER_LAYOUT_H

#include <vector>

namespace tlc::planner {

/// Whether code for the step cannot go along neighbours in memory. Indices are those with extents
/// above 1, as they are stored.
///
///   bij,bjk->bik   no: neighbours belong to one matrix        ijb,jkb->ikb   yes
///   ij,i->ij       no: nothing is summed, and rows are rows   ij,ji->ij      yes
bool isScattered(const std::vector<int> &lhs, const std::vector<int> &rhs,
                 const std::vector<int> &result);

} // namespace tlc::planner

#endif // TLC_COMPILER_PLANNER_LAYOUT_H
