//===- TileKernel.cpp - the register tile ---------------------------------===//

#include "compiler/codegen/cpu/TileKernel.h"

#include "compiler/codegen/cpu/ColumnRuns.h"
#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/KernelFunctions.h"
#include "compiler/codegen/cpu/PanelConversion.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/Sequence.h"

namespace arith = mlir::arith;
namespace LLVM = mlir::LLVM;
namespace scf = mlir::scf;
namespace vector = mlir::vector;
using mlir::VectorType;

namespace tlc::codegen {
namespace {

/// Emits the parts of the multiply function for one tile at row i and column j. Tiles at the end of
/// the columns are as few vectors wide as these need.
class MultiplyEmitter {
public:
  MultiplyEmitter(const Tile &tile, ValueRange arguments, Value buffer)
      : tile(tile), arithmetic(*tile.arithmetic), panel(arithmetic.right.element),
        cell(withLanes(arithmetic.stored, arithmetic.parts)),
        vectorType(VectorType::get(tile.numbers(), arithmetic.stored)), depth(arguments[0]),
        lhs(arguments[1]), rhs(arguments[2]), result(arguments[3]), rowOffsets(arguments[4]),
        columnOffsets(arguments[5]), columnRuns(arguments[6]), rows(arguments[7]),
        columns(arguments[8]), accumulate(arguments[9]), alongRows(arguments[10]),
        rhsStep(arguments.size() > 11 ? arguments[11] : Value()), buffer(buffer) {}

  /// Along rows, a left panel stays in the first cache while all right ones pass by; else a right
  /// panel, while all left ones do.
  void emit(IndexBuilder &b) {
    if (arithmetic.hasPlainForm())
      isPlain = arithmetic.arePlain(b, kindsOf(b, lhs, rows, tile.rows),
                                    kindsOf(b, rhs, columns, tile.columns()));
    Value zero = b.constant(0);
    Value blockRows = b.select(alongRows, b.constant(tile.rows), rows);
    b.loop(zero, rows, b.max(blockRows, b.constant(1)), [&](IndexBuilder &b, Value block) {
      Value end = b.min(b.add(block, blockRows), rows);
      b.loop(zero, columns, tile.columns(),
             [&](IndexBuilder &b, Value j) { emitColumns(b, block, end, j, tile.vectors); });
    });
  }

private:
  /// The columns of a tile and how they lie in the result: `count` from j on.
  struct Columns {
    unsigned vectors;
    Value j, count, table, run, base;
  };

  /// Tiles from row `block` to `end` of the columns from j on, at most `vectors` wide.
  void emitColumns(IndexBuilder &b, Value block, Value end, Value j, unsigned vectors) {
    auto atMost = [&](IndexBuilder &b) {
      Columns c = describe(b, j, vectors);
      b.loop(block, end, tile.rows, [&](IndexBuilder &b, Value i) { emitTile(b, i, c); });
    };
    if (vectors == 1)
      return atMost(b);
    Value narrower = b.constant(int64_t(vectors - 1) * tile.lanes);
    b.branch(b.less(narrower, b.sub(columns, j)), atMost,
             [&](IndexBuilder &b) { emitColumns(b, block, end, j, vectors - 1); });
  }

  Columns describe(IndexBuilder &b, Value j, unsigned vectors) {
    Type i64 = b.builder.getI64Type(), i8 = b.builder.getI8Type();
    Columns c{vectors, j};
    c.count = b.min(b.constant(int64_t(vectors) * tile.lanes), b.sub(columns, j));
    c.table = b.offset(columnOffsets, j, i64);
    c.run = b.load(i8, b.offset(columnRuns, b.div(j, b.constant(tile.columns())), i8));
    c.base = b.offset(result, b.load(i64, c.table), cell);
    return c;
  }

  /// The kinds of numbers in all panels of `width` lanes that hold `lanes`.
  Value kindsOf(IndexBuilder &b, Value panels, Value lanes, int64_t width) {
    Value none = arith::ConstantIntOp::create(b.builder, b.loc, 0, 32);
    return b
        .loop(b.constant(0), lanes, b.constant(width), none,
              [&](IndexBuilder &b, Value lane, ValueRange before) {
                Value kinds = arithmetic.kindsOf(b, panelAt(b, panels, lane, width),
                                                 b.mul(depth, width), tile.lanes);
                return SmallVector<Value>{
                    arith::OrIOp::create(b.builder, b.loc, before.front(), kinds)};
              })
        .front();
  }

