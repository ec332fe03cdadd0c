//===- ArenaPlan.h - tensors of one function in one block of memory -------===//
//
// Where every extent is a constant, it is known ahead of time which tensors are alive together:
//
//   a = f(x)   b = g(a)   c = h(b)      a: 0 .. 400   b: 400 .. 800   c: 0 .. 400
//
// Their places in one block are chosen when the function has been emitted. A device then gives
// memory once a call, at addresses that do not change from call to call.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_ARENAPLAN_H
#define TLC_COMPILER_CODEGEN_CPU_ARENAPLAN_H

#include <cstdint>
#include <vector>

namespace tlc::codegen {

class ArenaPlan {
public:
  /// A tensor of `bytes` that is alive from time `begin` on, and its number.
  unsigned add(int64_t bytes, int64_t begin);
  /// Tensor `number` is dead from time `end` on. One that never ends lives to the end.
  void end(unsigned number, int64_t end);
  bool isEmpty() const { return tensors.empty(); }

  struct Placement {
    std::vector<int64_t> offsets; ///< in bytes, by number; multiples of `alignment`
    int64_t bytes = 0;            ///< of the block
  };
  /// Offsets such that no two tensors that are alive together overlap: the larger tensors first,
  /// each at the lowest place where it fits.
  Placement place(int64_t alignment) const;

private:
  struct Tensor {
    int64_t bytes, begin, end;
  };
  std::vector<Tensor> tensors;
};

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_ARENAPLAN_H
