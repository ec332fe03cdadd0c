//===- FunctionCache.h - functions that need not be compiled --------------===//
//
// In this process's memory, and behind that in files of the user's cache directory.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_API_FUNCTIONCACHE_H
#define TLC_COMPILER_API_FUNCTIONCACHE_H

#include "compiler/api/CacheKey.h"
#include "compiler/api/CompiledFunction.h"
#include "compiler/api/FunctionImpl.h"

namespace tlc {

/// The function of this key, if it was compiled before.
std::optional<Function> findFunction(const CacheKey &key, const Options &options,
                                     double startSeconds);
/// The limit of memory that the options say, or else four fifths of what is free, roughly.
uint64_t memoryLimitOf(const Options &options);

/// Keeps what was compiled for other processes, and the function for this one.
void keepCompiled(const CacheKey &key, const Options &options, const CompiledFunction &compiled);
void keepFunction(const CacheKey &key, const Options &options, const Function &function);

} // namespace tlc

#endif // TLC_COMPILER_API_FUNCTIONCACHE_H
