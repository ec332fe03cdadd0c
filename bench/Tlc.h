//===- Tlc.h - tlc as a contender -----------------------------------------===//

#ifndef TLC_BENCH_TLC_H
#define TLC_BENCH_TLC_H

#include "bench/Measure.h"

#include <optional>

namespace tlc::bench {

inline DType dtypeOf(const std::string &type) { return type == "f64" ? DType::F64 : DType::F32; }

/// The einsum, compiled by the JIT and called through the public API; nothing, with the error
/// reported, if it does not compile.
std::optional<Contender> einsumContender(Session &session, const std::string &equation,
                                         const std::vector<View> &inputs, const View &result,
                                         int threads, Semiring semiring = Semiring::SumProduct);

/// The program, compiled ahead of time for this processor and opened as a library: so its result,
/// as an einsum's, goes into the caller's memory. (A `Program` allocates what it computes.)
/// `inputs` and the one output are in the program's order.
std::optional<Contender> programContender(Session &session, const std::string &program,
                                          const std::vector<View> &inputs, const View &result,
                                          int threads);

} // namespace tlc::bench

#endif // TLC_BENCH_TLC_H
