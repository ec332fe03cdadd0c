//===- PanelConversion.cpp - panels of converted elements -----------------===//
//
// As in PanelPacking.cpp, how elements are copied depends on where they lie:
//
//   lanes are neighbours             rows of the group, interleaved     a0 b0 a1 b1 ...
//   summed positions are neighbours  vectors of groups, in squares that are transposed in registers
//   else                             element by element
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/PanelConversion.h"

#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/KernelFunctions.h"
#include "compiler/codegen/cpu/RegisterTranspose.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace LLVM = mlir::LLVM;
namespace vector = mlir::vector;
using mlir::VectorType;

namespace {

class ConvertingPacker {
public:
  ConvertingPacker(mlir::ModuleOp module, const Tile &tile, const PanelFormat &format,
                   int64_t width, bool isRight, ValueRange arguments)
      : module(module), tile(tile), format(format), width(width),
        square(std::min<int64_t>(llvm::bit_floor<uint64_t>(width), tile.lanes)),
        start(tile.arithmetic->hasStart && isRight), source(arguments[0]),
        laneOffsets(arguments[1]), kOffsets(arguments[2]), panels(arguments[3]),
        depth(arguments[4]), destination(arguments[5]), pitch(arguments[6]) {}

  void emit(IndexBuilder &b) {
    group = b.constant(format.group);
    whole = b.div(depth, group);
    rows = tile.panelRows(b, depth);
    kIsRun = emitIsRun(b, module, kOffsets, depth);
    b.loop(b.constant(0), panels, 1, [&](IndexBuilder &b, Value panel) {
      Value lane = b.mul(panel, width);
      lanes = b.offset(laneOffsets, lane, b.builder.getI64Type());
      to = b.offset(destination, b.mul(panel, pitch), format.element);
      Value first = to;
      if (tile.arithmetic->hasStart)
        to = b.offset(to, width, format.element);
      emitPanel(b);
      if (start)
        emitStart(b, first);
    });
  }

private:
  void emitPanel(IndexBuilder &b);
  void emitStart(IndexBuilder &b, Value first);
  void copyRows(IndexBuilder &b);
  void copySquares(IndexBuilder &b);
  void copyElements(IndexBuilder &b, Value firstRow, Value lastRow);
  void addBit(IndexBuilder &b, Value at, Value bit, Value place);

  Value kOffset(IndexBuilder &b, Value k) {
    Type i64 = b.builder.getI64Type();
    return b.load(i64, b.offset(kOffsets, k, i64));
  }
  Value laneOffset(IndexBuilder &b, Value lane) {
    Type i64 = b.builder.getI64Type();
    return b.load(i64, b.offset(lanes, lane, i64));
  }
  Value sourceAt(IndexBuilder &b, Value laneOffset, Value k) {
    return b.offset(source, b.add(laneOffset, kOffset(b, k)), format.source);
  }
  Value panelAt(IndexBuilder &b, Value row, Value lane) {
    return b.offset(to, b.add(b.mul(row, width), lane), format.element);
  }
  bool isComplex() const { return tile.arithmetic->parts > 1; }
  bool isBits() const { return format.unit.isInteger(1); }

  /// `count` neighbours in memory as units.
  Value loadUnits(IndexBuilder &b, Value at, int64_t count);
  mlir::ModuleOp module;
  const Tile &tile;
  const PanelFormat &format;
  int64_t width, square;
  bool start;
  Value source, laneOffsets, kOffsets, panels, depth, destination, pitch;
  /// Units of an element, groups that are complete, rows of a panel, and where this panel is.
  Value group, whole, rows, kIsRun, lanes, to;
};

} // namespace

