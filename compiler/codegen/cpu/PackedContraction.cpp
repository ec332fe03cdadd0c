//===- PackedContraction.cpp - blocks, panels and tasks -------------------===//
//
// The loops around the register tile, for each point of the batch:
//
//   for each block of columns (n) whose panels fit the last-level cache
//     for each chunk of summed positions (k)
//       pack the right panels                                    parallel over panels
//       pack a block of the left panels and multiply             parallel over blocks
//
// Groups of dimensions are flattened, the last dimension fastest. Where position p of a
// group lies in memory is written into tables, a block at a time:
//
//   lhs  [m] + [k]      rhs  [n] + [k]      result  [m] + [n]
//
// An element of the result is summed in chunks that depend on the shape alone, so that its
// bits do not depend on the number of threads.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/PackedContraction.h"

#include "compiler/codegen/cpu/ColumnRuns.h"
#include "compiler/codegen/cpu/Element.h"
#include "compiler/codegen/cpu/IndexBuilder.h"
#include "compiler/codegen/cpu/KernelFunctions.h"
#include "compiler/codegen/cpu/PackAcross.h"
#include "compiler/codegen/cpu/PackedOrder.h"
#include "compiler/codegen/cpu/Symbols.h"
#include "compiler/codegen/cpu/TileKernel.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

namespace LLVM = mlir::LLVM;
namespace scf = mlir::scf;

namespace tlc::codegen {
namespace {

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

/// Below this many multiply-adds, a block is not divided further for more tasks.
constexpr int64_t smallWork = int64_t(1) << 20;
/// The least number of tasks that a large contraction should have.
constexpr int64_t wantedTasks = 8;
/// Panels of columns that make packing a left block once more for them worth while.
constexpr int64_t panelsPerPart = 32;
/// Right panels, or rows of all of them, packed by one task.
constexpr int64_t panelsPerTask = 8, rowsPerTask = 64;
/// Entries behind the last one of a table and elements behind the last panel, for squares that
/// are wider than a panel and for what is asked for ahead.
constexpr int64_t slack = 192;
/// Few neighbours in the result.
constexpr int64_t shortRun = 128;
/// Few rows, and the summed positions in a chunk for them, packed and in place: few pages at once.
constexpr int64_t fewRows = 64, shallowDepth = 128, inPlaceDepth = 64;
/// Batches of this size or more are the parallel dimension themselves.
constexpr int64_t parallelBatch = 8;

/// Blocks that keep a left panel in the first cache, while right ones stream through it, the left
/// block in the second and the right block in the last.
/// The depth is in rows of panels.
struct Blocks {
  int64_t depth, rows, columns;

  Blocks(const Tile &tile, const Target &target) {
    int64_t bytes = tile.elementBytes();
    depth = std::clamp<int64_t>(target.l1Bytes / 2 / (tile.rows * bytes), 256, 512);
    depth = depth / tile.lanes * tile.lanes;
    rows = std::clamp<int64_t>(target.l2Bytes * 3 / 4 / (depth * bytes), 8 * tile.rows, 480);
    rows = rows / tile.rows * tile.rows;
    columns = std::clamp<int64_t>(target.l3Bytes / 2 / (depth * bytes), 512, 4096);
    columns = columns / tile.columns() * tile.columns();
  }

  /// With few rows, a right block is used a few times only. It stays in the second cache if it is
  /// packed, and the result does if it is read in place.
  void adaptToFewRows(int64_t size, bool inPlace, const Tile &tile, const Target &target) {
    int64_t bytes = tile.elementBytes();
    depth = inPlace ? inPlaceDepth : shallowDepth;
    int64_t most =
        inPlace ? target.l2Bytes / 4 / (size * bytes) : target.l2Bytes / 2 / (depth * bytes);
    columns = std::clamp<int64_t>(most, 256, 4096) / tile.columns() * tile.columns();
  }
};

//===----------------------------------------------------------------------===//
// The emitter
//===----------------------------------------------------------------------===//

/// One group of dimensions with the strides of two operands along it.
struct Group {
  SmallVector<Value> extents;
  SmallVector<Value> strides[2];
  Value size; // product of the extents
};

class ContractionEmitter {
public:
  ContractionEmitter(IndexBuilder &b, Value context, const Nest &nest,
                     const ContractionGroups &groups, const Target &target,
                     const TileArithmeticRef &arithmetic)
      : context(context), tile(chooseTile(arithmetic, target)), blocks(tile, target),
        c(order(nest, groups, target)),
        module(b.builder.getInsertionBlock()->getParentOp()->getParentOfType<mlir::ModuleOp>()),
        panelType(arithmetic->right.element), i64(b.builder.getI64Type()) {
    packLhs = getPanelFunction(module, tile, /*isRight=*/false);
    if (!inPlace)
      packRhs = c.acrossRows ? getPackAcrossFunction(module, tile)
                             : getPanelFunction(module, tile, /*isRight=*/true);
    findColumnRuns = getColumnRunsFunction(module, tile);
    multiply =
        inPlace ? getMultiplyInPlaceFunction(module, tile) : getMultiplyFunction(module, tile);
  }

