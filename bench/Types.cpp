//===- Types.cpp - products of other numbers and in other semirings -------===//
//
// The question is what a type gains beside f32, so that each case has the same product of f32 by
// tlc as a contender, in the same run:
//
//   bf16, f16      as NumPy has them: the result has the operands' type
//   i8             sums of i8 as i32
//   c64            four multiply-adds for one
//   min_plus, ...  on f32; or_and on Booleans
//
// Rates count two operations for each product that is summed, whatever it takes.
//
//===----------------------------------------------------------------------===//

#include "bench/Groups.h"
#include "bench/Tlc.h"
#include "compiler/support/DType.h"

#include <fmt/format.h>

#include <cstring>
#include <random>

namespace tlc::bench {
namespace {

/// One kind of product.
struct Kind {
  std::string name; ///< of the case's type
  DType operand;
  DType result;
  Semiring semiring = Semiring::SumProduct;
  /// Of f32's multiply-adds, how many take as long as one here where all goes well.
  double speed = 1;
  /// PyTorch's expression, or "".
  std::string torch;
  /// How far results of other orders of summation may be apart, for each term.
  double tolerance = 0;
};

const Kind kinds[] = {
    {"bf16", DType::BF16, DType::BF16, Semiring::SumProduct, 2, "torch.matmul(a, b, out=out)",
     4e-3},
    {"f16", DType::F16, DType::F16, Semiring::SumProduct, 1, "torch.matmul(a, b, out=out)", 5e-4},
    {"i8", DType::I8, DType::I32, Semiring::SumProduct, 4, "torch._int_mm(a, b)"},
    {"c64", DType::C64, DType::C64, Semiring::SumProduct, 0.25, "torch.matmul(a, b, out=out)",
     1e-6},
    {"min_plus", DType::F32, DType::F32, Semiring::MinPlus},
    {"max_plus", DType::F32, DType::F32, Semiring::MaxPlus},
    {"max_times", DType::F32, DType::F32, Semiring::MaxTimes},
    {"log_sum_exp", DType::F32, DType::F32, Semiring::LogSumExp},
    {"or_and", DType::Bool, DType::Bool, Semiring::OrAnd, 32},
};

/// Numbers that every type can hold: bf16 has eight bits of them.
void fill(const Buffer &buffer, DType type, unsigned seed) {
  std::mt19937 numbers(seed);
  auto each = [&](auto *elements, auto make) {
    for (size_t i = 0; i < buffer.bytes() / sizeof(*elements); ++i)
      elements[i] = make();
  };
  auto small = [&] { return float(int(numbers() % 129) - 64) / 64; };
  auto upperHalf = [&] {
    float value = small();
    uint32_t bits;
    std::memcpy(&bits, &value, 4);
    return uint16_t(bits >> 16);
  };
  switch (type) {
  case DType::BF16:
    return each(buffer.data<uint16_t>(), upperHalf);
  case DType::F16: // 2^-7 ... 2^-1
    return each(buffer.data<uint16_t>(),
                [&] { return uint16_t((numbers() & 0x8000) | (8 << 10) | (numbers() & 0x1bff)); });
  case DType::I8:
    return each(buffer.data<int8_t>(), [&] { return int8_t(numbers()); });
  case DType::Bool:
    return each(buffer.data<uint8_t>(), [&] { return uint8_t(numbers() % 1024 == 0); });
  default:
    return each(buffer.data<float>(), small);
  }
}

std::optional<Contender> ours(Session &session, const Kind &kind, const std::vector<View> &inputs,
                              const View &result, int threads) {
  if (kind.operand == kind.result)
    return einsumContender(session, "ij,jk->ik", inputs, result, threads, kind.semiring);
  int64_t n = result.shape[0];
  return programContender(session,
                          fmt::format("domain i = {0}; domain j = {0}; domain k = {0}\n"
                                      "input A[i, j] : i8\ninput B[j, k] : i8\noutput C\n"
                                      "C[i, k] : i32 = A[i, j] B[j, k]\n",
                                      n),
                          inputs, result, threads);
}

void measure(Session &session, Peers &peers, const Kind &kind, int64_t n, int threads) {
  Case what{"types", "ij,jk->ik", kind.name, std::to_string(n), threads, 2.0 * double(n) * n * n};
  if (!session.wants(what))
    return;
  size_t elements = size_t(n) * n;
  Buffer a(elements * byteSize(kind.operand)), b(elements * byteSize(kind.operand));
  Buffer c(elements * byteSize(kind.result));
  fill(a, kind.operand, 1);
  fill(b, kind.operand, 2);
  std::vector<View> inputs = {View::contiguous(a.raw(), kind.operand, {n, n}),
                              View::contiguous(b.raw(), kind.operand, {n, n})};
  View result = View::contiguous(c.raw(), kind.result, {n, n});
  what.result = c.raw();
  what.resultBytes = c.bytes();
  what.resultType = kind.result;
  what.tolerance = kind.tolerance * double(n);
  what.speed = kind.speed;
  auto first = ours(session, kind, inputs, result, threads);
  Buffer x(elements * 4), y(elements * 4), z(elements * 4);
  x.randomize<float>(1);
  y.randomize<float>(2);
  auto single = einsumContender(session, "ij,jk->ik",
                                {View::contiguous(x.raw(), DType::F32, {n, n}),
                                 View::contiguous(y.raw(), DType::F32, {n, n})},
                                View::contiguous(z.raw(), DType::F32, {n, n}), threads);
  if (!first || !single)
    return;
  single->name = "tlc f32";
  single->isOther = true;
  std::vector<Contender> contenders{*first, *single};
  if (peers.torch && !kind.torch.empty())
    contenders.push_back(
        peers.torch.contender(kind.torch, threads, {{"a", inputs[0]}, {"b", inputs[1]}}, result));
  session.measure(what, contenders);
}

} // namespace

void benchTypes(Session &session, Peers &peers) {
  std::vector<int64_t> sizes = {1024, 2048};
  if (session.settings.quick && session.settings.filters.empty())
    sizes = {1024};
  for (int threads : {1, 2})
    for (const Kind &kind : kinds)
      for (int64_t n : sizes)
        measure(session, peers, kind, n, threads);
}

} // namespace tlc::bench