Value ConvertingPacker::loadUnits(IndexBuilder &b, Value at, int64_t count) {
  if (isComplex())
    return b.load(VectorType::get({2 * count}, tile.arithmetic->number), at);
  if (isBits()) {
    Value bytes = b.load(withLanes(format.source, count), at);
    Value zero =
        arith::ConstantOp::create(b.builder, b.loc, b.builder.getZeroAttr(bytes.getType()));
    return arith::CmpIOp::create(b.builder, b.loc, arith::CmpIPredicate::ne, bytes, zero);
  }
  Value units = loadElement(b.builder, b.loc, at, format.source, format.unit, count);
  if (!format.isBiased)
    return units;
  Value bias = ein::buildConstant(b.builder, b.loc, units.getType(),
                                  b.builder.getIntegerAttr(format.unit, -128));
  return arith::XOrIOp::create(b.builder, b.loc, units, bias);
}

void ConvertingPacker::emitPanel(IndexBuilder &b) {
  b.branch(
      emitIsRun(b, module, lanes, b.constant(width)), [&](IndexBuilder &b) { copyRows(b); },
      [&](IndexBuilder &b) {
        if (isComplex())
          return copyElements(b, b.constant(0), whole);
        b.branch(
            kIsRun, [&](IndexBuilder &b) { copySquares(b); },
            [&](IndexBuilder &b) { copyElements(b, b.constant(0), whole); });
      });
  // A group that is not complete.
  if (format.group > 1)
    copyElements(b, whole, b.ceilDiv(depth, group));
}

/// The lanes are neighbours: vectors along them, one for each position of a group.
void ConvertingPacker::copyRows(IndexBuilder &b) {
  Value lane = laneOffset(b, b.constant(0));
  b.loop(b.constant(0), whole, 1, [&](IndexBuilder &b, Value row) {
    Value k = b.mul(row, group);
    Value at = panelAt(b, row, b.constant(0));
    if (format.group == 1)
      return b.store(loadUnits(b, sourceAt(b, lane, k), width), at);
    Type words = withLanes(format.element, width);
    if (isBits()) {
      Value zero = arith::ConstantOp::create(b.builder, b.loc, b.builder.getZeroAttr(words));
      SmallVector<Value> bits =
          b.loop(b.constant(0), group, b.constant(1), zero,
                 [&](IndexBuilder &b, Value bit, ValueRange before) {
                   Value units = loadUnits(b, sourceAt(b, lane, b.add(k, bit)), width);
                   Value wide = arith::ExtUIOp::create(b.builder, b.loc, words, units);
                   Value place = arith::TruncIOp::create(b.builder, b.loc, format.element, bit);
                   Value moved = arith::ShLIOp::create(b.builder, b.loc, wide,
                                                       splat(b.builder, b.loc, place, width));
                   return SmallVector<Value>{
                       arith::OrIOp::create(b.builder, b.loc, before.front(), moved)};
                 });
      return b.store(bits.front(), at);
    }
    // Pairs of pairs: a0 c0 a1 c1 ..., b0 d0 b1 d1 ... give a0 b0 c0 d0 ...
    SmallVector<Value> units;
    for (unsigned i = 0; i < format.group; ++i)
      units.push_back(loadUnits(b, sourceAt(b, lane, b.add(k, b.constant(i))), width));
    while (units.size() > 1) {
      SmallVector<Value> next;
      for (size_t i = 0; i < units.size() / 2; ++i)
        next.push_back(
            vector::InterleaveOp::create(b.builder, b.loc, units[i], units[i + units.size() / 2]));
      units = next;
    }
    b.store(units.front(), at);
  });
}

/// The positions of the sum are neighbours, so that a group is an element of a vector already.
void ConvertingPacker::copySquares(IndexBuilder &b) {
  Value end = b.mul(b.div(whole, b.constant(square)), b.constant(square));
  b.loop(b.constant(0), end, square, [&](IndexBuilder &b, Value row) {
    Value k = b.mul(row, group);
    auto emitSquare = [&](IndexBuilder &b, Value lane) {
      SmallVector<Value> vectors;
      for (int64_t i = 0; i < square; ++i) {
        Value at = sourceAt(b, laneOffset(b, b.add(lane, b.constant(i))), k);
        Value units = loadUnits(b, at, square * format.group);
        if (format.group > 1)
          units =
              LLVM::BitcastOp::create(b.builder, b.loc, withLanes(format.element, square), units);
        vectors.push_back(units);
      }
      vectors = transposeInRegisters(b, vectors, tile.elementBytes());
      for (int64_t i = 0; i < square; ++i)
        b.store(vectors[i], panelAt(b, b.add(row, b.constant(i)), lane));
    };
    // Where the width is no multiple, the last square overlaps the one before.
    b.loop(b.constant(0), b.constant(width), square, [&](IndexBuilder &b, Value lane) {
      emitSquare(b, b.min(lane, b.constant(width - square)));
    });
  });
  copyElements(b, end, whole);
}

