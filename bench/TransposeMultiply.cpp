//===- TransposeMultiply.cpp - a contraction through one matrix product ---===//

#include "bench/TransposeMultiply.h"

#include <limits>

namespace tlc::bench {
namespace {

/// The labels of `order` that occur in `other` too.
std::string shared(const std::string &order, const std::string &other) {
  std::string result;
  for (char label : order)
    if (other.find(label) != std::string::npos)
      result += label;
  return result;
}

int64_t product(const std::string &labels, const Extents &extents) {
  int64_t result = 1;
  for (char label : labels)
    result *= extents.at(label);
  return result;
}

/// The cheaper way to see the tensor as a matrix of `first` x `second`, or of its transpose.
struct Choice {
  Unfolding unfolding;
  bool transposed = false;
  double moved = 0;
};
Choice choose(const std::string &tensor, const std::string &first, const std::string &second,
              const Extents &extents) {
  if (tensor == second + first)
    return {{tensor, tensor}, true, 0};
  std::string matrix = first + second;
  return {{tensor, matrix}, false, tensor == matrix ? 0 : double(product(tensor, extents))};
}

} // namespace

MultiplyPlan planMultiply(const std::string &a, const std::string &b, const std::string &c,
                          const Extents &extents) {
  MultiplyPlan best;
  best.movedElements = std::numeric_limits<double>::infinity();
  // Each group of indices in the order of one of the two tensors that have it.
  for (int orders = 0; orders < 8; ++orders) {
    std::string rows = orders & 1 ? shared(a, c) : shared(c, a);
    std::string columns = orders & 2 ? shared(b, c) : shared(c, b);
    std::string summed = orders & 4 ? shared(a, b) : shared(b, a);
    Choice forA = choose(a, rows, summed, extents), forB = choose(b, summed, columns, extents);
    Choice forC = choose(c, rows, columns, extents);
    double moved = forA.moved + forB.moved + forC.moved;
    if (moved >= best.movedElements)
      continue;
    best = {forA.unfolding, forB.unfolding, forC.unfolding, {}, forC.transposed, moved};
    int64_t m = product(rows, extents), n = product(columns, extents);
    int64_t k = product(summed, extents);
    best.product = forC.transposed ? Product{n, m, k, !forB.transposed, !forA.transposed}
                                   : Product{m, n, k, forA.transposed, forB.transposed};
  }
  return best;
}

template <typename T>
TransposeMultiply<T>::TransposeMultiply(MultiplyPlan plan, const Extents &extents, const Blas &blas)
    : plan(std::move(plan)), multiply(blas.multiply<T>()) {
  a = sideOf(this->plan.a.tensor, this->plan.a.matrix, extents);
  b = sideOf(this->plan.b.tensor, this->plan.b.matrix, extents);
  c = sideOf(this->plan.c.matrix, this->plan.c.tensor, extents);
}

template <typename T>
typename TransposeMultiply<T>::Side TransposeMultiply<T>::sideOf(const std::string &from,
                                                                 const std::string &to,
                                                                 const Extents &extents) const {
  if (from == to)
    return {};
  std::vector<int64_t> shape;
  std::vector<int> axes;
  for (char label : from)
    shape.push_back(extents.at(label));
  for (char label : to)
    axes.push_back(int(from.find(label)));
  return {std::make_unique<Transpose>(shape, axes),
          std::make_unique<Buffer>(sizeof(T) * product(from, extents))};
}

template <typename T> const T *TransposeMultiply<T>::unfold(const Side &side, const T *tensor) {
  if (!side.transpose)
    return tensor;
  side.transpose->run(tensor, side.matrix->template data<T>());
  return side.matrix->template data<T>();
}

template <typename T>
void TransposeMultiply<T>::run(const T *tensorA, const T *tensorB, T *result) {
  const T *lhs = unfold(a, tensorA), *rhs = unfold(b, tensorB);
  T *matrix = c.transpose ? c.matrix->template data<T>() : result;
  if (plan.swapped)
    multiply(plan.product, rhs, lhs, matrix);
  else
    multiply(plan.product, lhs, rhs, matrix);
  if (c.transpose)
    c.transpose->run(matrix, result);
}

template class TransposeMultiply<float>;
template class TransposeMultiply<double>;

} // namespace tlc::bench
