//===- Batched.cpp - many small products ----------------------------------===//
//
// c[b] = a[b] b[b] for matrices of n x n, as one einsum. Once in a batch that stays in the second
// cache, and once from memory, where the bytes count.
//
//===----------------------------------------------------------------------===//

#include "bench/Groups.h"
#include "bench/Tlc.h"

#include <fmt/format.h>

namespace tlc::bench {
namespace {

/// Of the two operands and the result.
constexpr int64_t kInCache = 256 << 10, kFromMemory = 192 << 20;

template <typename T>
void measureBatch(Session &session, Peers &peers, int64_t n, bool fromMemory) {
  std::string type = sizeof(T) == 4 ? "f32" : "f64";
  int64_t matrix = n * n, count = (fromMemory ? kFromMemory : kInCache) / (3 * sizeof(T) * matrix);
  size_t bytes = sizeof(T) * count * matrix;
  Case what{
      "batched", "bij,bjk->bik", type, std::to_string(n), 1, 2.0 * double(count * matrix * n)};
  what.size += fromMemory ? " from memory" : " in cache";
  if (fromMemory)
    what.readBytes = 2.0 * double(bytes), what.writtenBytes = double(bytes);
  if (!session.wants(what))
    return;
  Buffer a(bytes), b(bytes), c(bytes);
  a.randomize<T>(1);
  b.randomize<T>(2);
  what.result = c.raw();
  what.resultBytes = bytes;
  what.tolerance = sumTolerance(type, n);
  View lhs = View::of(a.data<T>(), {count, n, n}), rhs = View::of(b.data<T>(), {count, n, n});
  View result = View::of(c.data<T>(), {count, n, n});
  auto ours = einsumContender(session, what.name, {lhs, rhs}, result, 1);
  if (!ours)
    return;
  std::vector<Contender> contenders{*ours};
  if (auto kernel = peers.xsmm ? peers.xsmm.squareProduct<T>(int(n)) : nullptr)
    contenders.push_back({"libxsmm", [=, x = a.data<T>(), y = b.data<T>(), z = c.data<T>()] {
                            for (int64_t i = 0; i < count * matrix; i += matrix)
                              kernel(y + i, x + i, z + i);
                          }});
  if (peers.torch)
    contenders.push_back(
        peers.torch.contender("torch.bmm(a, b, out=out)", 1, {{"a", lhs}, {"b", rhs}}, result));
  session.measure(what, contenders);
}

} // namespace

void benchBatched(Session &session, Peers &peers) {
  for (bool fromMemory : {false, true})
    for (int64_t n : {2, 3, 4, 8, 12, 16, 24, 32, 48, 64}) {
      measureBatch<float>(session, peers, n, fromMemory);
      measureBatch<double>(session, peers, n, fromMemory);
    }
}

} // namespace tlc::bench
