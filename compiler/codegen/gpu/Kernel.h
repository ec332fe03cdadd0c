//===- Kernel.h - one kernel and its launch -------------------------------===//
//
// A kernel is built where it is needed, with values of the function around it:
//
//   Kernel kernel(launcher, loc, "map");
//   Value i = kernel.globalThread();         // in the kernel
//   ... x + i * stride ...                   // `x` and `stride` are the function's
//   kernel.launch(emitter, blocks);          // they become parameters
//
// Constants of the function are repeated in the kernel; every other value it uses is passed.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_GPU_KERNEL_H
#define TLC_COMPILER_CODEGEN_GPU_KERNEL_H

#include "compiler/codegen/cpu/Emitter.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace tlc::codegen {

/// The kernels of one function.
class KernelModule {
public:
  /// For the function `name` of `module`.
  KernelModule(mlir::ModuleOp module, StringRef name);

  /// A kernel without a body, of blocks of `threads` threads, and its number.
  std::pair<mlir::LLVM::LLVMFuncOp, unsigned> create(Location loc, StringRef kind,
                                                     unsigned threads);
  /// Memory that the threads of a block share.
  mlir::LLVM::GlobalOp createShared(Location loc, Type type, unsigned alignment);
  /// The memory that the threads of a block share, as much as the launch says, at a multiple of
  /// 1024.
  mlir::LLVM::GlobalOp dynamicShared(Location loc);
  /// A pointer to the tlrt_gpu_program.
  Value program(OpBuilder &builder, Location loc);

private:
  mlir::ModuleOp module;
  std::string name;
  mlir::gpu::GPUModuleOp kernels;
  unsigned count = 0, sharedCount = 0;
};

/// The symbol of the tlrt_gpu_program of a function, which is a global of the module, and of its
/// gpu.module.
std::string programSymbol(StringRef function);
std::string kernelsSymbol(StringRef function);

/// The bytes of a tensor map, and what its address is a multiple of.
constexpr int64_t kTensorMapBytes = 128, kTensorMapAlignment = 64;

class Kernel {
public:
  Kernel(KernelModule &module, Location loc, StringRef kind, unsigned threads);

  /// Emits the launch of `blocks` blocks, each with `sharedBytes` of dynamic shared memory, at the
  /// emitter's insertion point. The kernel is complete.
  void launch(Emitter &emitter, Value blocks, int64_t sharedBytes = 0);
  /// A pointer to the dynamic shared memory, in its address space.
  Value dynamicShared();

  /// A tensor map as a parameter: `hostPointer` points to its 128 bytes in the function.
  Value tensorMap(Value hostPointer);
  /// Only one block of it runs on a multiprocessor at a time, with all its registers.
  void takeWholeMultiprocessor();
  /// Blocks that run together and reach each other's shared memory.
  void setCluster(int32_t blocks);

  /// The block and the thread in it, as i64.
  Value block();
  Value thread();
  /// The number of this thread in the grid.
  Value globalThread();
  void barrier() { barrier(builder); }
  void barrier(OpBuilder &at);

  OpBuilder builder;
  const Location loc;
  const unsigned threads;

private:
  SmallVector<Value> capture(Emitter &emitter);

  KernelModule &module;
  mlir::LLVM::LLVMFuncOp function;
  unsigned number;
  SmallVector<Value> maps;
};

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_GPU_KERNEL_H
