//===- Attention.cpp - softmax(Q K) V -------------------------------------===//
//
// The scores of 8 heads and 2048 x 2048 positions would be 128 MB. How much memory a call takes
// beyond its operands and result is measured too.
//
//===----------------------------------------------------------------------===//

#include "bench/Groups.h"
#include "bench/Tlc.h"

#include <fmt/format.h>

#include <fstream>

namespace tlc::bench {
namespace {

/// In bytes, from the kernel: "VmRSS" is resident now, "VmHWM" the most there ever was.
double residentBytes(const std::string &key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind(key + ":", 0) == 0)
      return 1024 * std::stod(line.substr(key.size() + 1));
  return 0;
}

/// What a call takes at its peak beyond what there is before it.
double extraBytes(const std::function<void()> &call) {
  std::ofstream("/proc/self/clear_refs") << "5"; // forgets the highest mark
  double before = residentBytes("VmRSS");
  call();
  return residentBytes("VmHWM") - before;
}

void measureAttention(Session &session, Peers &peers, int64_t heads, int64_t positions,
                      int64_t width, int threads) {
  std::string size = fmt::format("{}x{}x{}", heads, positions, width);
  Case what{"attention", "softmax(Q K / 8) V",
            "f32",       size,
            threads,     4.0 * double(heads * positions * positions * width)};
  if (!session.wants(what))
    return;
  std::string program = fmt::format(
      "input Q[h, q, d]\ninput K[h, k, d]\ninput V[h, k, d]\n"
      "domain h = {}; domain q = {}; domain k = {}; domain d = {}\n"
      "S[h, q, k.] = softmax(Q[h, q, d] K[h, k, d] / 8)\nZ[h, q, d] = S[h, q, k] V[h, k, d]\n"
      "output Z\n",
      heads, positions, positions, width);
  std::vector<int64_t> shape = {heads, positions, width};
  std::vector<Buffer> buffers;
  std::vector<View> views;
  for (int i = 0; i < 4; ++i) {
    buffers.emplace_back(size_t(4 * heads * positions * width));
    buffers.back().randomize<float>(uint32_t(i));
    views.push_back(View::of(buffers.back().data<float>(), shape));
  }
  what.result = buffers[3].raw();
  what.resultBytes = buffers[3].bytes();
  what.tolerance = 1e-5;
  auto ours = programContender(session, program, {views[0], views[1], views[2]}, views[3], threads);
  if (!ours)
    return;
  session.figure("attention " + size + ", memory beyond operands and result",
                 1e-6 * extraBytes(ours->call), "MB");
  std::vector<Contender> contenders{*ours};
  if (peers.torch)
    contenders.push_back(peers.torch.contender(
        "F.scaled_dot_product_attention(Q[None], K[None], V[None], scale=0.125)[0]", threads,
        {{"Q", views[0]}, {"K", views[1]}, {"V", views[2]}}, views[3]));
  session.measure(what, contenders);
}

} // namespace

void benchAttention(Session &session, Peers &peers) {
  for (int threads : {1, 2})
    measureAttention(session, peers, 8, session.settings.quick ? 512 : 2048, 64, threads);
}

} // namespace tlc::bench
