//===- Streaming.cpp - what the memory's speed limits ---------------------===//
//
// Operations on a matrix of 256 MB that compute little: their limit is the time in which the bytes
// that must move, each operand and the result once, pass between the core and memory.
//
//===----------------------------------------------------------------------===//

#include "bench/Groups.h"
#include "bench/Tlc.h"

#include <fmt/format.h>

#include <optional>

namespace tlc::bench {
namespace {

struct Operation {
  const char *name;
  const char *inputs;   ///< which of X[i, j], Y[i, j] and v[j] it reads
  const char *equation; ///< defines Z
  const char *torch;
  std::vector<int64_t> (*shape)(int64_t rows, int64_t columns); ///< of Z
  double terms; ///< summed for one element, as a power of the extents
};

std::vector<int64_t> whole(int64_t rows, int64_t columns) { return {rows, columns}; }
std::vector<int64_t> turned(int64_t rows, int64_t columns) { return {columns, rows}; }
std::vector<int64_t> ofRows(int64_t rows, int64_t) { return {rows}; }
std::vector<int64_t> ofColumns(int64_t, int64_t columns) { return {columns}; }
std::vector<int64_t> scalar(int64_t, int64_t) { return {}; }

const Operation operations[] = {
    {"a x + y", "XY", "Z[i, j] = 2.5 X[i, j] + Y[i, j]", "torch.add(Y, X, alpha=2.5, out=out)",
     whole, 0},
    {"chain: relu((x + v) y) - x", "XYv", "Z[i, j] = relu((X[i, j] + v[j]) * Y[i, j]) - X[i, j]",
     "torch.sub(torch.relu((X + v) * Y), X, out=out)", whole, 0},
    {"chain: sigmoid(2 x)", "X", "Z[i, j] = sig(2 X[i, j])", "torch.sigmoid(2 * X, out=out)", whole,
     0},
    {"sum of all", "X", "Z = X[i, j]", "X.sum()", scalar, 2},
    {"sum of rows", "X", "Z[i] = X[i, j]", "torch.sum(X, 1, out=out)", ofRows, 1},
    {"sum of columns", "X", "Z[j] = X[i, j]", "torch.sum(X, 0, out=out)", ofColumns, 1},
    {"transpose", "X", "Z[j, i] = X[i, j]", "out.copy_(X.T)", turned, 0},
    {"softmax of rows", "X", "Z[i, j.] = softmax(X[i, j])", "torch.softmax(X, 1, out=out)", whole,
     0},
};

std::string programOf(const Operation &operation) {
  std::string program;
  for (char input : std::string(operation.inputs))
    program += fmt::format("input {}[{}]\n", input, input == 'v' ? "j" : "i, j");
  return program + "domain i = ROWS; domain j = COLUMNS\n" + operation.equation + "\noutput Z\n";
}

void replace(std::string &text, const std::string &from, int64_t to) {
  for (size_t at; (at = text.find(from)) != std::string::npos;)
    text.replace(at, from.size(), std::to_string(to));
}

void measureOperation(Session &session, Peers &peers, const Operation &operation) {
  int64_t rows = 8192, columns = 8192;
  size_t count = size_t(rows * columns), bytes = 4 * count;
  Case what{"memory", operation.name, "f32", fmt::format("{}x{}", rows, columns)};
  std::vector<int64_t> shape = operation.shape(rows, columns);
  what.resultBytes = 4;
  for (int64_t extent : shape)
    what.resultBytes *= size_t(extent);
  what.writtenBytes = double(what.resultBytes);
  if (!session.wants(what))
    return;
  std::vector<Buffer> buffers;
  std::vector<View> inputs;
  std::vector<Torch::Operand> operands;
  for (char input : std::string(operation.inputs)) {
    buffers.emplace_back(input == 'v' ? 4 * size_t(columns) : bytes);
    buffers.back().randomize<float>(uint32_t(input));
    what.readBytes += double(buffers.back().bytes());
    inputs.push_back(View::of(buffers.back().data<float>(),
                              input == 'v' ? std::vector{columns} : std::vector{rows, columns}));
    operands.push_back({std::string(1, input), inputs.back()});
  }
  Buffer result(what.resultBytes);
  View output = View::of(result.data<float>(), shape);
  what.result = result.raw();
  // Sums of a column are made one after the other: they lose more than sums of products do.
  what.tolerance =
      operation.terms ? sumTolerance("f32", operation.terms > 1 ? count : 10.0 * rows) : 1e-5;
  std::string program = programOf(operation);
  replace(program, "ROWS", rows);
  replace(program, "COLUMNS", columns);
  auto ours = programContender(session, program, inputs, output, 1);
  if (!ours)
    return;
  std::vector<Contender> contenders{*ours};
  if (peers.torch)
    contenders.push_back(peers.torch.contender(operation.torch, 1, operands, output));
  session.measure(what, contenders);
}

} // namespace

void benchMemory(Session &session, Peers &peers) {
  for (const Operation &operation : operations)
    measureOperation(session, peers, operation);
}

} // namespace tlc::bench