  Value panelAt(IndexBuilder &b, Value panels, Value lane, int64_t width) {
    Value pitch = panelPitch(b, tile, width, depth);
    return b.offset(panels, b.mul(b.div(lane, b.constant(width)), pitch), panel);
  }

  void emitTile(IndexBuilder &b, Value i, const Columns &c) {
    Value lhsPanel = panelAt(b, lhs, i, tile.rows);
    Value rhsPanel = rhsStep ? b.offset(rhs, c.j, panel) : panelAt(b, rhs, c.j, tile.columns());
    SmallVector<Value> rowPointers;
    for (unsigned r = 0; r < tile.rows; ++r)
      rowPointers.push_back(b.offset(c.base, rowOffset(b, b.add(i, b.constant(r))), cell));
    SmallVector<Value> sums = sumTile(b, c, lhsPanel, rhsPanel, rowPointers), vectors;
    unsigned perRow = sums.size() / tile.rows;
    for (unsigned r = 0; r < tile.rows; ++r)
      llvm::append_range(vectors,
                         arithmetic.finishRow(b, ArrayRef(sums).slice(r * perRow, perRow)));
    writeTile(b, i, c, rowPointers, vectors);
  }

  SmallVector<Value> sumTile(IndexBuilder &b, const Columns &c, Value lhsPanel, Value rhsPanel,
                             ValueRange rowPointers) {
    SmallVector<Value> starts = startSums(b, rhsPanel, c.vectors);
    if (!arithmetic.hasPlainForm())
      return sumPanels(b, c, lhsPanel, rhsPanel, rowPointers, starts, false);
    auto branch = [&](bool plain) {
      return [&, plain](OpBuilder &builder, Location loc) {
        IndexBuilder b(builder, loc);
        scf::YieldOp::create(builder, loc,
                             sumPanels(b, c, lhsPanel, rhsPanel, rowPointers, starts, plain));
      };
    };
    return scf::IfOp::create(b.builder, b.loc, isPlain, branch(true), branch(false)).getResults();
  }

  SmallVector<Value> startSums(IndexBuilder &b, Value rhsPanel, unsigned vectors) {
    if (!arithmetic.hasStart)
      return SmallVector<Value>(tile.rows * vectors * arithmetic.sumsPerVector,
                                arithmetic.neutral(b, tile.numbers()));
    SmallVector<Value> row = loadRow(b, rhsPanel, vectors), sums;
    for (unsigned r = 0; r < tile.rows; ++r)
      llvm::append_range(sums, row);
    return sums;
  }

  /// The tile of the result is asked for shortly before it is needed: early enough to arrive, late
  /// enough not to be evicted by the panels.
  SmallVector<Value> sumPanels(IndexBuilder &b, const Columns &c, Value lhsPanel, Value rhsPanel,
                               ValueRange rowPointers, SmallVector<Value> sums, bool plain) {
    Value first = b.constant(arithmetic.hasStart ? 1 : 0);
    Value split = b.max(b.sub(depth, b.constant(prefetchDistance)), first);
    sums = multiplyPanels(b, first, split, lhsPanel, rhsPanel, c.vectors, sums, plain);
    if (c.vectors == tile.vectors)
      b.branch(
          isRun(b, c, ColumnRun::Parts),
          [&](IndexBuilder &b) { prefetchRuns(b, rowPointers, c.table); },
          [&](IndexBuilder &b) { prefetch(b, rowPointers, c.vectors); });
    else
      prefetch(b, rowPointers, c.vectors);
    return multiplyPanels(b, split, depth, lhsPanel, rhsPanel, c.vectors, sums, plain);
  }

  SmallVector<Value> loadRow(IndexBuilder &b, Value at, unsigned vectors) {
    Type type = VectorType::get(tile.numbers(), arithmetic.number);
    SmallVector<Value> row;
    for (unsigned v = 0; v < vectors; ++v)
      row.push_back(b.load(type, b.offset(at, v * tile.lanes, panel)));
    return row;
  }