  Value emit(IndexBuilder &b) {
    failedFlag = createFlag(b);
    m = group(b, c.m, c.lhs, c.result);
    n = group(b, c.n, c.rhs, c.result);
    k = group(b, c.k, c.lhs, c.rhs);
    planBlocks(b);
    emitBatch(b);
    return b.load(b.builder.getI1Type(), failedFlag);
  }

private:
  /// Also decides how many columns a block has.
  PackedContraction order(const Nest &nest, const ContractionGroups &groups, const Target &target) {
    PackedContraction c =
        orderForPanels(nest, groups, tile, blocks.depth * tile.arithmetic->group(), target);
    if (c.acrossRows)
      blocks.columns = c.acrossRows * *mlir::getConstantIntValue(nest.extents[c.n.back()]);
    std::optional<int64_t> rows = sizeIfKnown(c.extents, c.m);
    if (!c.acrossRows && rows && *rows <= fewRows) {
      inPlace = tile.canReadInPlace() && canReadInPlace(c);
      blocks.adaptToFewRows(*rows, inPlace, tile, target);
    }
    return c;
  }

  /// Whether the right operand is a matrix whose rows are whole vectors, like those of the result.
  bool canReadInPlace(const PackedContraction &c) {
    std::optional<int64_t> columns = sizeIfKnown(c.extents, c.n);
    return c.n.size() == 1 && c.k.size() == 1 && columns && *columns % tile.lanes == 0 &&
           hasUnitStride(c.rhs, c.n) && hasUnitStride(c.result, c.n);
  }

  static std::optional<int64_t> sizeIfKnown(ArrayRef<Value> extents, ArrayRef<unsigned> dims) {
    int64_t size = 1;
    for (unsigned d : dims) {
      std::optional<int64_t> extent = mlir::getConstantIntValue(extents[d]);
      if (!extent)
        return std::nullopt;
      size *= *extent;
    }
    return size;
  }

  /// A byte of the enclosing function's frame, cleared here.
  Value createFlag(IndexBuilder &b) {
    auto function = b.builder.getInsertionBlock()->getParentOp();
    if (!isa<mlir::FunctionOpInterface>(function))
      function = function->getParentOfType<mlir::FunctionOpInterface>();
    Value flag;
    {
      OpBuilder::InsertionGuard guard(b.builder);
      b.builder.setInsertionPointToStart(&function->getRegion(0).front());
      flag = LLVM::AllocaOp::create(b.builder, b.loc, pointerType(), b.builder.getI1Type(),
                                    b.constant(1), 1);
    }
    b.store(mlir::arith::ConstantIntOp::create(b.builder, b.loc, 0, 1), flag);
    return flag;
  }

  Type pointerType() { return context.getType(); }

  Group group(IndexBuilder &b, ArrayRef<unsigned> dims, const Access &first, const Access &second) {
    Group g;
    g.size = b.constant(1);
    for (unsigned d : dims) {
      g.extents.push_back(c.extents[d]);
      g.strides[0].push_back(first.strides[d]);
      g.strides[1].push_back(second.strides[d]);
      g.size = b.mul(g.size, c.extents[d]);
    }
    return g;
  }

