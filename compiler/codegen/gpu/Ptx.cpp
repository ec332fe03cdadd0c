//===- Ptx.cpp - kernels to PTX -------------------------------------------===//

#include "compiler/codegen/gpu/Ptx.h"

#include "compiler/codegen/cpu/LlvmPipeline.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Triple.h"

#include <mutex>

extern "C" {
void LLVMInitializeNVPTXTargetInfo();
void LLVMInitializeNVPTXTarget();
void LLVMInitializeNVPTXTargetMC();
void LLVMInitializeNVPTXAsmPrinter();
}

namespace tlc::codegen {

static llvm::Error makeError(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

/// The oldest version of PTX that has the architecture: older drivers take it. Empty for
/// architectures that are not known.
static StringRef ptxVersion(StringRef arch) {
  static constexpr std::pair<const char *, const char *> versions[] = {
      {"sm_80", "+ptx78"},  {"sm_86", "+ptx78"},   {"sm_87", "+ptx78"},  {"sm_89", "+ptx78"},
      {"sm_90", "+ptx78"},  {"sm_90a", "+ptx80"},  {"sm_100", "+ptx86"}, {"sm_100a", "+ptx86"},
      {"sm_103", "+ptx88"}, {"sm_103a", "+ptx88"}, {"sm_120", "+ptx87"}, {"sm_120a", "+ptx87"}};
  for (auto [name, version] : versions)
    if (arch == name)
      return version;
  return "";
}

bool isGpuArch(StringRef arch) { return !ptxVersion(arch).empty(); }

static llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createMachine(StringRef arch) {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
  });
  if (!isGpuArch(arch))
    return makeError("'" + arch + "' is not a GPU that code can be made for");
  llvm::Triple triple("nvptx64-nvidia-cuda");
  std::string message;
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return makeError(message);
  return std::unique_ptr<llvm::TargetMachine>(
      target->createTargetMachine(triple, arch, ptxVersion(arch), llvm::TargetOptions(),
                                  std::nullopt, std::nullopt, llvm::CodeGenOptLevel::Default));
}

static llvm::Error optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  return runPasses(module, machine,
                   [](llvm::PassBuilder &passes, llvm::ModulePassManager &pipeline) -> llvm::Error {
                     pipeline = passes.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2);
                     return llvm::Error::success();
                   });
}

/// Inline PTX may be an instruction of a whole warp or block, which must not come to depend on more
/// conditions.
static void markConvergent(llvm::Function &function) {
  for (llvm::Instruction &instruction : llvm::instructions(function))
    if (auto *call = llvm::dyn_cast<llvm::CallInst>(&instruction); call && call->isInlineAsm())
      call->setConvergent();
}

llvm::Expected<std::string> toPtx(Operation *kernels, StringRef arch) {
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> machine = createMachine(arch);
  if (!machine)
    return machine.takeError();
  mlir::registerBuiltinDialectTranslation(*kernels->getContext());
  mlir::registerGPUDialectTranslation(*kernels->getContext());
  mlir::registerLLVMDialectTranslation(*kernels->getContext());
  mlir::registerNVVMDialectTranslation(*kernels->getContext());
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> module = mlir::translateModuleToLLVMIR(kernels, context, "tlc");
  if (!module)
    return makeError("the kernels could not be translated to LLVM IR");
  module->setDataLayout((*machine)->createDataLayout());
  module->setTargetTriple((*machine)->getTargetTriple());
  for (llvm::Function &function : *module) {
    function.addFnAttr(llvm::Attribute::NoUnwind);
    markConvergent(function);
  }
  if (llvm::Error error = optimize(*module, **machine))
    return error;
  for (llvm::Function &function : *module)
    if (function.isDeclaration() && !function.isIntrinsic() && !function.use_empty())
      return makeError("a kernel calls '" + function.getName() + "', which GPUs do not have");
  llvm::SmallVector<char, 0> text;
  llvm::raw_svector_ostream stream(text);
  llvm::legacy::PassManager passes;
  if ((*machine)->addPassesToEmitFile(passes, stream, nullptr, llvm::CodeGenFileType::AssemblyFile))
    return makeError("the NVPTX back end makes no text");
  passes.run(*module);
  return std::string(text.begin(), text.end());
}

llvm::Expected<std::string> emitPtx(mlir::ModuleOp module, StringRef arch) {
  std::string all;
  for (mlir::gpu::GPUModuleOp kernels : module.getOps<mlir::gpu::GPUModuleOp>()) {
    llvm::Expected<std::string> text = toPtx(kernels, arch);
    if (!text)
      return text;
    all += *text;
  }
  return all;
}

} // namespace tlc::codegen
