//===- Cubin.cpp - PTX assembled by CUDA's assembler ----------------------===//

#include "compiler/codegen/gpu/Cubin.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdlib>

namespace tlc::codegen {

std::string findAssembler() {
  if (const char *path = std::getenv("TLC_PTXAS"); path && *path)
    return path;
  for (const char *variable : {"CUDA_HOME", "CUDA_PATH", "CUDA_ROOT"}) {
    const char *folder = std::getenv(variable);
    if (!folder || !*folder)
      continue;
    llvm::SmallString<128> path(folder);
    llvm::sys::path::append(path, "bin", "ptxas");
    if (llvm::sys::fs::can_execute(path))
      return path.str().str();
  }
  for (llvm::ArrayRef<llvm::StringRef> folders :
       {llvm::ArrayRef<llvm::StringRef>(), llvm::ArrayRef<llvm::StringRef>("/usr/local/cuda/bin")})
    if (llvm::ErrorOr<std::string> path = llvm::sys::findProgramByName("ptxas", folders))
      return *path;
  return "";
}

/// A temporary file that is removed with this object.
static llvm::Expected<llvm::FileRemover> makeFile(StringRef suffix,
                                                  llvm::SmallVectorImpl<char> &path) {
  if (std::error_code error = llvm::sys::fs::createTemporaryFile("tlc", suffix, path))
    return llvm::createStringError(error, "no temporary file for the assembler of GPUs");
  return llvm::FileRemover(path);
}

static std::string contents(StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  return buffer ? (*buffer)->getBuffer().str() : "";
}

llvm::Expected<std::string> assemble(StringRef ptx, StringRef arch, StringRef path) {
  llvm::SmallString<128> input, output, log;
  auto removeInput = makeFile("ptx", input), removeOutput = makeFile("cubin", output),
       removeLog = makeFile("log", log);
  for (auto *file : {&removeInput, &removeOutput, &removeLog})
    if (!*file)
      return file->takeError();
  {
    std::error_code error;
    llvm::raw_fd_ostream stream(input, error);
    stream << ptx;
    stream.close();
    if (error || stream.has_error())
      return llvm::createStringError("the PTX cannot be written to '" + input + "'");
  }
  std::string target = ("-arch=" + arch).str();
  llvm::StringRef arguments[] = {path, target, input, "-o", output};
  std::optional<llvm::StringRef> redirects[] = {"", llvm::StringRef(log), llvm::StringRef(log)};
  std::string message;
  int status = llvm::sys::ExecuteAndWait(path, arguments, std::nullopt, redirects,
                                         /*SecondsToWait=*/300, /*MemoryLimit=*/0, &message);
  if (status < 0)
    return llvm::createStringError("'" + path + "' cannot be run: " + message);
  if (status > 0)
    return llvm::createStringError("'" + path + "' does not take the PTX: " + contents(log));
  return contents(output);
}

} // namespace tlc::codegen
