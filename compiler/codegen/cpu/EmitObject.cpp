//===- EmitObject.cpp - object files, assembly and LLVM IR ----------------===//

#include "compiler/codegen/cpu/EmitObject.h"

#include "compiler/codegen/cpu/LlvmPipeline.h"

#include "llvm/IR/LegacyPassManager.h"
#include "llvm/Support/raw_ostream.h"

namespace tlc::codegen {

llvm::Expected<std::string> emit(llvm::Module &module, llvm::TargetMachine &machine,
                                 EmitKind kind) {
  if (kind == EmitKind::LlvmIr) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    module.print(stream, nullptr);
    return text;
  }
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager passes;
  llvm::CodeGenFileType type = kind == EmitKind::Object ? llvm::CodeGenFileType::ObjectFile
                                                        : llvm::CodeGenFileType::AssemblyFile;
  if (machine.addPassesToEmitFile(passes, stream, nullptr, type))
    return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                   "the target '" + machine.getTargetTriple().str() +
                                       "' has no such kind of file");
  passes.run(module);
  return std::string(bytes.begin(), bytes.end());
}

llvm::Expected<std::string> emit(mlir::ModuleOp module, const CodegenOptions &options,
                                 EmitKind kind) {
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> machine = createMachine(options);
  if (!machine)
    return machine.takeError();
  llvm::LLVMContext context;
  llvm::Expected<std::unique_ptr<llvm::Module>> code =
      translateAndOptimize(module, options, **machine, context);
  if (!code)
    return code.takeError();
  return emit(**code, **machine, kind);
}

} // namespace tlc::codegen
