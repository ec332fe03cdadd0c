//===- HopperPtx.h - Hopper's instructions as inline PTX ------------------===//
//
// One function for each instruction, with the text that ships: what MLIR's operations for them
// become depends on passes and versions. Addresses in shared memory are i32.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_GPU_HOPPERPTX_H
#define TLC_COMPILER_CODEGEN_GPU_HOPPERPTX_H

#include "dialects/Mlir.h"

namespace tlc::codegen {

/// One stage of a product: `steps` matrix instructions of 64 x columns x 32 bytes.
struct MatrixProduct {
  /// "bf16", "f16" or "tf32".
  StringRef type;
  int64_t columns, steps;
  /// How far the descriptors of the next step are, in bytes.
  int64_t leftStep, rightStep;
  bool transposesLeft, transposesRight;
};

class HopperPtx {
public:
  HopperPtx(OpBuilder &builder, Location loc) : builder(builder), loc(loc) {}

  // mbarrier objects.
  void initBarrier(Value barrier, int64_t arrivals);
  /// Makes them known to the async proxy and the cluster.
  void fenceBarriers();
  void expectBytes(Value barrier, int64_t bytes);
  void arrive(Value barrier);
  /// `barrier` is an address in the cluster.
  void arriveInCluster(Value barrier);
  /// Waits for the end of a phase of this parity.
  void wait(Value barrier, Value parity);

  // Blocks and warps.
  void syncWarps(Value number, int64_t threads);
  void syncCluster();
  Value mapToBlock(Value address, Value block);
  Value blockInCluster();
  void giveRegisters(int64_t count);
  void takeRegisters(int64_t count);

  // The copy engine.
  void prefetch(Value map);
  /// `mask` names the blocks of the cluster that get it; null: this one.
  void load(Value to, Value map, ArrayRef<Value> at, Value barrier, Value mask);
  void store(Value map, ArrayRef<Value> at, Value from);
  void commitStores();
  /// Waits until all but `kept` groups have been read, or are done.
  void waitForStores(int64_t kept, bool untilRead);
  /// What this thread has written is there for the copy engine and the matrix units.
  void fenceProxy();

  // Matrix units.
  /// Begins sums + left * right, or left * right where `accumulates` (i32) is 0.
  SmallVector<Value> multiply(const MatrixProduct &product, ValueRange sums, Value left,
                              Value right, Value accumulates);
  /// Waits until all but the last `pending` stages are done.
  void waitForProducts(int64_t pending);
  /// Waits for all, and gives the sums.
  SmallVector<Value> finishProducts(ValueRange sums);

private:
  Value emit(Type type, const llvm::Twine &text, StringRef constraints, ValueRange operands);
  void emit(const llvm::Twine &text, StringRef constraints = "", ValueRange operands = {});
  SmallVector<Value> emitTied(StringRef text, ValueRange tied, StringRef constraints,
                              ValueRange operands);

  OpBuilder &builder;
  Location loc;
};

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_GPU_HOPPERPTX_H
