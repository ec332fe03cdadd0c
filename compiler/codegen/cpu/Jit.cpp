//===- Jit.cpp - compiles a module into this process ----------------------===//

#include "compiler/codegen/cpu/Jit.h"

#include "compiler/codegen/cpu/LlvmPipeline.h"

#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/CompileUtils.h"
#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"

namespace tlc::codegen {

namespace orc = llvm::orc;

JitFunction::JitFunction(std::unique_ptr<orc::LLJIT> engine, tlrt_entry address)
    : engine(std::move(engine)), address(address) {}

JitFunction::~JitFunction() = default;

/// Generated code calls this process's runtime even where its symbols are hidden.
static llvm::Error defineRuntime(orc::LLJIT &engine) {
  orc::SymbolMap symbols;
  auto define = [&](llvm::StringRef name, auto *function) {
    symbols[engine.mangleAndIntern(name)] = {orc::ExecutorAddr::fromPtr(function),
                                             llvm::JITSymbolFlags::Exported |
                                                 llvm::JITSymbolFlags::Callable};
  };
  define("tlrt_alloc", tlrt_alloc);
  define("tlrt_bind_inputs", tlrt_bind_inputs);
  define("tlrt_bind_output", tlrt_bind_output);
  define("tlrt_fail", tlrt_fail);
  define("tlrt_finish_output", tlrt_finish_output);
  define("tlrt_parallel_for", tlrt_parallel_for);
  define("tlrt_release", tlrt_release);
  define("tlrt_workspace", tlrt_workspace);
  return engine.getMainJITDylib().define(orc::absoluteSymbols(std::move(symbols)));
}

static llvm::Expected<std::unique_ptr<orc::LLJIT>> createEngine(llvm::TargetMachine &machine) {
  orc::LLJITBuilder builder;
  builder.setJITTargetMachineBuilder(orc::JITTargetMachineBuilder(machine.getTargetTriple()));
  builder.setDataLayout(machine.createDataLayout());
  // One compiler with the machine that the passes saw; the module is compiled on this thread.
  builder.setCompileFunctionCreator(
      [&machine](orc::JITTargetMachineBuilder)
          -> llvm::Expected<std::unique_ptr<orc::IRCompileLayer::IRCompiler>> {
        return std::make_unique<orc::SimpleCompiler>(machine);
      });
  llvm::Expected<std::unique_ptr<orc::LLJIT>> engine = builder.create();
  if (!engine)
    return engine.takeError();
  if (llvm::Error error = defineRuntime(**engine))
    return error;
  // libm and memset.
  llvm::Expected<std::unique_ptr<orc::DynamicLibrarySearchGenerator>> process =
      orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
          machine.createDataLayout().getGlobalPrefix());
  if (!process)
    return process.takeError();
  (*engine)->getMainJITDylib().addGenerator(std::move(*process));
  return engine;
}

llvm::Expected<std::unique_ptr<JitFunction>> jit(mlir::ModuleOp module,
                                                 const CodegenOptions &options) {
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> machine = createMachine(options);
  if (!machine)
    return machine.takeError();
  auto context = std::make_unique<llvm::LLVMContext>();
  llvm::Expected<std::unique_ptr<llvm::Module>> code =
      translateAndOptimize(module, options, **machine, *context);
  if (!code)
    return code.takeError();
  llvm::Expected<std::unique_ptr<orc::LLJIT>> engine = createEngine(**machine);
  if (!engine)
    return engine.takeError();
  if (llvm::Error error =
          (*engine)->addIRModule(orc::ThreadSafeModule(std::move(*code), std::move(context))))
    return error;
  // Compiles everything while the machine is alive.
  llvm::Expected<orc::ExecutorAddr> address = (*engine)->lookup(options.functionName);
  if (!address)
    return address.takeError();
  return std::unique_ptr<JitFunction>(
      new JitFunction(std::move(*engine), address->toPtr<tlrt_entry>()));
}

} // namespace tlc::codegen
