//===- EmitRecursion.cpp - scans and fixpoints [F1] -----------------------===//
//
// A carried tensor has two blocks of memory, which change places after each step:
//
//   current, spare = init, new
//   loop:  body reads current, writes what it yields into spare
//          current, spare = spare, current
//
// A body that updates its tensor in place (the scatter of one slice of a history) needs no
// spare, and then none is allocated. A fixpoint compares the two before they change places.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/Emitter.h"
#include "runtime/include/tlrt/tlrt.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Math/IR/Math.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace cf = mlir::cf;
namespace complex = mlir::complex;
namespace LLVM = mlir::LLVM;

namespace {

/// Steps after which a fixpoint that promises to end is an error.
constexpr int64_t kMaxSteps = 1'000'000;

/// The tensors that a loop carries.
class CarriedTensors {
public:
  CarriedTensors(Emitter &emitter, Operation *op, ValueRange inits, ValueRange results, Block &body,
                 ValueRange arguments)
      : emitter(emitter), op(op), loc(op->getLoc()), inits(inits), results(results),
        yielded(body.getTerminator()->getOperands()), body(body), arguments(arguments) {}

  /// Brings the initial tensors into memory that may be overwritten; in front of the loop.
  void start();
  /// Enters the loop; `counter` is the first number of a step. Leaves the insertion point in the
  /// block that each step starts with.
  void enter(Value counter);
  /// Tells the body where its arguments are and where to put what it yields.
  void bind(bool mayUpdate);
  /// Ends a step: `next` is where the yielded tensors are. Copies those that are elsewhere.
  void finishStep();
  /// Arguments of the branch to the next step.
  SmallVector<Value> branchOperands(Value counter);
  /// Leaves the loop; the insertion point is in the block after it. `last` are the pointers.
  void leave(ArrayRef<Value> last);

  Value counter() { return header->getArgument(0); }
  Value current(unsigned i) { return header->getArgument(1 + i); }
  Value spare(unsigned i) { return header->getArgument(1 + inits.size() + i); }

  Block *header = nullptr;
  SmallVector<Value> next;

private:
  Buffer bufferAt(unsigned i, Value pointer);
  void allocateSpares();

  Emitter &emitter;
  Operation *op;
  Location loc;
  ValueRange inits, results, yielded;
  Block &body;
  ValueRange arguments;
  SmallVector<Buffer> first;
  cf::BranchOp entry;
  unsigned loop = 0;
  SmallVector<bool> usesSpare;
};

} // namespace

Buffer CarriedTensors::bufferAt(unsigned i, Value pointer) {
  Buffer buffer = first[i];
  buffer.pointer = pointer;
  buffer.owned.clear();
  buffer.writable = true;
  return buffer;
}

void CarriedTensors::start() {
  for (auto [init, result] : llvm::zip(inits, results)) {
    Buffer &buffer = emitter.bufferOf(init);
    if (buffer.writable && emitter.isLastUse(init, op)) {
      first.push_back(buffer);
      buffer.owned.clear();
      continue;
    }
    Buffer copy = emitter.allocate(loc, result, buffer.extents);
    emitter.copy(loc, emitter.bufferOf(init), copy);
    first.push_back(copy);
  }
}

void CarriedTensors::enter(Value counter) {
  OpBuilder &builder = emitter.builder;
  loop = emitter.enterLoop(builder.getInsertionBlock());
  header = emitter.newBlock();
  header->addArgument(builder.getI64Type(), loc);
  for (unsigned i = 0; i < 2 * inits.size(); ++i)
    header->addArgument(emitter.pointerType(), loc);
  SmallVector<Value> operands{counter};
  for (Buffer &buffer : first)
    operands.push_back(buffer.pointer);
  operands.append(inits.size(), LLVM::ZeroOp::create(builder, loc, emitter.pointerType()));
  entry = cf::BranchOp::create(builder, loc, header, operands);
  builder.setInsertionPointToEnd(header);
}

void CarriedTensors::bind(bool mayUpdate) {
  usesSpare.assign(inits.size(), false);
  for (auto [i, argument] : llvm::enumerate(arguments)) {
    Buffer buffer = bufferAt(i, current(i));
    buffer.writable = mayUpdate;
    emitter.setBuffer(argument, buffer);
  }
  for (auto [i, value] : llvm::enumerate(yielded)) {
    Operation *definition = value.getDefiningOp();
    if (definition && definition->getBlock() == &body)
      emitter.setDestination(loop, value, bufferAt(i, spare(i)));
  }
}

