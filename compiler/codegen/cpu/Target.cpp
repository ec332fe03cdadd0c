//===- Target.cpp - questions to LLVM about a CPU -------------------------===//

#include "compiler/codegen/cpu/Target.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"
#include "llvm/TargetParser/Triple.h"

#include <algorithm>
#include <unistd.h>

namespace tlc::codegen {
namespace {

/// Registration alone: a back end that is not used costs no time. All that LLVM has would make a
/// statically linked tlc half as large again.
void initializeTargets() {
  static const bool done = [] {
#define TLC_INITIALIZE(NAME)                                                                       \
  LLVMInitialize##NAME##TargetInfo();                                                              \
  LLVMInitialize##NAME##Target();                                                                  \
  LLVMInitialize##NAME##TargetMC();                                                                \
  LLVMInitialize##NAME##AsmPrinter();                                                              \
  LLVMInitialize##NAME##AsmParser();
    TLC_INITIALIZE(X86)
    TLC_INITIALIZE(AArch64)
    TLC_INITIALIZE(RISCV)
#undef TLC_INITIALIZE
    return true;
  }();
  (void)done;
}

std::string hostFeatures() {
  llvm::SubtargetFeatures features;
  for (const auto &feature : llvm::sys::getHostCPUFeatures())
    features.AddFeature(feature.first(), feature.second);
  return features.getString();
}

/// The features of `machine` by name. MCSubtargetInfo::checkFeatures takes "+name".
bool has(const llvm::TargetMachine &machine, llvm::StringRef feature) {
  return machine.getMCSubtargetInfo()->checkFeatures(("+" + feature).str());
}

void describeX86(const llvm::TargetMachine &machine, Target &target) {
  if (has(machine, "avx512f")) {
    target.vectorBytes = 64;
    target.vectorRegisters = 32;
  } else if (has(machine, "avx")) {
    target.vectorBytes = 32;
  }
  target.fma = has(machine, "fma") || has(machine, "avx512f");
}

int64_t cacheSize(int name, int64_t otherwise) {
  long size = sysconf(name);
  return size > 0 ? size : otherwise;
}

/// The last-level cache is shared; half of it is for others, and the blocks of a contraction
/// gain nothing beyond a few megabytes.
void describeHostCaches(Target &target) {
#ifdef _SC_LEVEL1_DCACHE_SIZE
  target.l1Bytes = cacheSize(_SC_LEVEL1_DCACHE_SIZE, target.l1Bytes);
  target.l2Bytes = cacheSize(_SC_LEVEL2_CACHE_SIZE, target.l2Bytes);
  int64_t l3 = cacheSize(_SC_LEVEL3_CACHE_SIZE, 2 * target.l3Bytes);
  target.l3Bytes = std::min<int64_t>(l3 / 2, 16 << 20);
#endif
}

} // namespace

llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(const CodegenOptions &options) {
  initializeTargets();
  llvm::Triple triple(options.triple.empty() ? llvm::sys::getProcessTriple() : options.triple);
  std::string error;
  const llvm::Target *backEnd = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!backEnd)
    return llvm::createStringError(error);

  std::string cpu = options.cpu, features = options.features;
  if (cpu == "native") {
    cpu = llvm::sys::getHostCPUName().str();
    features = features.empty() ? hostFeatures() : hostFeatures() + "," + features;
  } else if (cpu == "baseline") {
    cpu = triple.isX86() ? "x86-64" : "generic";
  }
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget(
      backEnd->createMCSubtargetInfo(triple, "", features));
  if (!subtarget || !subtarget->isCPUStringValid(cpu))
    return llvm::createStringError("unknown processor '" + cpu + "' for '" + triple.str() + "'");

  llvm::TargetOptions targetOptions;
  llvm::CodeGenOptLevel level = options.optLevel == 0   ? llvm::CodeGenOptLevel::None
                                : options.optLevel >= 3 ? llvm::CodeGenOptLevel::Aggressive
                                                        : llvm::CodeGenOptLevel::Default;
  std::unique_ptr<llvm::TargetMachine> machine(backEnd->createTargetMachine(
      triple, cpu, features, targetOptions, llvm::Reloc::PIC_, std::nullopt, level));
  if (!machine)
    return llvm::createStringError("no code generator for '" + triple.str() + "'");
  return machine;
}

Target describeTarget(const llvm::TargetMachine &machine, const CodegenOptions &options) {
  Target target;
  const llvm::Triple &triple = machine.getTargetTriple();
  if (triple.isX86()) {
    describeX86(machine, target);
  } else if (triple.isAArch64() || triple.isRISCV64() || triple.isPPC64() ||
             triple.isLoongArch64()) {
    target.vectorRegisters = 32;
    target.fma = true;
  }
  if (options.cpu == "native")
    describeHostCaches(target);
  return target;
}

llvm::Expected<Target> getTarget(const CodegenOptions &options) {
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> machine = createTargetMachine(options);
  if (!machine)
    return machine.takeError();
  return describeTarget(**machine, options);
}

} // namespace tlc::codegen
