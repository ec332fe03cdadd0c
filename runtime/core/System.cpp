//===- System.cpp - what the machine and its container allow --------------===//
//
// In a container /proc/meminfo shows the host. The limits are in the control groups: version 2
// has one tree (a line "0::/path" in /proc/self/cgroup), version 1 a tree for memory
// ("4:memory:/path"). A limit may be on any group from ours to the root; where the container
// hides the path, the root of the mount is our group.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/System.h"

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sched.h>
#include <unistd.h>

namespace tlrt {
namespace {

/// The number after `key` in a file of lines "key number", or at its start if `key` is "".
bool readNumber(const char *path, const char *key, uint64_t &value) {
  FILE *file = fopen(path, "re");
  if (!file)
    return false;
  char line[256];
  size_t length = strlen(key);
  bool found = false;
  while (!found && fgets(line, sizeof line, file)) {
    if (strncmp(line, key, length) != 0)
      continue;
    char *end;
    value = strtoull(line + length, &end, 10);
    found = end != line + length; // "max" is no number
  }
  fclose(file);
  return found;
}

/// How one version of control groups names things.
struct GroupFiles {
  const char *mount, *limit, *usage, *cache;
};
constexpr GroupFiles kVersion2 = {"/sys/fs/cgroup", "memory.max", "memory.current",
                                  "inactive_file "};
constexpr GroupFiles kVersion1 = {"/sys/fs/cgroup/memory", "memory.limit_in_bytes",
                                  "memory.usage_in_bytes", "total_inactive_file "};

/// What the group at `path` leaves; page cache that can be dropped counts as free.
uint64_t groupHeadroom(const GroupFiles &files, const char *path) {
  char name[PATH_MAX + 300];
  uint64_t limit, usage = 0, cache = 0;
  snprintf(name, sizeof name, "%s%s/%s", files.mount, path, files.limit);
  if (!readNumber(name, "", limit))
    return UINT64_MAX;
  snprintf(name, sizeof name, "%s%s/%s", files.mount, path, files.usage);
  readNumber(name, "", usage);
  snprintf(name, sizeof name, "%s%s/memory.stat", files.mount, path);
  readNumber(name, files.cache, cache);
  uint64_t held = usage > cache ? usage - cache : 0;
  return limit > held ? limit - held : 0;
}

/// The least headroom from the group at `path` (which is cut) up to the root.
uint64_t treeHeadroom(const GroupFiles &files, char *path) {
  uint64_t least = groupHeadroom(files, "");
  while (path[0] == '/' && path[1]) {
    uint64_t here = groupHeadroom(files, path);
    least = here < least ? here : least;
    *strrchr(path, '/') = '\0';
  }
  return least;
}

uint64_t controlGroupHeadroom() {
  FILE *file = fopen("/proc/self/cgroup", "re");
  if (!file)
    return UINT64_MAX;
  uint64_t least = UINT64_MAX;
  char line[PATH_MAX + 100];
  while (fgets(line, sizeof line, file)) {
    line[strcspn(line, "\n")] = '\0';
    char *controllers = strchr(line, ':');
    char *path = controllers ? strchr(controllers + 1, ':') : nullptr;
    if (!path)
      continue;
    *path++ = '\0';
    uint64_t here = UINT64_MAX;
    if (strcmp(controllers, ":") == 0)
      here = treeHeadroom(kVersion2, path);
    else if (strcmp(controllers, ":memory") == 0)
      here = treeHeadroom(kVersion1, path);
    least = here < least ? here : least;
  }
  fclose(file);
  return least;
}

} // namespace

uint64_t availableMemory() {
  uint64_t kilobytes;
  uint64_t machine = UINT64_MAX;
  if (readNumber("/proc/meminfo", "MemAvailable:", kilobytes))
    machine = kilobytes * 1024;
  uint64_t group = controlGroupHeadroom();
  return machine < group ? machine : group;
}

int32_t availableCores() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0)
    return CPU_COUNT(&set);
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  return cores < 1 ? 1 : int32_t(cores);
}

} // namespace tlrt
