//===- PanelPacking.cpp - strided blocks into panels ----------------------===//
//
// A panel holds, for each summed position, the `width` lanes that the register tile takes at a
// time. How its elements are copied depends on where they lie, which is known at run time:
//
//   lanes are neighbours             vectors along the lanes
//   summed positions are neighbours  squares, transposed in registers
//   part of the lanes                shorter vectors, where a panel crosses the end of a dimension
//   nothing                          element by element
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/KernelFunctions.h"
#include "compiler/codegen/cpu/RegisterTranspose.h"
#include "compiler/codegen/cpu/TileKernel.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

#include <numeric>

namespace arith = mlir::arith;
namespace LLVM = mlir::LLVM;
namespace vector = mlir::vector;
using mlir::VectorType;

namespace tlc::codegen {
namespace {

/// transpose(source, laneOffsets, destination, pitch): a square of `size` lanes times `size`
/// neighbours, as `size` vectors `pitch` elements apart. Shared, because shuffles are slow to
/// compile.
LLVM::LLVMFuncOp getTransposeFunction(mlir::ModuleOp module, const Tile &tile, int64_t size) {
  Type pointer = LLVM::LLVMPointerType::get(module.getContext());
  Type none = LLVM::LLVMVoidType::get(module.getContext());
  Type i64 = IntegerType::get(module.getContext(), 64);
  auto emitBody = [&](IndexBuilder &b, ValueRange arguments) {
    SmallVector<Value> rows;
    for (int64_t i = 0; i < size; ++i) {
      Value laneOffset = b.load(i64, b.offset(arguments[1], i, i64));
      rows.push_back(b.load(VectorType::get(size, tile.elementType),
                            b.offset(arguments[0], laneOffset, tile.elementType)));
    }
    rows = transposeInRegisters(b, rows, tile.elementBytes());
    Value at = arguments[2];
    for (Value row : rows) {
      b.store(row, at);
      at = b.offset(at, arguments[3], tile.elementType);
    }
    LLVM::ReturnOp::create(b.builder, b.loc, ValueRange());
  };
  std::string name = "tlc_transpose_" + typeName(tile.elementType) + "_" + std::to_string(size);
  return getKernel(module, name, none, {pointer, pointer, pointer, i64}, emitBody);
}

//===----------------------------------------------------------------------===//
// Packing
//===----------------------------------------------------------------------===//

/// Emits the parts of a pack function. One panel is [depth][width].
class PackEmitter {
public:
  PackEmitter(mlir::ModuleOp module, const Tile &tile, int64_t width, ValueRange arguments)
      : type(tile.elementType), width(width), block(transposedBlock(tile, width)),
        part(std::gcd<int64_t>(width, tile.lanes)), module(module),
        transposeFunction(getTransposeFunction(module, tile, block)), source(arguments[0]),
        kOffsets(arguments[2]), depth(arguments[4]) {}

  /// What holds for all panels.
  void emitPreparation(IndexBuilder &b) { kIsRun = emitIsRun(b, module, kOffsets, depth); }

  void emitPanel(IndexBuilder &b, Value laneOffsets, Value panel) {
    lanes = laneOffsets;
    destination = panel;
    b.branch(
        emitIsRun(b, module, lanes, b.constant(width)),
        [&](IndexBuilder &b) { copyRuns(b, width, b.constant(0), b.constant(0), depth); },
        [&](IndexBuilder &b) { emitStrided(b); });
  }

private:
  Value offset(IndexBuilder &b, Value table, Value position) {
    Type i64 = b.builder.getI64Type();
    return b.load(i64, b.offset(table, position, i64));
  }
  Value sourceAt(IndexBuilder &b, Value laneOffset, Value kOffset) {
    return b.offset(source, b.add(laneOffset, kOffset), type);
  }
  Value panelAt(IndexBuilder &b, Value k, Value lane) {
    return b.offset(destination, b.add(b.mul(k, width), lane), type);
  }

  /// `count` lanes from `lane` on are neighbours in memory: whole vectors.
  void copyRuns(IndexBuilder &b, int64_t count, Value lane, Value begin, Value end) {
    Value laneOffset = offset(b, lanes, lane);
    b.loop(begin, end, 1, [&](IndexBuilder &b, Value k) {
      Value piece =
          b.load(VectorType::get(count, type), sourceAt(b, laneOffset, offset(b, kOffsets, k)));
      b.store(piece, panelAt(b, k, lane));
    });
  }

