//===- SplitReduction.cpp - long sums of few results ----------------------===//
//
// A sum over everything has one result and nothing to run in parallel. Its longest dimension is
// cut into 64 parts of equal length and a rest, each with a partial result of its own:
//
//   partial[p] = (+) over i < X / 64 of x[p * (X / 64) + i]        p < 64
//   partial[64] = (+) over the rest
//   result = finish((+) over p of partial[p])
//
// The parts depend on the extent only, and so do the bits of the result.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/Emitter.h"

namespace tlc::codegen {

static constexpr int64_t kParts = 64;
/// Results that are few.
static constexpr int64_t kFewResults = 64;
/// Elements that are worth cutting.
static constexpr int64_t kLongReduction = int64_t(1) << 17;

/// The dimension to cut, if the nest is to be cut: the outermost long one.
static std::optional<unsigned> findSplitDim(const Nest &nest) {
  if (!nest.reduction || !nest.parallel || nest.usesPosition)
    return std::nullopt;
  int64_t results = 1, elements = 1;
  std::optional<unsigned> dim;
  for (unsigned d = 0; d < nest.extents.size(); ++d) {
    std::optional<int64_t> extent = known(nest.extents[d]);
    if (!nest.reduced[d]) {
      results = extent ? results * std::min(*extent, kFewResults + 1) : kFewResults + 1;
      if (results > kFewResults)
        return std::nullopt;
      continue;
    }
    elements =
        std::min(kLongReduction, elements * std::clamp<int64_t>(extent.value_or(kLongReduction), 0,
                                                                kLongReduction));
    if (!dim && extent.value_or(INT64_MAX) >= 2 * kParts)
      dim = d;
  }
  return elements >= kLongReduction ? dim : std::nullopt;
}

/// Moves the inputs by `offset` along a dimension.
static void advance(OpBuilder &builder, Location loc, Nest &nest, unsigned dim, Value offset) {
  IndexMath math(builder, loc);
  for (Access &access : nest.inputs)
    access.pointer = elementPointer(builder, loc, access.pointer, access.element,
                                    math.mul(offset, access.strides[dim]));
}

bool emitSplitReduction(Emitter &emitter, Location loc, const Nest &nest) {
  std::optional<unsigned> dim = findSplitDim(nest);
  if (!dim)
    return false;
  OpBuilder &builder = emitter.builder;
  IndexMath math(builder, loc);
  SmallVector<Value> extents = {math.constant(kParts + 1)};
  for (auto [extent, isReduced] : llvm::zip(nest.extents, nest.reduced))
    if (!isReduced)
      extents.push_back(extent);
  Buffer partial = emitter.allocateTemporary(loc, nest.valueType, extents);

  // The partial results, placed by the dimensions of `nest`.
  Access place{partial.pointer, {}, nest.valueType, nest.valueType};
  unsigned next = 1;
  for (bool isReduced : nest.reduced)
    place.strides.push_back(isReduced ? math.constant(0) : partial.strides[next++]);
  Nest part = nest;
  part.late.clear();
  part.finish = {};
  part.result = place;
  Value length = math.floorDiv(nest.extents[*dim], kParts);

  Nest equal = part;
  equal.extents[*dim] = length;
  equal.extents.insert(equal.extents.begin(), math.constant(kParts));
  equal.reduced.insert(equal.reduced.begin(), false);
  for (Access &access : equal.inputs)
    access.strides.insert(access.strides.begin(), math.mul(length, access.strides[*dim]));
  equal.result.strides.insert(equal.result.strides.begin(), partial.strides[0]);
  emitNest(builder, loc, emitter.target, equal);

  Nest rest = part;
  Value done = math.mul(length, math.constant(kParts));
  rest.extents[*dim] = math.sub(nest.extents[*dim], done);
  advance(builder, loc, rest, *dim, done);
  rest.result.pointer = elementPointer(builder, loc, partial.pointer, nest.valueType,
                                       math.mul(math.constant(kParts), partial.strides[0]));
  emitNest(builder, loc, emitter.target, rest);

  Nest whole = nest;
  whole.inputs = {place};
  whole.inputs[0].strides[*dim] = partial.strides[0];
  for (unsigned d = 0; d < nest.extents.size(); ++d)
    if (nest.reduced[d])
      whole.extents[d] = math.constant(d == *dim ? kParts + 1 : 1);
  whole.element = [](const NestPoint &, ValueRange values) { return values[0]; };
  emitNest(builder, loc, emitter.target, whole);
  emitter.release(loc, partial);
  return true;
}

} // namespace tlc::codegen
