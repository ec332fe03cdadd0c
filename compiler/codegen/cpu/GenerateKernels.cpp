//===- GenerateKernels.cpp - writes the kernel library --------------------===//
//
//   tlc-generate-kernels kernels.o
//
// Runs while tlc is built. The object holds, for each level of this machine's architecture, the
// kernels and a table of them (see KernelLibrary.h):
//
//   tlc_kernel_levels = {&x86-64-v4-dot, &x86-64-v4, &x86-64-v3, &x86-64, null}
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/EmitObject.h"
#include "compiler/codegen/cpu/KernelRegistry.h"
#include "compiler/codegen/cpu/LlvmPipeline.h"
#include "compiler/codegen/cpu/Passes.h"
#include "dialects/ein/EinDialect.h"

#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringExtras.h"
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

/// A processor of LLVM's, and what it has besides.
struct Level {
  std::string name, cpu;
  SmallVector<StringRef> extra;

  std::string features() const {
    return llvm::join(llvm::map_range(extra, [](StringRef name) { return ("+" + name).str(); }),
                      ",");
  }
};

/// The best level first.
SmallVector<Level> levelsOf(const llvm::Triple &triple) {
  if (triple.getArch() == llvm::Triple::x86_64)
    return {{"x86-64-v4-dot", "x86-64-v4", {"avx512bf16", "avx512vnni"}},
            {"x86-64-v4", "x86-64-v4", {}},
            {"x86-64-v3", "x86-64-v3", {}},
            {"x86-64", "x86-64", {}}};
  if (triple.isAArch64())
    return {{"generic", "generic", {}}};
  return {};
}

/// What a processor must have to run code for a level, of what LLVM's code generator asks about.
std::string requiredFeatures(const llvm::TargetMachine &machine, const Level &level) {
  if (!machine.getTargetTriple().isX86())
    return "";
  SmallVector<StringRef> names;
  llvm::X86::getFeaturesForCPU(level.cpu, names);
  llvm::append_range(names, level.extra);
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
  LevelEmitter(const Level &level, llvm::LLVMContext &context) : level(level), context(context) {}

  llvm::Expected<std::unique_ptr<llvm::Module>> run();

private:
  llvm::Expected<std::unique_ptr<llvm::Module>> emitKernels(const CodegenOptions &options);
  llvm::Constant *text(StringRef text);
  llvm::Constant *number(uint32_t number) { return llvm::ConstantInt::get(i32, number); }
  llvm::Constant *global(llvm::Constant *value, const llvm::Twine &name,
                         llvm::GlobalValue::LinkageTypes linkage);
  void addTable();

  const Level &level;
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
      .loadDialect<ein::EinDialect, mlir::arith::ArithDialect, mlir::cf::ControlFlowDialect,
                   mlir::LLVM::LLVMDialect, mlir::scf::SCFDialect, mlir::vector::VectorDialect>();
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

/// The KernelLevel, with the name tlc_kernels_LEVEL.
void LevelEmitter::addTable() {
  SmallVector<llvm::Constant *> kernels;
  for (llvm::Function &function : llvm::make_early_inc_range(*module))
    if (!function.isDeclaration())
      kernels.push_back(llvm::ConstantStruct::getAnon({text(function.getName()), &function}));
  auto *array = llvm::ConstantArray::get(
      llvm::ArrayType::get(kernels.front()->getType(), kernels.size()), kernels);
  llvm::Constant *table = global(array, "", llvm::GlobalValue::PrivateLinkage);
  llvm::Constant *entry = llvm::ConstantStruct::getAnon(
      {text(level.name), text(requiredFeatures(*machine, level)), number(target.vectorBytes),
       number(target.vectorRegisters), number(target.fma), number(kernels.size()), table});
  global(entry, "tlc_kernels_" + level.name, llvm::GlobalValue::ExternalLinkage);
}

llvm::Expected<std::unique_ptr<llvm::Module>> LevelEmitter::run() {
  CodegenOptions options;
  options.cpu = level.cpu;
  options.features = level.features();
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
void addIndex(llvm::Module &library, ArrayRef<Level> levels) {
  llvm::Type *pointer = llvm::PointerType::get(library.getContext(), 0);
  SmallVector<llvm::Constant *> tables;
  for (const Level &level : levels) {
    llvm::GlobalVariable *table = library.getNamedGlobal("tlc_kernels_" + level.name);
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
  SmallVector<Level> levels = levelsOf((*machine)->getTargetTriple());
  for (const Level &level : levels) {
    llvm::Expected<std::unique_ptr<llvm::Module>> module = LevelEmitter(level, context).run();
    if (!module)
      return module.takeError();
    if (llvm::Linker::linkModules(library, std::move(*module)))
      return llvm::createStringError("the kernels for " + level.name + " could not be added");
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
