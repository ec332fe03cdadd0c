//===- Version.cpp - the library's version, and the machine's limit -------===//

#include "compiler/codegen/cpu/FmaPeak.h"
#include "compiler/support/DType.h"
#include "tlc/tlc.h"

namespace tlc {

std::string version() { return TLC_VERSION; }

double measuredFmaPeak(DType type) {
  bool isDouble = type == DType::F64 || type == DType::C128;
  static double peaks[2] = {0, 0};
  double &peak = peaks[isDouble];
  if (peak == 0)
    peak = codegen::measureFmaPeak(isDouble);
  return peak;
}

} // namespace tlc
