//===- TestCpu.h - a pass that compiles and runs a module -----------------===//

#ifndef TLC_TOOLS_TL_OPT_TESTCPU_H
#define TLC_TOOLS_TL_OPT_TESTCPU_H

namespace tlc {

/// Registers `--test-cpu`.
void registerTestCpuPass();

} // namespace tlc

#endif // TLC_TOOLS_TL_OPT_TESTCPU_H