void CarriedTensors::finishStep() {
  for (auto [i, value] : llvm::enumerate(yielded)) {
    Buffer buffer = emitter.bufferOf(value);
    for (auto [extent, firstExtent] : llvm::zip(buffer.extents, first[i].extents))
      if (extent != firstExtent && !(known(extent) && known(extent) == known(firstExtent)))
        emitter.failUnless(loc, emitter.math(loc).isEqual(extent, firstExtent), TLRT_ERROR_DATA,
                           "a tensor changes its extent from %lld to %lld in a loop",
                           {firstExtent, extent});
    bool isInPlace = buffer.pointer == current(i);
    if (!isInPlace && buffer.pointer != spare(i))
      emitter.copy(loc, buffer, bufferAt(i, spare(i)));
    usesSpare[i] = !isInPlace;
    next.push_back(isInPlace ? current(i) : spare(i));
  }
  emitter.releaseDead(*body.getTerminator());
}

SmallVector<Value> CarriedTensors::branchOperands(Value counter) {
  SmallVector<Value> operands{counter};
  llvm::append_range(operands, next);
  for (unsigned i = 0; i < next.size(); ++i)
    operands.push_back(usesSpare[i] ? current(i) : spare(i));
  return operands;
}

void CarriedTensors::leave(ArrayRef<Value> last) {
  SmallVector<Buffer> buffers;
  for (unsigned i = 0; i < inits.size(); ++i) {
    Buffer buffer = bufferAt(i, last[i]);
    buffer.owned = first[i].owned;
    if (usesSpare[i]) {
      Allocation allocation = emitter.allocateForLoop(loc, loop, buffer.element, buffer.extents);
      entry->setOperand(1 + inits.size() + i, allocation.pointer);
      buffer.owned.push_back(allocation);
    }
    buffers.push_back(buffer);
  }
  emitter.leaveLoop(loc);
  for (auto [result, buffer] : llvm::zip(results, buffers))
    emitter.setBuffer(result, buffer);
}

LogicalResult emitLoop(Emitter &emitter, ein::LoopOp op) {
  Location loc = op.getLoc();
  OpBuilder &builder = emitter.builder;
  Block &block = op.getBody().front();
  Value lower = emitter.indexOf(op.getLower()), upper = emitter.indexOf(op.getUpper());
  CarriedTensors carried(emitter, op, op.getInits(), op.getResults(), block,
                         block.getArguments().drop_front());
  carried.start();
  Block *done = emitter.newBlock();
  carried.enter(lower);
  Block *body = emitter.newBlock();
  IndexMath math = emitter.math(loc);
  cf::CondBranchOp::create(builder, loc, math.isLess(carried.counter(), upper), body, done);
  builder.setInsertionPointToEnd(body);
  emitter.setIndex(block.getArgument(0), math.toIndex(carried.counter()));
  carried.bind(/*mayUpdate=*/true);
  if (failed(emitter.emitBlock(block)))
    return failure();
  carried.finishStep();
  Value following = math.add(carried.counter(), math.constant(1));
  cf::BranchOp::create(builder, loc, carried.header, carried.branchOperands(following));
  builder.setInsertionPointToEnd(done);
  SmallVector<Value> last;
  for (unsigned i = 0; i < op.getInits().size(); ++i)
    last.push_back(carried.current(i));
  carried.leave(last);
  return success();
}

//===----------------------------------------------------------------------===//
// Fixpoints
//===----------------------------------------------------------------------===//

/// Whether two elements are not equal and not within `tolerance`. NaN equals NaN, else a fixpoint
/// that has one would never end.
static Value differ(const NestPoint &point, Value lhs, Value rhs, double tolerance) {
  OpBuilder &builder = point.builder;
  Location loc = point.loc;
  auto no = [&](Value flag) -> Value {
    Value one = ein::buildConstant(builder, loc, flag.getType(), builder.getBoolAttr(true));
    return arith::XOrIOp::create(builder, loc, flag, one);
  };
  Type type = mlir::getElementTypeOrSelf(lhs.getType());
  if (isa<ComplexType>(type)) {
    Value difference = complex::SubOp::create(builder, loc, lhs, rhs);
    Value equal = complex::EqualOp::create(builder, loc, lhs, rhs);
    Value size = complex::AbsOp::create(builder, loc, difference);
    Value bound = ein::buildConstant(builder, loc, FloatAttr::get(size.getType(), tolerance));
    Value close = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OLE, size, bound);
    return no(arith::OrIOp::create(builder, loc, equal, close));
  }
  if (isa<IntegerType>(type)) {
    Value different = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, lhs, rhs);
    if (tolerance < 1)
      return different;
    type = builder.getF64Type();
    lhs = convertElement(builder, loc, lhs, type);
    rhs = convertElement(builder, loc, rhs, type);
  }
  Value equal = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OEQ, lhs, rhs);
  Value leftNan = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::UNO, lhs, lhs);
  Value rightNan = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::UNO, rhs, rhs);
  Value bothNan = arith::AndIOp::create(builder, loc, leftNan, rightNan);
  Value close = arith::OrIOp::create(builder, loc, equal, bothNan);
  if (tolerance > 0) {
    Value size =
        mlir::math::AbsFOp::create(builder, loc, arith::SubFOp::create(builder, loc, lhs, rhs));
    Value bound = constantElement(builder, loc, FloatAttr::get(type, tolerance), type, point.lanes);
    Value within = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OLE, size, bound);
    close = arith::OrIOp::create(builder, loc, close, within);
  }
  return no(close);
}

