//===- TileKernel.cpp - panels and the register tile ----------------------===//

#include "compiler/codegen/cpu/TileKernel.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/Support/MathExtras.h"

#include <numeric>

namespace arith = mlir::arith;
namespace LLVM = mlir::LLVM;
namespace vector = mlir::vector;
using mlir::VectorType;

namespace tlc::codegen {
namespace {

/// An internal function of this module with an empty body, into which `builder` then points.
LLVM::LLVMFuncOp createFunction(mlir::ModuleOp module, StringRef name, Type result,
                                ArrayRef<Type> arguments, OpBuilder &builder) {
  builder.setInsertionPointToEnd(module.getBody());
  auto function = LLVM::LLVMFuncOp::create(builder, module.getLoc(), name,
                                           LLVM::LLVMFunctionType::get(result, arguments),
                                           LLVM::Linkage::Internal);
  builder.setInsertionPointToEnd(function.addEntryBlock(builder));
  return function;
}

std::string typeName(Type type) {
  return (isa<FloatType>(type) ? "f" : "i") + std::to_string(type.getIntOrFloatBitWidth());
}

/// is_run(table, count): whether `count` >= 1 entries of a table of offsets ascend in steps of
/// one. A function, because it is needed in many places.
LLVM::LLVMFuncOp getIsRunFunction(mlir::ModuleOp module) {
  StringRef name = "tlc_is_run";
  if (auto existing = module.lookupSymbol<LLVM::LLVMFuncOp>(name))
    return existing;
  OpBuilder builder(module.getContext());
  Type pointer = LLVM::LLVMPointerType::get(module.getContext()), i64 = builder.getI64Type();
  LLVM::LLVMFuncOp function =
      createFunction(module, name, builder.getI1Type(), {pointer, i64}, builder);
  IndexBuilder b(builder, module.getLoc());
  Value table = function.getArgument(0), count = function.getArgument(1);
  Value first = b.load(i64, table);
  SmallVector<Value> differences =
      b.loop(b.constant(1), count, b.constant(1), b.constant(0),
             [&](IndexBuilder &b, Value i, ValueRange so) {
               Value entry = b.load(i64, b.offset(table, i, i64));
               Value difference = arith::XOrIOp::create(b.builder, b.loc, entry, b.add(first, i));
               Value all = arith::OrIOp::create(b.builder, b.loc, so.front(), difference);
               return SmallVector<Value>{all};
             });
  Value same = arith::CmpIOp::create(builder, b.loc, arith::CmpIPredicate::eq, differences.front(),
                                     b.constant(0));
  LLVM::ReturnOp::create(builder, b.loc, same);
  return function;
}

Value isRun(IndexBuilder &b, LLVM::LLVMFuncOp function, Value table, Value count) {
  return LLVM::CallOp::create(b.builder, b.loc, function, ValueRange{table, count}).getResult();
}

//===----------------------------------------------------------------------===//
// Transposition in registers
//===----------------------------------------------------------------------===//

/// The parts of two vectors in turn: in each group of `group` elements, the lower (or upper)
/// half of the group of `lhs` in pieces of `piece`, alternating with those of `rhs`.
Value interleave(IndexBuilder &b, Value lhs, Value rhs, int64_t piece, int64_t group, bool upper) {
  int64_t size = cast<VectorType>(lhs.getType()).getNumElements();
  SmallVector<int64_t> mask;
  for (int64_t base = 0; base < size; base += group)
    for (int64_t at = 0; at < group / 2; at += piece)
      for (int64_t side : {int64_t(0), size})
        for (int64_t i = 0; i < piece; ++i)
          mask.push_back(side + base + (upper ? group / 2 : 0) + at + i);
  return vector::ShuffleOp::create(b.builder, b.loc, lhs, rhs, mask);
}

/// Rows to columns of a square block, first inside 16-byte lanes (unpack instructions),
/// then the lanes as wholes.
SmallVector<Value> transpose(IndexBuilder &b, SmallVector<Value> rows, unsigned elementBytes) {
  int64_t size = rows.size();
  int64_t inLane = std::min<int64_t>(size, 16 / elementBytes);
  // After this, rows[g * inLane + c] holds, in lane l, column l * inLane + c of rows
  // g * inLane + 0 ...
  for (int64_t base = 0; base < size; base += inLane) {
    SmallVector<Value> group(rows.begin() + base, rows.begin() + base + inLane);
    for (int64_t piece = 1; piece < inLane; piece *= 2) {
      // Neighbours merge: group[c * stride + i] covers 2 * piece rows of fewer columns.
      SmallVector<Value> next(inLane);
      int64_t count = inLane / piece; // vectors for each column set
      for (int64_t set = 0; set < piece; ++set)
        for (int64_t i = 0; i < count / 2; ++i)
          for (bool upper : {false, true})
            next[(2 * set + upper) * (count / 2) + i] =
                interleave(b, group[set * count + 2 * i], group[set * count + 2 * i + 1], piece,
                           inLane, upper);
      group = next;
    }
    std::copy(group.begin(), group.end(), rows.begin() + base);
  }
  // Exchange lanes between the groups of rows.
  for (int64_t lane = 1; lane < size / inLane; lane *= 2) {
    SmallVector<Value> next(rows);
    for (int64_t i = 0; i < size; ++i) {
      int64_t group = i / inLane;
      if (group & lane)
        continue;
      int64_t partner = i + lane * inLane, width = lane * inLane;
      SmallVector<int64_t> low, high;
      for (int64_t at = 0; at < size; ++at) {
        bool odd = (at / width) & 1;
        low.push_back(odd ? size + at - width : at);
        high.push_back(odd ? size + at : at + width);
      }
      next[i] = vector::ShuffleOp::create(b.builder, b.loc, rows[i], rows[partner], low);
      next[partner] = vector::ShuffleOp::create(b.builder, b.loc, rows[i], rows[partner], high);
    }
    rows = next;
  }
  return rows;
}

/// transpose(source, laneOffsets, destination, pitch): a square of `size` lanes times `size`
/// neighbours, as `size` vectors `pitch` elements apart. Shared, because shuffles are slow to
/// compile.
LLVM::LLVMFuncOp getTransposeFunction(mlir::ModuleOp module, const Tile &tile, int64_t size) {
  std::string name = "tlc_transpose_" + typeName(tile.elementType) + "_" + std::to_string(size);
  if (auto existing = module.lookupSymbol<LLVM::LLVMFuncOp>(name))
    return existing;
  OpBuilder builder(module.getContext());
  Type pointer = LLVM::LLVMPointerType::get(module.getContext()), i64 = builder.getI64Type();
  Type none = LLVM::LLVMVoidType::get(module.getContext());
  LLVM::LLVMFuncOp function =
      createFunction(module, name, none, {pointer, pointer, pointer, i64}, builder);
  IndexBuilder b(builder, module.getLoc());
  ValueRange arguments = function.getArguments();
  SmallVector<Value> rows;
  for (int64_t i = 0; i < size; ++i) {
    Value laneOffset = b.load(i64, b.offset(arguments[1], i, i64));
    rows.push_back(b.load(VectorType::get(size, tile.elementType),
                          b.offset(arguments[0], laneOffset, tile.elementType)));
  }
  rows = transpose(b, rows, tile.elementBytes());
  Value at = arguments[2];
  for (Value row : rows) {
    b.store(row, at);
    at = b.offset(at, arguments[3], tile.elementType);
  }
  LLVM::ReturnOp::create(builder, b.loc, ValueRange());
  return function;
}

//===----------------------------------------------------------------------===//
// Packing
//===----------------------------------------------------------------------===//

/// Emits the parts of a pack function. One panel is [depth][width].
class PackEmitter {
public:
  PackEmitter(mlir::ModuleOp module, const Tile &tile, int64_t width, ValueRange arguments)
      : type(tile.elementType), width(width), block(transposedBlock(tile, width)),
        part(std::gcd<int64_t>(width, tile.lanes)), isRunFunction(getIsRunFunction(module)),
        transposeFunction(getTransposeFunction(module, tile, block)), source(arguments[0]),
        kOffsets(arguments[2]), depth(arguments[4]) {}