/// Behind the last position, units are zero.
void ConvertingPacker::copyElements(IndexBuilder &b, Value firstRow, Value lastRow) {
  b.loop(firstRow, lastRow, 1, [&](IndexBuilder &b, Value row) {
    Value k = b.mul(row, group);
    b.loop(b.constant(0), b.constant(width), 1, [&](IndexBuilder &b, Value lane) {
      Value offset = laneOffset(b, lane);
      Value at = panelAt(b, row, lane);
      if (format.group == 1)
        return b.store(loadUnits(b, sourceAt(b, offset, k), 1), at);
      Value zero =
          arith::ConstantOp::create(b.builder, b.loc, b.builder.getZeroAttr(format.element));
      b.store(zero, at);
      b.loop(b.constant(0), b.min(group, b.sub(depth, k)), 1, [&](IndexBuilder &b, Value i) {
        Value unit = loadUnits(b, sourceAt(b, offset, b.add(k, i)), 1);
        if (isBits())
          addBit(b, at, unit, i);
        else
          b.store(unit, b.offset(at, i, format.unit));
      });
    });
  });
}

void ConvertingPacker::addBit(IndexBuilder &b, Value at, Value bit, Value place) {
  Value wide = arith::ExtUIOp::create(b.builder, b.loc, format.element, bit);
  Value narrow = arith::TruncIOp::create(b.builder, b.loc, format.element, place);
  Value moved = arith::ShLIOp::create(b.builder, b.loc, wide, narrow);
  b.store(arith::OrIOp::create(b.builder, b.loc, b.load(format.element, at), moved), at);
}

/// What sums of the panel's columns start from, in the row before its first one.
void ConvertingPacker::emitStart(IndexBuilder &b, Value first) {
  Type vectorType = withLanes(tile.arithmetic->number, tile.lanes);
  SmallVector<Value> sums(tile.vectors, tile.arithmetic->neutral(b, tile.lanes));
  Value end = b.sub(rows, b.constant(1));
  sums = b.loop(b.constant(0), end, b.constant(1), sums,
                [&](IndexBuilder &b, Value row, ValueRange before) {
                  SmallVector<Value> next;
                  for (auto [v, sum] : llvm::enumerate(before)) {
                    Value at = panelAt(b, row, b.constant(v * tile.lanes));
                    next.push_back(tile.arithmetic->addToStart(b, sum, b.load(vectorType, at)));
                  }
                  return next;
                });
  for (auto [v, sum] : llvm::enumerate(sums))
    b.store(tile.arithmetic->finishStart(b, sum), b.offset(first, v * tile.lanes, format.element));
}

LLVM::LLVMFuncOp getConvertingPackFunction(mlir::ModuleOp module, const Tile &tile,
                                           const PanelFormat &format, int64_t width, bool isRight) {
  Type pointer = LLVM::LLVMPointerType::get(module.getContext());
  Type none = LLVM::LLVMVoidType::get(module.getContext());
  Type i64 = IntegerType::get(module.getContext(), 64);
  auto emitBody = [&](IndexBuilder &b, ValueRange arguments) {
    ConvertingPacker(module, tile, format, width, isRight, arguments).emit(b);
    LLVM::ReturnOp::create(b.builder, b.loc, ValueRange());
  };
  std::string name = "tlc_pack_" + format.name + "_" + std::to_string(width);
  return getKernel(module, name, none, {pointer, pointer, pointer, i64, i64, pointer, i64},
                   emitBody);
}

} // namespace tlc::codegen