  /// Sizes of chunks and tasks. They depend on the extents and the target only.
  void planBlocks(IndexBuilder &b) {
    Value one = b.constant(1);
    int64_t group = tile.arithmetic->group();
    chunks = b.max(b.ceilDiv(k.size, b.constant(blocks.depth * group)), one);
    chunk = b.roundUp(b.ceilDiv(k.size, chunks), tile.lanes * group);
    blockColumns = b.roundUp(b.min(b.constant(blocks.columns), n.size), tile.columns());

    auto capped = [&](Value size) { return b.min(size, b.constant(1 << 20)); };
    Value work = b.mul(b.mul(capped(m.size), capped(n.size)), capped(k.size));
    isSmall = b.less(work, b.constant(smallWork));
    Value shared = b.ceilDiv(m.size, b.constant(wantedTasks));
    Value divided = b.max(b.min(shared, b.constant(blocks.rows)), b.constant(8 * tile.rows));
    Value most = b.select(isSmall, b.constant(blocks.rows), divided);
    rowTasks = b.ceilDiv(m.size, most);
    taskRows = b.max(b.ceilDiv(m.size, b.max(rowTasks, one)), one);
    taskRows = b.roundUp(taskRows, tile.rows);
    rowTasks = b.ceilDiv(m.size, taskRows);
  }

  /// Runs `body` for each point of the batch, with the operands' positions moved there.
  void emitBatch(IndexBuilder &b) {
    if (c.batch.empty())
      return emitProduct(b);
    Value size = b.constant(1);
    int64_t staticSize = 1;
    for (unsigned d : c.batch) {
      size = b.mul(size, c.extents[d]);
      std::optional<int64_t> extent = mlir::getConstantIntValue(c.extents[d]);
      staticSize = extent && staticSize >= 0 ? staticSize * *extent : -1;
    }
    // An unknown batch is parallel and so are its parts: those run serially unless there
    // is only one.
    serialParts = staticSize >= parallelBatch;
    auto body = [&](IndexBuilder &b, Value index) {
      Access *operands[] = {&c.lhs, &c.rhs, &c.result};
      Value saved[] = {c.lhs.pointer, c.rhs.pointer, c.result.pointer};
      for (unsigned d : llvm::reverse(c.batch)) {
        Value position = b.rem(index, c.extents[d]);
        index = b.div(index, c.extents[d]);
        for (Access *o : operands)
          o->pointer =
              b.offset(o->pointer, b.mul(position, o->strides[d]), storageType(o->element));
      }
      emitProduct(b);
      for (auto [operand, pointer] : llvm::zip(operands, saved))
        operand->pointer = pointer;
    };
    if (staticSize < 0 || serialParts)
      b.parallel(size, body);
    else
      b.loop(b.constant(0), size, 1, body);
  }

  void tasks(IndexBuilder &b, Value count, IndexBuilder::Body body) {
    if (serialParts)
      b.loop(b.constant(0), count, 1, body);
    else
      b.parallel(count, body);
  }

  //===--------------------------------------------------------------------===//
  // Scratch memory and tables
  //===--------------------------------------------------------------------===//

  /// Scratch memory of `bytes`, and `body` if it could be had.
  void withWorkspace(IndexBuilder &b, int slot, Value bytes,
                     function_ref<void(IndexBuilder &, Value)> body) {
    Value number = mlir::arith::ConstantIntOp::create(b.builder, b.loc, slot, 32);
    Value memory = Symbols(module).call(b.builder, b.loc, "tlrt_workspace", pointerType(),
                                        {context, number, bytes});
    Value null = LLVM::ZeroOp::create(b.builder, b.loc, pointerType());
    Value missing = LLVM::ICmpOp::create(b.builder, b.loc, LLVM::ICmpPredicate::eq, memory, null);
    b.branch(
        missing,
        [&](IndexBuilder &b) {
          b.store(mlir::arith::ConstantIntOp::create(b.builder, b.loc, 1, 1), failedFlag);
        },
        [&](IndexBuilder &b) { body(b, memory); });
  }

  /// Of panels of `width` lanes, as many as hold `lanes`.
  Value panelBytes(IndexBuilder &b, Value lanes, int64_t width) {
    Value panels = b.mul(b.ceilDiv(lanes, b.constant(width)), pitchOf(b, width, chunk));
    Value elements = b.add(panels, b.constant(slack));
    return b.roundUp(b.mul(elements, tile.elementBytes()), 64);
  }
  Value tableBytes(IndexBuilder &b, Value entries) {
    return b.roundUp(b.mul(b.add(entries, b.constant(slack)), 8), 64);
  }

