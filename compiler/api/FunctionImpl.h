//===- FunctionImpl.h - something that can be called ----------------------===//

#ifndef TLC_COMPILER_API_FUNCTIONIMPL_H
#define TLC_COMPILER_API_FUNCTIONIMPL_H

#include "compiler/api/Compilation.h"
#include "compiler/api/TensorAccess.h"
#include "compiler/codegen/cpu/Jit.h"

#include <atomic>
#include <mutex>

namespace tlc {

/// Runtime contexts, lent to one call each.
class ContextPool {
public:
  explicit ContextPool(const Options &options)
      : threads(options.threads), gpuDevice(options.gpuDevice), memoryLimit(options.memoryLimit) {}

  /// For a call whose arguments take so many bytes.
  std::shared_ptr<tlrt_context> take(uint64_t argumentBytes) const;
  /// The most bytes that one context had allocated at once.
  uint64_t peakBytes() const { return peak; }

private:
  int threads, gpuDevice;
  uint64_t memoryLimit;
  mutable std::atomic<uint64_t> peak{0};
  mutable std::mutex mutex;
  mutable std::vector<RuntimeContext> free;
};

/// A compiled entry, or the module that the reference interpreter runs.
struct Function::Impl {
  Signature signature;
  std::vector<Parameter> inputs, outputs;
  std::vector<Plan> plans;
  double compileSeconds = 0;
  Target target = Target::Cpu;
  int gpuDevice = -1;
  std::shared_ptr<const ContextPool> contexts;
  std::unique_ptr<codegen::JitFunction> code;
  std::unique_ptr<Compilation> interpreted; ///< Target::Reference
  mutable std::mutex interpreterMutex;
};

class FunctionAccess {
public:
  static Function make(std::shared_ptr<const Function::Impl> impl) {
    Function function;
    function.impl = std::move(impl);
    return function;
  }
  static const Signature &signature(const Function &function) { return function.impl->signature; }
};

class CacheKey;
struct CompiledFunction;

/// Optimises a module in `ein`, makes it callable and keeps it under `key`. The compilation began
/// at `startSeconds` of processor time.
Expected<Function> makeFunction(std::unique_ptr<Compilation> compilation, const Options &options,
                                const CacheKey &key, double startSeconds);

/// Makes machine code callable.
Expected<Function> loadFunction(const CompiledFunction &compiled, const Options &options,
                                double startSeconds);

/// Processor time of this thread.
double threadSeconds();

} // namespace tlc

#endif // TLC_COMPILER_API_FUNCTIONIMPL_H
