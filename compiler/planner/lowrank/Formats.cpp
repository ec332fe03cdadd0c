//===- Formats.cpp - which formats are possible, with which ranks ---------===//
//
// A train of groups of axes holds both trains and matrices, and the layers of A. Novikov et al.
// (2015), whose groups are an input and an output axis each:
//
//   W[i,j,k,l] = A[i,k,r] B[r,j,l]      the groups {0, 2} and {1, 3}
//
// Ranks are chosen greedily: of all singular values that are the last of their unfolding, the one
// goes next that costs least in squares for each element of the factors that goes with it.
//
//===----------------------------------------------------------------------===//

#include "compiler/planner/lowrank/Formats.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tlc::lowrank {

double Format::parameters(const std::vector<int64_t> &extents) const {
  if (form == Form::Sparse)
    return double(nonzeros);
  double sum = 0;
  for (const std::vector<int> &modes : factors) {
    double size = 1;
    for (int mode : modes)
      size *= mode < static_cast<int>(extents.size()) ? double(extents[mode])
                                                      : double(ranks[mode - extents.size()]);
    sum += size;
  }
  return sum;
}

std::string name(Form form) {
  switch (form) {
  case Form::Dense:
    return "dense";
  case Form::Matrix:
    return "matrix";
  case Form::Tucker:
    return "tucker";
  case Form::Train:
    return "train";
  case Form::Canonical:
    return "canonical";
  case Form::Sparse:
    break;
  }
  return "sparse";
}

std::string describe(const Format &format) {
  std::string text = name(format.form);
  if (format.form == Form::Sparse)
    return text + " with " + std::to_string(format.nonzeros) + " elements";
  for (size_t i = 0; i < format.ranks.size(); ++i)
    text += (i                         ? ", "
             : format.ranks.size() > 1 ? " of ranks "
                                       : " of rank ") +
            std::to_string(format.ranks[i]);
  return text;
}

namespace {

Format trainFormat(const std::vector<unsigned> &groups, int64_t order) {
  Format format;
  format.form = groups.size() == 2 ? Form::Matrix : Form::Train;
  unsigned before = 0;
  int rank = static_cast<int>(order);
  for (size_t i = 0; i < groups.size(); ++i) {
    std::vector<int> modes;
    if (i > 0)
      modes.push_back(rank++);
    for (int axis : axesIn(groups[i], order))
      modes.push_back(axis);
    before |= groups[i];
    if (i + 1 < groups.size()) {
      modes.push_back(rank);
      format.cuts.push_back(before);
    }
    format.factors.push_back(std::move(modes));
  }
  format.ranks.assign(format.cuts.size(), 1);
  return format;
}

Format tuckerFormat(unsigned set, int64_t order) {
  Format format;
  format.form = Form::Tucker;
  int rank = static_cast<int>(order);
  std::vector<int> core;
  std::vector<std::vector<int>> sides;
  for (int axis = 0; axis < order; ++axis) {
    if (!(set >> axis & 1)) {
      core.push_back(axis);
      continue;
    }
    format.cuts.push_back(1u << axis);
    core.push_back(rank);
    sides.push_back({axis, rank++});
  }
  format.factors.push_back(std::move(core));
  format.factors.insert(format.factors.end(), sides.begin(), sides.end());
  format.ranks.assign(format.cuts.size(), 1);
  return format;
}

/// Appends every train that continues the given groups, one of each pair that differ in direction.
void addTrains(std::vector<unsigned> &groups, unsigned rest, int64_t order,
               std::vector<Format> &formats) {
  if (!rest) {
    if (groups.size() >= 2 && groups.front() < groups.back())
      formats.push_back(trainFormat(groups, order));
    return;
  }
  for (unsigned group = rest; group; group = (group - 1) & rest) {
    groups.push_back(group);
    addTrains(groups, rest & ~group, order, formats);
    groups.pop_back();
  }
}

/// The trains whose groups are neighbouring axes.
void addTrainsInOrder(int64_t order, std::vector<Format> &formats) {
  if (order > 16)
    return;
  for (unsigned ends = 1; ends < 1u << (order - 1); ++ends) {
    std::vector<unsigned> groups(1, 0);
    for (int axis = 0; axis < order; ++axis) {
      groups.back() |= 1u << axis;
      if (axis + 1 < order && ends >> axis & 1)
        groups.push_back(0);
    }
    formats.push_back(trainFormat(groups, order));
  }
}

} // namespace