  /// Offsets of positions start .. start + count - 1 of a group in its two operands. For lanes,
  /// the last one is repeated until there are whole panels of `width`.
  void fillTables(IndexBuilder &b, const Group &g, Value start, Value count, int64_t width,
                  ArrayRef<Value> tables) {
    if (g.extents.size() <= 1) {
      SmallVector<Value> bases(2, b.constant(0));
      fillRun(b, g, start, b.constant(0), count, bases, tables);
    } else {
      fillRuns(b, g, start, count, tables);
    }
    if (width == 1)
      return;
    int64_t more = std::max<int64_t>(transposedBlock(tile, width) - width, 0);
    Value end = b.add(b.roundUp(count, width), b.constant(more));
    for (Value table : tables) {
      Value last = b.load(i64, b.offset(table, b.sub(count, b.constant(1)), i64));
      b.loop(count, end, 1,
             [&](IndexBuilder &b, Value p) { b.store(last, b.offset(table, p, i64)); });
    }
  }

  /// Entries at .. at + count - 1 for positions `inner` ... along the last dimension.
  void fillRun(IndexBuilder &b, const Group &g, Value inner, Value at, Value count,
               ArrayRef<Value> bases, ArrayRef<Value> tables) {
    SmallVector<Value> starts, strides;
    for (unsigned t = 0; t < 2; ++t) {
      strides.push_back(g.extents.empty() ? b.constant(0) : g.strides[t].back());
      starts.push_back(b.add(bases[t], b.mul(inner, strides[t])));
    }
    b.loop(b.constant(0), count, b.constant(1), starts,
           [&](IndexBuilder &b, Value p, ValueRange offsets) {
             SmallVector<Value> next;
             for (unsigned t = 0; t < 2; ++t) {
               b.store(offsets[t], b.offset(tables[t], b.add(at, p), i64));
               next.push_back(b.add(offsets[t], strides[t]));
             }
             return next;
           });
  }

  /// Several dimensions: run by run of the last one, whose start is found by division.
  void fillRuns(IndexBuilder &b, const Group &g, Value start, Value count, ArrayRef<Value> tables) {
    auto condition = [&](OpBuilder &builder, Location, ValueRange at) {
      IndexBuilder b(builder, this->c.result.pointer.getLoc());
      scf::ConditionOp::create(builder, b.loc, b.less(at[0], count), at);
    };
    auto body = [&](OpBuilder &builder, Location loc, ValueRange at) {
      IndexBuilder b(builder, loc);
      Value flat = b.add(start, at[0]), last = g.extents.back();
      Value inner = b.rem(flat, last), outer = b.div(flat, last);
      SmallVector<Value> bases(2, b.constant(0));
      for (int d = static_cast<int>(g.extents.size()) - 2; d >= 0; --d) {
        Value position = d == 0 ? outer : b.rem(outer, g.extents[d]);
        if (d > 0)
          outer = b.div(outer, g.extents[d]);
        for (unsigned t = 0; t < 2; ++t)
          bases[t] = b.add(bases[t], b.mul(position, g.strides[t][d]));
      }
      Value run = b.min(b.sub(last, inner), b.sub(count, at[0]));
      fillRun(b, g, inner, at[0], run, bases, tables);
      scf::YieldOp::create(builder, loc, b.add(at[0], run));
    };
    scf::WhileOp::create(b.builder, b.loc, TypeRange{i64}, ValueRange{b.constant(0)}, condition,
                         body);
  }

  //===--------------------------------------------------------------------===//
  // Blocks
  //===--------------------------------------------------------------------===//

  void emitProduct(IndexBuilder &b) {
    Value panels = inPlace ? b.constant(0) : panelBytes(b, blockColumns, tile.columns());
    Value columnTable = tableBytes(b, blockColumns);
    Value depthTable = tableBytes(b, chunk);
    Value runTable = tableBytes(b, b.div(blockColumns, b.constant(8)));
    Value bytes = b.add(b.add(panels, runTable), b.mul(b.add(columnTable, depthTable), 2));
    withWorkspace(b, 0, bytes, [&](IndexBuilder &b, Value memory) {
      Type i8 = b.builder.getI8Type();
      rhsPanels = memory;
      Value rest = b.offset(memory, panels, i8);
      for (unsigned t = 0; t < 2; ++t, rest = b.offset(rest, columnTable, i8))
        columnTables[t] = rest;
      for (unsigned t = 0; t < 2; ++t, rest = b.offset(rest, depthTable, i8))
        depthTables[t] = rest;
      columnRuns = rest;
      b.loop(b.constant(0), b.ceilDiv(n.size, b.constant(blocks.columns)), 1,
             [&](IndexBuilder &b, Value block) { emitColumns(b, block); });
    });
  }

