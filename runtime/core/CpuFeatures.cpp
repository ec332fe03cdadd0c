//===- CpuFeatures.cpp - what this processor can do -----------------------===//
//
// An object with code for several processors asks once, when it is first called:
//
//   tlrt_cpu_has("avx2,fma")   1 if the processor has both and the system saves their registers
//
//===----------------------------------------------------------------------===//

#include "runtime/include/tlrt/cpu_features.h"
#include "runtime/include/tlrt/tlrt.h"

#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#include <sys/prctl.h>
#endif

namespace {

#if defined(__x86_64__)

struct Feature {
  const char *name;
  uint32_t leaf, subleaf, reg, bit, state;
};
constexpr Feature kFeatures[] = {
#define FEATURE(name, leaf, subleaf, reg, bit, state) {name, leaf, subleaf, reg, bit, state},
    TLRT_X86_FEATURES(FEATURE)
#undef FEATURE
};

/// What cpuid says, read once: the instruction is slow where a hypervisor answers it.
struct Processor {
  uint32_t registers[4][4] = {}, state = 0;

  Processor() {
    read(1, 0);
    read(7, 0);
    read(7, 1);
    read(0x80000001, 0);
    constexpr uint32_t osxsave = 1u << 27;
    uint32_t high;
    if (registers[slot(1, 0)][2] & osxsave)
      __asm__ volatile("xgetbv" : "=a"(state), "=d"(high) : "c"(0));
  }

  bool has(const Feature &feature) const {
    uint32_t value = registers[slot(feature.leaf, feature.subleaf)][feature.reg];
    return (value >> feature.bit & 1) && !(feature.state & ~state);
  }

private:
  void read(uint32_t leaf, uint32_t subleaf) {
    uint32_t *r = registers[slot(leaf, subleaf)];
    __get_cpuid_count(leaf, subleaf, &r[0], &r[1], &r[2], &r[3]);
  }
  static int slot(uint32_t leaf, uint32_t subleaf) {
    return leaf == 1 ? 0 : leaf == 7 ? 1 + subleaf : 3;
  }
};

#elif defined(__aarch64__)

struct Feature {
  const char *name;
  uint32_t word, bit;
};
constexpr Feature kFeatures[] = {{"sve-256-bits", 0, 256},
                                 {"sve-512-bits", 0, 512},
#define FEATURE(name, word, bit) {name, word, bit},
                                 TLRT_AARCH64_FEATURES(FEATURE)
#undef FEATURE
};

struct Processor {
  bool has(const Feature &feature) const {
    if (feature.word == 0)
      return static_cast<uint32_t>(prctl(PR_SVE_GET_VL) & PR_SVE_VL_LEN_MASK) * 8 == feature.bit;
    return getauxval(feature.word == 1 ? AT_HWCAP : AT_HWCAP2) >> feature.bit & 1;
  }
};

#else

struct Feature {
  const char *name;
};
constexpr Feature kFeatures[] = {{""}};
struct Processor {
  bool has(const Feature &) const { return false; }
};

#endif

bool has(const Processor &processor, const char *name, size_t length) {
  for (const Feature &feature : kFeatures)
    if (strncmp(feature.name, name, length) == 0 && !feature.name[length])
      return processor.has(feature);
  return false;
}

} // namespace

extern "C" int32_t tlrt_cpu_has(const char *features) {
  Processor processor;
  while (*features) {
    size_t length = strcspn(features, ",");
    if (!has(processor, features, length))
      return 0;
    features += length + (features[length] == ',');
  }
  return 1;
}