std::vector<Format> cutFormats(int64_t order) {
  std::vector<Format> formats;
  if (order < 2)
    return formats;
  if (order > mostAxes) {
    addTrainsInOrder(order, formats);
    return formats;
  }
  unsigned all = (1u << order) - 1;
  // A Tucker format of one axis is a matrix; one of two is a train, too, and comes first.
  for (unsigned set = 1; order > 2 && set <= all; ++set)
    if (set & (set - 1))
      formats.push_back(tuckerFormat(set, order));
  std::vector<unsigned> groups;
  addTrains(groups, all, order, formats);
  return formats;
}

Format canonicalFormat(int64_t order, int64_t rank) {
  Format format;
  format.form = Form::Canonical;
  for (int axis = 0; axis < order; ++axis)
    format.factors.push_back({axis, static_cast<int>(order)});
  format.ranks = {rank};
  return format;
}

template <typename T> bool chooseRanks(Format &format, Spectra<T> &spectra, double budget) {
  size_t numCuts = format.cuts.size();
  double rest = budget;
  for (size_t i = 0; i < numCuts; ++i) {
    int64_t rank = spectra.rankFor(format.cuts[i], budget / double(numCuts));
    if (rank < 0)
      return false;
    format.ranks[i] = rank;
    rest -= spectra.tails(format.cuts[i])[rank];
  }
  while (true) {
    double parameters = format.parameters(spectra.extents());
    double least = std::numeric_limits<double>::infinity(), spent = 0;
    size_t chosen = numCuts;
    for (size_t i = 0; i < numCuts; ++i) {
      if (format.ranks[i] < 2)
        continue;
      const std::vector<double> &tails = spectra.tails(format.cuts[i]);
      double energy = tails[format.ranks[i] - 1] - tails[format.ranks[i]];
      --format.ranks[i];
      double price = energy / std::max(1.0, parameters - format.parameters(spectra.extents()));
      ++format.ranks[i];
      if (energy <= rest && price < least) {
        least = price;
        spent = energy;
        chosen = i;
      }
    }
    if (chosen == numCuts)
      return true;
    --format.ranks[chosen];
    rest -= spent;
  }
}

template <typename T> Format dropSmall(Tensor<T> &tensor, double budget) {
  std::vector<double> squares;
  for (const T &value : tensor.values)
    if (value != T(0))
      squares.push_back(square(value));
  std::sort(squares.begin(), squares.end());
  double dropped = 0, least = 0;
  // Equal elements go or stay together, whatever their order.
  for (auto begin = squares.begin(), end = begin; begin != squares.end(); begin = end) {
    end = std::upper_bound(begin, squares.end(), *begin);
    dropped += *begin * double(end - begin);
    if (dropped > budget)
      break;
    least = *begin;
  }
  Format format;
  format.form = Form::Sparse;
  for (T &value : tensor.values) {
    if (square(value) <= least)
      value = T(0);
    format.nonzeros += value != T(0);
  }
  std::vector<int> modes;
  for (int axis = 0; axis < tensor.order(); ++axis)
    modes.push_back(axis);
  format.factors = {modes};
  return format;
}

#define TLC_INSTANTIATE(T)                                                                         \
  template bool chooseRanks(Format &, Spectra<T> &, double);                                       \
  template Format dropSmall(Tensor<T> &, double);
TLC_INSTANTIATE(double)
TLC_INSTANTIATE(std::complex<double>)
#undef TLC_INSTANTIATE

} // namespace tlc::lowrank
