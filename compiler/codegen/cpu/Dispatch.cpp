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
  std::string cpu, gpuArch;
  std::unique_ptr<llvm::TargetMachine> machine;
  std::unique_ptr<llvm::Module> module;
  /// What the processor must have, as tlrt_cpu_has takes it.
  llvm::SmallVector<llvm::StringRef> features;

  std::string symbol(llvm::StringRef name) const {
    std::string symbol = (name + "." + cpu).str();
    return gpuArch.empty() ? symbol : symbol + "." + gpuArch;
  }
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
  body.gpuArch = variant.gpuArch;
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

/// Builds the function that callers see, and how it finds the body to jump to.
class DispatchBuilder {
public:
  DispatchBuilder(llvm::Module &module, llvm::StringRef name, llvm::ArrayRef<Body> bodies)
      : module(module), name(name), bodies(bodies), b(module.getContext()),
        type(bodyOf(bodies.front())->getFunctionType()) {}

  void build() {
    bool isForOneGpu = llvm::all_of(
        bodies, [&](const Body &body) { return body.gpuArch == bodies.front().gpuArch; });
    if (isForOneGpu)
      chooseOnce();
    else
      chooseIn(create(llvm::GlobalValue::ExternalLinkage, name));
  }

private:
  llvm::Function *bodyOf(const Body &body) { return module.getFunction(body.symbol(name)); }

  llvm::Function *create(llvm::GlobalValue::LinkageTypes linkage, const llvm::Twine &symbol) {
    auto *function = llvm::Function::Create(type, linkage, symbol, module);
    b.SetInsertPoint(llvm::BasicBlock::Create(b.getContext(), "", function));
    return function;
  }

  void callAndReturn(llvm::Value *callee, llvm::Function *function) {
    llvm::SmallVector<llvm::Value *> arguments(llvm::make_pointer_range(function->args()));
    llvm::CallInst *call = b.CreateCall(type, callee, arguments);
    call->setTailCallKind(llvm::CallInst::TCK_MustTail);
    b.CreateRet(call);
  }

  /// Whether a function of the runtime says yes.
  llvm::Value *ask(const char *function, llvm::ArrayRef<llvm::Value *> arguments) {
    llvm::SmallVector<llvm::Type *> types;
    for (llvm::Value *argument : arguments)
      types.push_back(argument->getType());
    llvm::FunctionCallee callee =
        module.getOrInsertFunction(function, llvm::FunctionType::get(b.getInt32Ty(), types, false));
    return b.CreateIsNotNull(b.CreateCall(callee, arguments));
  }

  /// The last of the bodies for which this machine has all that it asks for.
  llvm::Value *best(llvm::Function *function) {
    llvm::Value *best = bodyOf(bodies.front());
    for (const Body &body : bodies.drop_front()) {
      llvm::Value *fits = b.getTrue();
      if (body.cpu != bodies.front().cpu)
        fits = ask("tlrt_cpu_has", b.CreateGlobalString(llvm::join(body.features, ",")));
      if (body.gpuArch != bodies.front().gpuArch)
        fits = b.CreateAnd(
            fits, ask("tlrt_gpu_runs", {function->getArg(0), b.CreateGlobalString(body.gpuArch)}));
      best = b.CreateSelect(fits, bodyOf(body), best);
    }
    return best;
  }

  void chooseIn(llvm::Function *function) { callAndReturn(best(function), function); }

  /// The choice is kept in a variable.
  void chooseOnce() {
    llvm::Function *choose = create(llvm::GlobalValue::InternalLinkage, name + ".choose");
    auto *chosen =
        new llvm::GlobalVariable(module, b.getPtrTy(), /*isConstant=*/false,
                                 llvm::GlobalValue::InternalLinkage, choose, name + ".chosen");
    llvm::Value *body = best(choose);
    b.CreateStore(body, chosen)->setAtomic(llvm::AtomicOrdering::Monotonic);
    callAndReturn(body, choose);

    llvm::Function *entry = create(llvm::GlobalValue::ExternalLinkage, name);
    llvm::LoadInst *target = b.CreateLoad(b.getPtrTy(), chosen);
    target->setAtomic(llvm::AtomicOrdering::Monotonic);
    callAndReturn(target, entry);
  }

  llvm::Module &module;
  llvm::StringRef name;
  llvm::ArrayRef<Body> bodies;
  llvm::IRBuilder<> b;
  llvm::FunctionType *type;
};

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
    body->module->getFunction(name)->setName(body->symbol(name));
    variant.module = {};
    bodies.push_back(std::move(*body));
  }
  llvm::stable_sort(
      bodies, [](const Body &a, const Body &b) { return a.features.size() < b.features.size(); });

  llvm::Module module("tlc", context);
  module.setDataLayout(bodies.front().module->getDataLayout());
  module.setTargetTriple(bodies.front().module->getTargetTriple());
  for (Body &body : bodies) {
    // Kernels of one name differ between processors: linked, they are renamed.
    if (llvm::Linker::linkModules(module, std::move(body.module)))
      return llvm::createStringError("the variants for several processors could not be linked");
    module.getFunction(body.symbol(name))->setLinkage(llvm::GlobalValue::InternalLinkage);
  }
  DispatchBuilder(module, name, bodies).build();
  // The values of constant tensors are there once.
  for (llvm::GlobalVariable &global : module.globals())
    if (global.isConstant() && global.hasLocalLinkage())
      global.setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);
  llvm::ModuleAnalysisManager analyses;
  llvm::ConstantMergePass().run(module, analyses);
  return emit(module, *bodies.front().machine, kind);
}

} // namespace tlc::codegen
