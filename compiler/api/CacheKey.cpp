//===- CacheKey.cpp - what machine code depends on ------------------------===//

#include "compiler/api/CacheKey.h"

#include "compiler/api/Compilation.h"
#include "compiler/codegen/cpu/Target.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringRef.h"

#include <elf.h>
#include <link.h>

namespace tlc {

/// The build id among the notes of a loaded file, or "".
static std::string buildIdOf(const dl_phdr_info &file) {
  for (int i = 0; i < file.dlpi_phnum; ++i) {
    const ElfW(Phdr) &segment = file.dlpi_phdr[i];
    if (segment.p_type != PT_NOTE)
      continue;
    const char *note = reinterpret_cast<const char *>(file.dlpi_addr + segment.p_vaddr);
    const char *end = note + segment.p_memsz;
    auto aligned = [](size_t size) { return (size + 3) & ~size_t(3); };
    while (note + sizeof(ElfW(Nhdr)) <= end) {
      const auto *header = reinterpret_cast<const ElfW(Nhdr) *>(note);
      const char *name = note + sizeof *header, *value = name + aligned(header->n_namesz);
      if (header->n_type == NT_GNU_BUILD_ID && std::string_view(name) == "GNU")
        return {value, header->n_descsz};
      note = value + aligned(header->n_descsz);
    }
  }
  return "";
}

namespace {

/// The builds that decide what code comes out.
struct Builds {
  std::string own, llvm;
};

} // namespace

static int visitFile(dl_phdr_info *file, size_t, void *user) {
  auto *builds = static_cast<Builds *>(user);
  auto here = reinterpret_cast<ElfW(Addr)>(&visitFile);
  for (int i = 0; i < file->dlpi_phnum; ++i) {
    const ElfW(Phdr) &segment = file->dlpi_phdr[i];
    ElfW(Addr) start = file->dlpi_addr + segment.p_vaddr;
    if (segment.p_type == PT_LOAD && here >= start && here < start + segment.p_memsz)
      builds->own = buildIdOf(*file);
  }
  llvm::StringRef name = file->dlpi_name ? file->dlpi_name : "";
  if (name.contains("libLLVM") || name.contains("libMLIR"))
    builds->llvm += buildIdOf(*file);
  return 0;
}

static const Builds &builds() {
  static const Builds builds = [] {
    Builds found;
    dl_iterate_phdr(visitFile, &found);
    return found;
  }();
  return builds;
}

CacheKey::CacheKey(const Options &options) {
  PipelineOptions pipeline = pipelineOptions(options);
  const codegen::CodegenOptions &codegen = pipeline.codegen;
  static const std::string host = codegen::describeHost();
  for (std::string_view text :
       {std::string_view(builds().own), std::string_view(builds().llvm), std::string_view(host),
        std::string_view(codegen.cpu), std::string_view(codegen.features),
        std::string_view(codegen.forceLowering), std::string_view(pipeline.gpuArch),
        std::string_view(std::to_string(pipeline.lowRank))})
    add(text);
  for (int64_t number :
       {int64_t(options.target), int64_t(options.type), int64_t(options.semiring),
        int64_t(codegen.optLevel), int64_t(codegen.fastMath), int64_t(codegen.allowTf32)})
    add(number);
  add(planner::printMachine(pipeline.plan.machine));
  add(options.plan.path);
  for (int64_t number : {int64_t(options.plan.objective), int64_t(options.plan.seed),
                         int64_t(options.plan.threads), int64_t(options.plan.seconds * 1e6)})
    add(number);
}

void CacheKey::add(std::string_view text) {
  add(static_cast<int64_t>(text.size()));
  digest.update(llvm::StringRef(text));
}

void CacheKey::add(int64_t number) {
  digest.update(llvm::StringRef(reinterpret_cast<const char *>(&number), sizeof number));
}

void CacheKey::add(const std::vector<int64_t> &numbers) {
  add(static_cast<int64_t>(numbers.size()));
  for (int64_t number : numbers)
    add(number);
}

std::string CacheKey::str() const {
  llvm::BLAKE3 copy = digest;
  return llvm::toHex(copy.final<16>(), /*LowerCase=*/true);
}

bool CacheKey::tellsBuildsApart() { return !builds().own.empty(); }

} // namespace tlc
