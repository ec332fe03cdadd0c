//===- EmitterSpaces.cpp - iteration spaces of operations -----------------===//
//
// The extent of a dimension is that of an operand's position where it stands alone. Where two
// operands have it and not both extents are constants, they are compared at run time:
//
//   "ij,jk->ik" on tensor<4x?xf32>, tensor<?x8xf32>      both `?` have to be equal
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/Emitter.h"
#include "runtime/include/tlrt/tlrt.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace tlc::codegen {

namespace arith = mlir::arith;

Access Emitter::access(Location loc, const Buffer &buffer, AffineMap map, Type compute) {
  IndexMath index = math(loc);
  Access access{buffer.pointer, {}, buffer.element, compute};
  access.strides.assign(map.getNumDims(), index.constant(0));
  Value offset = index.constant(0);
  for (auto [expr, stride] : llvm::zip(map.getResults(), buffer.strides)) {
    std::optional<ein::LinearForm> form = ein::linearForm(expr, map.getNumDims());
    assert(form && "the verifier lets linear maps only pass");
    offset = index.add(offset, index.mul(index.constant(form->constant), stride));
    for (auto [dim, coefficient] : llvm::enumerate(form->coefficients))
      access.strides[dim] =
          index.add(access.strides[dim], index.mul(index.constant(coefficient), stride));
  }
  if (!isKnown(offset, 0))
    access.pointer = elementPointer(builder, loc, buffer.pointer, buffer.element, offset);
  return access;
}

/// "'A'" for an argument of the function, "an intermediate tensor" for others.
static std::string nameOf(mlir::func::FuncOp function, Value tensor) {
  mlir::BlockArgument argument = dyn_cast<mlir::BlockArgument>(tensor);
  if (argument && argument.getOwner()->getParentOp() == function)
    if (StringAttr name = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(), "tl.name"))
      return "'" + name.getValue().str() + "'";
  return "an intermediate tensor";
}

/// Checks that no position of a linear map with several dimensions leaves the operand.
void Emitter::checkReach(Operation *op, Value input, AffineMap map, ArrayRef<Value> extents) {
  Location loc = op->getLoc();
  IndexMath index = math(loc);
  Buffer buffer = bufferOf(input);
  for (auto [position, expr] : llvm::enumerate(map.getResults())) {
    if (isa<AffineDimExpr>(expr))
      continue;
    ein::LinearForm form = *ein::linearForm(expr, map.getNumDims());
    Value low = index.constant(form.constant), high = low;
    for (auto [coefficient, extent] : llvm::zip(form.coefficients, extents)) {
      if (coefficient == 0)
        continue;
      Value last = index.max(index.sub(extent, index.constant(1)), index.constant(0));
      Value reach = index.mul(index.constant(coefficient), last);
      (coefficient < 0 ? low : high) = index.add(coefficient < 0 ? low : high, reach);
    }
    std::optional<int64_t> extent = known(buffer.extents[position]);
    if (extent && known(low) && known(high) && *known(low) >= 0 && *known(high) < *extent)
      continue;
    Value inside = index.both(index.isLess(index.constant(-1), low),
                              index.isLess(high, buffer.extents[position]));
    failUnless(loc, inside, TLRT_ERROR_DATA,
               "position %lld is outside of extent %lld at position " + std::to_string(position) +
                   " of " + nameOf(source, input),
               {high, buffer.extents[position]});
  }
}

SmallVector<Value> Emitter::iterationExtents(Operation *op, ValueRange inputs,
                                             ArrayRef<AffineMap> maps, ValueRange extents,
                                             RankedTensorType resultType) {
  Location loc = op->getLoc();
  SmallVector<Value> result(maps.back().getNumDims());
  SmallVector<std::string> names(result.size());
  auto add = [&](unsigned dim, Value extent, const std::string &name) {
    Value &present = result[dim];
    bool agree = !present || present == extent ||
                 (known(present) && known(present) == known(extent)) ||
                 equalExtents.contains({present, extent});
    if (!agree) {
      failUnless(loc, math(loc).isEqual(present, extent), TLRT_ERROR_DATA,
                 "extents differ: %lld " + names[dim] + ", %lld " + name, {present, extent});
      if (loops.empty())
        equalExtents.insert({present, extent});
    }
    if (!present || (!known(present) && known(extent))) {
      present = extent;
      names[dim] = name;
    }
  };
  for (auto [input, map] : llvm::zip(inputs, maps))
    for (auto [position, expr] : llvm::enumerate(map.getResults()))
      if (AffineDimExpr dim = dyn_cast<AffineDimExpr>(expr))
        add(dim.getPosition(), bufferOf(input).extents[position],
            "at position " + std::to_string(position) + " of " + nameOf(source, input));
  SmallVector<Value> given = indicesOf(extents);
  size_t next = 0;
  for (auto [expr, extent] : llvm::zip(maps.back().getResults(), resultType.getShape())) {
    unsigned dim = cast<AffineDimExpr>(expr).getPosition();
    if (!ShapedType::isDynamic(extent))
      add(dim, math(loc).constant(extent), "of the result");
    else if (!result[dim])
      result[dim] = given[next++];
  }
  for (auto [input, map] : llvm::zip(inputs, maps))
    checkReach(op, input, map, result);
  return result;
}

