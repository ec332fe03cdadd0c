//===- Jit.cpp - compiles a module into this process ----------------------===//

#include "compiler/codegen/cpu/Jit.h"

#include "compiler/codegen/cpu/EmitObject.h"
#include "compiler/codegen/cpu/KernelLibrary.h"
#include "compiler/codegen/cpu/LlvmPipeline.h"
#include "compiler/codegen/cpu/ObjectLoader.h"

#include "runtime/include/tlrt/gpu.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"

#include <dlfcn.h>

namespace tlc::codegen {

JitFunction::JitFunction(std::unique_ptr<LoadedObject> object) : object(std::move(object)) {}

JitFunction::~JitFunction() = default;

tlrt_entry JitFunction::entry() const { return reinterpret_cast<tlrt_entry>(object->entry()); }

llvm::Expected<MachineCode> compile(mlir::ModuleOp module, const CodegenOptions &options) {
  llvm::Expected<llvm::TargetMachine *> machine = getThreadMachine(options);
  if (!machine)
    return machine.takeError();
  llvm::Triple wanted = (*machine)->getTargetTriple(), here(llvm::sys::getProcessTriple());
  if (wanted.getArch() != here.getArch())
    return llvm::createStringError("code for '" + wanted.str() + "' does not run on '" +
                                   here.str() + "'");
  llvm::LLVMContext context;
  llvm::Expected<std::unique_ptr<llvm::Module>> translated =
      translateAndOptimize(module, options, **machine, context);
  if (!translated)
    return translated.takeError();
  llvm::Expected<std::string> object = emit(**translated, **machine, EmitKind::Object);
  if (!object)
    return object.takeError();
  const KernelLevel *level = options.kernelLibrary ? findKernelLevel(**machine, options) : nullptr;
  return MachineCode{std::move(*object), level ? level->cpu : ""};
}

/// Generated code calls this process's runtime even where its symbols are hidden.
static void *findRuntimeFunction(StringRef name) {
  static const llvm::StringMap<void *> functions = [] {
    llvm::StringMap<void *> map;
    auto add = [&](StringRef name, auto *function) {
      map[name] = reinterpret_cast<void *>(function);
    };
    add("tlrt_alloc", tlrt_alloc);
    add("tlrt_bind_inputs", tlrt_bind_inputs);
    add("tlrt_bind_output", tlrt_bind_output);
    add("tlrt_fail", tlrt_fail);
    add("tlrt_finish_output", tlrt_finish_output);
    add("tlrt_gpu_alloc", tlrt_gpu_alloc);
    add("tlrt_gpu_arena", tlrt_gpu_arena);
    add("tlrt_gpu_bind_inputs", tlrt_gpu_bind_inputs);
    add("tlrt_gpu_bind_output", tlrt_gpu_bind_output);
    add("tlrt_gpu_constant", tlrt_gpu_constant);
    add("tlrt_gpu_download", tlrt_gpu_download);
    add("tlrt_gpu_fill", tlrt_gpu_fill);
    add("tlrt_gpu_input", tlrt_gpu_input);
    add("tlrt_gpu_launch", tlrt_gpu_launch);
    add("tlrt_gpu_multiprocessors", tlrt_gpu_multiprocessors);
    add("tlrt_gpu_output", tlrt_gpu_output);
    add("tlrt_gpu_release", tlrt_gpu_release);
    add("tlrt_gpu_start", tlrt_gpu_start);
    add("tlrt_gpu_tensor_map", tlrt_gpu_tensor_map);
    add("tlrt_gpu_upload", tlrt_gpu_upload);
    add("tlrt_parallel_for", tlrt_parallel_for);
    add("tlrt_release", tlrt_release);
    add("tlrt_workspace", tlrt_workspace);
    return map;
  }();
  return functions.lookup(name);
}

llvm::Expected<std::unique_ptr<JitFunction>> load(const MachineCode &code,
                                                  const std::string &functionName) {
  const KernelLevel *level = findKernelLevel(code.kernelLevel);
  auto resolve = [&](StringRef name) -> void * {
    if (void *function = findRuntimeFunction(name))
      return function;
    if (void *kernel = level ? level->find(name) : nullptr)
      return kernel;
    return dlsym(RTLD_DEFAULT, name.str().c_str()); // libm and memset
  };
  llvm::Expected<std::unique_ptr<LoadedObject>> loaded =
      loadObject(code.object, functionName, resolve);
  if (!loaded)
    return loaded.takeError();
  return std::make_unique<JitFunction>(std::move(*loaded));
}

llvm::Expected<std::unique_ptr<JitFunction>> jit(mlir::ModuleOp module,
                                                 const CodegenOptions &options) {
  llvm::Expected<MachineCode> code = compile(module, options);
  if (!code)
    return code.takeError();
  return load(*code, options.functionName);
}

} // namespace tlc::codegen
