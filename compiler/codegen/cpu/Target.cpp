//===- Target.cpp - questions to LLVM about a CPU -------------------------===//

#include "compiler/codegen/cpu/Target.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSwitch.h"
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
#undef TLC_INITIALIZE
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    llvm::InitializeNativeTargetAsmParser();
    return true;
  }();
  (void)done;
}

/// Asked once: in a virtual machine, the instructions that tell are slow.
const std::string &hostFeatures() {
  static const std::string text = [] {
    llvm::SubtargetFeatures features;
    for (const auto &feature : llvm::sys::getHostCPUFeatures())
      features.AddFeature(feature.first(), feature.second);
    return features.getString();
  }();
  return text;
}

const std::string &hostCpu() {
  static const std::string name = llvm::sys::getHostCPUName().str();
  return name;
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
  bool isWide = target.vectorBytes == 64, isNarrow = target.vectorBytes == 16;
  target.dotBf16 = isWide && has(machine, "avx512bf16");
  target.dotI8 = has(machine, isWide ? "avx512vnni" : "avxvnni") && !isNarrow;
  target.pairsOfI16 = isNarrow || has(machine, isWide ? "avx512bw" : "avx2");
  target.scalesByPowers = has(machine, "avx512f") && has(machine, "avx512dq");
}

/// SVE's registers are as long as the processor makes them. Where that is known and more than
/// NEON's, code is generated for that length.
void describeAArch64(const llvm::TargetMachine &machine, Target &target) {
  target.vectorRegisters = 32;
  target.fma = true;
  if (has(machine, "sve"))
    target.vectorBytes = llvm::StringSwitch<unsigned>(machine.getTargetCPU())
                             .Case("a64fx", 64)
                             .Cases({"neoverse-v1", "neoverse-512tvb"}, 32)
                             .Default(16);
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

static const llvm::Target *findBackEnd(const llvm::Triple &triple) {
  std::string error;
  return llvm::TargetRegistry::lookupTarget(triple, error);
}

static bool isProcessor(const llvm::Triple &triple, llvm::StringRef cpu) {
  const llvm::Target *backEnd = findBackEnd(triple);
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget(
      backEnd ? backEnd->createMCSubtargetInfo(triple, "", "") : nullptr);
  return subtarget && subtarget->isCPUStringValid(cpu);
}

/// The triple that the options name, or else one that has the processor, this machine's first.
static llvm::Triple chooseTriple(const CodegenOptions &options) {
  if (!options.triple.empty())
    return llvm::Triple(options.triple);
  llvm::Triple process(llvm::sys::getProcessTriple());
  if (options.cpu == "native" || options.cpu == "baseline" || isProcessor(process, options.cpu))
    return process;
  for (const char *name : {"x86_64-linux-gnu", "aarch64-linux-gnu"})
    if (llvm::Triple triple(name);
        triple.getArchName() == options.cpu || isProcessor(triple, options.cpu))
      return triple;
  return process;
}

llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(const CodegenOptions &options) {
  initializeTargets();
  llvm::Triple triple = chooseTriple(options);
  const llvm::Target *backEnd = findBackEnd(triple);
  if (!backEnd)
    return llvm::createStringError("no code generator for '" + triple.str() + "'");

  std::string cpu = options.cpu, features = options.features;
  if (cpu == "native") {
    cpu = hostCpu();
    features = features.empty() ? hostFeatures() : hostFeatures() + "," + features;
  } else if (cpu == "baseline" || cpu == triple.getArchName()) {
    cpu = triple.isX86() ? "x86-64" : "generic";
  }
  if (!isProcessor(triple, cpu))
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
  } else if (triple.isAArch64()) {
    describeAArch64(machine, target);
  } else if (triple.isRISCV64() || triple.isPPC64() || triple.isLoongArch64()) {
    target.vectorRegisters = 32;
    target.fma = true;
  }
  if (options.cpu == "native")
    describeHostCaches(target);
  return target;
}

std::string describeHost() {
  Target target;
  describeHostCaches(target);
  std::string text = llvm::sys::getProcessTriple() + " " + hostCpu() + " " + hostFeatures();
  for (int64_t bytes : {target.l1Bytes, target.l2Bytes, target.l3Bytes})
    text += " " + std::to_string(bytes);
  return text;
}

llvm::Expected<llvm::TargetMachine *> getThreadMachine(const CodegenOptions &options) {
  thread_local std::string kept;
  thread_local std::unique_ptr<llvm::TargetMachine> machine;
  std::string wanted = options.triple + '\n' + options.cpu + '\n' + options.features + '\n' +
                       std::to_string(options.optLevel);
  if (machine && kept == wanted)
    return machine.get();
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> created = createTargetMachine(options);
  if (!created)
    return created.takeError();
  machine = std::move(*created);
  kept = std::move(wanted);
  return machine.get();
}

llvm::Expected<Target> getTarget(const CodegenOptions &options) {
  llvm::Expected<llvm::TargetMachine *> machine = getThreadMachine(options);
  if (!machine)
    return machine.takeError();
  return describeTarget(**machine, options);
}

} // namespace tlc::codegen
