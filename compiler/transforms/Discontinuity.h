//===- Discontinuity.h - where small errors become large ------------------===//

#ifndef TLC_COMPILER_TRANSFORMS_DISCONTINUITY_H
#define TLC_COMPILER_TRANSFORMS_DISCONTINUITY_H

#include "dialects/ein/EinDialect.h"

namespace tlc {

/// What follows `value` and is not continuous in it, in the user's words ("a comparison"); "" if
/// nothing is: outputs move little where the value does.
std::string findDiscontinuity(Value value);

/// How far the elements of `value` are at least from where any comparison that follows changes its
/// mind, given that they are whole numbers. Nothing if no such distance is known.
std::optional<double> marginOfWholeNumbers(Value value);

} // namespace tlc

#endif // TLC_COMPILER_TRANSFORMS_DISCONTINUITY_H
