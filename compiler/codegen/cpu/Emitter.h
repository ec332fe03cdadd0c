//===- Emitter.h - one function from tensors to memory --------------------===//
//
// A function on tensors becomes a C function on views (`tlrt_entry`):
//
//   func.func @f(%a: tensor<4x?xf32>) -> tensor<4xf32>
//   int32_t f(tlrt_context *, const tlrt_view *inputs, tlrt_view *outputs)
//
// A tensor value becomes a Buffer: a pointer, extents and strides. Blocks of the function's body
// are the straight-line parts between things that can fail; what fails branches to one exit
// block, which releases every block of memory that is still recorded in the function's slots.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_EMITTER_H
#define TLC_COMPILER_CODEGEN_CPU_EMITTER_H

#include "compiler/codegen/cpu/ArenaPlan.h"
#include "compiler/codegen/cpu/ContractionCost.h"
#include "compiler/codegen/cpu/IndexMath.h"
#include "compiler/codegen/cpu/Nest.h"
#include "compiler/codegen/cpu/Symbols.h"
#include "compiler/codegen/cpu/Target.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/SmallPtrSet.h"

namespace tlc::codegen {

class Emitter;
struct Buffer;

/// Runs nests on a device with memory of its own. Then every Buffer is there, and what is left to
/// this processor is control flow, extents and scalars.
class Offload {
public:
  virtual ~Offload() = default;

  /// Emits a launch of the nest.
  virtual void emitNest(Emitter &emitter, Location loc, const Nest &nest) = 0;
  /// As the function forEachPoint, where points that differ in a dimension of `isParallel` are
  /// independent; the others follow each other in row-major order.
  virtual void forEachPoint(Emitter &emitter, Location loc, ArrayRef<Value> trips,
                            ArrayRef<bool> isParallel,
                            function_ref<void(OpBuilder &, Location, ArrayRef<Value>)> body) = 0;
  /// Emits the operation as one kernel; false if it is to become nests.
  virtual bool emitNormalize(Emitter &emitter, ein::NormalizeOp op, const Buffer &input,
                             const Buffer &result) = 0;
  virtual LogicalResult emitAttention(Emitter &emitter, ein::AttentionOp op) = 0;
  /// A pointer to the function's tlrt_gpu_program.
  virtual Value program(OpBuilder &builder, Location loc) = 0;
};

/// One allocated block of memory.
struct Allocation {
  /// The slot that holds its address until it is released.
  unsigned slot;
  /// The loop in front of which it was allocated, to be used again in its body; -1 if none.
  int loop = -1;
  /// Its size if that is constant, else -1.
  int64_t bytes = -1;
  Value pointer;
  /// Its number in the arena plan; -1: it is a block of its own.
  int inArena = -1;
};

/// Where the elements of a tensor are.
struct Buffer {
  Value pointer;
  SmallVector<Value> extents, strides; // i64
  Type element;
  /// What is released after the last use.
  SmallVector<Allocation, 1> owned;
  /// Nobody else needs the elements after the last use: they may be overwritten.
  bool writable = false;
};

class Emitter {
public:
  Emitter(Symbols &symbols, const Target &target, mlir::func::FuncOp source);

  /// Replaces the source function; fails with an error reported on an operation.
  LogicalResult run();

  OpBuilder builder;
  Symbols &symbols;
  const Target &target;
  /// The tlrt_context.
  Value context;
  /// Where nests run; null: here.
  Offload *offload = nullptr;
  /// "map" while the function's ein.map is emitted.
  StringRef operationName;
  /// How to lower contractions that can be lowered so; for tests.
  std::optional<Lowering> forcedLowering;

  IndexMath math(Location loc) { return IndexMath(builder, loc); }
  Type pointerType();

  // Values.
  Buffer &bufferOf(Value tensor);
  void setBuffer(Value tensor, Buffer buffer) { buffers[tensor] = std::move(buffer); }
  void setIndex(Value index, Value value) { indices[index] = value; }
  /// The i64 value of an index.
  Value indexOf(Value index);
  SmallVector<Value> indicesOf(ValueRange indices);
  /// A scalar of the function that a body refers to.
  Value outsideValue(Value scalar) { return indices.lookup(scalar); }
  /// Whether `op` is the last that reads the tensor, which is then of the same block.
  bool isLastUse(Value tensor, Operation *op);
  LogicalResult emitOp(Operation &op);
  /// Releases what `op` used last, and its results that nobody uses.
  void releaseDead(Operation &op);
  /// Emits the operations of a block but its terminator.
  LogicalResult emitBlock(Block &block);

