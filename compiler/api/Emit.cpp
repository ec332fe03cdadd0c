//===- Emit.cpp - ahead of time: every stage as text or bytes -------------===//
//
//   ast  tl  ein  llvm  asm  obj       one stage after the other
//   ptx  cubin                         the kernels for a GPU, as text or assembled
//   lib                                an archive with the object
//   exe                                linked with the runtime by the system's C compiler
//   header                             what a C program includes
//
//===----------------------------------------------------------------------===//

#include "compiler/api/CSource.h"
#include "compiler/api/Compilation.h"
#include "compiler/api/Constants.h"
#include "compiler/api/Link.h"
#include "compiler/api/LowRankReport.h"
#include "compiler/codegen/cpu/Dispatch.h"
#include "compiler/codegen/cpu/Target.h"
#include "compiler/codegen/gpu/Cubin.h"
#include "compiler/codegen/gpu/Ptx.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"

#include <fmt/format.h>

#include <cctype>

namespace tlc {

static std::string printModule(mlir::ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  module.print(stream);
  stream << '\n';
  return text;
}

/// The options for each of the processors in `options.cpu`, which commas divide.
static std::vector<Options> eachProcessor(const Options &options) {
  std::vector<Options> result;
  llvm::SmallVector<llvm::StringRef> names;
  llvm::SplitString(options.cpu, names, ",");
  for (llvm::StringRef name : names) {
    if (llvm::any_of(result, [&](const Options &other) { return other.cpu == name; }))
      continue;
    result.push_back(options);
    result.back().cpu = name.str();
  }
  return result.empty() ? std::vector{options} : result;
}

static Expected<void> checkProcessors(const Options &options) {
  std::string architecture;
  for (const Options &one : eachProcessor(options)) {
    auto machine = codegen::createTargetMachine(pipelineOptions(one).codegen);
    if (!machine)
      return Error(ErrorKind::Usage, "error: " + llvm::toString(machine.takeError()));
    std::string name = (*machine)->getTargetTriple().getArchName().str();
    if (!architecture.empty() && architecture != name)
      return Error(ErrorKind::Usage,
                   fmt::format("error: '{}' is a processor of {}, the ones before it are of {}; "
                               "compile an object for each",
                               one.cpu, name, architecture));
    architecture = name;
  }
  return {};
}

/// The module in `ein` with files and params inside and the entry named as asked.
static Expected<std::unique_ptr<Compilation>> prepare(const Source &source,
                                                      const Options &options) {
  if (Expected<void> known = checkGpuArch(options); !known)
    return known.error();
  if (Expected<void> checked = checkProcessors(options); !checked)
    return checked.error();
  const std::string &name = source.functionName;
  bool isName = !name.empty() && !std::isdigit(static_cast<unsigned char>(name[0]));
  for (unsigned char c : name)
    isName &= std::isalnum(c) || c == '_';
  if (!isName)
    return Error(ErrorKind::Usage, fmt::format("error: '{}' is not a name of a C function", name));
  Expected<std::unique_ptr<Compilation>> compilation = compileToEin(source, options);
  if (!compilation)
    return compilation;
  mlir::func::FuncOp entry = *(*(*compilation)->module).getOps<mlir::func::FuncOp>().begin();
  entry.setName(name);
  if (Expected<void> embedded = embedConstants(**compilation); !embedded)
    return embedded.error();
  return compilation;
}

static Expected<void> optimize(Compilation &compilation, const Options &options) {
  if (Expected<void> done = simplifyEin(compilation, options); !done)
    return done;
  Expected<OrderedPlans> ordered = orderEin(compilation, options);
  return ordered ? Expected<void>() : ordered.error();
}

/// The GPUs that an object has kernels for: any, and the one that is asked for.
static std::vector<std::string> eachGpu(const PipelineOptions &options) {
  if (options.gpuArch.empty() || options.gpuArch == codegen::leastGpuArch)
    return {options.gpuArch};
  return {codegen::leastGpuArch, options.gpuArch};
}

/// Lowers a prepared module to machine code or one of its texts.
static Expected<std::string> generate(Compilation &compilation, const Source &source,
                                      const Options &options, codegen::EmitKind kind) {
  if (Expected<void> done = optimize(compilation, options); !done)
    return done.error();
  llvm::json::Array report = lowRankReport(*compilation.module);
  mlir::OwningOpRef<mlir::ModuleOp> ein = std::move(compilation.module);
  std::vector<codegen::Variant> variants;
  for (const Options &one : eachProcessor(options)) {
    PipelineOptions pipeline = pipelineOptions(one, source.functionName);
    if (!pipeline.gpuArch.empty())
      pipeline.gpuAssembler = codegen::findAssembler();
    for (const std::string &gpu : eachGpu(pipeline)) {
      pipeline.gpuArch = gpu;
      compilation.module = ein->clone();
      if (Expected<void> done = lowerToLlvm(compilation, pipeline); !done)
        return done.error();
      if (variants.empty())
        addLowRankSection(*compilation.module, source.functionName, report);
      variants.push_back({std::move(compilation.module), pipeline.codegen, gpu});
    }
  }
  llvm::Expected<std::string> code = codegen::emitVariants(std::move(variants), kind);
  if (!code)
    return internalError(llvm::toString(code.takeError()));
  return *code;
}

/// The kernels of a prepared module, as text or assembled.
static Expected<std::string> generateKernels(Compilation &compilation, const Source &source,
                                             const Options &options, EmitKind kind) {
  std::string assembler = kind == EmitKind::Cubin ? codegen::findAssembler() : "";
  if (kind == EmitKind::Cubin && assembler.empty())
    return Error(ErrorKind::Usage,
                 "error: a cubin needs CUDA's ptxas, which is neither in PATH nor "
                 "where CUDA_HOME says; --emit=ptx does without");
  if (Expected<void> done = optimize(compilation, options); !done)
    return done.error();
  PipelineOptions pipeline = pipelineOptions(options, source.functionName);
  if (Expected<void> done = lowerToKernels(compilation, pipeline); !done)
    return done.error();
  llvm::Expected<std::string> text = codegen::emitPtx(*compilation.module, pipeline.gpuArch);
  if (!text)
    return internalError(llvm::toString(text.takeError()));
  if (kind == EmitKind::Ptx)
    return *text;
  llvm::Expected<std::string> cubin = codegen::assemble(*text, pipeline.gpuArch, assembler);
  if (!cubin)
    return internalError(llvm::toString(cubin.takeError()));
  return *cubin;
}

static Expected<std::string> makeArchive(const std::string &object, const std::string &name) {
  auto buffer = llvm::MemoryBuffer::getMemBuffer(object, name + ".o", false);
  std::vector<llvm::NewArchiveMember> members;
  members.emplace_back(buffer->getMemBufferRef());
  auto archive = llvm::writeArchiveToBuffer(members, llvm::SymtabWritingMode::NormalSymtab,
                                            llvm::object::Archive::K_GNU, /*Deterministic=*/true,
                                            /*Thin=*/false);
  if (!archive)
    return internalError(llvm::toString(archive.takeError()));
  return (*archive)->getBuffer().str();
}

static Expected<std::string> emitEarlyStage(const Source &source, EmitKind kind,
                                            const Options &options) {
  if (kind != EmitKind::Ein && source.isEinsum)
    return Error(ErrorKind::Usage, "error: an einsum has no ast and no tl; use --emit=ein");
  if (kind == EmitKind::Ast) {
    Compilation compilation;
    Expected<ast::Module> module = parseOnly(compilation, source, options);
    if (!module)
      return module.error();
    return print(*module);
  }
  Expected<std::unique_ptr<Compilation>> compilation =
      kind == EmitKind::Tl ? compileToTl(source, options) : compileToEin(source, options);
  if (!compilation)
    return compilation.error();
  if (kind == EmitKind::Ein) {
    if (Expected<void> done = optimize(**compilation, options); !done)
      return done.error();
    if (Expected<void> done = releaseConstants(**compilation); !done)
      return done.error();
  }
  return printModule(*(*compilation)->module);
}

Expected<std::string> emit(const Source &source, EmitKind kind, const Options &options) {
  if (kind == EmitKind::Ast || kind == EmitKind::Tl || kind == EmitKind::Ein)
    return emitEarlyStage(source, kind, options);
  Expected<std::unique_ptr<Compilation>> prepared = prepare(source, options);
  if (!prepared)
    return prepared.error();
  Compilation &compilation = **prepared;
  Signature signature = signatureOf(*compilation.module);
  switch (kind) {
  case EmitKind::Header:
    return makeHeader(source.functionName, source.name, signature);
  case EmitKind::Ptx:
  case EmitKind::Cubin: {
    Options onGpu = options;
    onGpu.target = Target::Gpu;
    return generateKernels(compilation, source, onGpu, kind);
  }
  case EmitKind::Llvm:
    return generate(compilation, source, options, codegen::EmitKind::LlvmIr);
  case EmitKind::Assembly:
    return generate(compilation, source, options, codegen::EmitKind::Assembly);
  default:
    break;
  }
  Expected<std::string> object = generate(compilation, source, options, codegen::EmitKind::Object);
  if (!object || kind == EmitKind::Object)
    return object;
  if (kind == EmitKind::Library)
    return makeArchive(*object, source.functionName);
  const program::Program *program = compilation.program ? &*compilation.program : nullptr;
  return linkExecutable(*object, makeMain(source.functionName, signature, program));
}

Expected<std::string> check(const Source &source, const Options &options) {
  Expected<std::unique_ptr<Compilation>> compilation = compileToTl(source, options);
  if (!compilation)
    return compilation.error();
  return (*compilation)->diagnostics.render(options.colour);
}

} // namespace tlc