  void emitColumns(IndexBuilder &b, Value block) {
    start = b.mul(block, blocks.columns);
    Value columns = b.min(b.constant(blocks.columns), b.sub(n.size, start));
    fillTables(b, n, start, columns, tile.columns(), columnTables);
    LLVM::CallOp::create(b.builder, b.loc, findColumnRuns,
                         ValueRange{columnTables[1], columns, columnRuns});
    b.loop(b.constant(0), chunks, 1, [&](IndexBuilder &b, Value index) {
      Value first = b.mul(index, chunk);
      Value depth = b.min(chunk, b.sub(k.size, first));
      fillTables(b, k, first, depth, 1, depthTables);
      if (!inPlace)
        emitPackRhs(b, columns, depth);
      emitMultiply(b, columns, depth, b.less(b.constant(0), index));
    });
  }

  Value pitchOf(IndexBuilder &b, int64_t width, Value depth) {
    return panelPitch(b, tile, width, tile.panelRows(b, depth));
  }
  Value rhsPanelAt(IndexBuilder &b, Value panel, Value depth) {
    return b.offset(rhsPanels, b.mul(panel, pitchOf(b, tile.columns(), depth)), panelType);
  }

  /// Where the chunk's first row has the column of the block.
  Value rhsInPlace(IndexBuilder &b, Value column) {
    Value first = b.load(i64, b.offset(columnTables[0], column, i64));
    return b.offset(c.rhs.pointer, b.add(first, b.load(i64, depthTables[1])), panelType);
  }

  /// Tasks are parts of the depth where neighbours are columns, so that each reads whole rows, and
  /// groups of panels where they are summed.
  void emitPackRhs(IndexBuilder &b, Value columns, Value depth) {
    if (c.acrossRows)
      return emitPackAcross(b, columns, depth);
    Value total = b.ceilDiv(columns, b.constant(tile.columns())), zero = b.constant(0);
    Value group = b.constant(tile.arithmetic->group());
    auto pack = [&](IndexBuilder &b, Value panel, Value panels, Value k, Value rows) {
      Value above = b.mul(b.div(k, group), tile.columns());
      Value destination = b.offset(rhsPanelAt(b, panel, depth), above, panelType);
      LLVM::CallOp::create(b.builder, b.loc, packRhs,
                           ValueRange{c.rhs.pointer,
                                      b.offset(columnTables[0], b.mul(panel, tile.columns()), i64),
                                      b.offset(depthTables[1], k, i64), panels, rows, destination,
                                      pitchOf(b, tile.columns(), depth)});
    };
    auto overTasks = [&](Value size, int64_t part,
                         function_ref<void(IndexBuilder &, Value, Value)> body) {
      tasks(b, b.ceilDiv(size, b.constant(part)), [&](IndexBuilder &b, Value task) {
        Value at = b.mul(task, part);
        body(b, at, b.min(b.constant(part), b.sub(size, at)));
      });
    };
    // What sums start from asks for the whole depth.
    if (hasUnitStride(c.rhs, c.n) && !tile.arithmetic->hasStart)
      return overTasks(
          depth, rowsPerTask * tile.arithmetic->group(),
          [&](IndexBuilder &b, Value k, Value rows) { pack(b, zero, total, k, rows); });
    overTasks(total, panelsPerTask, [&](IndexBuilder &b, Value panel, Value panels) {
      pack(b, panel, panels, zero, depth);
    });
  }

  void emitPackAcross(IndexBuilder &b, Value columns, Value depth) {
    Value pitch = n.extents.back(), run = n.extents[n.extents.size() - 2];
    Value firstRow = b.rem(b.div(start, pitch), run);
    tasks(b, b.div(pitch, b.constant(tile.lanes)), [&](IndexBuilder &b, Value task) {
      LLVM::CallOp::create(b.builder, b.loc, packRhs,
                           ValueRange{c.rhs.pointer, columnTables[0], depthTables[1],
                                      b.div(columns, pitch), firstRow, run, pitch,
                                      b.mul(task, tile.lanes), depth, rhsPanels,
                                      panelPitch(b, tile, tile.columns(), depth)});
    });
  }