  // Memory.
  /// Memory for a result: the output's if the function returns it, the next iterate's if a loop
  /// yields it, else a temporary.
  Buffer allocate(Location loc, Value result, ArrayRef<Value> extents);
  Buffer allocateTemporary(Location loc, Type element, ArrayRef<Value> extents);
  void release(Location loc, const Allocation &allocation);
  void release(Location loc, Buffer &buffer);
  /// Copies all elements; the extents are those of `to`.
  void copy(Location loc, const Buffer &from, const Buffer &to);

  /// Stores one value of the buffer's element type, or one that converts to it.
  void storeScalar(Location loc, Value value, const Buffer &buffer);
  /// Memory in the function's frame, allocated in its first block.
  Value entryAlloca(Type type, int64_t count);

  // Nests over buffers.
  /// The access of `buffer` at map(x), for x in an iteration space of the map's dimensions.
  Access access(Location loc, const Buffer &buffer, AffineMap map, Type compute);
  /// Values of the extents of an iteration space, with a check at run time that operands agree.
  /// The result's buffer may not exist yet: its extents are in the type or in `extents`.
  SmallVector<Value> iterationExtents(Operation *op, ValueRange inputs, ArrayRef<AffineMap> maps,
                                      ValueRange extents, RankedTensorType resultType);
  void emitNest(Location loc, const Nest &nest);
  /// Emits body for each point. Points that differ in a dimension of `isParallel` are independent.
  void forEachPoint(Location loc, ArrayRef<Value> trips, Value cost, ArrayRef<bool> isParallel,
                    function_ref<void(OpBuilder &, Location, ArrayRef<Value>)> body);

  // Control flow.
  /// Makes a block at the end of the function and returns it.
  Block *newBlock();
  /// Branches to the exit with the status of tlrt_fail(context, status, format, arguments...).
  void failUnless(Location loc, Value condition, int32_t status, StringRef format,
                  ValueRange arguments);
  /// Returns `status` (i32) from the function where `condition` is false.
  void exitUnless(Location loc, Value condition, Value status);
  /// A byte that is 0 and may be set to 1 in parallel code, tested by the caller.
  Value newFlag(Location loc);
  void setFlag(OpBuilder &builder, Location loc, Value flag, Value condition);
  Value isFlagSet(Location loc, Value flag);

  /// Calls a function of the runtime that returns a status, and exits with it unless it is 0.
  void callChecked(Location loc, StringRef name, ValueRange arguments);

  // Loops that carry tensors.
  struct Loop {
    Block *preheader;
    /// The time of the arena plan when the loop is entered.
    int64_t entered = 0;
    llvm::SmallPtrSet<Block *, 8> blocks;
    SmallVector<Allocation> allocations, free;
    /// Memory for the next iterate of a value that the body yields.
    llvm::DenseMap<Value, Buffer> destinations;
  };
  /// Returns the number of the new loop, which is the innermost one until it is left.
  unsigned enterLoop(Block *preheader);
  void leaveLoop(Location loc);
  /// Says where to put a value that the body of a loop yields.
  void setDestination(unsigned loop, Value value, Buffer buffer) {
    loops[loop].destinations[value] = std::move(buffer);
  }
  /// Allocates in front of this loop or one around it, for use until the loop is left.
  Allocation allocateForLoop(Location loc, unsigned loop, Type element, ArrayRef<Value> extents);

private:
  struct Output {
    Value value;
    SmallVector<Value> extents;
    Value pointer;
    unsigned slot;
    /// The caller's memory, where `pointer` is on a device.
    Value host;
  };

  // Entry and exit.
  void createFunction();
  void bindInputs();
  void finishOutputs(mlir::func::ReturnOp op);
  Buffer bindOutput(Location loc, unsigned index, ArrayRef<Value> extents);
  Value viewAt(Location loc, Value views, unsigned index);
  Value signature(Location loc, bool isInput);
  void createExit();
  Value storeExtents(Location loc, ArrayRef<Value> extents);
  Allocation allocateBefore(Location loc, unsigned loop, Type element, ArrayRef<Value> extents);

