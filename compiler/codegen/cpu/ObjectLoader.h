//===- ObjectLoader.h - object code becomes a function --------------------===//
//
// Links one relocatable object into this process, without the rest of a JIT around it: the
// object is complete, its code is needed at once, and nothing else is ever linked to it.
//
//   loadObject(bytes, "main", [](StringRef name) { return addressOf(name); })
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_OBJECTLOADER_H
#define TLC_COMPILER_CODEGEN_CPU_OBJECTLOADER_H

#include "dialects/Mlir.h"

#include "llvm/ExecutionEngine/JITLink/JITLinkMemoryManager.h"
#include "llvm/Support/Error.h"

#include <memory>

namespace tlc::codegen {

/// Machine code in memory. It stays valid for the lifetime of this object.
class LoadedObject {
public:
  using Allocation = llvm::jitlink::JITLinkMemoryManager::FinalizedAlloc;

  LoadedObject(Allocation allocation, void *entry, void *gpuProgram)
      : allocation(std::move(allocation)), address(entry), gpuProgram(gpuProgram) {}
  ~LoadedObject();
  LoadedObject(const LoadedObject &) = delete;
  LoadedObject &operator=(const LoadedObject &) = delete;

  void *entry() const { return address; }

private:
  Allocation allocation;
  void *address;
  /// The entry's tlrt_gpu_program, which is unloaded with it; null if it has none.
  void *gpuProgram;
};

/// `resolve` gives the addresses of what the object does not define, null for unknown names.
llvm::Expected<std::unique_ptr<LoadedObject>> loadObject(StringRef object, StringRef entry,
                                                         function_ref<void *(StringRef)> resolve);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_OBJECTLOADER_H
