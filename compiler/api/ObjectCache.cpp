//===- ObjectCache.cpp - machine code in the user's cache directory -------===//

#include "compiler/api/ObjectCache.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/xxhash.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace tlc {
namespace {

constexpr uint64_t userLimit = uint64_t(128) << 20;
/// Files are spread over folders, so that making room looks at few of them.
constexpr unsigned shards = 64;
constexpr const char *temporaryPrefix = "new-";
/// What an interrupted process left behind is older than this.
constexpr time_t temporarySeconds = 3600;

/// What an entry begins with; numbers as in this machine's memory.
struct Header {
  char magic[8];
  uint64_t checksum;
  uint64_t size;
};
constexpr char magic[8] = {'t', 'l', 'c', 'o', 'b', 'j', '1', '\n'};

class File {
public:
  explicit File(int descriptor) : descriptor(descriptor) {}
  ~File() {
    if (descriptor >= 0)
      close(descriptor);
  }
  File(const File &) = delete;
  File &operator=(const File &) = delete;
  explicit operator bool() const { return descriptor >= 0; }
  int get() const { return descriptor; }

private:
  int descriptor;
};

bool readAll(int file, char *data, size_t size) {
  while (size) {
    ssize_t count = read(file, data, size);
    if (count <= 0)
      return false;
    data += count;
    size -= static_cast<size_t>(count);
  }
  return true;
}

bool writeAll(int file, const char *data, size_t size) {
  while (size) {
    ssize_t count = write(file, data, size);
    if (count <= 0)
      return false;
    data += count;
    size -= static_cast<size_t>(count);
  }
  return true;
}

uint64_t checksum(std::string_view bytes) {
  return llvm::xxh3_64bits(
      llvm::ArrayRef(reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()));
}

/// The contents of an entry that is whole.
std::optional<std::string> readEntry(int file, const struct stat &status) {
  Header header;
  auto length = static_cast<uint64_t>(status.st_size);
  if (length < sizeof header || !readAll(file, reinterpret_cast<char *>(&header), sizeof header) ||
      std::memcmp(header.magic, magic, sizeof magic) != 0 || header.size != length - sizeof header)
    return std::nullopt;
  std::string value(header.size, '\0');
  if (!readAll(file, value.data(), value.size()) || checksum(value) != header.checksum)
    return std::nullopt;
  return value;
}

struct Entry {
  std::string name;
  timespec used;
  uint64_t size;
};

/// Removes what was used longest ago until `limit` bytes are left.
void evict(const std::string &folder, uint64_t limit) {
  DIR *stream = opendir(folder.c_str());
  if (!stream)
    return;
  std::vector<Entry> entries;
  uint64_t total = 0;
  time_t now = time(nullptr);
  while (const dirent *item = readdir(stream)) {
    struct stat status;
    if (item->d_name[0] == '.' ||
        fstatat(dirfd(stream), item->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
      continue;
    bool isTemporary = std::strncmp(item->d_name, temporaryPrefix, 4) == 0;
    if (isTemporary && status.st_mtim.tv_sec + temporarySeconds < now)
      unlinkat(dirfd(stream), item->d_name, 0);
    if (isTemporary)
      continue;
    entries.push_back({item->d_name, status.st_mtim, static_cast<uint64_t>(status.st_size)});
    total += entries.back().size;
  }
  if (total > limit)
    std::sort(entries.begin(), entries.end(), [](const Entry &a, const Entry &b) {
      return std::pair(a.used.tv_sec, a.used.tv_nsec) < std::pair(b.used.tv_sec, b.used.tv_nsec);
    });
  for (size_t i = 0; i < entries.size() && total > limit; ++i) {
    unlinkat(dirfd(stream), entries[i].name.c_str(), 0);
    total -= entries[i].size;
  }
  closedir(stream);
}

} // namespace

//===----------------------------------------------------------------------===//
// The cache
//===----------------------------------------------------------------------===//

ObjectCache::ObjectCache(std::string directory, uint64_t limit)
    : directory(std::move(directory)), shardLimit(limit / shards) {}

/// Paths that are not absolute are ignored, as the XDG base directory specification says.
std::string userCacheFolder(const std::string &name) {
  const char *cache = std::getenv("XDG_CACHE_HOME"), *home = std::getenv("HOME");
  if (cache && cache[0] == '/')
    return std::string(cache) + "/tlc/" + name;
  return home && home[0] == '/' ? std::string(home) + "/.cache/tlc/" + name : "";
}

bool makeFolders(const std::string &path) {
  if (mkdir(path.c_str(), 0700) == 0)
    return true;
  if (errno == EEXIST)
    return true;
  size_t slash = path.rfind('/');
  if (errno != ENOENT || slash == std::string::npos || slash == 0)
    return false;
  return makeFolders(path.substr(0, slash)) && (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST);
}

ObjectCache ObjectCache::ofUser() { return {userCacheFolder("1"), userLimit}; }

std::string ObjectCache::shardOf(const std::string &key) const {
  unsigned number = 0;
  std::from_chars(key.data(), key.data() + 2, number, 16);
  return directory + '/' + std::to_string(number % shards);
}

std::optional<std::string> ObjectCache::find(const std::string &key) const {
  if (directory.empty())
    return std::nullopt;
  std::string path = shardOf(key) + '/' + key;
  File file(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status;
  // Code that somebody else could have written is not run.
  if (!file || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
      status.st_uid != geteuid() || (status.st_mode & (S_IWGRP | S_IWOTH)))
    return std::nullopt;
  std::optional<std::string> value = readEntry(file.get(), status);
  if (value)
    futimens(file.get(), nullptr); // used now
  else
    unlink(path.c_str());
  return value;
}

void ObjectCache::insert(const std::string &key, std::string_view value) const {
  Header header;
  if (directory.empty() || value.size() + sizeof header > shardLimit)
    return;
  std::memcpy(header.magic, magic, sizeof magic);
  header.checksum = checksum(value);
  header.size = value.size();
  std::string folder = shardOf(key), temporary = folder + '/' + temporaryPrefix + "XXXXXX";
  if (!makeFolders(folder))
    return;
  File file(mkostemp(temporary.data(), O_CLOEXEC));
  if (!file)
    return;
  bool isWhole = writeAll(file.get(), reinterpret_cast<const char *>(&header), sizeof header) &&
                 writeAll(file.get(), value.data(), value.size());
  if (!isWhole || rename(temporary.c_str(), (folder + '/' + key).c_str()) != 0) {
    unlink(temporary.c_str());
    return;
  }
  evict(folder, shardLimit);
}

} // namespace tlc