  void emitStrided(IndexBuilder &b) {
    b.loop(b.constant(0), depth, block, [&](IndexBuilder &b, Value k) {
      Value next = b.add(k, b.constant(block)), end = b.min(next, depth);
      Value table = b.offset(kOffsets, k, b.builder.getI64Type());
      Value run = b.either(
          kIsRun, [&](IndexBuilder &b) { return emitIsRun(b, module, table, b.sub(end, k)); });
      // The short block at the end is no square, whatever its offsets are.
      Value whole = b.lessEqual(next, depth);
      b.branch(
          arith::AndIOp::create(b.builder, b.loc, run, whole),
          [&](IndexBuilder &b) { transposeBlocks(b, k); },
          [&](IndexBuilder &b) { copyParts(b, k, end); });
    });
  }

  /// `block` summed positions are neighbours in memory: squares are transposed in registers.
  /// Where the width is no multiple, the last square overlaps the one before; a panel
  /// narrower than a square spills into what is written next.
  void transposeBlocks(IndexBuilder &b, Value k) {
    Value start = b.offset(source, offset(b, kOffsets, k), type);
    auto square = [&](IndexBuilder &b, Value lane) {
      Value laneOffsets = b.offset(lanes, lane, b.builder.getI64Type());
      LLVM::CallOp::create(b.builder, b.loc, transposeFunction,
                           ValueRange{start, laneOffsets, panelAt(b, k, lane), b.constant(width)});
    };
    if (width <= block)
      return square(b, b.constant(0));
    b.loop(b.constant(0), b.constant(width), block,
           [&](IndexBuilder &b, Value lane) { square(b, b.min(lane, b.constant(width - block))); });
  }

  /// Part of the lanes may still be neighbours: a panel across the end of an inner dimension.
  void copyParts(IndexBuilder &b, Value begin, Value end) {
    Type i64 = b.builder.getI64Type();
    b.loop(b.constant(0), b.constant(width), part, [&](IndexBuilder &b, Value start) {
      auto elements = [&](IndexBuilder &b) {
        b.loop(begin, end, 1, [&](IndexBuilder &b, Value k) {
          Value kOffset = offset(b, kOffsets, k);
          b.loop(start, b.add(start, b.constant(part)), 1, [&](IndexBuilder &b, Value lane) {
            Value element = b.load(type, sourceAt(b, offset(b, lanes, lane), kOffset));
            b.store(element, panelAt(b, k, lane));
          });
        });
      };
      if (part == 1)
        return elements(b);
      b.branch(
          emitIsRun(b, module, b.offset(lanes, start, i64), b.constant(part)),
          [&](IndexBuilder &b) { copyRuns(b, part, start, begin, end); }, elements);
    });
  }

  Type type;
  int64_t width, block, part;
  mlir::ModuleOp module;
  LLVM::LLVMFuncOp transposeFunction;
  Value source, kOffsets, depth, kIsRun;
  Value lanes, destination;
};

} // namespace

int64_t transposedBlock(const Tile &tile, int64_t width) {
  return std::min<int64_t>(tile.lanes, llvm::PowerOf2Ceil(width));
}

LLVM::LLVMFuncOp getPackFunction(mlir::ModuleOp module, const Tile &tile, int64_t width) {
  Type pointer = LLVM::LLVMPointerType::get(module.getContext());
  Type none = LLVM::LLVMVoidType::get(module.getContext());
  Type i64 = IntegerType::get(module.getContext(), 64);
  auto emitBody = [&](IndexBuilder &b, ValueRange arguments) {
    PackEmitter emitter(module, tile, width, arguments);
    emitter.emitPreparation(b);
    b.loop(b.constant(0), arguments[3], 1, [&](IndexBuilder &b, Value p) {
      Value lane = b.mul(p, width);
      emitter.emitPanel(b, b.offset(arguments[1], lane, i64),
                        b.offset(arguments[5], b.mul(lane, arguments[4]), tile.elementType));
    });
    LLVM::ReturnOp::create(b.builder, b.loc, ValueRange());
  };
  std::string name = "tlc_pack_" + typeName(tile.elementType) + "_" + std::to_string(width);
  return getKernel(module, name, none, {pointer, pointer, pointer, i64, i64, pointer}, emitBody);
}

} // namespace tlc::codegen
