//===- MatrixVector.cpp - products of a matrix and a vector ---------------===//

#include "compiler/codegen/cpu/MatrixVector.h"

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/IndexMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace tlc::codegen {

namespace scf = mlir::scf;
namespace vector = mlir::vector;

namespace {

/// Rows of a dot product at a time, and vectors of each.
constexpr int64_t dotRows = 4, dotVectors = 2;
/// Terms that are added to a block of the result at a time, vectors at a time, bytes of a block.
constexpr int64_t axpyTerms = 8, axpyVectors = 2, axpyBytes = 16 << 10;

class MatrixVectorEmitter {
public:
  MatrixVectorEmitter(Location loc, const Nest &nest, const ContractionGroups &groups,
                      const MatrixVectorPlan &plan)
      : loc(loc), nest(nest), plan(plan), matrix(nest.inputs[plan.matrix]),
        factor(nest.inputs[plan.vector]), sumDims(groups.k) {
    llvm::erase(sumDims, plan.vectorDim);
  }

  void emitDot(OpBuilder &builder);
  void emitAxpy(OpBuilder &builder);

private:
  using Values = SmallVector<Value>;
  using LoopBody = function_ref<Values(OpBuilder &, Value, Values)>;
  using TermsBody = function_ref<Values(OpBuilder &, Value, Value, Values)>;

  Values loop(OpBuilder &builder, Value lower, Value upper, int64_t step, Values carried,
              LoopBody body);
  /// Runs `body` with the pointers of both inputs at every position of `dims`.
  Values overSums(OpBuilder &builder, ArrayRef<unsigned> dims, Value matrixAt, Value factorAt,
                  Values carried, TermsBody body);
  Value moved(OpBuilder &builder, const Access &access, Value pointer, unsigned dim, Value by) {
    Value offset = IndexMath(builder, loc).mul(by, access.strides[dim]);
    return isKnown(offset, 0) ? pointer
                              : elementPointer(builder, loc, pointer, access.element, offset);
  }
  Value base(OpBuilder &builder, const Access &access, ArrayRef<Value> point);
  Value load(OpBuilder &builder, const Access &access, Value pointer, unsigned lanes) {
    return loadElement(builder, loc, pointer, access.element, access.compute, lanes);
  }
  /// Elements of a block of the result.
  int64_t axpyBlock() const { return axpyBytes / std::max<int64_t>(byteSize(nest.valueType), 1); }
  /// sum (+) matrix element (*) vector element.
  Value add(OpBuilder &builder, Value sum, Value element, Value by, unsigned lanes);
  Value neutral(OpBuilder &builder, unsigned lanes) {
    return constantElement(builder, loc, nest.reduction->neutral, nest.valueType, lanes);
  }

  void emitRows(OpBuilder &builder, ArrayRef<Value> point, int rowDim, int64_t rows);
  void finishRow(OpBuilder &builder, SmallVector<Value> point, Value sum);
  void emitBlock(OpBuilder &builder, ArrayRef<Value> point, Value begin, Value end);
  void addTerms(OpBuilder &builder, Value matrixAt, Value factorAt, Value resultAt, Value length,
                int sumDim, int64_t terms);

  Location loc;
  const Nest &nest;
  const MatrixVectorPlan &plan;
  const Access &matrix, &factor;
  /// Summed dimensions but the one along which vectors lie.
  SmallVector<unsigned> sumDims;
};

} // namespace

//===----------------------------------------------------------------------===//
// Both forms
//===----------------------------------------------------------------------===//

SmallVector<Value> MatrixVectorEmitter::loop(OpBuilder &builder, Value lower, Value upper,
                                             int64_t step, Values carried, LoopBody body) {
  IndexMath math(builder, loc);
  scf::ForOp loop =
      scf::ForOp::create(builder, loc, lower, upper, math.constant(step), carried,
                         [&](OpBuilder &inner, Location, Value i, ValueRange values) {
                           scf::YieldOp::create(inner, loc, body(inner, i, Values(values)));
                         });
  return Values(loop.getResults());
}

SmallVector<Value> MatrixVectorEmitter::overSums(OpBuilder &builder, ArrayRef<unsigned> dims,
                                                 Value matrixAt, Value factorAt, Values carried,
                                                 TermsBody body) {
  if (dims.empty())
    return body(builder, matrixAt, factorAt, carried);
  unsigned dim = dims.front();
  IndexMath math(builder, loc);
  return loop(builder, math.constant(0), nest.extents[dim], 1, carried,
              [&](OpBuilder &inner, Value i, Values values) {
                return overSums(inner, dims.drop_front(), moved(inner, matrix, matrixAt, dim, i),
                                moved(inner, factor, factorAt, dim, i), values, body);
              });
}

Value MatrixVectorEmitter::base(OpBuilder &builder, const Access &access, ArrayRef<Value> point) {
  IndexMath math(builder, loc);
  Value offset = math.constant(0);
  for (auto [dim, at] : llvm::enumerate(point))
    if (at)
      offset = math.add(offset, math.mul(at, access.strides[dim]));
  return elementPointer(builder, loc, access.pointer, access.element, offset);
}

Value MatrixVectorEmitter::add(OpBuilder &builder, Value sum, Value element, Value by,
                               unsigned lanes) {
  Value values[] = {element, by};
  if (plan.matrix == 1)
    std::swap(values[0], values[1]);
  auto noPosition = [](int64_t) { return Value(); };
  Value product = nest.element({builder, loc, lanes, noPosition}, values);
  return nest.reduction->combine(builder, loc, sum, product);
}

//===----------------------------------------------------------------------===//
// Dot products
//===----------------------------------------------------------------------===//

void MatrixVectorEmitter::finishRow(OpBuilder &builder, SmallVector<Value> point, Value sum) {
  if (nest.finish) {
    SmallVector<Value> late;
    for (const Access &access : nest.late)
      late.push_back(load(builder, access, base(builder, access, point), 1));
    auto position = [&](int64_t dim) { return IndexMath(builder, loc).toIndex(point[dim]); };
    sum = nest.finish({builder, loc, 1, position}, sum, late);
  }
  storeElement(builder, loc, sum, base(builder, nest.result, point), nest.result.element);
}

/// `rows` rows along `rowDim` from `point` on.
void MatrixVectorEmitter::emitRows(OpBuilder &builder, ArrayRef<Value> point, int rowDim,
                                   int64_t rows) {
  IndexMath math(builder, loc);
  Value extent = nest.extents[plan.vectorDim];
  int64_t step = plan.lanes * dotVectors;
  Value wholes = math.mul(math.div(extent, math.constant(step)), math.constant(step));
  Value singles = math.mul(math.div(extent, math.constant(plan.lanes)), math.constant(plan.lanes));
  auto rowAt = [&](OpBuilder &b, Value pointer, int64_t row) {
    return row == 0 ? pointer : moved(b, matrix, pointer, rowDim, IndexMath(b, loc).constant(row));
  };
  /// `vectors` vectors of each row at position k, added to sums[row * dotVectors ...].
  auto addVectors = [&](OpBuilder &b, Value matrixAt, Value factorAt, Value k, unsigned lanes,
                        int64_t vectors, Values sums) {
    IndexMath at(b, loc);
    for (int64_t v = 0; v < vectors; ++v) {
      Value position = at.add(k, at.constant(v * lanes));
      Value by = load(b, factor, moved(b, factor, factorAt, plan.vectorDim, position), lanes);
      for (int64_t row = 0; row < rows; ++row) {
        Value pointer = rowAt(b, moved(b, matrix, matrixAt, plan.vectorDim, position), row);
        Value &sum = sums[row * dotVectors + v];
        sum = add(b, sum, load(b, matrix, pointer, lanes), by, lanes);
      }
    }
    return sums;
  };
  auto pass = [&](OpBuilder &b, Value matrixAt, Value factorAt, Values sums) {
    IndexMath at(b, loc);
    sums = loop(b, at.constant(0), wholes, step, sums, [&](OpBuilder &c, Value k, Values sums) {
      return addVectors(c, matrixAt, factorAt, k, plan.lanes, dotVectors, sums);
    });
    return loop(b, wholes, singles, plan.lanes, sums, [&](OpBuilder &c, Value k, Values sums) {
      return addVectors(c, matrixAt, factorAt, k, plan.lanes, 1, sums);
    });
  };
  Value matrixAt = base(builder, matrix, point), factorAt = base(builder, factor, point);
  Values sums = overSums(builder, sumDims, matrixAt, factorAt,
                         Values(rows * dotVectors, neutral(builder, plan.lanes)), pass);
  Values rests(rows * dotVectors);
  for (int64_t row = 0; row < rows; ++row) {
    Value sum =
        nest.reduction->combine(builder, loc, sums[row * dotVectors], sums[row * dotVectors + 1]);
    rests[row * dotVectors] = combineLanes(builder, loc, *nest.reduction, sum, plan.lanes);
    rests[row * dotVectors + 1] = neutral(builder, 1);
  }
  rests =
      overSums(builder, sumDims, matrixAt, factorAt, rests,
               [&](OpBuilder &b, Value matrixAt, Value factorAt, Values sums) {
                 return loop(b, singles, extent, 1, sums, [&](OpBuilder &c, Value k, Values sums) {
                   return addVectors(c, matrixAt, factorAt, k, 1, 1, sums);
                 });
               });
  for (int64_t row = 0; row < rows; ++row) {
    SmallVector<Value> at(point);
    if (rowDim >= 0)
      at[rowDim] = math.add(at[rowDim], math.constant(row));
    finishRow(builder, at, rests[row * dotVectors]);
  }
}

void MatrixVectorEmitter::emitDot(OpBuilder &builder) {
  IndexMath math(builder, loc);
  int rowDim = -1;
  for (unsigned dim = 0; dim < nest.extents.size(); ++dim)
    if (!nest.reduced[dim] && isKnown(factor.strides[dim], 0) && !isKnown(nest.extents[dim], 1))
      rowDim = dim;
  Value rows = rowDim < 0 ? math.constant(1) : nest.extents[rowDim];
  Value tiles = math.div(rows, math.constant(dotRows));
  Value done = math.mul(tiles, math.constant(dotRows));
  SmallVector<unsigned> dims;
  SmallVector<Value> trips;
  Value depth = math.constant(nest.cost);
  for (unsigned dim = 0; dim < nest.extents.size(); ++dim) {
    if (nest.reduced[dim])
      depth = math.mul(depth, nest.extents[dim]);
    else if (int(dim) != rowDim)
      dims.push_back(dim), trips.push_back(nest.extents[dim]);
  }
  depth = math.div(depth, math.constant(plan.lanes));
  auto emit = [&](Value first, Value count, int64_t size) {
    if (isKnown(count, 0))
      return;
    trips.push_back(count);
    Value cost = math.mul(depth, math.constant(size));
    forEachPoint(builder, loc, trips, cost, nest.parallel,
                 [&](OpBuilder &inner, Location, ArrayRef<Value> at) {
                   IndexMath math(inner, loc);
                   SmallVector<Value> point(nest.extents.size());
                   for (auto [dim, position] : llvm::zip(dims, at))
                     point[dim] = position;
                   if (rowDim >= 0)
                     point[rowDim] = math.add(first, math.mul(at.back(), math.constant(size)));
                   emitRows(inner, point, rowDim, size);
                 });
    trips.pop_back();
  };
  emit(math.constant(0), tiles, dotRows);
  emit(done, math.sub(rows, done), 1);
}

//===----------------------------------------------------------------------===//
// Sums of scaled rows
//===----------------------------------------------------------------------===//

/// Adds `terms` rows of the matrix, scaled, to `length` elements of the result.
void MatrixVectorEmitter::addTerms(OpBuilder &builder, Value matrixAt, Value factorAt,
                                   Value resultAt, Value length, int sumDim, int64_t terms) {
  IndexMath math(builder, loc);
  Values rows, factors;
  for (int64_t t = 0; t < terms; ++t) {
    Value at = math.constant(t);
    rows.push_back(sumDim < 0 ? matrixAt : moved(builder, matrix, matrixAt, sumDim, at));
    Value pointer = sumDim < 0 ? factorAt : moved(builder, factor, factorAt, sumDim, at);
    factors.push_back(load(builder, factor, pointer, 1));
  }
  auto addColumns = [&](OpBuilder &b, Value i, unsigned lanes, int64_t vectors) {
    IndexMath at(b, loc);
    for (int64_t v = 0; v < vectors; ++v) {
      Value position = at.add(i, at.constant(v * lanes));
      Value pointer = elementPointer(b, loc, resultAt, nest.result.element, position);
      Value sum = load(b, nest.result, pointer, lanes);
      for (int64_t t = 0; t < terms; ++t) {
        Value element = elementPointer(b, loc, rows[t], matrix.element, position);
        sum = add(b, sum, load(b, matrix, element, lanes), splat(b, loc, factors[t], lanes), lanes);
      }
      storeElement(b, loc, sum, pointer, nest.result.element);
    }
  };
  Value at = math.constant(0);
  for (auto [lanes, vectors] :
       {std::pair<unsigned, int64_t>{plan.lanes, axpyVectors}, {plan.lanes, 1}, {1, 1}}) {
    int64_t step = lanes * vectors;
    Value end = math.mul(math.div(length, math.constant(step)), math.constant(step));
    loop(builder, at, end, step, {},
         [&, lanes = lanes, vectors = vectors](OpBuilder &b, Value i, Values) -> Values {
           addColumns(b, i, lanes, vectors);
           return {};
         });
    at = end;
  }
}

/// Elements begin .. end - 1 along the vector dimension.
void MatrixVectorEmitter::emitBlock(OpBuilder &builder, ArrayRef<Value> point, Value begin,
                                    Value end) {
  IndexMath math(builder, loc);
  SmallVector<Value> at(point);
  at[plan.vectorDim] = begin;
  Value length = math.sub(end, begin);
  Value resultAt = base(builder, nest.result, at);
  loop(builder, math.constant(0), length, 1, {}, [&](OpBuilder &b, Value i, Values) -> Values {
    storeElement(b, loc, neutral(b, 1), elementPointer(b, loc, resultAt, nest.result.element, i),
                 nest.result.element);
    return {};
  });
  int sumDim = sumDims.empty() ? -1 : int(sumDims.back());
  ArrayRef<unsigned> outer(sumDims);
  if (sumDim >= 0)
    outer = outer.drop_back();
  overSums(builder, outer, base(builder, matrix, at), base(builder, factor, at), {},
           [&](OpBuilder &b, Value matrixAt, Value factorAt, Values) -> Values {
             if (sumDim < 0) {
               addTerms(b, matrixAt, factorAt, resultAt, length, sumDim, 1);
               return {};
             }
             IndexMath math(b, loc);
             Value extent = nest.extents[sumDim], from = math.constant(0);
             for (int64_t terms : {axpyTerms, int64_t(1)}) {
               Value to = math.mul(math.div(extent, math.constant(terms)), math.constant(terms));
               loop(b, from, to, terms, {}, [&](OpBuilder &c, Value k, Values) -> Values {
                 addTerms(c, moved(c, matrix, matrixAt, sumDim, k),
                          moved(c, factor, factorAt, sumDim, k), resultAt, length, sumDim, terms);
                 return {};
               });
               from = to;
             }
             return {};
           });
}

void MatrixVectorEmitter::emitAxpy(OpBuilder &builder) {
  IndexMath math(builder, loc);
  SmallVector<unsigned> dims;
  SmallVector<Value> trips;
  Value cost = math.constant(nest.cost * axpyBlock() / plan.lanes);
  for (unsigned dim = 0; dim < nest.extents.size(); ++dim) {
    if (nest.reduced[dim])
      cost = math.mul(cost, nest.extents[dim]);
    else if (dim != plan.vectorDim)
      dims.push_back(dim), trips.push_back(nest.extents[dim]);
  }
  Value extent = nest.extents[plan.vectorDim];
  trips.push_back(math.ceilDiv(extent, axpyBlock()));
  forEachPoint(builder, loc, trips, cost, nest.parallel,
               [&](OpBuilder &inner, Location, ArrayRef<Value> at) {
                 IndexMath math(inner, loc);
                 SmallVector<Value> point(nest.extents.size());
                 for (auto [dim, position] : llvm::zip(dims, at))
                   point[dim] = position;
                 Value begin = math.mul(at.back(), math.constant(axpyBlock()));
                 Value end = math.min(math.add(begin, math.constant(axpyBlock())), extent);
                 emitBlock(inner, point, begin, end);
               });
}

//===----------------------------------------------------------------------===//
// Plans
//===----------------------------------------------------------------------===//

std::optional<MatrixVectorPlan> planMatrixVector(const Nest &nest, const ContractionGroups &groups,
                                                 const Target &target) {
  if (groups.m.empty() == groups.n.empty() || groups.k.empty() || !nest.vectorizable)
    return std::nullopt;
  MatrixVectorPlan plan;
  plan.matrix = groups.m.empty() ? 1 : 0;
  plan.vector = 1 - plan.matrix;
  plan.lanes = target.vectorBytes / std::max<int64_t>(byteSize(nest.valueType), 1);
  const Access &matrix = nest.inputs[plan.matrix], &factor = nest.inputs[plan.vector];
  bool isWide = 8 * byteSize(nest.valueType) >= nest.widestBits;
  auto isLong = [&](unsigned dim) {
    return known(nest.extents[dim]).value_or(INT64_MAX) >= 2 * int64_t(plan.lanes);
  };
  for (unsigned dim : groups.k)
    if (isKnown(matrix.strides[dim], 1) && isKnown(factor.strides[dim], 1) && isLong(dim)) {
      plan.vectorDim = dim;
      plan.isDot = true;
      return plan;
    }
  for (unsigned dim : groups.m.empty() ? groups.n : groups.m)
    if (isWide && isKnown(matrix.strides[dim], 1) && isKnown(nest.result.strides[dim], 1) &&
        nest.result.element == nest.valueType && isLong(dim)) {
      plan.vectorDim = dim;
      return plan;
    }
  return std::nullopt;
}

void emitMatrixVector(OpBuilder &builder, Location loc, const Target &target, const Nest &nest,
                      const ContractionGroups &groups, const MatrixVectorPlan &plan) {
  MatrixVectorEmitter emitter(loc, nest, groups, plan);
  if (plan.isDot)
    return emitter.emitDot(builder);
  emitter.emitAxpy(builder);
  finishInPlace(builder, loc, target, nest);
}

} // namespace tlc::codegen
