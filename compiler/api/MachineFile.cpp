//===- MachineFile.cpp - what is known about this machine's speed ---------===//

#include "compiler/api/MachineFile.h"
#include "compiler/api/ObjectCache.h"
#include "compiler/codegen/cpu/Target.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/BLAKE3.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <mutex>

namespace tlc {

std::string machineFile() {
  static const std::string path = [] {
    llvm::BLAKE3 digest;
    digest.update(llvm::StringRef(codegen::describeHost()));
    return userCacheFolder("machine-" + llvm::toHex(digest.final<16>(), /*LowerCase=*/true));
  }();
  return path;
}

static std::optional<planner::MachineModel> &kept() {
  static std::optional<planner::MachineModel> model = [] {
    std::ifstream file(machineFile(), std::ios::binary);
    return planner::parseMachine(std::string(std::istreambuf_iterator<char>(file), {}));
  }();
  return model;
}

static std::mutex mutex;

planner::MachineModel machineModel(Target target) {
  if (target == Target::Gpu)
    return planner::MachineModel::gpu();
  std::lock_guard<std::mutex> lock(mutex);
  return kept().value_or(planner::MachineModel());
}

Expected<void> keepMachine(const planner::MachineModel &machine) {
  std::string path = machineFile();
  if (path.empty() || !makeFolders(path.substr(0, path.rfind('/'))))
    return Error(ErrorKind::Data, "error: there is no cache directory to keep the measurements in; "
                                  "set XDG_CACHE_HOME to one that can be written to");
  if (Expected<void> written = writeFile(path, planner::printMachine(machine)); !written)
    return written;
  std::lock_guard<std::mutex> lock(mutex);
  kept() = machine;
  return {};
}

} // namespace tlc
