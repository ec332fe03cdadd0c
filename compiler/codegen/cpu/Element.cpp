//===- Element.cpp - elements in memory and in registers ------------------===//

#include "compiler/codegen/cpu/Element.h"

#include "compiler/codegen/cpu/IntegerFunctions.h"

#include "dialects/ein/EinDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/Sequence.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace complex = mlir::complex;
namespace math = mlir::math;
namespace vector = mlir::vector;
namespace LLVM = mlir::LLVM;
using mlir::VectorType;

static bool isHalf(Type type) { return type.isF16() || type.isBF16(); }
static Type elementOf(Value value) { return mlir::getElementTypeOrSelf(value.getType()); }
static unsigned lanesOf(Value value) {
  VectorType type = dyn_cast<VectorType>(value.getType());
  return type ? type.getNumElements() : 1;
}

Type storageType(Type element) {
  if (element.isInteger(1))
    return IntegerType::get(element.getContext(), 8);
  if (ComplexType complexType = dyn_cast<ComplexType>(element))
    return LLVM::LLVMArrayType::get(complexType.getElementType(), 2);
  return element;
}

int64_t byteSize(Type element) {
  if (ComplexType complexType = dyn_cast<ComplexType>(element))
    return 2 * byteSize(complexType.getElementType());
  return llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
}

Type computeType(Type element) { return ein::accumulatorType(element); }

Type withLanes(Type type, unsigned lanes) {
  return lanes == 1 ? type : Type(VectorType::get({static_cast<int64_t>(lanes)}, type));
}

Value elementPointer(OpBuilder &builder, Location loc, Value pointer, Type element, Value offset) {
  return LLVM::GEPOp::create(builder, loc, pointer.getType(), storageType(element), pointer,
                             ArrayRef<LLVM::GEPArg>{offset}, LLVM::GEPNoWrapFlags::inbounds);
}

//===----------------------------------------------------------------------===//
// Constants and conversions
//===----------------------------------------------------------------------===//

Value laneNumbers(OpBuilder &builder, Location loc, Type type, unsigned lanes) {
  SmallVector<Attribute> numbers;
  for (unsigned lane = 0; lane < lanes; ++lane)
    numbers.push_back(builder.getIntegerAttr(type, lane));
  mlir::VectorType vectorType = mlir::VectorType::get({static_cast<int64_t>(lanes)}, type);
  return arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(vectorType, numbers));
}

Value splat(OpBuilder &builder, Location loc, Value scalar, unsigned lanes) {
  if (lanes == 1)
    return scalar;
  return vector::BroadcastOp::create(builder, loc, withLanes(scalar.getType(), lanes), scalar);
}

/// The same number as an attribute of another type of its kind.
static TypedAttr convertAttribute(TypedAttr element, Type compute) {
  if (FloatAttr number = dyn_cast<FloatAttr>(element)) {
    llvm::APFloat value = number.getValue();
    bool losesInfo;
    value.convert(cast<FloatType>(compute).getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven,
                  &losesInfo);
    return FloatAttr::get(compute, value);
  }
  IntegerAttr number = dyn_cast<IntegerAttr>(element);
  if (!number || number.getType() == compute || compute.isIndex())
    return element;
  llvm::APInt value = number.getValue();
  unsigned width = compute.getIntOrFloatBitWidth();
  bool isBool = number.getType().isInteger(1);
  return IntegerAttr::get(compute, isBool ? value.zextOrTrunc(width) : value.sextOrTrunc(width));
}

Value constantElement(OpBuilder &builder, Location loc, TypedAttr element, Type compute,
                      unsigned lanes) {
  if (isa<ComplexType>(compute))
    return ein::buildConstant(builder, loc, compute, element);
  return ein::buildConstant(builder, loc, withLanes(compute, lanes),
                            convertAttribute(element, compute));
}

