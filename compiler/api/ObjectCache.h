//===- ObjectCache.h - machine code in the user's cache directory ---------===//
//
// A second process that compiles the same program for the same processor finds the machine code
// in a file:
//
//   ~/.cache/tlc/1/47/2f60...d1    the bytes that belong to the key 2f60...d1
//
// Entries appear by rename and carry a checksum, so that any number of processes may read and write
// at once, and a damaged entry is only a miss. Where there is no directory to write to, there is
// no cache. What was used longest ago makes room.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_API_OBJECTCACHE_H
#define TLC_COMPILER_API_OBJECTCACHE_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tlc {

/// A path in $XDG_CACHE_HOME/tlc or ~/.cache/tlc; "" if there is neither.
std::string userCacheFolder(const std::string &name);
/// Makes the folders of a path below one that exists, for this user alone.
bool makeFolders(const std::string &path);

class ObjectCache {
public:
  /// In $XDG_CACHE_HOME/tlc, or else ~/.cache/tlc.
  static ObjectCache ofUser();
  /// In `directory`, with at most `limit` bytes; none if the directory is "".
  ObjectCache(std::string directory, uint64_t limit);

  /// A key is a hexadecimal digest of at least two digits.
  std::optional<std::string> find(const std::string &key) const;
  void insert(const std::string &key, std::string_view value) const;

private:
  std::string shardOf(const std::string &key) const;

  std::string directory;
  uint64_t shardLimit = 0;
};

} // namespace tlc

#endif // TLC_COMPILER_API_OBJECTCACHE_H
