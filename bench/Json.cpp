//===- Json.cpp - the results of a run as a file --------------------------===//
//
// {"machine": {"cpu": .., "fma_peak_gflops": {"f32": [one, two]}, "bandwidth_gb_s": {..}},
//  "peers": {"OpenBLAS": ".."},
//  "results": [{"group": "gemm", "type": "f32", "size": "512", "name": "ij,jk->ik", "threads": 1,
//               "flops": .., "limit_seconds": .., "seconds": {"tlc": [median, best]}}],
//  "figures": {"tlc --version": [12.3, "ms"]}}
//
// bench/report.py makes tables and a plot of it.
//
//===----------------------------------------------------------------------===//

#include "bench/Measure.h"

#include <fmt/format.h>

namespace tlc::bench {
namespace {

std::string quoted(const std::string &text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\')
      result += '\\';
    result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return result + '"';
}

std::string machine(const Session &session) {
  const Bandwidths &speed = session.bandwidths;
  const auto &peaks = session.peaks.gflops;
  return fmt::format(
      "{{\"cpu\": {}, \"tlc\": {}, \"quick\": {}, \"load\": {:.2f}, \"fma_peak_gflops\": "
      "{{\"f32\": [{:.2f}, {:.2f}], \"f64\": [{:.2f}, {:.2f}]}}, \"bandwidth_gb_s\": "
      "{{\"read\": {:.2f}, \"write\": {:.2f}, \"copy\": {:.2f}, \"streaming write\": {:.2f}, "
      "\"streaming copy\": {:.2f}}}}}",
      quoted(cpuName()), quoted(version()), session.settings.quick, loadAverage(), peaks[0][0],
      peaks[0][1], peaks[1][0], peaks[1][1], speed.read, speed.write, speed.copy,
      speed.streamingWrite, speed.streamingCopy);
}

std::string object(const Result &result) {
  const Case &what = result.what;
  std::string seconds;
  for (const Timing &timing : result.timings)
    seconds += fmt::format("{}{}: [{:.6g}, {:.6g}]", seconds.empty() ? "" : ", ",
                           quoted(timing.contender), timing.median, timing.best);
  return fmt::format("{{\"group\": {}, \"type\": {}, \"size\": {}, \"name\": {}, \"threads\": {}, "
                     "\"flops\": {:.9g}, \"read_bytes\": {:.9g}, \"written_bytes\": {:.9g}, "
                     "\"limit_seconds\": {:.6g}, \"seconds\": {{{}}}}}",
                     quoted(what.group), quoted(what.type), quoted(what.size), quoted(what.name),
                     what.threads, what.flops, what.readBytes, what.writtenBytes,
                     result.limitSeconds, seconds);
}

} // namespace

void Session::writeJson() const {
  std::string text = "{\"machine\": " + machine(*this) + ",\n \"peers\": {";
  for (const auto &[name, description] : peers)
    text +=
        fmt::format("{}{}: {}", text.back() == '{' ? "" : ", ", quoted(name), quoted(description));
  text += "},\n \"results\": [";
  for (const Result &result : results)
    text += (text.back() == '[' ? "\n  " : ",\n  ") + object(result);
  text += "],\n \"figures\": {";
  for (const Figure &figure : figures)
    text += fmt::format("{}\n  {}: [{:.6g}, {}]", text.back() == '{' ? "" : ",",
                        quoted(figure.what), figure.value, quoted(figure.unit));
  text += "}}\n";
  if (Expected<void> written = writeFile(settings.json, text); !written)
    fmt::print(stderr, "{}\n", written.error().message());
}

} // namespace tlc::bench
