//===- PackAcross.cpp - squares of two dimensions of the columns ----------===//

#include "compiler/codegen/cpu/PackAcross.h"

#include "compiler/codegen/cpu/KernelFunctions.h"
#include "compiler/codegen/cpu/RegisterTranspose.h"

namespace LLVM = mlir::LLVM;
using mlir::VectorType;

namespace tlc::codegen {
namespace {

class PackAcrossEmitter {
public:
  PackAcrossEmitter(const Tile &tile, ValueRange arguments, Value spare)
      : tile(tile), type(tile.elementType), size(tile.lanes), source(arguments[0]),
        laneOffsets(arguments[1]), kOffsets(arguments[2]), rows(arguments[3]),
        firstRow(arguments[4]), extent(arguments[5]), pitch(arguments[6]), lane(arguments[7]),
        depth(arguments[8]), destination(arguments[9]), panelPitch(arguments[10]), spare(spare) {}

  /// Rows inside: what is read lies together. The same squares of the next summed position are
  /// asked for.
  void emit(IndexBuilder &b) {
    b.loop(b.constant(0), depth, 1, [&](IndexBuilder &b, Value k) {
      Value kOffset = entry(b, kOffsets, k);
      Value last = b.sub(depth, b.constant(1));
      Value ahead = b.sub(entry(b, kOffsets, b.min(b.add(k, b.constant(1)), last)), kOffset);
      auto condition = [&](OpBuilder &builder, Location, ValueRange at) {
        IndexBuilder b(builder, source.getLoc());
        mlir::scf::ConditionOp::create(builder, b.loc, b.less(at[0], rows), at);
      };
      auto body = [&](OpBuilder &builder, Location loc, ValueRange at) {
        IndexBuilder b(builder, loc);
        Value rest = b.sub(extent, b.rem(b.add(firstRow, at[0]), extent));
        Value count = b.min(b.min(rest, b.constant(size)), b.sub(rows, at[0]));
        emitSquare(b, k, kOffset, ahead, at[0], b.sub(b.constant(size), count));
        mlir::scf::YieldOp::create(builder, loc, b.add(at[0], count));
      };
      mlir::scf::WhileOp::create(b.builder, b.loc, TypeRange{b.builder.getI64Type()},
                                 ValueRange{b.constant(0)}, condition, body);
    });
  }

private:
  Value entry(IndexBuilder &b, Value table, Value at) {
    Type i64 = b.builder.getI64Type();
    return b.load(i64, b.offset(table, at, i64));
  }

  /// The rows from `row` on. At the end of a run the square reaches back over `skipped` rows that
  /// are packed already; those are dropped.
  void emitSquare(IndexBuilder &b, Value k, Value kOffset, Value ahead, Value row, Value skipped) {
    Value column = b.add(b.mul(row, pitch), lane);
    Value start = b.offset(source, b.sub(kOffset, skipped), type);
    SmallVector<Value> square;
    for (int64_t i = 0; i < size; ++i) {
      Value at = b.offset(start, entry(b, laneOffsets, b.add(column, b.constant(i))), type);
      square.push_back(b.load(VectorType::get(size, type), at));
      LLVM::Prefetch::create(b.builder, b.loc, b.offset(at, ahead, type), /*rw=*/0, /*hint=*/2,
                             /*cache=*/1);
    }
    square = transposeInRegisters(b, square, tile.elementBytes());
    column = b.sub(column, b.mul(skipped, pitch));
    Value next = b.mul(b.div(b.mul(pitch, size), b.constant(tile.columns())), panelPitch);
    for (int64_t i = 0; i < size; ++i) {
      Value isSkipped = b.less(b.constant(i), skipped);
      Value to = b.select(isSkipped, spare, place(b, k, column));
      b.store(square[i], to);
      LLVM::Prefetch::create(b.builder, b.loc, b.offset(to, next, type), /*rw=*/1, /*hint=*/3,
                             /*cache=*/1);
      column = b.add(column, pitch);
    }
  }

  /// Where the column lies in the panels.
  Value place(IndexBuilder &b, Value k, Value column) {
    Value width = b.constant(tile.columns()), panel = b.div(column, width);
    Value lane = b.sub(column, b.mul(panel, width));
    Value at = b.add(b.mul(panel, panelPitch), b.add(b.mul(k, width), lane));
    return b.offset(destination, at, type);
  }

  const Tile &tile;
  Type type;
  int64_t size;
  Value source, laneOffsets, kOffsets, rows, firstRow, extent, pitch, lane, depth, destination;
  Value panelPitch, spare;
};

} // namespace

LLVM::LLVMFuncOp getPackAcrossFunction(mlir::ModuleOp module, const Tile &tile) {
  Type pointer = LLVM::LLVMPointerType::get(module.getContext());
  Type none = LLVM::LLVMVoidType::get(module.getContext());
  Type i64 = IntegerType::get(module.getContext(), 64);
  auto emitBody = [&](IndexBuilder &b, ValueRange arguments) {
    Value spare = LLVM::AllocaOp::create(b.builder, b.loc, pointer, tile.elementType,
                                         b.constant(tile.lanes), 64);
    PackAcrossEmitter(tile, arguments, spare).emit(b);
    LLVM::ReturnOp::create(b.builder, b.loc, ValueRange());
  };
  std::string name =
      "tlc_pack_across_" + typeName(tile.elementType) + "_" + std::to_string(tile.columns());
  return getKernel(module, name, none,
                   {pointer, pointer, pointer, i64, i64, i64, i64, i64, i64, pointer, i64},
                   emitBody);
}

} // namespace tlc::codegen