  /// Straight from the registers if all rows exist and the columns are neighbours, at least in
  /// parts of vectors; all else goes through the buffer.
  void writeTile(IndexBuilder &b, Value i, const Columns &c, ValueRange rowPointers,
                 ArrayRef<Value> sums) {
    Value rowsFit = b.lessEqual(b.add(i, b.constant(tile.rows)), rows);
    Value fits = tile.hasMasks()
                     ? rowsFit
                     : arith::AndIOp::create(b.builder, b.loc, rowsFit, isFull(b, c)).getResult();
    auto both = [&](IndexBuilder &b, ColumnRun kind) {
      return arith::AndIOp::create(b.builder, b.loc, isRun(b, c, kind), fits);
    };
    auto buffered = [&](IndexBuilder &b) {
      for (unsigned s = 0; s < sums.size(); ++s)
        b.store(sums[s], bufferAt(b, s / c.vectors, s % c.vectors));
      Value rowCount = b.min(b.constant(tile.rows), b.sub(rows, i));
      b.branch(
          isRun(b, c, ColumnRun::Whole), [&](IndexBuilder &b) { writeRows(b, i, rowCount, c); },
          [&](IndexBuilder &b) {
            b.branch(
                rowsFit, [&](IndexBuilder &b) { writeColumns(b, rowPointers, c); },
                [&](IndexBuilder &b) { writeElements(b, i, rowCount, c); });
          });
    };
    // A narrow tile is the last one, and rarely in parts of vectors.
    bool hasParts = tile.lanes >= 4 && c.vectors == tile.vectors;
    b.branch(
        both(b, ColumnRun::Whole), [&](IndexBuilder &b) { writeWhole(b, c, rowPointers, sums); },
        [&](IndexBuilder &b) {
          if (!hasParts)
            return buffered(b);
          b.branch(
              both(b, ColumnRun::Parts),
              [&](IndexBuilder &b) {
                if (tile.hasMasks())
                  writeRuns(b, rowPointers, c.table, sums);
                else
                  writeHalves(b, rowPointers, c.table, sums);
              },
              buffered);
        });
  }

  Value rowOffset(IndexBuilder &b, Value i) {
    Type i64 = b.builder.getI64Type();
    return b.load(i64, b.offset(rowOffsets, i, i64));
  }

  /// The heart: one row of the right panel times one column of the left, `upper - lower` times.
  SmallVector<Value> multiplyPanels(IndexBuilder &b, Value lower, Value upper, Value lhsPanel,
                                    Value rhsPanel, unsigned vectors, ValueRange sums, bool plain) {
    return b.loop(
        lower, upper, b.constant(1), sums, [&](IndexBuilder &b, Value k, ValueRange sums) {
          Value left = b.offset(lhsPanel, b.mul(k, tile.rows), panel);
          Value step = rhsStep ? rhsStep : b.constant(tile.columns());
          Value right = b.offset(rhsPanel, b.mul(k, step), panel);
          SmallVector<Value> row = loadRow(b, right, vectors), next;
          if (rhsStep)
            prefetchNext(b, right);
          unsigned perRow = sums.size() / tile.rows;
          for (unsigned r = 0; r < tile.rows; ++r)
            llvm::append_range(next, arithmetic.addRow(b, b.offset(left, r, panel), row,
                                                       sums.slice(r * perRow, perRow), plain));
          return next;
        });
  }

  void prefetch(IndexBuilder &b, ValueRange rowPointers, unsigned vectors) {
    int64_t perLine = 64 / byteSize(arithmetic.result);
    for (Value row : rowPointers)
      for (int64_t at = 0; at < int64_t(vectors) * tile.lanes; at += perLine)
        LLVM::Prefetch::create(b.builder, b.loc, b.offset(row, at, cell), /*rw=*/1,
                               /*hint=*/3, /*cache=*/1);
  }

  /// The lines of the first and the last lane of each vector.
  void prefetchRuns(IndexBuilder &b, ValueRange rowPointers, Value table) {
    Type i64 = b.builder.getI64Type();
    Value first = b.load(i64, table);
    for (unsigned v = 0; v < tile.vectors; ++v)
      for (unsigned lane : {0u, tile.lanes - 1}) {
        Value at = b.load(i64, b.offset(table, int64_t(v) * tile.lanes + lane, i64));
        for (Value row : rowPointers)
          LLVM::Prefetch::create(b.builder, b.loc, b.offset(row, b.sub(at, first), cell), /*rw=*/1,
                                 /*hint=*/3, /*cache=*/1);
      }
  }

