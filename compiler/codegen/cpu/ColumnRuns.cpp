//===- ColumnRuns.cpp - how the columns of a tile lie in the result -------===//

#include "compiler/codegen/cpu/ColumnRuns.h"

#include "compiler/codegen/cpu/KernelFunctions.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/Sequence.h"

namespace tlc::codegen {

namespace arith = mlir::arith;
namespace LLVM = mlir::LLVM;
namespace vector = mlir::vector;
using mlir::VectorType;

VectorRuns findRuns(IndexBuilder &b, const Tile &tile, Value table) {
  Type i64 = b.builder.getI64Type();
  VectorType type = VectorType::get(tile.lanes, i64);
  auto numbers = llvm::to_vector(llvm::seq<int64_t>(0, tile.lanes));
  Value lane = arith::ConstantOp::create(b.builder, b.loc,
                                         mlir::DenseElementsAttr::get(type, ArrayRef(numbers)));
  Value starts = arith::SubIOp::create(b.builder, b.loc, b.load(type, table), lane);
  auto startingAt = [&](Value start) {
    Value all = vector::BroadcastOp::create(b.builder, b.loc, type, start);
    return arith::CmpIOp::create(b.builder, b.loc, arith::CmpIPredicate::eq, starts, all);
  };
  VectorRuns runs;
  runs.first = b.load(i64, table);
  Value last = b.load(i64, b.offset(table, tile.lanes - 1, i64));
  runs.second = b.sub(last, b.constant(tile.lanes - 1));
  runs.firstMask = startingAt(runs.first);
  Value isOther =
      arith::CmpIOp::create(b.builder, b.loc, arith::CmpIPredicate::ne, starts,
                            vector::BroadcastOp::create(b.builder, b.loc, type, runs.first));
  runs.secondMask = arith::AndIOp::create(b.builder, b.loc, startingAt(runs.second), isOther);
  return runs;
}

/// Whether the lanes at `table` can be written in parts.
static Value isInParts(IndexBuilder &b, mlir::ModuleOp module, const Tile &tile, Value table) {
  Type i64 = b.builder.getI64Type();
  if (tile.hasMasks()) {
    VectorRuns runs = findRuns(b, tile, table);
    Value mask = arith::OrIOp::create(b.builder, b.loc, runs.firstMask, runs.secondMask);
    return vector::ReductionOp::create(b.builder, b.loc, vector::CombiningKind::AND, mask);
  }
  Value half = b.constant(tile.lanes / 2);
  return arith::AndIOp::create(b.builder, b.loc, emitIsRun(b, module, table, half),
                               emitIsRun(b, module, b.offset(table, half, i64), half));
}

LLVM::LLVMFuncOp getColumnRunsFunction(mlir::ModuleOp module, const Tile &tile) {
  Type pointer = LLVM::LLVMPointerType::get(module.getContext());
  Type none = LLVM::LLVMVoidType::get(module.getContext());
  Type i64 = IntegerType::get(module.getContext(), 64);
  auto number = [](IndexBuilder &b, ColumnRun kind) {
    return arith::ConstantIntOp::create(b.builder, b.loc, static_cast<int8_t>(kind), 8);
  };
  auto emitBody = [&](IndexBuilder &b, ValueRange arguments) {
    Value columns = arguments[1], width = b.constant(tile.columns());
    b.loop(b.constant(0), columns, tile.columns(), [&](IndexBuilder &b, Value j) {
      Value table = b.offset(arguments[0], j, i64);
      Value parts = number(b, ColumnRun::None);
      if (tile.lanes >= 4) {
        // A tile that lacks columns repeats the last one.
        Value all = b.lessEqual(width, b.sub(columns, j));
        for (unsigned v = 0; v < tile.vectors; ++v)
          all = arith::AndIOp::create(
              b.builder, b.loc, all,
              isInParts(b, module, tile, b.offset(table, int64_t(v) * tile.lanes, i64)));
        parts = b.select(all, number(b, ColumnRun::Parts), parts);
      }
      Value isWhole = emitIsRun(b, module, table, b.min(width, b.sub(columns, j)));
      b.store(b.select(isWhole, number(b, ColumnRun::Whole), parts),
              b.offset(arguments[2], b.div(j, width), b.builder.getI8Type()));
    });
    LLVM::ReturnOp::create(b.builder, b.loc, ValueRange());
  };
  std::string name =
      "tlc_column_runs_" + tile.arithmetic->name + "_" + std::to_string(tile.columns());
  return getKernel(module, name, none, {pointer, i64, pointer}, emitBody);
}

} // namespace tlc::codegen
