//===- AtomicFile.cpp - a file that appears complete or not at all --------===//

#include "runtime/io/AtomicFile.h"

#include "runtime/include/tlrt/io.h"
#include "runtime/io/InputFile.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

//===----------------------------------------------------------------------===//
// Pending temporary files, for a signal handler to remove
//===----------------------------------------------------------------------===//

constexpr int kPending = 16;

struct Pending {
  enum State { Free, Claimed, Armed };
  std::atomic<int> state{Free};
  char path[PATH_MAX] = "";
};
constinit Pending pending[kPending];
std::atomic<unsigned> serial{0};

/// Notes a file that exists now; -1 if the list is full.
int notePending(const char *path) {
  for (int i = 0; i < kPending; ++i) {
    int expected = Pending::Free;
    if (!pending[i].state.compare_exchange_strong(expected, Pending::Claimed))
      continue;
    strcpy(pending[i].path, path);
    pending[i].state.store(Pending::Armed, std::memory_order_release);
    return i;
  }
  return -1;
}

void forgetPending(int slot) {
  if (slot >= 0)
    pending[slot].state.store(Pending::Free, std::memory_order_release);
}

} // namespace

void tlrt_io_cleanup(void) {
  for (Pending &file : pending)
    if (file.state.load(std::memory_order_acquire) == Pending::Armed)
      unlink(file.path);
}

namespace tlrt {

AtomicFile::~AtomicFile() {
  if (descriptor >= 0)
    close(descriptor);
  if (temporary[0])
    unlink(temporary);
  forgetPending(slot);
}

int32_t AtomicFile::fail(const char *what) {
  return tlrt_fail(context, TLRT_ERROR_DATA, "%s: %s: %s", name, what, errorText(error));
}

/// Creates the temporary file under a name that nobody else uses.
int32_t AtomicFile::openTemporary(unsigned mode) {
  for (int attempt = 0; attempt < 100 && descriptor < 0; ++attempt) {
    int length = snprintf(temporary, sizeof temporary, "%s.%ld-%u.tmp", target, long(getpid()),
                          serial.fetch_add(1));
    if (length >= int(sizeof temporary)) {
      error = ENAMETOOLONG;
      break;
    }
    descriptor = ::open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    error = descriptor < 0 ? errno : 0;
    if (error && error != EEXIST)
      break;
  }
  if (descriptor < 0) {
    temporary[0] = '\0';
    return fail("cannot be written");
  }
  slot = notePending(temporary);
  return TLRT_OK;
}

int32_t AtomicFile::open(const char *path) {
  struct stat status;
  bool exists = stat(path, &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) {
    error = EISDIR;
    return fail("cannot be written");
  }
  if (exists && !S_ISREG(status.st_mode)) {
    descriptor = ::open(path, O_WRONLY | O_CLOEXEC);
    error = descriptor < 0 ? errno : 0;
    return error ? fail("cannot be written") : int32_t(TLRT_OK);
  }
  // A link stays a link: what it points to is replaced.
  if (exists ? !realpath(path, target) : strlen(path) >= sizeof target) {
    error = exists ? errno : ENAMETOOLONG;
    return fail("cannot be written");
  }
  if (!exists)
    strcpy(target, path);
  if (int32_t failed = openTemporary(0666))
    return failed;
  if (exists)
    fchmod(descriptor, status.st_mode & 07777);
  return TLRT_OK;
}

void AtomicFile::flush() {
  const char *at = buffer;
  while (buffered > 0 && !error) {
    ssize_t done = ::write(descriptor, at, buffered);
    if (done < 0 && errno != EINTR)
      error = errno;
    if (done > 0) {
      at += done;
      buffered -= size_t(done);
    }
  }
  buffered = 0;
}

void AtomicFile::write(const void *bytes, size_t count) {
  const char *at = static_cast<const char *>(bytes);
  while (count > 0 && !error) {
    size_t part = sizeof buffer - buffered < count ? sizeof buffer - buffered : count;
    memcpy(buffer + buffered, at, part);
    buffered += part;
    at += part;
    count -= part;
    if (buffered == sizeof buffer)
      flush();
  }
}

void AtomicFile::rewrite(uint64_t offset, const void *bytes, size_t count) {
  flush();
  ssize_t done = error ? 0 : pwrite(descriptor, bytes, count, off_t(offset));
  if (!error && done != ssize_t(count))
    error = done < 0 ? errno : ENOSPC;
}

int32_t AtomicFile::commit() {
  flush();
  if (close(descriptor) != 0 && !error)
    error = errno;
  descriptor = -1;
  if (!error && temporary[0] && rename(temporary, target) != 0)
    error = errno;
  if (error)
    return fail("cannot be written");
  temporary[0] = '\0';
  return TLRT_OK;
}

} // namespace tlrt
