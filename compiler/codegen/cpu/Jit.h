//===- Jit.h - compiles a module into this process ------------------------===//
//
// From a module in the `llvm` dialect to a function that can be called at once:
//
//   llvm::Expected<std::unique_ptr<JitFunction>> f = jit(module, options);
//   int32_t status = (*f)->entry()(context, inputs, outputs);
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_JIT_H
#define TLC_COMPILER_CODEGEN_CPU_JIT_H

#include "compiler/codegen/cpu/CodegenOptions.h"
#include "runtime/include/tlrt/tlrt.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <memory>

namespace llvm::orc {
class LLJIT;
} // namespace llvm::orc

namespace tlc::codegen {

/// Machine code in memory. It stays valid for the lifetime of this object.
class JitFunction {
public:
  ~JitFunction();
  JitFunction(const JitFunction &) = delete;
  JitFunction &operator=(const JitFunction &) = delete;

  /// The function named by `CodegenOptions::functionName`.
  tlrt_entry entry() const { return address; }

private:
  friend llvm::Expected<std::unique_ptr<JitFunction>> jit(mlir::ModuleOp, const CodegenOptions &);
  JitFunction(std::unique_ptr<llvm::orc::LLJIT> engine, tlrt_entry address);

  std::unique_ptr<llvm::orc::LLJIT> engine;
  tlrt_entry address;
};

/// Compiles `module` (in the `llvm` dialect, as the pipeline `tlc-to-llvm` leaves it). The
/// runtime's symbols are those of this process.
llvm::Expected<std::unique_ptr<JitFunction>> jit(mlir::ModuleOp module,
                                                 const CodegenOptions &options);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_JIT_H
