//===- InputFile.cpp - an open regular file -------------------------------===//

#include "runtime/io/InputFile.h"

#include <cerrno>
#include <cinttypes>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tlrt {

const char *errorText(int error) {
  const char *text = strerrordesc_np(error);
  return text ? text : "unknown error";
}

InputFile::~InputFile() {
  if (descriptor >= 0)
    close(descriptor);
}

int32_t InputFile::open(const char *path) {
  // Without O_NONBLOCK a named pipe would make us wait for somebody to write.
  descriptor = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat status;
  if (descriptor < 0 || fstat(descriptor, &status) != 0)
    return tlrt_fail(context, TLRT_ERROR_DATA, "%s: cannot be read: %s", name, errorText(errno));
  if (!S_ISREG(status.st_mode))
    return tlrt_fail(context, TLRT_ERROR_DATA, "%s: is %s, expected a regular file", name,
                     S_ISDIR(status.st_mode) ? "a directory" : "a device or pipe");
  bytes = uint64_t(status.st_size);
  return TLRT_OK;
}

int32_t InputFile::readAt(uint64_t offset, void *to, uint64_t count) {
  constexpr uint64_t kMost = uint64_t(1) << 30; // the kernel reads less than 2 GiB at once
  char *at = static_cast<char *>(to);
  while (count > 0) {
    ssize_t got = pread(descriptor, at, count < kMost ? count : kMost, off_t(offset));
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return tlrt_fail(context, TLRT_ERROR_DATA, "%s: cannot be read: %s", name, errorText(errno));
    if (got == 0)
      return tlrt_fail(context, TLRT_ERROR_DATA,
                       "%s: ends at byte %" PRIu64 ", expected %" PRIu64 " more", name, offset,
                       count);
    at += got;
    offset += uint64_t(got);
    count -= uint64_t(got);
  }
  return TLRT_OK;
}

} // namespace tlrt