  /// What holds for all panels.
  void emitPreparation(IndexBuilder &b) { kIsRun = isRun(b, isRunFunction, kOffsets, depth); }

  void emitPanel(IndexBuilder &b, Value laneOffsets, Value panel) {
    lanes = laneOffsets;
    destination = panel;
    b.branch(
        isRun(b, isRunFunction, lanes, b.constant(width)),
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
          kIsRun, [&](IndexBuilder &b) { return isRun(b, isRunFunction, table, b.sub(end, k)); });
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
          isRun(b, isRunFunction, b.offset(lanes, start, i64), b.constant(part)),
          [&](IndexBuilder &b) { copyRuns(b, part, start, begin, end); }, elements);
    });
  }

  Type type;
  int64_t width, block, part;
  LLVM::LLVMFuncOp isRunFunction, transposeFunction;
  Value source, kOffsets, depth, kIsRun;
  Value lanes, destination;
};

//===----------------------------------------------------------------------===//
// Multiplying
//===----------------------------------------------------------------------===//

/// Emits the parts of the multiply function for one tile at row i and column j.
class MultiplyEmitter {
public:
  MultiplyEmitter(mlir::ModuleOp module, const Tile &tile, ValueRange arguments, Value buffer)
      : tile(tile), isRunFunction(getIsRunFunction(module)),
        vectorType(VectorType::get(tile.lanes, tile.elementType)), depth(arguments[0]),
        lhs(arguments[1]), rhs(arguments[2]), result(arguments[3]), rowOffsets(arguments[4]),
        columnOffsets(arguments[5]), columnRuns(arguments[6]), rows(arguments[7]),
        columns(arguments[8]), accumulate(arguments[9]), buffer(buffer) {}

