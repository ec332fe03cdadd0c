//===- MmaOperand.cpp - tiles of an input for tensor cores ----------------===//

#include "compiler/codegen/gpu/MmaOperand.h"

#include "compiler/codegen/cpu/Element.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace LLVM = mlir::LLVM;
namespace NVVM = mlir::NVVM;
namespace scf = mlir::scf;

//===----------------------------------------------------------------------===//
// Planning
//===----------------------------------------------------------------------===//

MmaOperand::MmaOperand(const NestSpace &space, const MmaKind &kind, const Access &access,
                       ArrayRef<unsigned> dims, int64_t tile, unsigned threads)
    : space(space), kind(kind), access(access), dims(dims), tile(tile), threads(threads),
      elementBytes(kind.elementBytes()) {
  chooseLayout();
}

/// Chunks can be copied whole if they start at multiples of 16 bytes and no dimension ends in one.
void MmaOperand::chooseLayout() {
  unsigned lastK = space.reduced.back();
  isFastAlongK = isKnown(access.strides[lastK], 1);
  if (hasNeighbours(space, access, lastK, chunkElements()))
    layout = Layout::Straight;
  else if (!dims.empty() && kind.canTranspose() &&
           hasNeighbours(space, access, dims.back(), chunkElements()))
    layout = Layout::Transposed;
}

Value MmaOperand::count(IndexMath &host) const { return productOf(host, space.extentsOf(dims)); }

//===----------------------------------------------------------------------===//
// Tiles to shared memory
//===----------------------------------------------------------------------===//

Value MmaOperand::stagePointer(OpBuilder &builder, Location loc, Value stage) const {
  IndexMath math(builder, loc);
  return elementPointer(builder, loc, sharedStart, builder.getI8Type(),
                        math.mul(stage, math.constant(stageStride)));
}

/// The byte of a stage where chunk `chunk` of row `row` is.
Value MmaOperand::cell(IndexMath &math, OpBuilder &builder, Location loc, Value row,
                       Value chunk) const {
  // A read of f64 takes two chunks of each of four rows, others one of each of eight.
  Value low = kind.element.isF64() ? math.mul(math.rem(row, math.constant(4)), math.constant(2))
                                   : math.rem(row, math.constant(8));
  Value swizzled = arith::XOrIOp::create(builder, loc, chunk, low);
  return math.add(math.mul(row, math.constant(rowBytes())),
                  math.mul(swizzled, math.constant(kChunkBytes)));
}

void MmaOperand::place(OpBuilder &builder, Location loc, Value thread, Value firstPosition,
                       Value base, Value shared, int64_t stride) {
  IndexMath math(builder, loc);
  sharedStart = shared;
  stageStride = stride;
  Value last = math.sub(count(math), math.constant(1));
  int64_t rowChunks = rowBytes() / kChunkBytes;
  for (int64_t i = 0; i < chunksOfThread(); ++i) {
    Value number = math.add(thread, math.constant(i * threads));
    // Neighbouring threads read neighbours in memory.
    bool isByRow = layout != Layout::Collected || isFastAlongK;
    Value inner = math.constant(isByRow ? rowChunks : tile);
    Value row = isByRow ? math.div(number, inner) : math.rem(number, inner);
    Value chunk = isByRow ? math.rem(number, inner) : math.div(number, inner);
    cells.push_back(cell(math, builder, loc, row, chunk));
    Value first = math.mul(chunk, math.constant(chunkElements()));
    Value inK = layout == Layout::Transposed ? row : first;
    Value position = layout == Layout::Transposed ? first : row;
    Value bound =
        layout == Layout::Transposed ? math.sub(last, math.constant(chunkElements() - 1)) : last;
    Value at = math.min(math.add(firstPosition, position), bound);
    ks.push_back(inK);
    SmallVector<Value> point = delinearize(math, at, space.extentsOf(dims));
    pointers.push_back(
        elementPointer(builder, loc, base, access.element, offsetAlong(math, access, dims, point)));
  }
}

