//===- TileKernel.cpp - the register tile ---------------------------------===//

#include "compiler/codegen/cpu/TileKernel.h"

#include "compiler/codegen/cpu/KernelFunctions.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace arith = mlir::arith;
namespace LLVM = mlir::LLVM;
namespace vector = mlir::vector;
using mlir::VectorType;

namespace tlc::codegen {
namespace {

/// Emits the parts of the multiply function for one tile at row i and column j.
class MultiplyEmitter {
public:
  MultiplyEmitter(mlir::ModuleOp module, const Tile &tile, ValueRange arguments, Value buffer)
      : tile(tile), module(module), vectorType(VectorType::get(tile.lanes, tile.elementType)),
        depth(arguments[0]), lhs(arguments[1]), rhs(arguments[2]), result(arguments[3]),
        rowOffsets(arguments[4]), columnOffsets(arguments[5]), columnRuns(arguments[6]),
        rows(arguments[7]), columns(arguments[8]), accumulate(arguments[9]),
        alongRows(arguments[10]), buffer(buffer) {}

  /// Usually a right panel stays in the first cache while all rows pass by; along rows, a left one.
  void emit(IndexBuilder &b) {
    Value zero = b.constant(0);
    Value blockRows = b.select(alongRows, b.constant(tile.rows), rows);
    b.loop(zero, rows, b.max(blockRows, b.constant(1)), [&](IndexBuilder &b, Value block) {
      Value end = b.min(b.add(block, blockRows), rows);
      b.loop(zero, columns, tile.columns(),
             [&](IndexBuilder &b, Value j) { emitColumns(b, block, end, j); });
    });
  }

private:
  void emitColumns(IndexBuilder &b, Value block, Value end, Value j) {
    Type i64 = b.builder.getI64Type();
    Value table = b.offset(columnOffsets, j, i64);
    Value tileIndex = b.div(j, b.constant(tile.columns()));
    Type i8 = b.builder.getI8Type();
    Value run = b.load(i8, b.offset(columnRuns, tileIndex, i8));
    Value base = b.offset(result, b.load(i64, table), tile.elementType);
    b.loop(block, end, tile.rows,
           [&](IndexBuilder &b, Value i) { emitTile(b, i, j, table, run, base); });
  }

  void emitTile(IndexBuilder &b, Value i, Value j, Value table, Value run, Value base) {
    Type type = tile.elementType;
    Value lhsPanel = b.offset(lhs, b.mul(i, depth), type);
    Value rhsPanel = b.offset(rhs, b.mul(j, depth), type);
    SmallVector<Value> rowPointers;
    for (unsigned r = 0; r < tile.rows; ++r)
      rowPointers.push_back(b.offset(base, rowOffset(b, b.add(i, b.constant(r))), type));

    // The tile of the result is asked for shortly before it is needed: early enough to
    // arrive, late enough not to be evicted by the panels.
    Value split = b.max(b.sub(depth, b.constant(prefetchDistance)), b.constant(0));
    Value zero = arith::ConstantOp::create(b.builder, b.loc, b.builder.getZeroAttr(vectorType));
    SmallVector<Value> sums(tile.rows * tile.vectors, zero);
    sums = multiplyPanels(b, b.constant(0), split, lhsPanel, rhsPanel, sums);
    prefetch(b, rowPointers);
    sums = multiplyPanels(b, split, depth, lhsPanel, rhsPanel, sums);

    Value rowsFit = b.lessEqual(b.add(i, b.constant(tile.rows)), rows);
    auto isRun = [&](IndexBuilder &b, ColumnRun kind) {
      Value number = arith::ConstantIntOp::create(b.builder, b.loc, static_cast<int8_t>(kind), 8);
      return arith::CmpIOp::create(b.builder, b.loc, arith::CmpIPredicate::eq, run, number);
    };
    auto both = [&](IndexBuilder &b, ColumnRun kind) {
      return arith::AndIOp::create(b.builder, b.loc, isRun(b, kind), rowsFit);
    };
    auto remaining = [&](IndexBuilder &b) {
      for (unsigned s = 0; s < sums.size(); ++s)
        b.store(sums[s], b.offset(buffer, s * tile.lanes, tile.elementType));
      Value rowCount = b.min(b.constant(tile.rows), b.sub(rows, i));
      b.branch(
          isRun(b, ColumnRun::Whole), [&](IndexBuilder &b) { writeRows(b, i, rowCount, base); },
          [&](IndexBuilder &b) {
            b.branch(
                rowsFit, [&](IndexBuilder &b) { writeColumns(b, rowPointers, j, table); },
                [&](IndexBuilder &b) { writeElements(b, i, rowCount, j, table); });
          });
    };
    b.branch(
        both(b, ColumnRun::Whole), [&](IndexBuilder &b) { writeWhole(b, rowPointers, sums); },
        [&](IndexBuilder &b) {
          if (tile.lanes < 4)
            return remaining(b);
          b.branch(
              both(b, ColumnRun::Parts),
              [&](IndexBuilder &b) { writeHalves(b, rowPointers, table, sums); }, remaining);
        });
  }

