//===- FunctionCache.cpp - functions that need not be compiled ------------===//

#include "compiler/api/FunctionCache.h"

#include "compiler/api/ObjectCache.h"
#include "tlrt/tlrt.h"

#include "llvm/ADT/bit.h"

#include <fmt/format.h>

#include <unordered_map>

namespace tlc {
namespace {

/// Functions by what they were made from.
class FunctionCache {
public:
  std::optional<Function> find(const std::string &key) {
    std::lock_guard<std::mutex> lock(mutex);
    auto found = functions.find(key);
    return found == functions.end() ? std::nullopt : std::optional(found->second);
  }
  void insert(const std::string &key, const Function &function) {
    std::lock_guard<std::mutex> lock(mutex);
    if (functions.size() >= capacity)
      functions.clear();
    functions.emplace(key, function);
  }

private:
  static constexpr size_t capacity = 4096;
  std::mutex mutex;
  std::unordered_map<std::string, Function> functions;
};

FunctionCache &memory() {
  static auto *instance = new FunctionCache; // outlives every static that may call it
  return *instance;
}

/// Functions of one machine code differ in the contexts that they run in.
std::string memoryKey(const CacheKey &key, const Options &options) {
  return fmt::format("{} {} {} {}", key.str(), options.threads, options.memoryLimit,
                     options.gpuDevice);
}

bool usesFiles(const Options &options) {
  return options.diskCache && options.target != Target::Reference && CacheKey::tellsBuildsApart();
}

/// Of code that depends on the limit.
CacheKey limitedKey(CacheKey key, uint64_t limit) {
  key.add(static_cast<int64_t>(limit));
  return key;
}

std::optional<CompiledFunction> findCompiled(const CacheKey &key) {
  std::optional<std::string> bytes = ObjectCache::ofUser().find(key.str());
  return bytes ? decode(*bytes) : std::nullopt;
}

} // namespace

uint64_t memoryLimitOf(const Options &options) {
  if (options.memoryLimit)
    return options.memoryLimit;
  // Of few values, so that what is compiled for one is found again.
  uint64_t limit = tlrt_default_memory_limit();
  return limit >> 62 ? limit : llvm::bit_floor(limit) + ((limit & llvm::bit_floor(limit) / 2));
}

std::optional<Function> findFunction(const CacheKey &key, const Options &options,
                                     double startSeconds) {
  if (std::optional<Function> found = memory().find(memoryKey(key, options)))
    return found;
  if (!usesFiles(options))
    return std::nullopt;
  uint64_t limit = memoryLimitOf(options);
  std::optional<CompiledFunction> compiled = findCompiled(key);
  if (!compiled || compiled->peakBytes > double(limit))
    compiled = findCompiled(limitedKey(key, limit));
  if (!compiled)
    return std::nullopt;
  Expected<Function> function = loadFunction(*compiled, options, startSeconds);
  if (!function)
    return std::nullopt;
  keepFunction(key, options, *function);
  return *function;
}

void keepCompiled(const CacheKey &key, const Options &options, const CompiledFunction &compiled) {
  if (usesFiles(options))
    ObjectCache::ofUser().insert(
        (compiled.isLimited ? limitedKey(key, memoryLimitOf(options)) : key).str(),
        encode(compiled));
}

void keepFunction(const CacheKey &key, const Options &options, const Function &function) {
  memory().insert(memoryKey(key, options), function);
}

} // namespace tlc
