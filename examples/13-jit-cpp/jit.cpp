//===- jit.cpp - tensor programs inside a C++ program ---------------------===//
//
// Compiles an einsum and a small network while it runs, and calls both on its own memory.
//
//===----------------------------------------------------------------------===//

#include "tlc/tlc.h"

#include <cstdio>
#include <vector>

/// A failed call ends the program with its message.
static int fail(const tlc::Error &error) {
  std::fputs(error.message().c_str(), stderr);
  return error.exitCode();
}

/// An einsum, compiled once, on strided views: rows of every other vector, matrix transposed.
static int runEinsum() {
  std::vector<float> vectors = {1, 2, 3, -1, -1, -1, 4, 5, 6}; // 3 x 3, the middle row unused
  std::vector<float> matrix = {1, 0, 2, 0, 1, 1};              // 2 x 3
  float products[4] = {};

  tlc::Expected<tlc::Function> function =
      tlc::compileEinsum("bi,ij->bj", {{tlc::DType::F32, {2, 3}}, {tlc::DType::F32, {3, 2}}});
  if (!function)
    return fail(function.error());
  tlc::Expected<void> done = function->call(
      {tlc::View::of(vectors.data(), {2, 3}, {6, 1}), tlc::View::of(matrix.data(), {3, 2}, {1, 3})},
      {tlc::View::of(products, {2, 2})});
  if (!done)
    return fail(done.error());
  std::printf("products: %g %g %g %g\n", products[0], products[1], products[2], products[3]);
  for (const tlc::Plan &plan : function->plans())
    std::printf("%s takes %g operations\n", plan.equation.c_str(), plan.flops);
  return 0;
}

/// A program with an extent that is known only when it is called: it is compiled once and run
/// with two batches.
static int runProgram() {
  const char *text = R"(
    domain b = ?
    input X[b, i]
    W = [[1, -1], [0, 2], [1, 1]]
    Y[b, o] = relu(X[b, i] W[i, o])
    output Y
  )";
  tlc::Expected<tlc::Program> program = tlc::Program::compile(text);
  if (!program)
    return fail(program.error());
  for (int64_t batch : {1, 2}) {
    std::vector<float> x = {1, 2, 3, -4, -5, -6};
    if (auto set = program->set("X", tlc::View::of(x.data(), {batch, 3})); !set)
      return fail(set.error());
    if (auto run = program->run(); !run)
      return fail(run.error());
    tlc::Expected<tlc::Tensor> y = program->get("Y");
    if (!y)
      return fail(y.error());
    std::printf("batch of %d:\n%s\n", static_cast<int>(batch), y->str().c_str());
  }
  return 0;
}

/// What a wrong program gives: the message, with the place in the text.
static int showError() {
  tlc::Expected<tlc::Program> wrong = tlc::Program::compile("Y[i] = Undefined[i, j]\nY?\n");
  if (wrong)
    return 1;
  std::printf("%s", wrong.error().message().c_str());
  return 0;
}

int main() {
  if (int status = runEinsum())
    return status;
  if (int status = runProgram())
    return status;
  return showError();
}
