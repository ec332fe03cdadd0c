//===- NormalizeKernel.cpp - softmax and norms in one pass ----------------===//

#include "compiler/codegen/gpu/NormalizeKernel.h"

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/gpu/ContractDims.h"
#include "compiler/codegen/gpu/Neighbours.h"
#include "compiler/codegen/gpu/Warp.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace LLVM = mlir::LLVM;
namespace math = mlir::math;
namespace scf = mlir::scf;
using ein::CombineKind;
using ein::NormalizeKind;

namespace {

class NormalizeKernelEmitter {
public:
  NormalizeKernelEmitter(KernelModule &module, Emitter &emitter, ein::NormalizeOp op,
                         const Nest &nest, const NormalizeKernelConfig &config)
      : module(module), emitter(emitter), op(op), loc(op.getLoc()), config(config),
        space(emitter.builder, loc, nest), nest(space.nest), type(nest.valueType) {}

  bool emit();

private:
  using Function = std::function<Value(OpBuilder &, Value)>;

  void chooseTeam();
  void emitSlice(OpBuilder &builder, Value slice, Value lane);
  void softmax(OpBuilder &builder);
  void layerNorm(OpBuilder &builder);
  void rootNorm(OpBuilder &builder);

  // A slice, in registers or element by element.
  void read(OpBuilder &builder);
  void transform(OpBuilder &builder, Function function);
  Value combine(OpBuilder &builder, CombineKind kind, const Function &function);
  Value combineTeam(OpBuilder &builder, const Reduction &reduction, Value value);
  void write(OpBuilder &builder, const Function &function);
  Value elementPointerAt(OpBuilder &builder, const Access &access, Value number);
  void loop(OpBuilder &builder, ValueRange carried,
            function_ref<SmallVector<Value>(OpBuilder &, Value, ValueRange)> body,
            SmallVector<Value> &results);

  bool isInRegisters() const { return chunks > 0; }
  /// The number in the slice of the first element of this thread's chunk `i`.
  Value chunkStart(IndexMath &index, int64_t i);
  Value isInside(OpBuilder &builder, Value number);

  Value number(OpBuilder &builder, double value) {
    return constantElement(builder, loc, FloatAttr::get(type, value), type);
  }
  Value meanOf(OpBuilder &builder, Value sum) {
    return arith::DivFOp::create(builder, loc, sum, sliceSize);
  }

  KernelModule &module;
  Emitter &emitter;
  ein::NormalizeOp op;
  Location loc;
  const NormalizeKernelConfig &config;
  NestSpace space;
  const Nest &nest;
  Type type;
  /// Threads of a slice.
  int64_t team = 1;
  /// Chunks of a thread in registers (0: none are) and their elements.
  int64_t chunks = 0, width = 1;
  /// All elements of the chunks are inside of the slice.
  bool isFull = false;

  // In the kernel.
  Value length, sliceSize, lane;
  /// Room for what two combinations found, and how many there were.
  Value warpSums;
  int64_t combined = 0;
  SmallVector<Value> point;
  SmallVector<Value> elements;
  /// What has become of an element that is read again.
  Function current;
};

} // namespace

//===----------------------------------------------------------------------===//
// Planning
//===----------------------------------------------------------------------===//