  static Value isRun(IndexBuilder &b, const Columns &c, ColumnRun kind) {
    Value number = arith::ConstantIntOp::create(b.builder, b.loc, static_cast<int8_t>(kind), 8);
    return arith::CmpIOp::create(b.builder, b.loc, arith::CmpIPredicate::eq, c.run, number);
  }

  /// What the next tile reads of a row of the right operand: rows are too many for the processor to
  /// see a pattern in each.
  void prefetchNext(IndexBuilder &b, Value row) {
    int64_t perLine = 64 / tile.elementBytes();
    for (int64_t at = 0; at < tile.columns(); at += perLine)
      LLVM::Prefetch::create(b.builder, b.loc, b.offset(row, tile.columns() + at, tile.elementType),
                             /*rw=*/0,
                             /*hint=*/2, /*cache=*/1);
  }

  /// sum, added to what is there if the function accumulates.
  void write(IndexBuilder &b, bool add, Value sum, Value at, Value mask = {}) {
    Type type = sum.getType();
    if (add) {
      Value before = mask ? LLVM::MaskedLoadOp::create(b.builder, b.loc, type, at, mask, Value(),
                                                       byteSize(arithmetic.stored))
                                .getResult()
                          : b.load(type, at);
      sum = arithmetic.combine(b, before, sum);
    }
    if (mask)
      LLVM::MaskedStoreOp::create(b.builder, b.loc, sum, at, mask, byteSize(arithmetic.stored));
    else
      b.store(sum, at);
  }
  void writeEither(IndexBuilder &b, function_ref<void(IndexBuilder &, bool)> body) {
    b.branch(
        accumulate, [&](IndexBuilder &b) { body(b, true); },
        [&](IndexBuilder &b) { body(b, false); });
  }

  /// All rows exist and the columns are neighbours. Only the last vector may lack some, and only
  /// of the last tile.
  void writeWhole(IndexBuilder &b, const Columns &c, ValueRange rowPointers, ArrayRef<Value> sums) {
    auto writeAll = [&](IndexBuilder &b, Value lastMask) {
      writeEither(b, [&](IndexBuilder &b, bool add) {
        for (unsigned s = 0; s < sums.size(); ++s) {
          unsigned v = s % c.vectors;
          Value at = b.offset(rowPointers[s / c.vectors], v * tile.lanes, cell);
          write(b, add, sums[s], at, v + 1 == c.vectors ? lastMask : Value());
        }
      });
    };
    if (!tile.hasMasks())
      return writeAll(b, {});
    if (c.vectors < tile.vectors)
      return writeAll(b, lastMask(b, c));
    b.branch(
        isFull(b, c), [&](IndexBuilder &b) { writeAll(b, {}); },
        [&](IndexBuilder &b) { writeAll(b, lastMask(b, c)); });
  }

  Value isFull(IndexBuilder &b, const Columns &c) {
    return b.lessEqual(b.constant(int64_t(c.vectors) * tile.lanes), c.count);
  }

  /// The lanes of a tile's last vector that exist.
  Value lastMask(IndexBuilder &b, const Columns &c) {
    VectorType type = VectorType::get(tile.numbers(), b.builder.getI32Type());
    auto numbers = llvm::to_vector(llvm::seq<int32_t>(0, tile.numbers()));
    Value lane = arith::ConstantOp::create(b.builder, b.loc,
                                           mlir::DenseElementsAttr::get(type, ArrayRef(numbers)));
    Value left = b.sub(c.count, b.constant(int64_t(c.vectors - 1) * tile.lanes));
    left = b.mul(left, arithmetic.parts);
    left = arith::TruncIOp::create(b.builder, b.loc, b.builder.getI32Type(), left);
    left = vector::BroadcastOp::create(b.builder, b.loc, type, left);
    return arith::CmpIOp::create(b.builder, b.loc, arith::CmpIPredicate::slt, lane, left);
  }

  /// A mask of elements for the numbers that they consist of.
  Value ofNumbers(IndexBuilder &b, Value mask) {
    if (arithmetic.parts == 1)
      return mask;
    SmallVector<int64_t> lanes;
    for (int64_t number = 0; number < tile.numbers(); ++number)
      lanes.push_back(number / arithmetic.parts);
    return vector::ShuffleOp::create(b.builder, b.loc, mask, mask, lanes);
  }