  Value rowOffset(IndexBuilder &b, Value i) {
    Type i64 = b.builder.getI64Type();
    return b.load(i64, b.offset(rowOffsets, i, i64));
  }

  /// The heart: one row of the right panel times one column of the left, `upper - lower` times.
  SmallVector<Value> multiplyPanels(IndexBuilder &b, Value lower, Value upper, Value lhsPanel,
                                    Value rhsPanel, ValueRange sums) {
    Type type = tile.elementType;
    return b.loop(
        lower, upper, b.constant(1), sums, [&](IndexBuilder &b, Value k, ValueRange sums) {
          Value left = b.offset(lhsPanel, b.mul(k, tile.rows), type);
          Value right = b.offset(rhsPanel, b.mul(k, tile.columns()), type);
          SmallVector<Value> row, next;
          for (unsigned v = 0; v < tile.vectors; ++v)
            row.push_back(b.load(vectorType, b.offset(right, v * tile.lanes, type)));
          for (unsigned r = 0; r < tile.rows; ++r) {
            Value element = b.load(type, b.offset(left, r, type));
            Value factor = vector::BroadcastOp::create(b.builder, b.loc, vectorType, element);
            for (unsigned v = 0; v < tile.vectors; ++v)
              next.push_back(multiplyAdd(b, factor, row[v], sums[r * tile.vectors + v]));
          }
          return next;
        });
  }

  Value multiplyAdd(IndexBuilder &b, Value lhs, Value rhs, Value sum) {
    if (tile.fma)
      return vector::FMAOp::create(b.builder, b.loc, lhs, rhs, sum);
    Value product = arith::MulFOp::create(b.builder, b.loc, lhs, rhs);
    return arith::AddFOp::create(b.builder, b.loc, sum, product);
  }

  void prefetch(IndexBuilder &b, ValueRange rowPointers) {
    int64_t perLine = 64 / tile.elementBytes();
    for (Value row : rowPointers)
      for (int64_t at = 0; at < tile.columns(); at += perLine)
        LLVM::Prefetch::create(b.builder, b.loc, b.offset(row, at, tile.elementType), /*rw=*/1,
                               /*hint=*/3, /*cache=*/1);
  }

  /// sum, added to what is there if the function accumulates.
  void write(IndexBuilder &b, bool add, Value sum, Value at) {
    if (add)
      sum = arith::AddFOp::create(b.builder, b.loc, b.load(sum.getType(), at), sum);
    b.store(sum, at);
  }
  void writeEither(IndexBuilder &b, function_ref<void(IndexBuilder &, bool)> body) {
    b.branch(
        accumulate, [&](IndexBuilder &b) { body(b, true); },
        [&](IndexBuilder &b) { body(b, false); });
  }

  /// All rows and columns exist and the columns are neighbours: straight from the registers.
  void writeWhole(IndexBuilder &b, ValueRange rowPointers, ArrayRef<Value> sums) {
    writeEither(b, [&](IndexBuilder &b, bool add) {
      for (unsigned s = 0; s < sums.size(); ++s)
        write(b, add, sums[s],
              b.offset(rowPointers[s / tile.vectors], (s % tile.vectors) * tile.lanes,
                       tile.elementType));
    });
  }

  /// All rows and columns exist; vectors may cross the end of a run in their middle.
  void writeHalves(IndexBuilder &b, ValueRange rowPointers, Value table, ArrayRef<Value> sums) {
    Type i64 = b.builder.getI64Type();
    int64_t half = tile.lanes / 2;
    Value first = b.load(i64, table);
    SmallVector<Value> distances;
    for (int64_t at = 0; at < tile.columns(); at += half)
      distances.push_back(b.sub(b.load(i64, b.offset(table, at, i64)), first));
    writeEither(b, [&](IndexBuilder &b, bool add) {
      for (unsigned s = 0; s < sums.size(); ++s)
        for (int64_t part = 0; part < 2; ++part) {
          SmallVector<int64_t> mask;
          for (int64_t lane = 0; lane < half; ++lane)
            mask.push_back(part * half + lane);
          Value sum = vector::ShuffleOp::create(b.builder, b.loc, sums[s], sums[s], mask);
          Value distance = distances[2 * (s % tile.vectors) + part];
          write(b, add, sum, b.offset(rowPointers[s / tile.vectors], distance, tile.elementType));
        }
    });
  }