  /// Usually a right panel stays in the first cache while all rows pass by. With few summed
  /// positions the result dominates: then a left panel stays, and the result is written along its
  /// rows.
  void emit(IndexBuilder &b) {
    Value zero = b.constant(0);
    Value alongRows = b.lessEqual(depth, b.constant(shallowDepth));
    Value blockRows = b.select(alongRows, b.constant(tile.rows), rows);
    b.loop(zero, rows, b.max(blockRows, b.constant(1)), [&](IndexBuilder &b, Value block) {
      Value end = b.min(b.add(block, blockRows), rows);
      b.loop(zero, columns, tile.columns(),
             [&](IndexBuilder &b, Value j) { emitColumns(b, block, end, j); });
    });
  }

private:
  void emitColumns(IndexBuilder &b, Value block, Value end, Value j) {
    Type i64 = b.builder.getI64Type(), i1 = b.builder.getI1Type();
    Value table = b.offset(columnOffsets, j, i64);
    Value tileIndex = b.div(j, b.constant(tile.columns()));
    Value run = b.load(i1, b.offset(columnRuns, tileIndex, b.builder.getI8Type()));
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
    b.branch(
        arith::AndIOp::create(b.builder, b.loc, run, rowsFit),
        [&](IndexBuilder &b) { writeWhole(b, rowPointers, sums); },
        [&](IndexBuilder &b) {
          for (unsigned s = 0; s < sums.size(); ++s)
            b.store(sums[s], b.offset(buffer, s * tile.lanes, tile.elementType));
          writeParts(b, i, j, table);
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

  /// All rows and columns exist and the columns are neighbours: straight from the registers.
  void writeWhole(IndexBuilder &b, ValueRange rowPointers, ArrayRef<Value> sums) {
    auto write = [&](bool add) {
      return [&, add](IndexBuilder &b) {
        for (unsigned s = 0; s < sums.size(); ++s) {
          Value at = b.offset(rowPointers[s / tile.vectors], (s % tile.vectors) * tile.lanes,
                              tile.elementType);
          Value sum = sums[s];
          if (add)
            sum = arith::AddFOp::create(b.builder, b.loc, b.load(vectorType, at), sum);
          b.store(sum, at);
        }
      };
    };
    b.branch(accumulate, write(true), write(false));
  }

  /// The tile is in `buffer`. Written vector by vector where a vector's columns are
  /// neighbours, and element by element elsewhere.
  void writeParts(IndexBuilder &b, Value i, Value j, Value table) {
    Type i64 = b.builder.getI64Type(), type = tile.elementType;
    Value rowCount = b.min(b.constant(tile.rows), b.sub(rows, i));
    Value columnCount = b.min(b.constant(tile.columns()), b.sub(columns, j));
    Value zero = b.constant(0);
    b.loop(zero, columnCount, tile.lanes, [&](IndexBuilder &b, Value v) {
      Value run = isRun(b, isRunFunction, b.offset(table, v, i64), b.constant(tile.lanes));
      Value end = b.add(v, b.constant(tile.lanes));
      Value whole = b.lessEqual(end, columnCount);
      Value last = b.min(end, columnCount);
      auto write = [&](IndexBuilder &b, Type valueType, Value r, Value column) {
        Value columnOffset = b.load(i64, b.offset(table, column, i64));
        Value at = b.offset(result, b.add(rowOffset(b, b.add(i, r)), columnOffset), type);
        Value position = b.add(b.mul(r, tile.columns()), column);
        Value sum = b.load(valueType, b.offset(buffer, position, type));
        Value old = b.load(valueType, at);
        b.store(b.select(accumulate, arith::AddFOp::create(b.builder, b.loc, old, sum), sum), at);
      };
      b.loop(zero, rowCount, 1, [&](IndexBuilder &b, Value r) {
        b.branch(
            arith::AndIOp::create(b.builder, b.loc, run, whole),
            [&](IndexBuilder &b) { write(b, vectorType, r, v); },
            [&](IndexBuilder &b) {
              b.loop(v, last, 1, [&](IndexBuilder &b, Value c) { write(b, type, r, c); });
            });
      });
    });
  }

  static constexpr int64_t prefetchDistance = 64;
  static constexpr int64_t shallowDepth = 96;

  const Tile &tile;
  LLVM::LLVMFuncOp isRunFunction;
  VectorType vectorType;
  Value depth, lhs, rhs, result, rowOffsets, columnOffsets, columnRuns;
  Value rows, columns, accumulate, buffer;
};

} // namespace

Tile chooseTile(Type elementType, const Target &target) {
  unsigned lanes = target.lanes(elementType.getIntOrFloatBitWidth() / 8);
  if (target.vectorRegisters >= 32)
    return {elementType, 8, 3, lanes, target.fma};
  return {elementType, 6, 2, lanes, target.fma};
}

Value emitIsRun(IndexBuilder &b, mlir::ModuleOp module, Value table, Value count) {
  return isRun(b, getIsRunFunction(module), table, count);
}

int64_t transposedBlock(const Tile &tile, int64_t width) {
  return std::min<int64_t>(tile.lanes, llvm::PowerOf2Ceil(width));
}

LLVM::LLVMFuncOp getPackFunction(mlir::ModuleOp module, const Tile &tile, int64_t width) {
  std::string name = "tlc_pack_" + typeName(tile.elementType) + "_" + std::to_string(width);
  if (auto existing = module.lookupSymbol<LLVM::LLVMFuncOp>(name))
    return existing;
  OpBuilder builder(module.getContext());
  Type pointer = LLVM::LLVMPointerType::get(module.getContext()), i64 = builder.getI64Type();
  LLVM::LLVMFuncOp function =
      createFunction(module, name, LLVM::LLVMVoidType::get(module.getContext()),
                     {pointer, pointer, pointer, i64, i64, pointer}, builder);
  ValueRange arguments = function.getArguments();
  PackEmitter emitter(module, tile, width, arguments);
  IndexBuilder b(builder, module.getLoc());
  emitter.emitPreparation(b);
  b.loop(b.constant(0), arguments[3], 1, [&](IndexBuilder &b, Value p) {
    Value lane = b.mul(p, width);
    emitter.emitPanel(b, b.offset(arguments[1], lane, i64),
                      b.offset(arguments[5], b.mul(lane, arguments[4]), tile.elementType));
  });
  LLVM::ReturnOp::create(builder, b.loc, ValueRange());
  return function;
}

LLVM::LLVMFuncOp getMultiplyFunction(mlir::ModuleOp module, const Tile &tile) {
  std::string name = "tlc_multiply_" + typeName(tile.elementType) + "_" +
                     std::to_string(tile.rows) + "x" + std::to_string(tile.columns());
  if (auto existing = module.lookupSymbol<LLVM::LLVMFuncOp>(name))
    return existing;
  OpBuilder builder(module.getContext());
  Type pointer = LLVM::LLVMPointerType::get(module.getContext()), i64 = builder.getI64Type();
  LLVM::LLVMFuncOp function = createFunction(
      module, name, LLVM::LLVMVoidType::get(module.getContext()),
      {i64, pointer, pointer, pointer, pointer, pointer, pointer, i64, i64, builder.getI1Type()},
      builder);
  IndexBuilder b(builder, module.getLoc());
  Value buffer = LLVM::AllocaOp::create(builder, b.loc, pointer, tile.elementType,
                                        b.constant(tile.rows * tile.columns()), 64);
  MultiplyEmitter(module, tile, function.getArguments(), buffer).emit(b);
  LLVM::ReturnOp::create(builder, b.loc, ValueRange());
  return function;
}

} // namespace tlc::codegen
