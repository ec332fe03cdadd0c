//===- Initializers.h - first values of params ----------------------------===//

#ifndef TLC_COMPILER_API_INITIALIZERS_H
#define TLC_COMPILER_API_INITIALIZERS_H

#include "tlc/tlc.h"

#include <string>
#include <vector>

namespace tlc {

/// Fills a tensor as `param W[i,j] = normal(0, 0.02)` says: zeros, ones, eye, normal(mean,
/// deviation), uniform(low, high), glorot. Random numbers depend on the param's name alone, so that
/// a program gives the same results every time.
Expected<Tensor> initialize(const std::string &paramName, DType type,
                            const std::vector<int64_t> &shape, const std::string &initializer,
                            const std::vector<double> &arguments);

} // namespace tlc

#endif // TLC_COMPILER_API_INITIALIZERS_H
