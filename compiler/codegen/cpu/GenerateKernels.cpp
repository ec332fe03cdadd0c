//===- GenerateKernels.cpp - writes the kernel library --------------------===//
//
//   tlc-generate-kernels kernels.o
//
// Runs while tlc is built. The object holds, for each level of this machine's architecture, the
// kernels and a table of them (see KernelLibrary.h):
//
//   tlc_kernel_levels = {&x86-64-v4, &x86-64-v3, &x86-64, null}
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/EmitObject.h"
#include "compiler/codegen/cpu/KernelRegistry.h"
#include "compiler/codegen/cpu/LlvmPipeline.h"
#include "compiler/codegen/cpu/Passes.h"

#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/Linker/Linker.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/X86TargetParser.h"

using namespace tlc;
using namespace tlc::codegen;

namespace {

/// The best level first. Each is a name of LLVM's for a processor.
SmallVector<std::string> levelsOf(const llvm::Triple &triple) {
  if (triple.getArch() == llvm::Triple::x86_64)
    return {"x86-64-v4", "x86-64-v3", "x86-64"};
  if (triple.isAArch64())
    return {"generic"};
  return {};
}

/// What a processor must have to run code for `cpu`, of what LLVM's code generator asks about.
std::string requiredFeatures(const llvm::TargetMachine &machine, StringRef cpu) {
  if (!machine.getTargetTriple().isX86())
    return "";
  SmallVector<StringRef> names;
  llvm::X86::getFeaturesForCPU(cpu, names);
  std::string required;
  for (const llvm::SubtargetFeatureKV &known :
       machine.getMCSubtargetInfo()->getAllProcessorFeatures())
    if (llvm::is_contained(names, known.Key))
      required += (required.empty() ? "+" : ",+") + std::string(known.Key);
  return required;
}

/// The kernels for one processor as LLVM IR.
class LevelEmitter {
public:
  LevelEmitter(StringRef cpu, llvm::LLVMContext &context) : cpu(cpu), context(context) {}

  llvm::Expected<std::unique_ptr<llvm::Module>> run();

private:
  llvm::Expected<std::unique_ptr<llvm::Module>> emitKernels(const CodegenOptions &options);
  llvm::Constant *text(StringRef text);
  llvm::Constant *number(uint32_t number) { return llvm::ConstantInt::get(i32, number); }
  llvm::Constant *global(llvm::Constant *value, const llvm::Twine &name,
                         llvm::GlobalValue::LinkageTypes linkage);
  void addTable();