/// The address of k, given that of k = 0.
Value MmaOperand::atK(OpBuilder &builder, Location loc, Value pointer, Value k) const {
  IndexMath math(builder, loc);
  SmallVector<Value> point = delinearize(math, k, space.extentsOf(space.reduced));
  return elementPointer(builder, loc, pointer, access.element,
                        offsetAlong(math, access, space.reduced, point));
}

void MmaOperand::copy(OpBuilder &builder, Location loc, Value firstK, Value stage) const {
  IndexMath math(builder, loc);
  MLIRContext *context = builder.getContext();
  Type global = LLVM::LLVMPointerType::get(context, 1);
  Value start = stagePointer(builder, loc, stage);
  Type i32 = builder.getI32Type();
  Value all = arith::ConstantIntOp::create(builder, loc, kChunkBytes, 32);
  Value none = arith::ConstantIntOp::create(builder, loc, 0, 32);
  for (auto [pointer, inK, place] : llvm::zip(pointers, ks, cells)) {
    Value k = math.add(firstK, inK);
    Value size = arith::SelectOp::create(builder, loc, i32, math.isLess(k, totalK), all, none);
    Value from = LLVM::AddrSpaceCastOp::create(builder, loc, global, atK(builder, loc, pointer, k));
    Value to = elementPointer(builder, loc, start, builder.getI8Type(), place);
    NVVM::CpAsyncOp::create(builder, loc, to, from, kChunkBytes, NVVM::LoadCacheModifierKind::CG,
                            size);
  }
}

/// The elements k, k + 1, ... of one position, zero behind the last k, as 16 bytes.
Value MmaOperand::collectChunk(OpBuilder &builder, Location loc, Value pointer, Value k) const {
  Type type = access.element;
  Type vectorType = mlir::VectorType::get({chunkElements()}, type);
  // Behind the end the last element is read, and not taken: that costs no branch for each.
  auto read = [&](OpBuilder &at) -> Value {
    IndexMath math(at, loc);
    Value zero = LLVM::ConstantOp::create(at, loc, type, at.getZeroAttr(type));
    Value chunk = LLVM::UndefOp::create(at, loc, vectorType);
    Value last = math.sub(totalK, math.constant(1));
    for (int64_t i = 0; i < chunkElements(); ++i) {
      Value here = math.add(k, math.constant(i));
      Value place = atK(at, loc, pointer, math.min(here, last));
      Value element = LLVM::LoadOp::create(at, loc, type, place);
      element = arith::SelectOp::create(at, loc, math.isLess(here, totalK), element, zero);
      chunk = LLVM::InsertElementOp::create(at, loc, chunk, element, math.constant(i));
    }
    return chunk;
  };
  if (known(totalK).value_or(0) > 0)
    return read(builder);
  IndexMath math(builder, loc);
  return scf::IfOp::create(
             builder, loc, math.isLess(math.constant(0), totalK),
             [&](OpBuilder &then, Location) { scf::YieldOp::create(then, loc, read(then)); },
             [&](OpBuilder &otherwise, Location) {
               Value zeros = LLVM::ZeroOp::create(otherwise, loc, vectorType);
               scf::YieldOp::create(otherwise, loc, zeros);
             })
      .getResult(0);
}

SmallVector<Value> MmaOperand::collect(OpBuilder &builder, Location loc, Value firstK) const {
  IndexMath math(builder, loc);
  SmallVector<Value> chunks;
  for (auto [pointer, inK] : llvm::zip(pointers, ks))
    chunks.push_back(collectChunk(builder, loc, pointer, math.add(firstK, inK)));
  return chunks;
}

void MmaOperand::write(OpBuilder &builder, Location loc, ArrayRef<Value> chunks,
                       Value stage) const {
  Value start = stagePointer(builder, loc, stage);
  for (auto [chunk, place] : llvm::zip(chunks, cells))
    LLVM::StoreOp::create(builder, loc, chunk,
                          elementPointer(builder, loc, start, builder.getI8Type(), place),
                          /*alignment=*/kChunkBytes);
}