void NormalizeKernelEmitter::chooseTeam() {
  std::optional<int64_t> size = knownSize(space, space.reduced);
  bool isAcross = llvm::none_of(
      space.reduced, [&](unsigned dim) { return isKnown(nest.inputs[0].strides[dim], 1); });
  // Slices that lie across memory, enough of them to fill the device.
  if (isAcross && knownSize(space, space.kept).value_or(INT64_MAX) >= 4096) {
    team = 1;
    return;
  }
  team = size && *size <= config.warpSlice ? 32 : config.threads;
  if (!size || *size == 0)
    return;
  unsigned fast = space.reduced.back();
  int64_t wanted = 16 / std::max<int64_t>(byteSize(nest.inputs[0].element), 2);
  bool isWide = hasNeighbours(space, nest.inputs[0], fast, wanted) &&
                hasNeighbours(space, nest.result, fast, wanted);
  width = isWide ? wanted : 1;
  int64_t needed = llvm::divideCeil(*size, team * width);
  if (needed * width * byteSize(type) <= config.registerBytes)
    chunks = needed;
  else
    width = 1;
  isFull = *size % (team * width) == 0;
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

Value NormalizeKernelEmitter::elementPointerAt(OpBuilder &builder, const Access &access,
                                               Value number) {
  IndexMath index(builder, loc);
  SmallVector<Value> here(point);
  for (auto [dim, at] :
       llvm::zip(space.reduced, delinearize(index, number, space.extentsOf(space.reduced))))
    here[dim] = at;
  return space.pointerAt(builder, access, here);
}

Value NormalizeKernelEmitter::chunkStart(IndexMath &index, int64_t i) {
  return index.mul(index.add(lane, index.constant(i * team)), index.constant(width));
}

/// Null if every element of a chunk is.
Value NormalizeKernelEmitter::isInside(OpBuilder &builder, Value number) {
  return isFull ? Value() : IndexMath(builder, loc).isLess(number, length);
}

void NormalizeKernelEmitter::loop(
    OpBuilder &builder, ValueRange carried,
    function_ref<SmallVector<Value>(OpBuilder &, Value, ValueRange)> body,
    SmallVector<Value> &results) {
  IndexMath index(builder, loc);
  scf::ForOp loop =
      scf::ForOp::create(builder, loc, lane, length, index.constant(team), carried,
                         [&](OpBuilder &inner, Location, Value at, ValueRange values) {
                           scf::YieldOp::create(inner, loc, body(inner, at, values));
                         });
  results.assign(loop.getResults().begin(), loop.getResults().end());
}

/// Reads the slice to registers, if it has room there. What is behind its end is never used.
void NormalizeKernelEmitter::read(OpBuilder &builder) {
  IndexMath index(builder, loc);
  const Access &input = nest.inputs[0];
  current = [](OpBuilder &, Value x) { return x; };
  for (int64_t i = 0; i < chunks; ++i) {
    Value first = chunkStart(index, i);
    if (!isFull)
      first = index.min(first, index.sub(length, index.constant(width)));
    Value from = elementPointerAt(builder, input, first);
    if (width == 1) {
      elements.push_back(loadElement(builder, loc, from, input.element, type));
      continue;
    }
    Value vector = LLVM::LoadOp::create(builder, loc, mlir::VectorType::get({width}, input.element),
                                        from, /*alignment=*/width * byteSize(input.element));
    for (int64_t j = 0; j < width; ++j)
      elements.push_back(convertElement(
          builder, loc, LLVM::ExtractElementOp::create(builder, loc, vector, index.constant(j)),
          type));
  }
}

void NormalizeKernelEmitter::transform(OpBuilder &builder, Function function) {
  for (Value &element : elements)
    element = function(builder, element);
  if (!isInRegisters())
    current = [before = current, function](OpBuilder &at, Value x) {
      return function(at, before(at, x));
    };
}

Value NormalizeKernelEmitter::combine(OpBuilder &builder, CombineKind kind,
                                      const Function &function) {
  Reduction reduction = combination(emitter, kind, type, {});
  Value neutral = constantElement(builder, loc, reduction.neutral, type), sum = neutral;
  IndexMath index(builder, loc);
  for (auto [i, element] : llvm::enumerate(elements)) {
    Value value = function(builder, element);
    if (Value inside = isInside(builder, chunkStart(index, i / width)))
      value = arith::SelectOp::create(builder, loc, inside, value, neutral);
    sum = reduction.combine(builder, loc, sum, value);
  }
  if (!isInRegisters()) {
    SmallVector<Value> results;
    loop(
        builder, sum,
        [&](OpBuilder &inner, Value at, ValueRange carried) -> SmallVector<Value> {
          const Access &input = nest.inputs[0];
          Value x =
              loadElement(inner, loc, elementPointerAt(inner, input, at), input.element, type);
          Value value = function(inner, current(inner, x));
          return {reduction.combine(inner, loc, carried[0], value)};
        },
        results);
    sum = results[0];
  }
  return combineTeam(builder, reduction, sum);
}

Value NormalizeKernelEmitter::combineTeam(OpBuilder &builder, const Reduction &reduction,
                                          Value value) {
  auto both = [&](Value lhs, Value rhs) { return reduction.combine(builder, loc, lhs, rhs); };
  value = combineNeighbours(builder, loc, value, std::min<int64_t>(team, 32), both);
  if (team <= 32)
    return value;
  // The warps of a block: their sums go through shared memory, each time to another place.
  IndexMath index(builder, loc);
  int64_t warps = team / 32;
  Value start = elementPointer(builder, loc, warpSums, type, index.constant(combined++ * warps));
  Value warp = index.div(lane, index.constant(32));
  storeElement(builder, loc, value, elementPointer(builder, loc, start, type, warp), type);
  mlir::NVVM::Barrier0Op::create(builder, loc);
  for (int64_t i = 0; i < warps; ++i) {
    Value from = elementPointer(builder, loc, start, type, index.constant(i));
    Value sum = loadElement(builder, loc, from, type, type);
    value = i == 0 ? sum : both(value, sum);
  }
  return value;
}

void NormalizeKernelEmitter::write(OpBuilder &builder, const Function &function) {
  IndexMath index(builder, loc);
  Type element = nest.result.element;
  for (int64_t i = 0; i < chunks; ++i) {
    Value first = chunkStart(index, i);
    auto store = [&](OpBuilder &at) {
      Value to = elementPointerAt(at, nest.result, first);
      if (width == 1)
        return storeElement(at, loc, function(at, elements[i]), to, element);
      IndexMath inner(at, loc);
      Value vector = LLVM::UndefOp::create(at, loc, mlir::VectorType::get({width}, element));
      for (int64_t j = 0; j < width; ++j)
        vector = LLVM::InsertElementOp::create(
            at, loc, vector,
            convertElement(at, loc, function(at, elements[i * width + j]), element),
            inner.constant(j));
      LLVM::StoreOp::create(at, loc, vector, to, /*alignment=*/width * byteSize(element));
    };
    Value inside = isInside(builder, first);
    if (!inside) {
      store(builder);
      continue;
    }
    scf::IfOp::create(builder, loc, inside, [&](OpBuilder &then, Location) {
      store(then);
      scf::YieldOp::create(then, loc);
    });
  }
  if (isInRegisters())
    return;
  SmallVector<Value> none;
  loop(
      builder, {},
      [&](OpBuilder &inner, Value at, ValueRange) -> SmallVector<Value> {
        const Access &input = nest.inputs[0];
        Value x = loadElement(inner, loc, elementPointerAt(inner, input, at), input.element, type);
        storeElement(inner, loc, function(inner, current(inner, x)),
                     elementPointerAt(inner, nest.result, at), element);
        return {};
      },
      none);
}

//===----------------------------------------------------------------------===//
// Softmax and norms
//===----------------------------------------------------------------------===//

static Value same(OpBuilder &, Value x) { return x; }

void NormalizeKernelEmitter::softmax(OpBuilder &builder) {
  Value largest = combine(builder, CombineKind::Max, same);
  transform(builder, [=, this](OpBuilder &at, Value x) -> Value {
    return math::ExpOp::create(at, loc, arith::SubFOp::create(at, loc, x, largest));
  });
  Value total = combine(builder, CombineKind::Add, same);
  write(builder, [=, this](OpBuilder &at, Value x) -> Value {
    return arith::DivFOp::create(at, loc, x, total);
  });
}

void NormalizeKernelEmitter::layerNorm(OpBuilder &builder) {
  Value mean = meanOf(builder, combine(builder, CombineKind::Add, same));
  transform(builder, [=, this](OpBuilder &at, Value x) -> Value {
    return arith::SubFOp::create(at, loc, x, mean);
  });
  Value squares = combine(builder, CombineKind::Add, [this](OpBuilder &at, Value x) -> Value {
    return arith::MulFOp::create(at, loc, x, x);
  });
  Value epsilon = number(builder, op.getEpsilon().convertToDouble());
  Value variance = arith::AddFOp::create(builder, loc, meanOf(builder, squares), epsilon);
  Value deviation = math::SqrtOp::create(builder, loc, variance);
  write(builder, [=, this](OpBuilder &at, Value x) -> Value {
    return arith::DivFOp::create(at, loc, x, deviation);
  });
}

/// rmsnorm and l2norm: a divisor from the sum of squares.
void NormalizeKernelEmitter::rootNorm(OpBuilder &builder) {
  Value sum = combine(builder, CombineKind::Add, [this](OpBuilder &at, Value x) -> Value {
    return arith::MulFOp::create(at, loc, x, x);
  });
  Value epsilon = number(builder, op.getEpsilon().convertToDouble()), divisor;
  if (op.getKind() == NormalizeKind::L2Norm) {
    Value root = math::SqrtOp::create(builder, loc, sum);
    divisor = arith::MaximumFOp::create(builder, loc, root, epsilon);
  } else {
    Value shifted = arith::AddFOp::create(builder, loc, meanOf(builder, sum), epsilon);
    divisor = math::SqrtOp::create(builder, loc, shifted);
  }
  write(builder, [=, this](OpBuilder &at, Value x) -> Value {
    return arith::DivFOp::create(at, loc, x, divisor);
  });
}

void NormalizeKernelEmitter::emitSlice(OpBuilder &builder, Value slice, Value laneInTeam) {
  IndexMath index(builder, loc);
  lane = laneInTeam;
  point.assign(nest.extents.size(), Value());
  for (auto [dim, at] :
       llvm::zip(space.kept, delinearize(index, slice, space.extentsOf(space.kept))))
    point[dim] = at;
  sliceSize = convertElement(builder, loc, length, type);
  read(builder);
  if (op.getKind() == NormalizeKind::Softmax)
    softmax(builder);
  else if (op.getKind() == NormalizeKind::LayerNorm)
    layerNorm(builder);
  else
    rootNorm(builder);
}

bool NormalizeKernelEmitter::emit() {
  if (space.reduced.empty())
    return false;
  chooseTeam();
  IndexMath host = emitter.math(loc);
  Value slices = productOf(host, space.extentsOf(space.kept));
  length = productOf(host, space.extentsOf(space.reduced));
  int64_t perBlock = config.threads / team;
  Kernel kernel(module, loc, "normalize", config.threads);
  OpBuilder &builder = kernel.builder;
  IndexMath index(builder, loc);
  if (team > 32) {
    Type storage = LLVM::LLVMArrayType::get(storageType(type), 2 * team / 32);
    Value address = LLVM::AddressOfOp::create(builder, loc, module.createShared(loc, storage, 16));
    warpSums = LLVM::AddrSpaceCastOp::create(builder, loc, emitter.pointerType(), address);
  }
  Value thread = kernel.thread(), size = index.constant(team);
  Value slice =
      index.add(index.mul(kernel.block(), index.constant(perBlock)), index.div(thread, size));
  Value inTeam = index.rem(thread, size);
  // Warps have a slice or none, so that all lanes take part in an exchange.
  scf::IfOp::create(builder, loc, index.isLess(slice, slices), [&](OpBuilder &then, Location) {
    emitSlice(then, slice, inTeam);
    scf::YieldOp::create(then, loc);
  });
  kernel.launch(emitter, host.ceilDiv(slices, perBlock));
  return true;
}

bool emitNormalizeKernel(KernelModule &module, Emitter &emitter, ein::NormalizeOp op,
                         const Buffer &input, const Buffer &result,
                         const NormalizeKernelConfig &config) {
  Type type = computeType(op.getInput().getType().getElementType());
  if (op.getKind() == NormalizeKind::ArgMax || !isa<FloatType>(type) || op.getDims().empty())
    return false;
  Location loc = op.getLoc();
  Nest nest;
  nest.extents = input.extents;
  nest.reduced.assign(nest.extents.size(), false);
  for (int64_t dim : op.getDims())
    nest.reduced[dim] = true;
  AffineMap identity = emitter.builder.getMultiDimIdentityMap(nest.extents.size());
  nest.inputs = {emitter.access(loc, input, identity, type)};
  nest.result = emitter.access(loc, result, identity, type);
  nest.valueType = type;
  return NormalizeKernelEmitter(module, emitter, op, nest, config).emit();
}

} // namespace tlc::codegen