  /// All rows and columns exist; vectors may cross the end of a run.
  void writeRuns(IndexBuilder &b, ValueRange rowPointers, Value table, ArrayRef<Value> sums) {
    Type i64 = b.builder.getI64Type();
    Value first = b.load(i64, table);
    SmallVector<VectorRuns> runs;
    for (unsigned v = 0; v < tile.vectors; ++v)
      runs.push_back(findRuns(b, tile, b.offset(table, int64_t(v) * tile.lanes, i64)));
    writeEither(b, [&](IndexBuilder &b, bool add) {
      for (unsigned s = 0; s < sums.size(); ++s) {
        const VectorRuns &r = runs[s % tile.vectors];
        auto at = [&](Value start) {
          return b.offset(rowPointers[s / tile.vectors], b.sub(start, first), cell);
        };
        write(b, add, sums[s], at(r.first), ofNumbers(b, r.firstMask));
        write(b, add, sums[s], at(r.second), ofNumbers(b, r.secondMask));
      }
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
          int64_t count = tile.numbers() / 2;
          auto mask = llvm::to_vector(llvm::seq(part * count, (part + 1) * count));
          Value sum = vector::ShuffleOp::create(b.builder, b.loc, sums[s], sums[s], mask);
          Value distance = distances[2 * (s % tile.vectors) + part];
          write(b, add, sum, b.offset(rowPointers[s / tile.vectors], distance, cell));
        }
    });
  }

  /// Vector `vector` of a row of the tile in the buffer.
  Value bufferAt(IndexBuilder &b, unsigned row, unsigned vector) {
    return b.offset(buffer, row * tile.columns() + vector * tile.lanes, cell);
  }

  /// The tile is in `buffer`. Its columns are neighbours, but not all rows or columns exist.
  void writeRows(IndexBuilder &b, Value i, Value rowCount, const Columns &c) {
    Type type = cell;
    Value lanes = b.constant(tile.lanes), whole = b.mul(b.div(c.count, lanes), lanes);
    writeEither(b, [&](IndexBuilder &b, bool add) {
      b.loop(b.constant(0), rowCount, 1, [&](IndexBuilder &b, Value r) {
        Value row = b.offset(c.base, rowOffset(b, b.add(i, r)), type);
        Value from = b.offset(buffer, b.mul(r, tile.columns()), type);
        auto copy = [&](Type piece) {
          return [&, piece](IndexBuilder &b, Value at) {
            write(b, add, b.load(piece, b.offset(from, at, type)), b.offset(row, at, type));
          };
        };
        b.loop(b.constant(0), whole, tile.lanes, copy(vectorType));
        b.loop(whole, c.count, 1, copy(type));
      });
    });
  }

  /// The tile is in `buffer`. All rows exist; the columns may lie anywhere.
  void writeColumns(IndexBuilder &b, ValueRange rowPointers, const Columns &c) {
    Type i64 = b.builder.getI64Type(), type = cell;
    Value first = b.load(i64, c.table);
    writeEither(b, [&](IndexBuilder &b, bool add) {
      b.loop(b.constant(0), c.count, 1, [&](IndexBuilder &b, Value column) {
        Value distance = b.sub(b.load(i64, b.offset(c.table, column, i64)), first);
        Value from = b.offset(buffer, column, type);
        for (unsigned r = 0; r < tile.rows; ++r)
          write(b, add, b.load(type, b.offset(from, r * tile.columns(), type)),
                b.offset(rowPointers[r], distance, type));
      });
    });
  }

  /// The tile is in `buffer`; its columns may lie anywhere.
  void writeElements(IndexBuilder &b, Value i, Value rowCount, const Columns &c) {
    Type i64 = b.builder.getI64Type(), type = cell;
    writeEither(b, [&](IndexBuilder &b, bool add) {
      b.loop(b.constant(0), rowCount, 1, [&](IndexBuilder &b, Value r) {
        Value row = b.offset(result, rowOffset(b, b.add(i, r)), type);
        Value from = b.offset(buffer, b.mul(r, tile.columns()), type);
        b.loop(b.constant(0), c.count, 1, [&](IndexBuilder &b, Value column) {
          Value at = b.offset(row, b.load(i64, b.offset(c.table, column, i64)), type);
          write(b, add, b.load(type, b.offset(from, column, type)), at);
        });
      });
    });
  }

