/*===- cpu_features.h - what compiled code may ask of a processor ----------===*/
/*
 * The names that tlrt_cpu_has knows, which are LLVM's: all that numeric code may use beyond the
 * basics of the architecture.
 *
 *   X(name, leaf, subleaf, register, bit, state)   x86: a bit of cpuid (0: eax .. 3: edx), and the
 *                                                  bits of XCR0 that say that the system saves the
 *                                                  registers
 *   X(name, word, bit)                             AArch64: AT_HWCAP (1), AT_HWCAP2 (2)
 *
 * On AArch64 also sve-256-bits and sve-512-bits: that its vectors have this length.
 */
#ifndef TLRT_CPU_FEATURES_H
#define TLRT_CPU_FEATURES_H

/* clang-format off */
#define TLRT_X86_FEATURES(X) \
  X("sse3",             1,          0, 2, 0,  0)       \
  X("ssse3",            1,          0, 2, 9,  0)       \
  X("sse4.1",           1,          0, 2, 19, 0)       \
  X("sse4.2",           1,          0, 2, 20, 0)       \
  X("sse4a",            0x80000001, 0, 2, 6,  0)       \
  X("cx16",             1,          0, 2, 13, 0)       \
  X("sahf",             0x80000001, 0, 2, 0,  0)       \
  X("movbe",            1,          0, 2, 22, 0)       \
  X("popcnt",           1,          0, 2, 23, 0)       \
  X("lzcnt",            0x80000001, 0, 2, 5,  0)       \
  X("tbm",              0x80000001, 0, 2, 21, 0)       \
  X("bmi",              7,          0, 1, 3,  0)       \
  X("bmi2",             7,          0, 1, 8,  0)       \
  X("adx",              7,          0, 1, 19, 0)       \
  X("aes",              1,          0, 2, 25, 0)       \
  X("pclmul",           1,          0, 2, 1,  0)       \
  X("sha",              7,          0, 1, 29, 0)       \
  X("gfni",             7,          0, 2, 8,  0)       \
  X("avx",              1,          0, 2, 28, 6)       \
  X("f16c",             1,          0, 2, 29, 6)       \
  X("fma",              1,          0, 2, 12, 6)       \
  X("fma4",             0x80000001, 0, 2, 16, 6)       \
  X("xop",              0x80000001, 0, 2, 11, 6)       \
  X("avx2",             7,          0, 1, 5,  6)       \
  X("vaes",             7,          0, 2, 9,  6)       \
  X("vpclmulqdq",       7,          0, 2, 10, 6)       \
  X("avxvnni",          7,          1, 0, 4,  6)       \
  X("avxifma",          7,          1, 0, 23, 6)       \
  X("avxvnniint8",      7,          1, 3, 4,  6)       \
  X("avxneconvert",     7,          1, 3, 5,  6)       \
  X("avxvnniint16",     7,          1, 3, 10, 6)       \
  X("avx512f",          7,          0, 1, 16, 0xe6)    \
  X("avx512dq",         7,          0, 1, 17, 0xe6)    \
  X("avx512ifma",       7,          0, 1, 21, 0xe6)    \
  X("avx512cd",         7,          0, 1, 28, 0xe6)    \
  X("avx512bw",         7,          0, 1, 30, 0xe6)    \
  X("avx512vl",         7,          0, 1, 31, 0xe6)    \
  X("avx512vbmi",       7,          0, 2, 1,  0xe6)    \
  X("avx512vbmi2",      7,          0, 2, 6,  0xe6)    \
  X("avx512vnni",       7,          0, 2, 11, 0xe6)    \
  X("avx512bitalg",     7,          0, 2, 12, 0xe6)    \
  X("avx512vpopcntdq",  7,          0, 2, 14, 0xe6)    \
  X("avx512vp2intersect", 7,        0, 3, 8,  0xe6)    \
  X("avx512fp16",       7,          0, 3, 23, 0xe6)    \
  X("avx512bf16",       7,          1, 0, 5,  0xe6)    \
  X("amx-tile",         7,          0, 3, 24, 0x60000) \
  X("amx-int8",         7,          0, 3, 25, 0x60000) \
  X("amx-bf16",         7,          0, 3, 22, 0x60000) \
  X("egpr",             7,          1, 3, 21, 0x80000)

#define TLRT_AARCH64_FEATURES(X) \
  X("crc",       1, 7)  \
  X("lse",       1, 8)  \
  X("fullfp16",  1, 10) \
  X("rdm",       1, 12) \
  X("jsconv",    1, 13) \
  X("complxnum", 1, 14) \
  X("rcpc",      1, 15) \
  X("dotprod",   1, 20) \
  X("sve",       1, 22) \
  X("fp16fml",   1, 23) \
  X("sve2",      2, 1)  \
  X("fptoint",   2, 8)  \
  X("f32mm",     2, 10) \
  X("f64mm",     2, 11) \
  X("i8mm",      2, 13) \
  X("bf16",      2, 14)
/* clang-format on */

#endif /* TLRT_CPU_FEATURES_H */
