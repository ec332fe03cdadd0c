//===- AtomicFile.h - a file that appears complete or not at all ----------===//

#ifndef TLC_RUNTIME_IO_ATOMICFILE_H
#define TLC_RUNTIME_IO_ATOMICFILE_H

#include "runtime/include/tlrt/tlrt.h"

#include <climits>
#include <cstddef>

namespace tlrt {

/// Writes to a temporary file beside the target and renames it at the end. What is not
/// committed is removed. Devices and pipes are written directly.
class AtomicFile {
public:
  AtomicFile(tlrt_context *context, const char *name) : context(context), name(name) {}
  AtomicFile(const AtomicFile &) = delete;
  ~AtomicFile();

  int32_t open(const char *path);
  /// Errors are remembered until `commit`.
  void write(const void *bytes, size_t count);
  /// Overwrites what was written at `offset`.
  void rewrite(uint64_t offset, const void *bytes, size_t count);
  int32_t commit();
  bool hasFailed() const { return error != 0; }

  tlrt_context *const context;
  const char *const name;

private:
  int32_t fail(const char *what);
  int32_t openTemporary(unsigned mode);
  void flush();

  int descriptor = -1;
  int slot = -1; ///< in the list of files to remove
  int error = 0; ///< errno of the first failure
  char target[PATH_MAX] = "", temporary[PATH_MAX] = "";
  size_t buffered = 0;
  char buffer[1 << 16];
};

} // namespace tlrt

#endif // TLC_RUNTIME_IO_ATOMICFILE_H