  std::string cpu;
  llvm::LLVMContext &context;
  llvm::Type *i32 = llvm::Type::getInt32Ty(context);
  std::unique_ptr<llvm::TargetMachine> machine;
  Target target;
  std::unique_ptr<llvm::Module> module;
};

llvm::Expected<std::unique_ptr<llvm::Module>>
LevelEmitter::emitKernels(const CodegenOptions &options) {
  MLIRContext mlirContext(MLIRContext::Threading::DISABLED);
  mlirContext
      .loadDialect<mlir::arith::ArithDialect, mlir::cf::ControlFlowDialect, mlir::LLVM::LLVMDialect,
                   mlir::scf::SCFDialect, mlir::vector::VectorDialect>();
  mlir::OwningOpRef<mlir::ModuleOp> kernels =
      mlir::ModuleOp::create(mlir::UnknownLoc::get(&mlirContext));
  emitAllKernels(*kernels, target);
  setFastMath(*kernels, /*fastMath=*/false);
  mlir::PassManager passes(&mlirContext);
  passes.addPass(createCpuToLlvm());
  if (failed(passes.run(*kernels)))
    return llvm::createStringError("the kernels could not be lowered");
  return translateAndOptimize(*kernels, options, *machine, context);
}

llvm::Constant *LevelEmitter::global(llvm::Constant *value, const llvm::Twine &name,
                                     llvm::GlobalValue::LinkageTypes linkage) {
  return new llvm::GlobalVariable(*module, value->getType(), /*isConstant=*/true, linkage, value,
                                  name);
}

llvm::Constant *LevelEmitter::text(StringRef text) {
  return global(llvm::ConstantDataArray::getString(context, text), "",
                llvm::GlobalValue::PrivateLinkage);
}

/// The KernelLevel, with the name tlc_kernels_CPU.
void LevelEmitter::addTable() {
  SmallVector<llvm::Constant *> kernels;
  for (llvm::Function &function : llvm::make_early_inc_range(*module))
    if (!function.isDeclaration())
      kernels.push_back(llvm::ConstantStruct::getAnon({text(function.getName()), &function}));
  auto *array = llvm::ConstantArray::get(
      llvm::ArrayType::get(kernels.front()->getType(), kernels.size()), kernels);
  llvm::Constant *table = global(array, "", llvm::GlobalValue::PrivateLinkage);
  llvm::Constant *level = llvm::ConstantStruct::getAnon(
      {text(cpu), text(requiredFeatures(*machine, cpu)), number(target.vectorBytes),
       number(target.vectorRegisters), number(target.fma), number(kernels.size()), table});
  global(level, "tlc_kernels_" + cpu, llvm::GlobalValue::ExternalLinkage);
}

llvm::Expected<std::unique_ptr<llvm::Module>> LevelEmitter::run() {
  CodegenOptions options;
  options.cpu = cpu;
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> created = createMachine(options);
  if (!created)
    return created.takeError();
  machine = std::move(*created);
  target = describeTarget(*machine, options);
  llvm::Expected<std::unique_ptr<llvm::Module>> emitted = emitKernels(options);
  if (!emitted)
    return emitted.takeError();
  module = std::move(*emitted);
  addTable();
  return std::move(module);
}

/// Collects the tables of the levels in the table of all.
void addIndex(llvm::Module &library, ArrayRef<std::string> levels) {
  llvm::Type *pointer = llvm::PointerType::get(library.getContext(), 0);
  SmallVector<llvm::Constant *> tables;
  for (StringRef level : levels) {
    llvm::GlobalVariable *table = library.getNamedGlobal(("tlc_kernels_" + level).str());
    table->setLinkage(llvm::GlobalValue::InternalLinkage);
    tables.push_back(table);
  }
  tables.push_back(llvm::Constant::getNullValue(pointer));
  auto *type = llvm::ArrayType::get(pointer, tables.size());
  auto *index = new llvm::GlobalVariable(
      library, type, /*isConstant=*/true, llvm::GlobalValue::ExternalLinkage,
      llvm::ConstantArray::get(type, tables), "tlc_kernel_levels");
  index->setVisibility(llvm::GlobalValue::HiddenVisibility);
}

/// All levels in one object: each function carries the processor that it is for.
llvm::Expected<std::string> emitLibrary() {
  CodegenOptions options;
  options.cpu = "baseline";
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> machine = createMachine(options);
  if (!machine)
    return machine.takeError();
  llvm::LLVMContext context;
  llvm::Module library("tlc_kernels", context);
  library.setDataLayout((*machine)->createDataLayout());
  library.setTargetTriple((*machine)->getTargetTriple());
  SmallVector<std::string> levels = levelsOf((*machine)->getTargetTriple());
  for (StringRef level : levels) {
    llvm::Expected<std::unique_ptr<llvm::Module>> module = LevelEmitter(level, context).run();
    if (!module)
      return module.takeError();
    if (llvm::Linker::linkModules(library, std::move(*module)))
      return llvm::createStringError("the kernels for " + level + " could not be added");
  }
  addIndex(library, levels);
  return emit(library, **machine, EmitKind::Object);
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 2) {
    llvm::errs() << "usage: tlc-generate-kernels OBJECT\n";
    return 2;
  }
  llvm::Expected<std::string> object = emitLibrary();
  if (!object) {
    llvm::errs() << "tlc-generate-kernels: " << llvm::toString(object.takeError()) << '\n';
    return 1;
  }
  std::error_code error;
  llvm::raw_fd_ostream file(argv[1], error);
  file << *object;
  file.close();
  if (error || file.has_error()) {
    llvm::errs() << "tlc-generate-kernels: cannot write '" << argv[1] << "'\n";
    file.clear_error();
    return 3;
  }
  return 0;
}