  /// The tile is in `buffer`. Its columns are neighbours, but not all rows exist.
  void writeRows(IndexBuilder &b, Value i, Value rowCount, Value base) {
    writeEither(b, [&](IndexBuilder &b, bool add) {
      b.loop(b.constant(0), rowCount, 1, [&](IndexBuilder &b, Value r) {
        Value row = b.offset(base, rowOffset(b, b.add(i, r)), tile.elementType);
        Value from = b.offset(buffer, b.mul(r, tile.columns()), tile.elementType);
        for (unsigned v = 0; v < tile.vectors; ++v)
          write(b, add, b.load(vectorType, b.offset(from, v * tile.lanes, tile.elementType)),
                b.offset(row, v * tile.lanes, tile.elementType));
      });
    });
  }

  /// The tile is in `buffer`. All rows exist; the columns may lie anywhere.
  void writeColumns(IndexBuilder &b, ValueRange rowPointers, Value j, Value table) {
    Type i64 = b.builder.getI64Type(), type = tile.elementType;
    Value columnCount = b.min(b.constant(tile.columns()), b.sub(columns, j));
    Value first = b.load(i64, table);
    writeEither(b, [&](IndexBuilder &b, bool add) {
      b.loop(b.constant(0), columnCount, 1, [&](IndexBuilder &b, Value c) {
        Value distance = b.sub(b.load(i64, b.offset(table, c, i64)), first);
        Value from = b.offset(buffer, c, type);
        for (unsigned r = 0; r < tile.rows; ++r)
          write(b, add, b.load(type, b.offset(from, r * tile.columns(), type)),
                b.offset(rowPointers[r], distance, type));
      });
    });
  }

  /// The tile is in `buffer`; its columns may lie anywhere.
  void writeElements(IndexBuilder &b, Value i, Value rowCount, Value j, Value table) {
    Type i64 = b.builder.getI64Type(), type = tile.elementType;
    Value columnCount = b.min(b.constant(tile.columns()), b.sub(columns, j));
    writeEither(b, [&](IndexBuilder &b, bool add) {
      b.loop(b.constant(0), rowCount, 1, [&](IndexBuilder &b, Value r) {
        Value row = b.offset(result, rowOffset(b, b.add(i, r)), type);
        Value from = b.offset(buffer, b.mul(r, tile.columns()), type);
        b.loop(b.constant(0), columnCount, 1, [&](IndexBuilder &b, Value c) {
          Value at = b.offset(row, b.load(i64, b.offset(table, c, i64)), type);
          write(b, add, b.load(type, b.offset(from, c, type)), at);
        });
      });
    });
  }

  static constexpr int64_t prefetchDistance = 64;

  const Tile &tile;
  mlir::ModuleOp module;
  VectorType vectorType;
  Value depth, lhs, rhs, result, rowOffsets, columnOffsets, columnRuns;
  Value rows, columns, accumulate, alongRows, buffer;
};

} // namespace

Tile chooseTile(Type elementType, const Target &target) {
  unsigned lanes = target.lanes(elementType.getIntOrFloatBitWidth() / 8);
  if (target.vectorRegisters >= 32)
    return {elementType, 8, 3, lanes, target.fma};
  return {elementType, 6, 2, lanes, target.fma};
}

LLVM::LLVMFuncOp getMultiplyFunction(mlir::ModuleOp module, const Tile &tile) {
  Type pointer = LLVM::LLVMPointerType::get(module.getContext());
  Type none = LLVM::LLVMVoidType::get(module.getContext());
  Type i64 = IntegerType::get(module.getContext(), 64);
  Type i1 = IntegerType::get(module.getContext(), 1);
  auto emitBody = [&](IndexBuilder &b, ValueRange arguments) {
    Value buffer = LLVM::AllocaOp::create(b.builder, b.loc, pointer, tile.elementType,
                                          b.constant(tile.rows * tile.columns()), 64);
    MultiplyEmitter(module, tile, arguments, buffer).emit(b);
    LLVM::ReturnOp::create(b.builder, b.loc, ValueRange());
  };
  std::string name = "tlc_multiply_" + typeName(tile.elementType) + "_" +
                     std::to_string(tile.rows) + "x" + std::to_string(tile.columns());
  return getKernel(module, name, none,
                   {i64, pointer, pointer, pointer, pointer, pointer, pointer, i64, i64, i1, i1},
                   emitBody);
}

} // namespace tlc::codegen