  /// The result is written along its rows if those are long, else row after row.
  Value alongRows(IndexBuilder &b) {
    if (inPlace)
      return mlir::arith::ConstantIntOp::create(b.builder, b.loc, 0, 1);
    Value run = n.extents.empty() ? b.constant(1) : n.extents.back();
    return b.less(b.constant(shortRun), run);
  }

  /// Tasks are blocks of rows; a result with few of them is divided along its columns too.
  void emitMultiply(IndexBuilder &b, Value columns, Value depth, Value accumulate) {
    Value one = b.constant(1);
    Value parts = b.ceilDiv(b.constant(wantedTasks), b.max(rowTasks, one));
    parts = b.min(parts, b.ceilDiv(columns, b.constant(panelsPerPart * tile.columns())));
    parts = b.select(isSmall, one, parts);
    Value taskColumns = b.roundUp(b.ceilDiv(columns, parts), tile.columns());
    parts = b.ceilDiv(columns, taskColumns);
    Value panelRows = tile.panelRows(b, depth);
    tasks(b, b.mul(rowTasks, parts), [&](IndexBuilder &b, Value task) {
      Value row = b.mul(b.div(task, parts), taskRows);
      Value column = b.mul(b.rem(task, parts), taskColumns);
      Value rows = b.min(taskRows, b.sub(m.size, row));
      Value count = b.min(taskColumns, b.sub(columns, column));
      Value panels = panelBytes(b, taskRows, tile.rows), table = tableBytes(b, taskRows);
      withWorkspace(b, 1, b.add(panels, b.mul(table, 2)), [&](IndexBuilder &b, Value memory) {
        Value lhsRows = b.offset(memory, panels, b.builder.getI8Type());
        Value resultRows = b.offset(lhsRows, table, b.builder.getI8Type());
        fillTables(b, m, row, rows, tile.rows, {lhsRows, resultRows});
        LLVM::CallOp::create(b.builder, b.loc, packLhs,
                             ValueRange{c.lhs.pointer, lhsRows, depthTables[0],
                                        b.ceilDiv(rows, b.constant(tile.rows)), depth, memory,
                                        pitchOf(b, tile.rows, depth)});
        Value panel = b.div(column, b.constant(tile.columns()));
        SmallVector<Value> arguments = {panelRows,
                                        memory,
                                        inPlace ? rhsInPlace(b, column)
                                                : rhsPanelAt(b, panel, depth),
                                        c.result.pointer,
                                        resultRows,
                                        b.offset(columnTables[1], column, i64),
                                        b.offset(columnRuns, panel, b.builder.getI8Type()),
                                        rows,
                                        count,
                                        accumulate,
                                        alongRows(b)};
        if (inPlace)
          arguments.push_back(c.rhs.strides[c.k[0]]);
        LLVM::CallOp::create(b.builder, b.loc, multiply, arguments);
      });
    });
  }

  Value context;
  Tile tile;
  Blocks blocks;
  /// Whether the right operand is not packed.
  bool inPlace = false;
  PackedContraction c;
  mlir::ModuleOp module;
  Type panelType, i64;
  LLVM::LLVMFuncOp packLhs, packRhs, findColumnRuns, multiply;
  Value failedFlag;
  Group m, n, k;
  bool serialParts = false;
  /// Of the plan: the number and size of chunks of k, columns of a block, rows of a task.
  Value chunks, chunk, blockColumns, isSmall, rowTasks, taskRows;
  /// Of the block: its first column, panels and tables.
  Value start, rhsPanels, columnTables[2], depthTables[2], columnRuns;
};

} // namespace

Value emitPackedContraction(OpBuilder &builder, Location loc, Value context, const Nest &nest,
                            const ContractionGroups &groups, const Target &target,
                            const TileArithmeticRef &arithmetic) {
  IndexBuilder b(builder, loc);
  return ContractionEmitter(b, context, nest, groups, target, arithmetic).emit(b);
}

} // namespace tlc::codegen
