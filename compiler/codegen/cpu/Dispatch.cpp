//===- Dispatch.cpp - one object with code for several processors ---------===//

#include "compiler/codegen/cpu/Dispatch.h"

#include "compiler/codegen/cpu/LlvmPipeline.h"
#include "runtime/include/tlrt/cpu_features.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/Linker/Linker.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/Transforms/IPO/ConstantMerge.h"

#include <algorithm>

namespace tlc::codegen {
namespace {

/// A variant in LLVM's terms.
struct Body {
  std::string cpu;
  std::unique_ptr<llvm::TargetMachine> machine;
  std::unique_ptr<llvm::Module> module;
  /// What the processor must have, as tlrt_cpu_has takes it.
  llvm::SmallVector<llvm::StringRef> features;
};

llvm::ArrayRef<llvm::StringRef> knownFeatures(const llvm::Triple &triple) {
#define NAME(name, ...) name,
  static const llvm::StringRef x86[] = {TLRT_X86_FEATURES(NAME)};
  static const llvm::StringRef aarch64[] = {TLRT_AARCH64_FEATURES(NAME)};
#undef NAME
  if (triple.isX86())
    return x86;
  if (triple.isAArch64())
    return aarch64;
  return {};
}

llvm::Expected<Body> translate(Variant &variant, llvm::LLVMContext &context) {
  Body body;
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> machine = createMachine(variant.options);
  if (!machine)
    return machine.takeError();
  llvm::Expected<std::unique_ptr<llvm::Module>> module =
      translateAndOptimize(*variant.module, variant.options, **machine, context);
  if (!module)
    return module.takeError();
  body.cpu = variant.options.cpu;
  body.machine = std::move(*machine);
  body.module = std::move(*module);
  const llvm::Triple &triple = body.machine->getTargetTriple();
  for (llvm::StringRef feature : knownFeatures(triple))
    if (body.machine->getMCSubtargetInfo()->checkFeatures(("+" + feature).str()))
      body.features.push_back(feature);
  unsigned vectorBytes = describeTarget(*body.machine, variant.options).vectorBytes;
  if (triple.isAArch64() && vectorBytes > 16)
    body.features.push_back(vectorBytes == 32 ? "sve-256-bits" : "sve-512-bits");
  return body;
}

/// Defines `name` and its first choice among `bodies`, of which the first asks for least.
void defineDispatch(llvm::Module &module, llvm::StringRef name, llvm::FunctionType *type,
                    llvm::ArrayRef<Body> bodies) {
  using llvm::Function;
  llvm::IRBuilder<> b(module.getContext());
  auto *choose =
      Function::Create(type, llvm::GlobalValue::InternalLinkage, name + ".choose", module);
  auto *chosen =
      new llvm::GlobalVariable(module, b.getPtrTy(), /*isConstant=*/false,
                               llvm::GlobalValue::InternalLinkage, choose, name + ".chosen");
  auto callAndReturn = [&](llvm::Value *callee, Function *function) {
    llvm::SmallVector<llvm::Value *> arguments(llvm::make_pointer_range(function->args()));
    llvm::CallInst *call = b.CreateCall(type, callee, arguments);
    call->setTailCallKind(llvm::CallInst::TCK_MustTail);
    b.CreateRet(call);
  };

  auto *entry = Function::Create(type, llvm::GlobalValue::ExternalLinkage, name, module);
  b.SetInsertPoint(llvm::BasicBlock::Create(b.getContext(), "", entry));
  llvm::LoadInst *target = b.CreateLoad(b.getPtrTy(), chosen);
  target->setAtomic(llvm::AtomicOrdering::Monotonic);
  callAndReturn(target, entry);

  llvm::FunctionCallee has = module.getOrInsertFunction(
      "tlrt_cpu_has", llvm::FunctionType::get(b.getInt32Ty(), {b.getPtrTy()}, false));
  b.SetInsertPoint(llvm::BasicBlock::Create(b.getContext(), "", choose));
  llvm::Value *best = nullptr;
  for (const Body &body : bodies) {
    Function *function = module.getFunction((name + "." + body.cpu).str());
    if (!best) {
      best = function;
      continue;
    }
    llvm::Value *names = b.CreateGlobalString(llvm::join(body.features, ","));
    best = b.CreateSelect(b.CreateIsNotNull(b.CreateCall(has, names)), function, best);
  }
  b.CreateStore(best, chosen)->setAtomic(llvm::AtomicOrdering::Monotonic);
  callAndReturn(best, choose);
}

} // namespace

llvm::Expected<std::string> emitVariants(std::vector<Variant> variants, EmitKind kind) {
  if (variants.size() == 1)
    return emit(*variants.front().module, variants.front().options, kind);
  const std::string name = variants.front().options.functionName;
  llvm::LLVMContext context;
  std::vector<Body> bodies;
  for (Variant &variant : variants) {
    llvm::Expected<Body> body = translate(variant, context);
    if (!body)
      return body.takeError();
    body->module->getFunction(name)->setName(name + "." + body->cpu);
    variant.module = {};
    bodies.push_back(std::move(*body));
  }
  llvm::stable_sort(
      bodies, [](const Body &a, const Body &b) { return a.features.size() < b.features.size(); });

  llvm::Module module("tlc", context);
  module.setDataLayout(bodies.front().module->getDataLayout());
  module.setTargetTriple(bodies.front().module->getTargetTriple());
  llvm::FunctionType *type =
      bodies.front().module->getFunction(name + "." + bodies.front().cpu)->getFunctionType();
  for (Body &body : bodies) {
    // Kernels of one name differ between processors: linked, they are renamed.
    if (llvm::Linker::linkModules(module, std::move(body.module)))
      return llvm::createStringError("the variants for several processors could not be linked");
    module.getFunction(name + "." + body.cpu)->setLinkage(llvm::GlobalValue::InternalLinkage);
  }
  defineDispatch(module, name, type, bodies);
  // The values of constant tensors are there once.
  for (llvm::GlobalVariable &global : module.globals())
    if (global.isConstant() && global.hasLocalLinkage())
      global.setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);
  llvm::ModuleAnalysisManager analyses;
  llvm::ConstantMergePass().run(module, analyses);
  return emit(module, *bodies.front().machine, kind);
}

} // namespace tlc::codegen
