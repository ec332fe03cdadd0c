//===- Link.cpp - executables, and files that appear whole ----------------===//

#include "compiler/api/Link.h"

#include "tlrt/io.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <dlfcn.h>
#include <link.h>
#include <unistd.h>

namespace tlc {

static Error fileError(const std::string &path, const std::string &message) {
  return {ErrorKind::Data, fmt::format("error: {}: {}", path, message)};
}

Expected<void> writeFile(const std::string &path, std::string_view contents, bool executable) {
  namespace fs = llvm::sys::fs;
  unsigned mode = fs::all_read | fs::owner_write | (executable ? fs::all_exe : 0);
  auto file = fs::TempFile::create(path + ".%%%%%%.tmp", static_cast<fs::perms>(mode));
  if (!file)
    return fileError(path, llvm::toString(file.takeError()));
  {
    llvm::raw_fd_ostream stream(file->FD, /*shouldClose=*/false);
    stream << llvm::StringRef(contents.data(), contents.size());
    stream.flush();
    if (stream.has_error()) {
      std::string message = stream.error().message();
      stream.clear_error();
      llvm::consumeError(file->discard());
      return fileError(path, message);
    }
  }
  if (llvm::Error error = file->keep(path))
    return fileError(path, llvm::toString(std::move(error)));
  return {};
}

static void endBySignal(int signal) {
  tlrt_io_cleanup();
  _exit(128 + signal);
}

void handleSignals() {
  for (int signal : {SIGINT, SIGTERM})
    std::signal(signal, endBySignal);
}

//===----------------------------------------------------------------------===//
// Linking
//===----------------------------------------------------------------------===//

/// The file that this code is in: libtlc.so, or a program that the compiler is linked into.
static std::string ownFile() {
  Dl_info info;
  link_map *object = nullptr;
  bool found = dladdr1(reinterpret_cast<void *>(&ownFile), &info,
                       reinterpret_cast<void **>(&object), RTLD_DL_LINKMAP);
  // The program itself has no name here.
  std::string name = found && object && *object->l_name ? object->l_name : "/proc/self/exe";
  llvm::SmallString<256> path;
  return llvm::sys::fs::real_path(name, path) ? name : path.str().str();
}

/// The first of the folders, relative to `from`, that holds `file`, or "".
static std::string findFolder(llvm::StringRef from, llvm::ArrayRef<const char *> folders,
                              llvm::StringRef file) {
  for (const char *folder : folders) {
    llvm::SmallString<256> path(from);
    llvm::sys::path::append(path, folder, file);
    if (llvm::sys::fs::exists(path))
      return llvm::sys::path::parent_path(path).str();
  }
  return "";
}

/// Where libtlrt.a is: with libtlc.so, or in the lib beside tlc's bin.
static std::string libraryFolder() {
  std::string file = ownFile();
  return findFolder(llvm::sys::path::parent_path(file), {".", "../lib", "../" TLC_LIBRARY_FOLDER},
                    "libtlrt.a");
}

/// Where tlrt's headers are: beside an installed library, or in the source tree.
static std::string includeFolder(const std::string &library) {
  std::string tlrt = findFolder(library, {"../include/tlrt", "../../include/tlrt"}, "tlrt.h");
  return tlrt.empty() ? TLC_RUNTIME_INCLUDE : tlrt + "/..";
}

/// A folder that is removed with what is in it.
class TemporaryFolder {
public:
  TemporaryFolder() { (void)llvm::sys::fs::createUniqueDirectory("tlc", folder); }
  ~TemporaryFolder() { llvm::sys::fs::remove_directories(folder); }
  std::string file(const char *name) const {
    llvm::SmallString<256> path(folder);
    llvm::sys::path::append(path, name);
    return std::string(path);
  }

private:
  llvm::SmallString<256> folder;
};

Expected<std::string> linkExecutable(const std::string &object, const std::string &mainText) {
  const char *chosen = std::getenv("CC");
  llvm::ErrorOr<std::string> compiler = llvm::sys::findProgramByName(chosen ? chosen : "cc");
  if (!compiler)
    return Error(ErrorKind::Data, "error: no C compiler to link with: install one or set CC");
  TemporaryFolder folder;
  std::string objectPath = folder.file("program.o"), mainPath = folder.file("main.c");
  std::string outputPath = folder.file("program"), logPath = folder.file("log");
  for (const auto &[path, text] : {std::pair(objectPath, object), std::pair(mainPath, mainText)})
    if (Expected<void> written = writeFile(path, text); !written)
      return written.error();
  std::string library = libraryFolder();
  std::string include = "-I" + includeFolder(library), runtime = library + "/libtlrt.a";
  std::vector<llvm::StringRef> command = {*compiler,  "-O1",   include,    mainPath,
                                          objectPath, runtime, "-o",       outputPath,
                                          "-lz",      "-lm",   "-lpthread"};
  if (*TLC_SANITIZE) // the runtime's archive was compiled with it
    command.push_back("-fsanitize=" TLC_SANITIZE);
  std::optional<llvm::StringRef> redirects[] = {std::nullopt, logPath, logPath};
  if (llvm::sys::ExecuteAndWait(*compiler, command, std::nullopt, redirects)) {
    auto log = llvm::MemoryBuffer::getFile(logPath);
    return Error(ErrorKind::Data, fmt::format("error: linking with {} failed\n{}", *compiler,
                                              log ? (*log)->getBuffer().str() : ""));
  }
  auto output = llvm::MemoryBuffer::getFile(outputPath);
  if (!output)
    return fileError(outputPath, output.getError().message());
  return (*output)->getBuffer().str();
}

} // namespace tlc
