//===- Jit.h - compiles a module into this process ------------------------===//
//
// From a module in the `llvm` dialect to a function that can be called at once, in two steps, so
// that what is between them can be kept in a file:
//
//   llvm::Expected<MachineCode> code = compile(module, options);
//   llvm::Expected<std::unique_ptr<JitFunction>> f = load(*code, options.functionName);
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
#include <string>

namespace tlc::codegen {

class LoadedObject;

/// A relocatable object and what it needs to run.
struct MachineCode {
  std::string object;
  /// The level of the kernel library that the object's kernels come from; "" if it has its own.
  std::string kernelLevel;
};

/// A function in memory. It stays valid for the lifetime of this object.
class JitFunction {
public:
  explicit JitFunction(std::unique_ptr<LoadedObject> object);
  ~JitFunction();

  tlrt_entry entry() const;

private:
  std::unique_ptr<LoadedObject> object;
};

/// Compiles `module` (in the `llvm` dialect, as the pipeline `tlc-to-llvm` leaves it).
llvm::Expected<MachineCode> compile(mlir::ModuleOp module, const CodegenOptions &options);

/// Loads the function of this name. The runtime's symbols are those of this process.
llvm::Expected<std::unique_ptr<JitFunction>> load(const MachineCode &code,
                                                  const std::string &functionName);

/// Both.
llvm::Expected<std::unique_ptr<JitFunction>> jit(mlir::ModuleOp module,
                                                 const CodegenOptions &options);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_JIT_H
