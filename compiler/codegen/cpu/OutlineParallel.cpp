//===- OutlineParallel.cpp - parallel loops become calls of the runtime ---===//
//
// The body of a parallel loop moves into a function of its own, which the runtime calls for
// each task. What the body uses from outside travels in a structure:
//
//   scf.parallel (%i) = (0) to (%n) step (1) { use %a, %i }
//
// becomes
//
//   store %a, %captured[0]                      private @f_parallel_0(%captured, %i) {
//   tlrt_parallel_for(%context,                    %a = load %captured[0]
//                     @f_parallel_0,               use %a, %i
//                     %captured, %n)             }
//
// The context is the first argument of the function around the loop. It is passed on as
// the first captured value, so that loops inside of loops find it as well.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/IndexBuilder.h"
#include "compiler/codegen/cpu/Passes.h"
#include "compiler/codegen/cpu/Symbols.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/SetVector.h"

namespace tlc::codegen {

#define GEN_PASS_DEF_CPUOUTLINEPARALLEL
#include "compiler/codegen/cpu/Passes.h.inc"

namespace {

namespace arith = mlir::arith;
namespace LLVM = mlir::LLVM;
namespace scf = mlir::scf;

/// A function and the runtime's context inside of it.
struct Scope {
  mlir::FunctionOpInterface function;
  Value context;
};

/// One loop on its way into a function.
class Outliner {
public:
  Outliner(scf::ParallelOp loop, const Scope &scope, StringRef name)
      : loop(loop), scope(scope), name(name), loc(loop.getLoc()), builder(loop.getContext()),
        pointer(LLVM::LLVMPointerType::get(loop.getContext())) {}

  /// Returns the new function.
  Scope run() {
    collectCaptured();
    SmallVector<Type> types;
    for (Value value : captured)
      types.push_back(storedType(value.getType()));
    frame = LLVM::LLVMStructType::getLiteral(builder.getContext(), types);
    callRuntime();
    Scope body = createBody();
    loop.erase();
    return body;
  }

private:
  /// The context first; then what the body uses, but for constants, which are cloned.
  void collectCaptured() {
    captured.insert(scope.context);
    llvm::SetVector<Value> used;
    mlir::getUsedValuesDefinedAbove(loop.getRegion(), used);
    for (Value value : used) {
      Operation *producer = value.getDefiningOp();
      if (producer && mlir::matchPattern(producer, mlir::m_Constant()))
        constants.push_back(producer);
      else
        captured.insert(value);
    }
  }

  /// `index` has no size of its own in memory.
  Type storedType(Type type) { return type.isIndex() ? builder.getI64Type() : type; }

  Value cast(Value value, Type type) {
    return value.getType() == type ? value : arith::IndexCastOp::create(builder, loc, type, value);
  }

  Value field(Value base, size_t position) {
    return LLVM::GEPOp::create(builder, loc, pointer, frame, base,
                               ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(position)});
  }

  void callRuntime() {
    Type i64 = builder.getI64Type();
    builder.setInsertionPointToStart(&scope.function.getFunctionBody().front());
    Value one = arith::ConstantIntOp::create(builder, loc, 1, 64);
    Value storage = LLVM::AllocaOp::create(builder, loc, pointer, frame, one);

    builder.setInsertionPoint(loop);
    for (auto [position, value] : llvm::enumerate(captured))
      LLVM::StoreOp::create(builder, loc, cast(value, storedType(value.getType())),
                            field(storage, position));
    Value body = LLVM::AddressOfOp::create(builder, loc, pointer, name);
    Value count = cast(loop.getUpperBound().front(), i64);
    Symbols(scope.function->getParentOfType<mlir::ModuleOp>())
        .call(builder, loc, "tlrt_parallel_for", LLVM::LLVMVoidType::get(builder.getContext()),
              {scope.context, body, storage, count});
  }

  /// Moves the loop's operations rather than cloning them: a body may hold much.
  Scope createBody() {
    builder.setInsertionPointAfter(scope.function);
    Type none = LLVM::LLVMVoidType::get(builder.getContext()), i64 = builder.getI64Type();
    auto body = LLVM::LLVMFuncOp::create(builder, loc, name,
                                         LLVM::LLVMFunctionType::get(none, {pointer, i64}),
                                         LLVM::Linkage::Internal);
    Block *entry = body.addEntryBlock(builder);
    builder.setInsertionPointToStart(entry);

    mlir::IRMapping mapping;
    for (Operation *constant : constants)
      builder.clone(*constant, mapping);
    for (auto [position, value] : llvm::enumerate(captured)) {
      Value loaded = LLVM::LoadOp::create(builder, loc, storedType(value.getType()),
                                          field(entry->getArgument(0), position));
      mapping.map(value, cast(loaded, value.getType()));
    }
    mapping.map(loop.getInductionVars().front(),
                cast(entry->getArgument(1), builder.getIndexType()));

    Block *source = loop.getBody();
    source->getTerminator()->erase();
    loop.getRegion().walk([&](Operation *op) {
      for (mlir::OpOperand &operand : op->getOpOperands())
        operand.set(mapping.lookupOrDefault(operand.get()));
    });
    entry->getOperations().splice(entry->end(), source->getOperations());
    builder.setInsertionPointToEnd(entry);
    LLVM::ReturnOp::create(builder, loc, ValueRange());
    return {body, mapping.lookup(scope.context)};
  }

  scf::ParallelOp loop;
  Scope scope;
  std::string name;
  Location loc;
  OpBuilder builder;
  Type pointer;
  LLVM::LLVMStructType frame;
  llvm::SetVector<Value> captured;
  SmallVector<Operation *> constants;
};

/// From 0 in steps of 1, in one dimension, without a result.
bool isTaskLoop(scf::ParallelOp loop) {
  return loop.getNumLoops() == 1 && loop.getNumResults() == 0 &&
         mlir::getConstantIntValue(loop.getLowerBound().front()) == 0 &&
         mlir::getConstantIntValue(loop.getStep().front()) == 1;
}

struct CpuOutlineParallel : impl::CpuOutlineParallelBase<CpuOutlineParallel> {
  void runOnOperation() override {
    SmallVector<mlir::FunctionOpInterface> functions(
        getOperation().getOps<mlir::FunctionOpInterface>());
    for (mlir::FunctionOpInterface function : functions) {
      unsigned count = 0;
      if (function.isExternal())
        continue;
      Value context = function.getNumArguments() ? function.getArgument(0) : Value();
      if (failed(outline({function, context}, function.getName(), count)))
        return signalPassFailure();
    }
  }

private:
  /// Outermost loops first; the functions they become are searched in turn.
  LogicalResult outline(const Scope &scope, StringRef stem, unsigned &count) {
    SmallVector<scf::ParallelOp> loops;
    scope.function->walk<mlir::WalkOrder::PreOrder>([&](scf::ParallelOp loop) {
      loops.push_back(loop);
      return mlir::WalkResult::skip();
    });
    for (scf::ParallelOp loop : loops) {
      if (!isTaskLoop(loop))
        return loop.emitOpError("must be one loop from 0 in steps of 1 without results");
      if (!scope.context || !isa<LLVM::LLVMPointerType>(scope.context.getType()))
        return loop.emitOpError("must be in a function whose first argument is the context");
      std::string name = (stem + "_parallel_" + llvm::Twine(count++)).str();
      Scope body = Outliner(loop, scope, name).run();
      if (failed(outline(body, stem, count)))
        return failure();
    }
    return success();
  }
};

} // namespace
} // namespace tlc::codegen