static Value convertReal(OpBuilder &builder, Location loc, Value value, Type to, Type target) {
  Type from = elementOf(value);
  bool isBool = from.isInteger(1);
  if (isa<FloatType>(from) && isa<FloatType>(to)) {
    if (from.getIntOrFloatBitWidth() < to.getIntOrFloatBitWidth())
      return arith::ExtFOp::create(builder, loc, target, value);
    return arith::TruncFOp::create(builder, loc, target, value);
  }
  if (isa<FloatType>(to)) {
    if (isBool)
      return arith::UIToFPOp::create(builder, loc, target, value);
    return arith::SIToFPOp::create(builder, loc, target, value);
  }
  if (isa<FloatType>(from))
    return toInteger(builder, loc, value, to);
  if (to.isInteger(1)) {
    Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(value.getType()));
    return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, value, zero);
  }
  if (from.getIntOrFloatBitWidth() > to.getIntOrFloatBitWidth())
    return arith::TruncIOp::create(builder, loc, target, value);
  if (isBool)
    return arith::ExtUIOp::create(builder, loc, target, value);
  return arith::ExtSIOp::create(builder, loc, target, value);
}

Value convertElement(OpBuilder &builder, Location loc, Value value, Type to) {
  Type from = elementOf(value);
  if (from == to)
    return value;
  ComplexType target = dyn_cast<ComplexType>(to);
  if (!target)
    return convertReal(builder, loc, value, to, withLanes(to, lanesOf(value)));
  Type part = target.getElementType();
  Value re = value, im;
  if (isa<ComplexType>(from)) {
    re = complex::ReOp::create(builder, loc, value);
    im = convertElement(builder, loc, complex::ImOp::create(builder, loc, value), part);
  } else {
    im = ein::buildConstant(builder, loc, ein::zeroOf(part));
  }
  return complex::CreateOp::create(builder, loc, target, convertElement(builder, loc, re, part),
                                   im);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

/// bf16 is the upper half of an f32.
static Value loadBf16(OpBuilder &builder, Location loc, Value pointer, unsigned lanes) {
  Type half = withLanes(builder.getI16Type(), lanes);
  Type word = withLanes(builder.getI32Type(), lanes);
  Value bits = LLVM::LoadOp::create(builder, loc, half, pointer, /*alignment=*/2);
  Value wide = arith::ExtUIOp::create(builder, loc, word, bits);
  Value sixteen = ein::buildConstant(builder, loc, word, builder.getI32IntegerAttr(16));
  Value shifted = arith::ShLIOp::create(builder, loc, wide, sixteen);
  return arith::BitcastOp::create(builder, loc, withLanes(builder.getF32Type(), lanes), shifted);
}

/// Rounds to nearest, ties to even: adds 0x7fff plus the lowest bit that stays. A NaN keeps its
/// upper half, made quiet, since the addition could carry it to an infinity.
static void storeBf16(OpBuilder &builder, Location loc, Value value, Value pointer) {
  unsigned lanes = lanesOf(value);
  Type word = withLanes(builder.getI32Type(), lanes);
  auto constant = [&](int64_t number) {
    return ein::buildConstant(builder, loc, word, builder.getI32IntegerAttr(number));
  };
  Value bits = arith::BitcastOp::create(builder, loc, word, value);
  Value upper = arith::ShRUIOp::create(builder, loc, bits, constant(16));
  Value lowest = arith::AndIOp::create(builder, loc, upper, constant(1));
  Value bias = arith::AddIOp::create(builder, loc, lowest, constant(0x7fff));
  Value sum = arith::AddIOp::create(builder, loc, bits, bias);
  Value rounded = arith::ShRUIOp::create(builder, loc, sum, constant(16));
  Value quiet = arith::OrIOp::create(builder, loc, upper, constant(0x40));
  Value isNan = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::UNO, value, value);
  Value chosen = arith::SelectOp::create(builder, loc, isNan, quiet, rounded);
  Type half = withLanes(builder.getI16Type(), lanes);
  Value narrow = arith::TruncIOp::create(builder, loc, half, chosen);
  LLVM::StoreOp::create(builder, loc, narrow, pointer, /*alignment=*/2);
}

