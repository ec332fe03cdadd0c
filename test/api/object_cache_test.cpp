//===- object_cache_test.cpp - the cache of machine code under stress -----===//
//
//   object-cache-test DIRECTORY limit       stays within its limit, drops what was used longest ago
//   object-cache-test DIRECTORY processes   64 processes read, write and make room at once
//
//===----------------------------------------------------------------------===//

#include "compiler/api/ObjectCache.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using tlc::ObjectCache;

static void expect(bool condition, const char *what) {
  if (condition)
    return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::exit(1);
}

/// Keys of one folder of the cache: they begin alike.
static std::string keyOf(int number) {
  char text[33];
  std::snprintf(text, sizeof text, "00%030x", number);
  return text;
}

static std::string valueOf(int number, size_t size) {
  return std::string(size, static_cast<char>('a' + number % 26)) + std::to_string(number);
}

static uint64_t bytesIn(const std::string &directory) {
  uint64_t bytes = 0;
  for (const auto &entry : std::filesystem::recursive_directory_iterator(directory))
    if (entry.is_regular_file())
      bytes += entry.file_size();
  return bytes;
}

static void testLimit(const std::string &directory) {
  constexpr uint64_t perFolder = 10000;
  ObjectCache cache(directory, 64 * perFolder);
  for (int i = 0; i < 5; ++i)
    cache.insert(keyOf(i), valueOf(i, 1500));
  std::this_thread::sleep_for(std::chrono::milliseconds(20)); // a file system's clock is coarse
  expect(cache.find(keyOf(0)) == valueOf(0, 1500), "what was inserted is found");
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  for (int i = 5; i < 9; ++i)
    cache.insert(keyOf(i), valueOf(i, 1500));
  expect(bytesIn(directory) <= perFolder, "the folder stays within its limit");
  expect(cache.find(keyOf(0)).has_value(), "what was used is kept");
  expect(!cache.find(keyOf(1)), "what was not used makes room");
  expect(cache.find(keyOf(8)) == valueOf(8, 1500), "what came last is kept");
  cache.insert(keyOf(9), valueOf(9, 20000));
  expect(!cache.find(keyOf(9)), "what is larger than the limit is not kept");
  expect(cache.find(keyOf(8)).has_value(), "and drops nothing");
  expect(!ObjectCache("", 1 << 20).find(keyOf(0)), "without a directory nothing is found");
  ObjectCache("", 1 << 20).insert(keyOf(0), "x");
}

static int work(const std::string &directory, int process) {
  ObjectCache cache(directory, 64 * 20000);
  for (int round = 0; round < 100; ++round) {
    int number = (process * 7 + round * 13) % 24;
    std::string value = valueOf(number, 200 + 100 * number);
    std::optional<std::string> found = cache.find(keyOf(number));
    if (found && *found != value)
      return 1;
    if (!found || round % 5 == 0)
      cache.insert(keyOf(number), value);
  }
  return 0;
}

static void testProcesses(const std::string &directory) {
  for (int process = 0; process < 64; ++process)
    if (fork() == 0)
      _exit(work(directory, process));
  for (int process = 0; process < 64; ++process) {
    int status = 0;
    wait(&status);
    expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "every process finds whole values");
  }
  int found = 0;
  ObjectCache cache(directory, 64 * 20000);
  for (int i = 0; i < 24; ++i)
    found += cache.find(keyOf(i)).has_value();
  expect(found > 0, "something is left");
  for (const auto &entry : std::filesystem::recursive_directory_iterator(directory))
    expect(entry.path().filename().string().rfind("new-", 0) != 0, "no temporary file is left");
}

int main(int, char **argv) {
  std::string directory = argv[1], test = argv[2];
  if (test == "limit")
    testLimit(directory);
  else
    testProcesses(directory);
  std::puts("ok");
}
