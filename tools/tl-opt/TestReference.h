//===- TestReference.h - a pass that interprets a module ------------------===//

#ifndef TLC_TOOLS_TL_OPT_TESTREFERENCE_H
#define TLC_TOOLS_TL_OPT_TESTREFERENCE_H

namespace tlc {

/// Registers `--test-reference`.
void registerTestReferencePass();

} // namespace tlc

#endif // TLC_TOOLS_TL_OPT_TESTREFERENCE_H