void Emitter::emitNest(Location loc, const Nest &nest) {
  if (offload)
    offload->emitNest(*this, loc, nest);
  else if (!emitSplitReduction(*this, loc, nest))
    codegen::emitNest(builder, loc, target, nest);
}

void Emitter::forEachPoint(Location loc, ArrayRef<Value> trips, Value cost,
                           ArrayRef<bool> isParallel,
                           function_ref<void(OpBuilder &, Location, ArrayRef<Value>)> body) {
  if (offload)
    return offload->forEachPoint(*this, loc, trips, isParallel, body);
  bool parallel = llvm::all_of(isParallel, [](bool is) { return is; });
  codegen::forEachPoint(builder, loc, trips, cost, parallel, body);
}

//===----------------------------------------------------------------------===//
// Combinations
//===----------------------------------------------------------------------===//

Value emitCombine(OpBuilder &builder, Location loc, ein::CombineKind kind, Value lhs, Value rhs) {
  // Booleans as bytes: the only i8 that `or` and `and` meet.
  if (mlir::getElementTypeOrSelf(lhs.getType()).isInteger(8)) {
    if (kind == ein::CombineKind::Or)
      return arith::OrIOp::create(builder, loc, lhs, rhs);
    if (kind == ein::CombineKind::And)
      return arith::AndIOp::create(builder, loc, lhs, rhs);
  }
  return ein::buildCombine(builder, loc, kind, lhs, rhs);
}

Reduction combination(Emitter &emitter, ein::CombineKind kind, Type type, Value flag) {
  Reduction reduction;
  reduction.neutral = ein::neutralElement(kind, type);
  reduction.combine = [&emitter, kind, flag](OpBuilder &builder, Location loc, Value lhs,
                                             Value rhs) -> Value {
    if (!flag)
      return emitCombine(builder, loc, kind, lhs, rhs);
    // The sum overflows where its sign differs from that of both parts.
    Value sum = arith::AddIOp::create(builder, loc, lhs, rhs);
    Value left = arith::XOrIOp::create(builder, loc, sum, lhs);
    Value right = arith::XOrIOp::create(builder, loc, sum, rhs);
    Value both = arith::AndIOp::create(builder, loc, left, right);
    Value zero = arith::ConstantIntOp::create(builder, loc, 0, 64);
    emitter.setFlag(builder, loc, flag,
                    arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt, both, zero));
    return sum;
  };
  return reduction;
}

Value emitCountProduct(Emitter &emitter, OpBuilder &builder, Location loc, Value flag, Value lhs,
                       Value rhs) {
  arith::MulSIExtendedOp product = arith::MulSIExtendedOp::create(builder, loc, lhs, rhs);
  Value shift = arith::ConstantIntOp::create(builder, loc, 63, 64);
  Value sign = arith::ShRSIOp::create(builder, loc, product.getLow(), shift);
  emitter.setFlag(
      builder, loc, flag,
      arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, sign, product.getHigh()));
  return product.getLow();
}

void failOnCountOverflow(Emitter &emitter, Location loc, Value flag) {
  Value isSet = emitter.isFlagSet(loc, flag);
  Value one = arith::ConstantIntOp::create(emitter.builder, loc, 1, 1);
  Value isClear = arith::XOrIOp::create(emitter.builder, loc, isSet, one);
  emitter.failUnless(loc, isClear, TLRT_ERROR_DATA, "integer overflow in the count semiring", {});
}

} // namespace tlc::codegen
