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

/// Asks for the element at source + laneOffset, which may not exist.
void prefetchSource(IndexBuilder &b, Value source, Type type, Value laneOffset) {
  LLVM::Prefetch::create(b.builder, b.loc, b.offset(source, laneOffset, type), /*rw=*/0,
                         /*hint=*/3, /*cache=*/1);
}

/// transpose(source, laneOffsets, destination, pitch, count): `count` squares of `size` lanes times
/// `size` neighbours, which follow each other along the neighbours, as size * count vectors `pitch`
/// elements apart. The same square of the next panel, `pitch` lanes on, is asked for. Shared,
/// because shuffles are slow to compile.
LLVM::LLVMFuncOp getTransposeFunction(mlir::ModuleOp module, const Tile &tile, int64_t size) {
  Type pointer = LLVM::LLVMPointerType::get(module.getContext());
  Type none = LLVM::LLVMVoidType::get(module.getContext());
  Type i64 = IntegerType::get(module.getContext(), 64), type = tile.elementType;
  auto emitBody = [&](IndexBuilder &b, ValueRange arguments) {
    Value source = arguments[0], pitch = arguments[3];
    auto laneOffset = [&](IndexBuilder &b, Value lane) {
      return b.load(i64, b.offset(arguments[1], lane, i64));
    };
    b.loop(b.constant(0), arguments[4], 1, [&](IndexBuilder &b, Value square) {
      Value start = b.mul(square, size);
      SmallVector<Value> rows;
      for (int64_t i = 0; i < size; ++i) {
        Value offset = b.add(laneOffset(b, b.constant(i)), start);
        rows.push_back(b.load(VectorType::get(size, type), b.offset(source, offset, type)));
        Value next = laneOffset(b, b.add(pitch, b.constant(i)));
        prefetchSource(b, source, type, b.add(next, start));
      }
      rows = transposeInRegisters(b, rows, tile.elementBytes());
      Value at = b.offset(arguments[2], b.mul(start, pitch), type);
      for (Value row : rows) {
        b.store(row, at);
        at = b.offset(at, pitch, type);
      }
    });
    LLVM::ReturnOp::create(b.builder, b.loc, ValueRange());
  };
  std::string name = "tlc_transpose_" + typeName(type) + "_" + std::to_string(size);
  return getKernel(module, name, none, {pointer, pointer, pointer, i64, i64}, emitBody);
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
        kOffsets(arguments[2]), depth(arguments[4]), pitch(arguments[6]) {}

  /// What holds for all panels.
  void emitPreparation(IndexBuilder &b) { kIsRun = emitIsRun(b, module, kOffsets, depth); }

  /// As many panels as have neighbours for lanes are filled row by row; others one by one.
  void emitPanels(IndexBuilder &b, Value laneOffsets, Value panels, Value destination) {
    Type i64 = b.builder.getI64Type();
    auto condition = [&](OpBuilder &builder, Location loc, ValueRange at) {
      IndexBuilder b(builder, loc);
      mlir::scf::ConditionOp::create(builder, loc, b.less(at[0], panels), at);
    };
    auto body = [&](OpBuilder &builder, Location loc, ValueRange at) {
      IndexBuilder b(builder, loc);
      Value first = at[0], one = b.constant(1);
      lanes = b.offset(laneOffsets, b.mul(first, width), i64);
      this->destination = b.offset(destination, b.mul(first, pitch), type);
      Value rest = b.mul(b.sub(panels, first), width);
      Value alike = b.div(emitRunLength(b, module, lanes, rest), b.constant(width));
      b.branch(
          b.less(one, alike), [&](IndexBuilder &b) { copyGroup(b, alike); },
          [&](IndexBuilder &b) {
            b.branch(
                b.less(alike, one), [&](IndexBuilder &b) { emitStrided(b); },
                [&](IndexBuilder &b) { copyRuns(b, width, b.constant(0), b.constant(0), depth); });
          });
      mlir::scf::YieldOp::create(builder, loc, b.add(first, b.max(alike, one)));
    };
    mlir::scf::WhileOp::create(b.builder, b.loc, mlir::TypeRange{i64}, ValueRange{b.constant(0)},
                               condition, body);
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

  /// All lanes of `panels` panels are neighbours: rows are read from one end to the other. A page
  /// that is left and entered again costs more than many panels that are written at once. The
  /// processor foresees what follows in memory; a next row elsewhere is asked for.
  void copyGroup(IndexBuilder &b, Value panels) {
    Value last = b.sub(depth, b.constant(1)), one = b.constant(1);
    Value step = b.sub(offset(b, kOffsets, b.min(last, one)), offset(b, kOffsets, b.constant(0)));
    Value follows = b.lessEqual(step, b.mul(b.add(panels, one), width));
    b.branch(
        follows, [&](IndexBuilder &b) { copyRows(b, panels, Value()); },
        [&](IndexBuilder &b) { copyRows(b, panels, last); });
  }

  /// With the number of the last row, later ones are asked for.
  void copyRows(IndexBuilder &b, Value panels, Value last) {
    Value start = offset(b, lanes, b.constant(0));
    Type vectorType = VectorType::get(width, type);
    int64_t perLine = 64 / (type.getIntOrFloatBitWidth() / 8);
    b.loop(b.constant(0), depth, 1, [&](IndexBuilder &b, Value k) {
      Value row = sourceAt(b, start, offset(b, kOffsets, k)), ahead;
      if (last) {
        Value next = b.min(b.add(k, b.constant(1)), last);
        ahead = sourceAt(b, start, offset(b, kOffsets, next));
      }
      Value to = panelAt(b, k, b.constant(0));
      b.loop(b.constant(0), panels, 1, [&](IndexBuilder &b, Value panel) {
        Value at = b.mul(panel, width);
        for (int64_t lane = 0; last && lane < width; lane += perLine)
          prefetchSource(b, ahead, type, b.add(at, b.constant(lane)));
        b.store(b.load(vectorType, b.offset(row, at, type)),
                b.offset(to, b.mul(panel, pitch), type));
      });
    });
  }

  /// `count` lanes from `lane` on are neighbours in memory: whole vectors. Rows are often too far
  /// apart for the processor to see the pattern, so that those of later panels are asked for.
  void copyRuns(IndexBuilder &b, int64_t count, Value lane, Value begin, Value end) {
    Value laneOffset = offset(b, lanes, lane);
    Value ahead = offset(b, lanes, b.add(lane, b.constant(panelsAhead * width)));
    b.loop(begin, end, 1, [&](IndexBuilder &b, Value k) {
      Value kOffset = offset(b, kOffsets, k);
      Value piece = b.load(VectorType::get(count, type), sourceAt(b, laneOffset, kOffset));
      prefetchSource(b, source, type, b.add(ahead, kOffset));
      b.store(piece, panelAt(b, k, lane));
    });
  }

  void emitStrided(IndexBuilder &b) {
    b.branch(
        arith::AndIOp::create(b.builder, b.loc, kIsRun, b.lessEqual(b.constant(block), depth)),
        [&](IndexBuilder &b) {
          Value squares = b.div(depth, b.constant(block));
          transposeBlocks(b, b.constant(0), squares);
          // What is left is a square that overlaps the one before.
          b.branch(b.less(b.mul(squares, block), depth), [&](IndexBuilder &b) {
            transposeBlocks(b, b.sub(depth, b.constant(block)), b.constant(1));
          });
        },
        [&](IndexBuilder &b) { emitPieces(b); });
  }

  void emitPieces(IndexBuilder &b) {
    b.loop(b.constant(0), depth, block, [&](IndexBuilder &b, Value k) {
      Value next = b.add(k, b.constant(block)), end = b.min(next, depth);
      Value table = b.offset(kOffsets, k, b.builder.getI64Type());
      Value run = emitIsRun(b, module, table, b.sub(end, k));
      // The short block at the end is no square, whatever its offsets are.
      Value whole = b.lessEqual(next, depth);
      b.branch(
          arith::AndIOp::create(b.builder, b.loc, run, whole),
          [&](IndexBuilder &b) { transposeBlocks(b, k, b.constant(1)); },
          [&](IndexBuilder &b) { copyParts(b, k, end); });
    });
  }

  /// `squares` times `block` summed positions from k on are neighbours in memory: squares are
  /// transposed in registers. Where the width is no multiple, the last square overlaps the one
  /// before; a panel narrower than a square spills into what is written next.
  void transposeBlocks(IndexBuilder &b, Value k, Value squares) {
    Value start = b.offset(source, offset(b, kOffsets, k), type);
    auto strip = [&](IndexBuilder &b, Value lane) {
      Value laneOffsets = b.offset(lanes, lane, b.builder.getI64Type());
      LLVM::CallOp::create(
          b.builder, b.loc, transposeFunction,
          ValueRange{start, laneOffsets, panelAt(b, k, lane), b.constant(width), squares});
    };
    if (width <= block)
      return strip(b, b.constant(0));
    b.loop(b.constant(0), b.constant(width), block,
           [&](IndexBuilder &b, Value lane) { strip(b, b.min(lane, b.constant(width - block))); });
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

  /// Entries of the table behind the last panel may be anything: they are only asked for.
  static constexpr int64_t panelsAhead = 2;

  Type type;
  int64_t width, block, part;
  mlir::ModuleOp module;
  LLVM::LLVMFuncOp transposeFunction;
  Value source, kOffsets, depth, pitch, kIsRun;
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
    emitter.emitPanels(b, arguments[1], arguments[3], arguments[5]);
    LLVM::ReturnOp::create(b.builder, b.loc, ValueRange());
  };
  std::string name = "tlc_pack_" + typeName(tile.elementType) + "_" + std::to_string(width);
  return getKernel(module, name, none, {pointer, pointer, pointer, i64, i64, pointer, i64},
                   emitBody);
}

} // namespace tlc::codegen