static Value partPointer(OpBuilder &builder, Location loc, Value pointer, Type part, int index) {
  return LLVM::GEPOp::create(builder, loc, pointer.getType(), part, pointer,
                             ArrayRef<LLVM::GEPArg>{index}, LLVM::GEPNoWrapFlags::inbounds);
}

Value loadElement(OpBuilder &builder, Location loc, Value pointer, Type element, Type compute,
                  unsigned lanes) {
  if (ComplexType complexType = dyn_cast<ComplexType>(element)) {
    Type part = complexType.getElementType();
    unsigned alignment = byteSize(part);
    Value re = LLVM::LoadOp::create(builder, loc, part, pointer, alignment);
    Value im = LLVM::LoadOp::create(builder, loc, part, partPointer(builder, loc, pointer, part, 1),
                                    alignment);
    return convertElement(builder, loc, complex::CreateOp::create(builder, loc, element, re, im),
                          compute);
  }
  if (element.isBF16())
    return convertElement(builder, loc, loadBf16(builder, loc, pointer, lanes), compute);
  Type storage = withLanes(storageType(element), lanes);
  Value value = LLVM::LoadOp::create(builder, loc, storage, pointer, byteSize(element));
  if (element.isInteger(1) && !compute.isInteger(8))
    value = convertElement(builder, loc, value, element);
  return convertElement(builder, loc, value, compute);
}

void storeElement(OpBuilder &builder, Location loc, Value value, Value pointer, Type element) {
  if (ComplexType complexType = dyn_cast<ComplexType>(element)) {
    Type part = complexType.getElementType();
    value = convertElement(builder, loc, value, element);
    LLVM::StoreOp::create(builder, loc, complex::ReOp::create(builder, loc, value), pointer,
                          byteSize(part));
    LLVM::StoreOp::create(builder, loc, complex::ImOp::create(builder, loc, value),
                          partPointer(builder, loc, pointer, part, 1), byteSize(part));
    return;
  }
  if (element.isBF16()) {
    storeBf16(builder, loc, convertElement(builder, loc, value, builder.getF32Type()), pointer);
    return;
  }
  if (element.isInteger(1)) {
    if (!elementOf(value).isInteger(8))
      value = convertElement(builder, loc, convertElement(builder, loc, value, element),
                             builder.getI8Type());
  } else {
    value = convertElement(builder, loc, value, element);
  }
  LLVM::StoreOp::create(builder, loc, value, pointer, byteSize(element));
}

void storePastCache(OpBuilder &builder, Location loc, Value value, Value pointer, Type element) {
  value = convertElement(builder, loc, value, element);
  int64_t bytes = cast<mlir::VectorType>(value.getType()).getNumElements() * byteSize(element);
  LLVM::StoreOp::create(builder, loc, value, pointer, bytes, /*isVolatile=*/false,
                        /*isNonTemporal=*/true);
}

//===----------------------------------------------------------------------===//
// Bodies
//===----------------------------------------------------------------------===//

static unsigned bitsOf(Type type) {
  if (type.isIndex())
    return 64;
  if (isHalf(type))
    return 32;
  return type.isIntOrFloat() ? type.getIntOrFloatBitWidth() : 0;
}

