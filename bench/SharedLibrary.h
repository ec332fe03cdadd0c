//===- SharedLibrary.h - a library that is opened at run time -------------===//

#ifndef TLC_BENCH_SHAREDLIBRARY_H
#define TLC_BENCH_SHAREDLIBRARY_H

#include <dlfcn.h>
#include <string>

namespace tlc::bench {

/// Stays open until the process ends, since libraries have threads of their own. Its symbols are
/// not seen by anybody else.
class SharedLibrary {
public:
  explicit SharedLibrary(const std::string &file)
      : handle(dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) {}

  explicit operator bool() const { return handle; }

  /// Null if there is no such library or no such function.
  template <typename Pointer> Pointer function(const char *name) const {
    return handle ? reinterpret_cast<Pointer>(dlsym(handle, name)) : nullptr;
  }

private:
  void *handle;
};

} // namespace tlc::bench

#endif // TLC_BENCH_SHAREDLIBRARY_H
