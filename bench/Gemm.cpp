//===- Gemm.cpp - products of two matrices --------------------------------===//
//
// Square ones with every transposition, and skinny ones, where one or two extents are small: there
// little is computed with what is read, and a library that packs its operands reads them twice.
//
//===----------------------------------------------------------------------===//

#include "bench/Groups.h"
#include "bench/Tlc.h"

#include <fmt/format.h>

namespace tlc::bench {
namespace {

/// Operands of more bytes come from memory whenever they are read.
constexpr double kBeyondCaches = 48 << 20;

std::string equationOf(const Product &p) {
  return fmt::format("{},{}->ik", p.transposeA ? "ji" : "ij", p.transposeB ? "kj" : "jk");
}

template <typename T>
void addBlas(std::vector<Contender> &contenders, const Blas &blas, const Product &p, const T *a,
             const T *b, T *c, int threads) {
  blas.setThreads(threads);
  if (const auto &multiply = blas.multiply<T>())
    contenders.push_back({blas.name, [=] { multiply(p, a, b, c); }});
  if (const auto &multiply = blas.multiplyVector<T>(); multiply && (p.m == 1 || p.n == 1))
    contenders.push_back({blas.name + " gemv", [=] { multiply(p, a, b, c); }});
}

template <typename T>
void measureProduct(Session &session, Peers &peers, const std::string &group,
                    const std::string &size, const Product &p, int threads) {
  std::string type = sizeof(T) == 4 ? "f32" : "f64";
  double operandBytes = double(sizeof(T)) * double(p.m * p.k + p.k * p.n);
  double resultBytes = double(sizeof(T)) * double(p.m * p.n);
  Case what{group, equationOf(p), type, size, threads, 2.0 * double(p.m) * p.n * p.k};
  if (group == "skinny" && operandBytes > kBeyondCaches)
    what.readBytes = operandBytes, what.writtenBytes = resultBytes;
  if (!session.wants(what))
    return;
  Buffer a(sizeof(T) * p.m * p.k), b(sizeof(T) * p.k * p.n), c(sizeof(T) * p.m * p.n);
  a.randomize<T>(1);
  b.randomize<T>(2);
  View lhs = View::of(a.data<T>(), p.transposeA ? std::vector{p.k, p.m} : std::vector{p.m, p.k});
  View rhs = View::of(b.data<T>(), p.transposeB ? std::vector{p.n, p.k} : std::vector{p.k, p.n});
  View result = View::of(c.data<T>(), {p.m, p.n});
  what.result = c.raw();
  what.resultBytes = c.bytes();
  what.tolerance = sumTolerance(type, p.k);
  auto ours = einsumContender(session, what.name, {lhs, rhs}, result, threads);
  if (!ours)
    return;
  std::vector<Contender> contenders{*ours};
  for (const Blas &blas : peers.blas)
    addBlas(contenders, blas, p, a.data<T>(), b.data<T>(), c.data<T>(), threads);
  if (peers.torch)
    contenders.push_back(
        peers.torch.contender(fmt::format("torch.matmul(a{}, b{}, out=out)",
                                          p.transposeA ? ".T" : "", p.transposeB ? ".T" : ""),
                              threads, {{"a", lhs}, {"b", rhs}}, result));
  session.measure(what, contenders);
}

void measureProducts(Session &session, Peers &peers, const std::string &group,
                     const std::string &size, const Product &p, int threads) {
  measureProduct<float>(session, peers, group, size, p, threads);
  measureProduct<double>(session, peers, group, size, p, threads);
}

} // namespace

void benchGemm(Session &session, Peers &peers) {
  std::vector<int64_t> sizes = {256, 512, 768, 1000, 1024, 1536, 2048, 4096};
  if (session.settings.quick && session.settings.filters.empty())
    sizes = {256, 512, 1000, 1024};
  for (int threads : {1, 2})
    for (int64_t n : sizes)
      for (int transposed = 0; transposed < 4; ++transposed)
        measureProducts(session, peers, "gemm", std::to_string(n),
                        {n, n, n, (transposed & 1) != 0, (transposed & 2) != 0}, threads);
}

void benchSkinny(Session &session, Peers &peers) {
  const Product products[] = {{16, 4096, 1024}, {4096, 16, 16},       {1024, 1024, 16},
                              {4096, 48, 1024}, {1, 4096, 4096},      {1, 4096, 4096, false, true},
                              {4096, 1, 4096},  {4096, 1, 4096, true}};
  for (const Product &p : products)
    measureProducts(session, peers, "skinny", fmt::format("{}x{}x{}", p.m, p.n, p.k), p, 1);
}

} // namespace tlc::bench