BodyShape describeBody(Block &body) {
  BodyShape shape;
  auto addType = [&](Type type) {
    shape.widestBits = std::max(shape.widestBits, bitsOf(type));
    shape.vectorizable &= !isa<ComplexType>(type);
  };
  for (Type type : body.getArgumentTypes())
    addType(type);
  for (Operation &op : body.without_terminator()) {
    bool isPosition = isa<ein::IndexOp>(op);
    shape.usesPosition |= isPosition;
    bool isConstant = op.hasTrait<mlir::OpTrait::ConstantLike>();
    shape.vectorizable &= isPosition || isConstant || op.hasTrait<mlir::OpTrait::Vectorizable>();
    shape.cost += isConstant ? 0 : isa<math::MathDialect>(op.getDialect()) ? 10 : 1;
    for (Type type : op.getResultTypes())
      addType(type);
  }
  return shape;
}

namespace {
/// Copies a scalar body into compute types and lanes.
class BodyInliner {
public:
  BodyInliner(OpBuilder &builder, Location loc, unsigned lanes,
              function_ref<Value(int64_t)> position, function_ref<Value(Value)> outside)
      : builder(builder), loc(loc), lanes(lanes), position(position), outside(outside) {}

  Value run(Block &body, ValueRange arguments);

private:
  void copy(Operation &op);
  bool isIdentity(Operation &op);

  OpBuilder &builder;
  Location loc;
  unsigned lanes;
  function_ref<Value(int64_t)> position;
  function_ref<Value(Value)> outside;
  mlir::IRMapping mapping;
};
} // namespace

/// A conversion between f16 or bf16 and f32 disappears where both are computed in f32.
bool BodyInliner::isIdentity(Operation &op) {
  return isa<arith::ExtFOp, arith::TruncFOp>(op) &&
         computeType(op.getOperand(0).getType()) == computeType(op.getResult(0).getType());
}

void BodyInliner::copy(Operation &op) {
  if (ein::IndexOp index = dyn_cast<ein::IndexOp>(op)) {
    mapping.map(index.getResult(), position(index.getDim()));
    return;
  }
  if (arith::ConstantOp constant = dyn_cast<arith::ConstantOp>(op)) {
    mapping.map(op.getResult(0), constantElement(builder, loc, constant.getValue(),
                                                 computeType(constant.getType()), lanes));
    return;
  }
  for (Value operand : op.getOperands())
    if (!mapping.contains(operand))
      mapping.map(operand, splat(builder, loc, outside(operand), lanes));
  if (isIdentity(op)) {
    mapping.map(op.getResult(0), mapping.lookup(op.getOperand(0)));
    return;
  }
  if (isa<arith::FPToSIOp, math::IPowIOp>(op)) {
    Type type = op.getResult(0).getType();
    Value lhs = mapping.lookup(op.getOperand(0));
    mapping.map(op.getResult(0),
                isa<arith::FPToSIOp>(op)
                    ? toInteger(builder, loc, lhs, type)
                    : integerPower(builder, loc, lhs, mapping.lookup(op.getOperand(1))));
    return;
  }
  Operation *clone = builder.clone(op, mapping);
  for (mlir::OpResult result : clone->getResults())
    result.setType(withLanes(computeType(result.getType()), lanes));
  // A conversion whose source became wider than its target now goes the other way.
  if (isa<arith::ExtFOp, arith::TruncFOp>(clone)) {
    Value source = clone->getOperand(0);
    mapping.map(op.getResult(0),
                convertElement(builder, loc, source, elementOf(clone->getResult(0))));
    clone->erase();
  }
}

Value BodyInliner::run(Block &body, ValueRange arguments) {
  mapping.map(body.getArguments(), arguments);
  for (Operation &op : body.without_terminator())
    copy(op);
  Value result = body.getTerminator()->getOperand(0);
  if (!mapping.contains(result))
    return splat(builder, loc, outside(result), lanes);
  return mapping.lookup(result);
}

Value inlineBody(OpBuilder &builder, Location loc, Block &body, ValueRange arguments,
                 unsigned lanes, function_ref<Value(int64_t)> position,
                 function_ref<Value(Value)> outside) {
  return BodyInliner(builder, loc, lanes, position, outside).run(body, arguments);
}

} // namespace tlc::codegen
