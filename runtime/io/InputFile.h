//===- InputFile.h - an open regular file ---------------------------------===//

#ifndef TLC_RUNTIME_IO_INPUTFILE_H
#define TLC_RUNTIME_IO_INPUTFILE_H

#include "runtime/include/tlrt/tlrt.h"

namespace tlrt {

/// Reads at given positions; messages name the file as the user did.
class InputFile {
public:
  InputFile(tlrt_context *context, const char *name) : context(context), name(name) {}
  InputFile(const InputFile &) = delete;
  ~InputFile();

  /// Opens the file at `path`, which may differ from the name (a.npz and a.npz#x).
  int32_t open(const char *path);
  uint64_t size() const { return bytes; }
  /// Reads exactly `count` bytes.
  int32_t readAt(uint64_t offset, void *to, uint64_t count);

  tlrt_context *const context;
  const char *const name;

private:
  int descriptor = -1;
  uint64_t bytes = 0;
};

/// What happened, in words that do not depend on the locale.
const char *errorText(int error);

} // namespace tlrt

#endif // TLC_RUNTIME_IO_INPUTFILE_H