//===----------------------------------------------------------------------===//
// Shared memory to registers
//===----------------------------------------------------------------------===//

/// What `ldmatrix.x4` loads is four matrices of 8 rows of 16 bytes: number i is positions 8 (i % 2)
/// on and chunk i / 2 along k. Lane l has the address of row l % 8 of matrix l / 8.
void MmaOperand::placeLane(OpBuilder &builder, Location loc, Value lane, Value firstPosition) {
  IndexMath math(builder, loc);
  auto number = [&](int64_t value) { return math.constant(value); };
  if (kind.element.isF64()) {
    // Lane l has position l / 4 and k = l % 4.
    Value position = math.add(firstPosition, math.div(lane, number(4)));
    Value k = math.rem(lane, number(4)), two = number(2);
    bool isStraight = layout != Layout::Transposed;
    laneRow = isStraight ? position : k;
    laneChunk = math.div(isStraight ? k : position, two);
    laneByte = math.mul(math.rem(isStraight ? k : position, two), number(8));
    return;
  }
  Value row = math.rem(lane, number(8));
  Value matrix = math.div(lane, number(8));
  Value byPosition = math.rem(matrix, number(2)), byK = math.div(matrix, number(2));
  Value eight = number(8);
  if (layout == Layout::Transposed) {
    laneRow = math.add(row, math.mul(byK, eight));
    laneChunk = math.add(math.div(firstPosition, eight), byPosition);
  } else {
    laneRow = math.add(math.add(firstPosition, row), math.mul(byPosition, eight));
    laneChunk = byK;
  }
}

SmallVector<Value> MmaOperand::fragment(OpBuilder &builder, Location loc, Value stage,
                                        int64_t block, int64_t step) const {
  IndexMath math(builder, loc);
  Value start = stagePointer(builder, loc, stage);
  bool isTransposed = layout == Layout::Transposed;
  Type i8 = builder.getI8Type();
  // Steps and blocks go along the chunks of a row in one layout, and along its rows in the other.
  auto at = [&](int64_t rows, int64_t chunks) {
    Value chunk = math.add(laneChunk, math.constant(chunks));
    Value place = elementPointer(builder, loc, start, i8, cell(math, builder, loc, laneRow, chunk));
    // The swizzle is the same in every fourth row of f64, and in every eighth of others.
    return elementPointer(builder, loc, place, i8, math.constant(rows * rowBytes()));
  };
  if (kind.element.isF64()) {
    SmallVector<Value> values;
    for (int64_t half = 0; half < 2; ++half) {
      int64_t positions = kMmaBlock * block + 8 * half, ks = 4 * step;
      Value place = isTransposed ? at(ks, positions / 2) : at(positions, ks / 2);
      values.push_back(LLVM::LoadOp::create(builder, loc, kind.element,
                                            elementPointer(builder, loc, place, i8, laneByte)));
    }
    return values;
  }
  Value place = isTransposed ? at(kind.elementsOfStep() * step, kMmaBlock * block / 8)
                             : at(kMmaBlock * block, kMmaStepBytes / kChunkBytes * step);
  Type i32 = builder.getI32Type();
  Type four = LLVM::LLVMStructType::getLiteral(builder.getContext(), {i32, i32, i32, i32});
  Value loaded = NVVM::LdMatrixOp::create(
      builder, loc, four, place, 4, isTransposed ? NVVM::MMALayout::col : NVVM::MMALayout::row,
      NVVM::LdStMatrixShapeAttr::get(builder.getContext(), 8, 8), NVVM::LdStMatrixEltType::B16);
  SmallVector<Value> values;
  for (int64_t i = 0; i < 4; ++i)
    values.push_back(LLVM::ExtractValueOp::create(builder, loc, loaded, ArrayRef<int64_t>{i}));
  return prepareFragment(builder, loc, kind, values);
}

} // namespace tlc::codegen
