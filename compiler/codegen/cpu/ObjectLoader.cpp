//===- ObjectLoader.cpp - object code becomes a function ------------------===//

#include "compiler/codegen/cpu/ObjectLoader.h"

#include "runtime/include/tlrt/gpu.h"

#include "llvm/ExecutionEngine/JITLink/JITLink.h"
#include "llvm/ExecutionEngine/Orc/SymbolStringPool.h"
#include "llvm/Support/Process.h"

namespace tlc::codegen {

namespace jitlink = llvm::jitlink;
namespace orc = llvm::orc;

namespace {

/// One manager, which outlives every function that is in use when the process ends.
jitlink::InProcessMemoryManager &memoryManager() {
  static auto *manager =
      new jitlink::InProcessMemoryManager(llvm::sys::Process::getPageSizeEstimate());
  return *manager;
}

/// What linking leaves behind: memory and the entry's address, or an error.
struct Outcome {
  LoadedObject::Allocation allocation;
  void *entry = nullptr, *gpuProgram = nullptr;
  std::string error;
};

/// Answers the linker's questions, all of them while link() runs.
class LinkContext : public jitlink::JITLinkContext {
public:
  LinkContext(StringRef entry, function_ref<void *(StringRef)> resolve, Outcome &outcome)
      : JITLinkContext(nullptr), entry(entry), resolve(resolve), outcome(outcome) {}

  jitlink::JITLinkMemoryManager &getMemoryManager() override { return memoryManager(); }

  void notifyFailed(llvm::Error error) override {
    outcome.error = llvm::toString(std::move(error));
  }

  void lookup(const LookupMap &symbols,
              std::unique_ptr<jitlink::JITLinkAsyncLookupContinuation> answer) override {
    jitlink::AsyncLookupResult found;
    for (const auto &[name, flags] : symbols) {
      void *address = resolve(*name);
      if (!address && flags == jitlink::SymbolLookupFlags::RequiredSymbol)
        return answer->run(llvm::createStringError("no symbol '" + *name + "' in this process"));
      found[name] = {orc::ExecutorAddr::fromPtr(address), llvm::JITSymbolFlags::Exported};
    }
    answer->run(std::move(found));
  }

  llvm::Error notifyResolved(jitlink::LinkGraph &graph) override {
    for (jitlink::Symbol *symbol : graph.defined_symbols()) {
      if (!symbol->hasName())
        continue;
      StringRef name = *symbol->getName();
      if (name == entry)
        outcome.entry = symbol->getAddress().toPtr<void *>();
      else if (name.consume_front(entry) && name == "_gpu_program")
        outcome.gpuProgram = symbol->getAddress().toPtr<void *>();
    }
    return llvm::Error::success();
  }

  void notifyFinalized(LoadedObject::Allocation allocation) override {
    outcome.allocation = std::move(allocation);
  }

private:
  StringRef entry;
  function_ref<void *(StringRef)> resolve;
  Outcome &outcome;
};

} // namespace

LoadedObject::~LoadedObject() {
  tlrt_gpu_unload(static_cast<tlrt_gpu_program *>(gpuProgram));
  if (allocation)
    llvm::consumeError(memoryManager().deallocate(std::move(allocation)));
}

llvm::Expected<std::unique_ptr<LoadedObject>> loadObject(StringRef object, StringRef entry,
                                                         function_ref<void *(StringRef)> resolve) {
  // The linker destroys the graph before the names that it has asked for.
  auto names = std::make_shared<orc::SymbolStringPool>();
  llvm::Expected<std::unique_ptr<jitlink::LinkGraph>> graph =
      jitlink::createLinkGraphFromObject(llvm::MemoryBufferRef(object, "tlc"), names);
  if (!graph)
    return graph.takeError();
  Outcome outcome;
  jitlink::link(std::move(*graph), std::make_unique<LinkContext>(entry, resolve, outcome));
  if (!outcome.error.empty())
    return llvm::createStringError(outcome.error);
  auto loaded = std::make_unique<LoadedObject>(std::move(outcome.allocation), outcome.entry,
                                               outcome.gpuProgram);
  if (!loaded->entry())
    return llvm::createStringError("the object defines no '" + entry + "'");
  return loaded;
}

} // namespace tlc::codegen