/// Whether any elements of the two tensors differ, as i1.
static Value anyDiffer(Emitter &emitter, Location loc, const Buffer &lhs, const Buffer &rhs,
                       double tolerance) {
  OpBuilder &builder = emitter.builder;
  Value flag = emitter.newFlag(loc);
  Nest nest;
  nest.extents = lhs.extents;
  nest.reduced.assign(nest.extents.size(), true);
  Type compute = moveType(lhs.element, /*isMoveOnly=*/false);
  nest.inputs.push_back({lhs.pointer, lhs.strides, lhs.element, compute});
  nest.inputs.push_back({rhs.pointer, rhs.strides, rhs.element, compute});
  SmallVector<Value> none(nest.extents.size(), emitter.math(loc).constant(0));
  Type i1 = builder.getI1Type();
  nest.result = {flag, none, i1, i1};
  nest.valueType = i1;
  nest.vectorizable = !isa<ComplexType>(compute);
  nest.element = [tolerance](const NestPoint &point, ValueRange values) {
    return differ(point, values[0], values[1], tolerance);
  };
  if (!nest.extents.empty())
    nest.reduction = combination(emitter, ein::CombineKind::Or, i1, {});
  emitter.emitNest(loc, nest);
  return emitter.isFlagSet(loc, flag);
}

LogicalResult emitFixpoint(Emitter &emitter, ein::FixpointOp op) {
  Location loc = op.getLoc();
  OpBuilder &builder = emitter.builder;
  Block &block = op.getBody().front();
  Buffer converged = emitter.allocate(loc, op.getConverged(), {});
  emitter.setBuffer(op.getConverged(), converged);
  CarriedTensors carried(emitter, op, op.getInits(), op.getResults(), block, block.getArguments());
  carried.start();
  Block *done = emitter.newBlock();
  Value isConverged = done->addArgument(builder.getI1Type(), loc);
  SmallVector<Value> last;
  for (unsigned i = 0; i < op.getInits().size(); ++i)
    last.push_back(done->addArgument(emitter.pointerType(), loc));
  IndexMath math = emitter.math(loc);
  carried.enter(math.constant(0));
  carried.bind(/*mayUpdate=*/false);
  if (failed(emitter.emitBlock(block)))
    return failure();
  carried.finishStep();

  double tolerance = op.getTolerance() ? op.getTolerance()->convertToDouble() : 0;
  Value changed = arith::ConstantIntOp::create(builder, loc, 0, 1);
  for (auto [i, next] : llvm::enumerate(carried.next)) {
    if (next == carried.current(i))
      continue;
    Buffer before = emitter.bufferOf(block.getArgument(i)), after = before;
    after.pointer = next;
    Value differs = anyDiffer(emitter, loc, before, after, tolerance);
    changed = arith::OrIOp::create(builder, loc, changed, differs);
  }
  int64_t maxSteps = std::min<int64_t>(op.getMaxSteps().value_or(kMaxSteps), kMaxSteps);
  Block *onward = emitter.newBlock();
  auto leaveWith = [&](bool flag) {
    SmallVector<Value> operands{arith::ConstantIntOp::create(builder, loc, flag, 1)};
    llvm::append_range(operands, carried.next);
    return operands;
  };
  SmallVector<Value> converges = leaveWith(true);
  cf::CondBranchOp::create(builder, loc, changed, onward, ValueRange{}, done, converges);
  builder.setInsertionPointToEnd(onward);
  Value steps = math.add(carried.counter(), math.constant(1));
  Value goesOn = math.isLess(steps, math.constant(maxSteps));
  SmallVector<Value> following = carried.branchOperands(steps);
  if (op.getMaxSteps() && static_cast<int64_t>(*op.getMaxSteps()) <= kMaxSteps) {
    SmallVector<Value> gaveUp = leaveWith(false);
    cf::CondBranchOp::create(builder, loc, goesOn, carried.header, following, done, gaveUp);
  } else {
    emitter.failUnless(loc, goesOn, TLRT_ERROR_RESOURCE, "fixpoint is not reached after %lld steps",
                       {steps});
    cf::BranchOp::create(builder, loc, carried.header, following);
  }
  builder.setInsertionPointToEnd(done);
  emitter.storeScalar(loc, isConverged, converged);
  carried.leave(last);
  return success();
}

} // namespace tlc::codegen