  // Devices.
  void startDevice();
  Value bytesValue(Location loc, Type element, ArrayRef<Value> extents);
  Allocation uploadInput(Location loc, Value host, Type element, ArrayRef<Value> extents);
  Value deviceConstant(Location loc, Value host, int64_t bytes);
  Allocation allocateInArena(Location loc, int64_t bytes, int64_t begin);
  void finishArena();

  // Values.
  void findLastUses(Block &block);
  LogicalResult emitConstant(Operation &op);
  std::optional<unsigned> outputOf(Value result);
  bool isInvariant(const Loop &loop, Value value);
  /// Allocates at the insertion point, in the block of the plan from time `begin` (now if
  /// negative) on where that is possible.
  Allocation allocateHere(Location loc, Type element, ArrayRef<Value> extents, int64_t begin = -1);
  Value slotPointer(Location loc, unsigned slot);
  void checkReach(Operation *op, Value input, AffineMap map, ArrayRef<Value> extents);

  mlir::func::FuncOp source, function;
  Value inputViews, outputViews;
  Block *entry = nullptr, *exit = nullptr;
  /// The function's slots: how many there are is known at the end.
  Value slots;
  unsigned numSlots = 0;
  /// Room for the extents of any tensor, as the runtime takes them.
  Value extentScratch;
  size_t maxRank = 1;

  /// Tensors on a device with constant extents, in one block at `arena`. Time is counted in
  /// allocations and releases. Offsets are constants whose values come at the end.
  ArenaPlan arenaPlan;
  Value arena, arenaBytes;
  SmallVector<Operation *> arenaOffsets;
  int64_t arenaTime = 0;

  llvm::DenseMap<Value, Buffer> buffers;
  /// Flags on a device.
  llvm::DenseMap<Value, Buffer> flags;
  llvm::DenseMap<Value, Value> indices;
  llvm::DenseMap<Value, Operation *> lastUses;
  llvm::DenseMap<Operation *, SmallVector<Value>> deaths;
  /// Pairs of extents that have been found equal.
  llvm::DenseSet<std::pair<Value, Value>> equalExtents;
  SmallVector<Output> outputs;
  SmallVector<Loop> loops;
};

/// The type in which elements are moved, compared or combined: Booleans as bytes.
Type moveType(Type element, bool isMoveOnly);

/// A buffer without gaps in row-major order.
Buffer denseBuffer(OpBuilder &builder, Location loc, Value pointer, Type element,
                   ArrayRef<Value> extents);

// One function for each kind of operation, each in a file of its own.
LogicalResult emitAttention(Emitter &emitter, ein::AttentionOp op);
LogicalResult emitContract(Emitter &emitter, ein::ContractOp op);
LogicalResult emitMap(Emitter &emitter, ein::MapOp op);
LogicalResult emitReduce(Emitter &emitter, ein::ReduceOp op);
LogicalResult emitNormalize(Emitter &emitter, ein::NormalizeOp op);
LogicalResult emitGather(Emitter &emitter, ein::GatherOp op);
LogicalResult emitScatter(Emitter &emitter, ein::ScatterOp op);
LogicalResult emitLoop(Emitter &emitter, ein::LoopOp op);
LogicalResult emitFixpoint(Emitter &emitter, ein::FixpointOp op);

/// The reduction of a combination on values of type `type`. For `count_add`, `flag` is set when a
/// count overflows.
Reduction combination(Emitter &emitter, ein::CombineKind kind, Type type, Value flag);
/// Emits `nest` in parts and returns true if it is a long reduction with few results.
bool emitSplitReduction(Emitter &emitter, Location loc, const Nest &nest);
/// Emits `nest`, which has no reduction yet, with ln sum exp over its reduced dimensions.
void emitLogSumExp(Emitter &emitter, Location loc, const Nest &nest, ArrayRef<Value> resultExtents,
                   AffineMap resultMap);
/// lhs * rhs in i64; sets `flag` on overflow.
Value emitCountProduct(Emitter &emitter, OpBuilder &builder, Location loc, Value flag, Value lhs,
                       Value rhs);
/// Fails the function if `flag` has been set by a count.
void failOnCountOverflow(Emitter &emitter, Location loc, Value flag);
/// lhs combined with rhs in compute types, where Booleans may be i8.
Value emitCombine(OpBuilder &builder, Location loc, ein::CombineKind kind, Value lhs, Value rhs);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_EMITTER_H
