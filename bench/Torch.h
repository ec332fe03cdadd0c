//===- Torch.h - PyTorch in a process of its own --------------------------===//
//
// PyTorch brings its own OpenMP and BLAS, and Python. It runs in a process that gets a tensor
// expression and its operands once, and then computes as often as it is told, so that it takes
// turns with the contenders here:
//
//   -> {"threads": 1, "tensors": {"a": ["f32", [512, 512]], "b": ..}, "out": ["f32", [512, 512]],
//       "code": "torch.matmul(a, b, out=out)"}
//   <- ready
//   -> 3
//   <- 0.00512                  seconds for three times
//   -> fetch
//   <- fetched
//
// Operands and results go through a file in memory that both processes have open.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_BENCH_TORCH_H
#define TLC_BENCH_TORCH_H

#include "bench/Measure.h"

#include <cstdio>
#include <memory>

namespace tlc::bench {

class Torch {
public:
  /// Starts the process; says on the standard error if PyTorch is not there.
  explicit Torch(const std::string &python);
  ~Torch();
  Torch(const Torch &) = delete;
  Torch &operator=(const Torch &) = delete;

  explicit operator bool() const { return !text.empty(); }
  const std::string &description() const { return text; }

  struct Operand {
    std::string name;
    View view; ///< row-major
  };
  /// `code` computes with the operands' names; `out` is a tensor that it may write into. The
  /// contender is good until the next one is made.
  Contender contender(const std::string &code, int threads, const std::vector<Operand> &operands,
                      const View &result);

private:
  std::string ask(const std::string &line);
  double turn(int repeats);

  int file = -1; ///< in memory
  FILE *toChild = nullptr;
  FILE *fromChild = nullptr;
  int process = -1;
  std::string text;
};

} // namespace tlc::bench

#endif // TLC_BENCH_TORCH_H
