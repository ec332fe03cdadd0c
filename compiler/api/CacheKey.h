//===- CacheKey.h - what machine code depends on --------------------------===//
//
// Two compilations with one key give the same machine code. The key is a digest of everything that
// goes in: the text and whatever the front end read besides it, types and extents, options, the
// processor and its caches, and the build of tlc and of LLVM.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_API_CACHEKEY_H
#define TLC_COMPILER_API_CACHEKEY_H

#include "tlc/tlc.h"

#include "llvm/Support/BLAKE3.h"

#include <string>
#include <string_view>

namespace tlc {

class CacheKey {
public:
  /// Begins with what every compilation depends on.
  explicit CacheKey(const Options &options);

  /// Parts are told apart by their lengths.
  void add(std::string_view text);
  void add(int64_t number);
  void add(const std::vector<int64_t> &numbers);

  /// Hexadecimal digits.
  std::string str() const;

  /// Whether another build of tlc has other keys. If not, no file must outlive this process.
  static bool tellsBuildsApart();

private:
  llvm::BLAKE3 digest;
};

} // namespace tlc

#endif // TLC_COMPILER_API_CACHEKEY_H