  static constexpr int64_t prefetchDistance = 64;

  const Tile &tile;
  const TileArithmetic &arithmetic;
  /// An element of a panel, one of the result, and a vector of it.
  Type panel, cell;
  VectorType vectorType;
  Value depth, lhs, rhs, result, rowOffsets, columnOffsets, columnRuns;
  Value rows, columns, accumulate, alongRows, rhsStep, buffer;
  /// Whether all numbers in the panels are plain, where the arithmetic asks.
  Value isPlain;
};

} // namespace

Value Tile::panelRows(IndexBuilder &b, Value depth) const {
  Value rows = arithmetic->group() == 1 ? depth : b.ceilDiv(depth, b.constant(arithmetic->group()));
  return arithmetic->hasStart ? b.add(rows, b.constant(1)) : rows;
}

Tile chooseTile(const TileArithmeticRef &arithmetic, const Target &target) {
  unsigned lanes = std::max(1u, target.lanes(arithmetic->elementBytes));
  bool hasTwoSums = arithmetic->sumsPerVector == 2;
  // The panels of complex numbers of two f32 are copied as f64.
  MLIRContext *context = arithmetic->stored.getContext();
  Type element = arithmetic->left.element;
  if (arithmetic->parts == 2 && arithmetic->elementBytes == 8)
    element = mlir::Float64Type::get(context);
  if (target.vectorRegisters >= 32)
    return hasTwoSums ? Tile{element, 6, 2, lanes, arithmetic}
                      : Tile{element, 8, 3, lanes, arithmetic};
  return hasTwoSums ? Tile{element, 3, 2, lanes, arithmetic}
                    : Tile{element, 6, 2, lanes, arithmetic};
}

LLVM::LLVMFuncOp getPanelFunction(mlir::ModuleOp module, const Tile &tile, bool isRight) {
  const PanelFormat &format = isRight ? tile.arithmetic->right : tile.arithmetic->left;
  int64_t width = isRight ? tile.columns() : tile.rows;
  if (tile.copiesElements())
    return getPackFunction(module, tile, width);
  return getConvertingPackFunction(module, tile, format, width, isRight);
}

Value panelPitch(IndexBuilder &b, const Tile &tile, int64_t width, Value rows) {
  return b.add(b.mul(rows, width), b.constant(64 / tile.elementBytes()));
}

static LLVM::LLVMFuncOp getMultiply(mlir::ModuleOp module, const Tile &tile, bool inPlace) {
  Type pointer = LLVM::LLVMPointerType::get(module.getContext());
  Type none = LLVM::LLVMVoidType::get(module.getContext());
  Type i64 = IntegerType::get(module.getContext(), 64);
  Type i1 = IntegerType::get(module.getContext(), 1);
  auto emitBody = [&](IndexBuilder &b, ValueRange arguments) {
    int64_t count = tile.rows * tile.columns() * tile.arithmetic->parts;
    Value buffer = LLVM::AllocaOp::create(b.builder, b.loc, pointer, tile.arithmetic->stored,
                                          b.constant(count), 64);
    MultiplyEmitter(tile, arguments, buffer).emit(b);
    LLVM::ReturnOp::create(b.builder, b.loc, ValueRange());
  };
  std::string name = "tlc_multiply_" + tile.arithmetic->name + "_" + std::to_string(tile.rows) +
                     "x" + std::to_string(tile.columns());
  SmallVector<Type> types = {i64,     pointer, pointer, pointer, pointer, pointer,
                             pointer, i64,     i64,     i1,      i1};
  if (inPlace) {
    name += "_in_place";
    types.push_back(i64);
  }
  return getKernel(module, name, none, types, emitBody);
}

LLVM::LLVMFuncOp getMultiplyFunction(mlir::ModuleOp module, const Tile &tile) {
  return getMultiply(module, tile, /*inPlace=*/false);
}

LLVM::LLVMFuncOp getMultiplyInPlaceFunction(mlir::ModuleOp module, const Tile &tile) {
  return getMultiply(module, tile, /*inPlace=*/true);
}

} // namespace tlc::codegen
