//===- Program.cpp - the main program of an executable --------------------===//
//
//   ./layer X=x.npy Y=y.npy --threads 2
//
// reads the input X, runs, writes the output Y and the program's own output files; outputs
// without a file are printed: relations as rows of symbols, other tensors as rows of
// numbers.
//
//===----------------------------------------------------------------------===//

#include "runtime/include/tlrt/program.h"

#include "runtime/io/Elements.h"
#include "runtime/io/Numbers.h"

#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

namespace tlrt {
namespace {

constexpr int usageError = 2;

/// The file that the arguments give for a tensor, or null.
const char *fileFor(const char *name, int argc, char **argv) {
  size_t length = std::strlen(name);
  for (int i = 1; i < argc; ++i)
    if (!std::strncmp(argv[i], name, length) && argv[i][length] == '=')
      return argv[i] + length + 1;
  return nullptr;
}

bool isParameter(const char *argument, const tlrt_parameter *parameters, int32_t count) {
  for (int32_t i = 0; i < count; ++i) {
    size_t length = std::strlen(parameters[i].name);
    if (!std::strncmp(argument, parameters[i].name, length) && argument[length] == '=')
      return true;
  }
  return false;
}

int printUsage(const tlrt_program &program, const char *name, FILE *to) {
  std::fprintf(to, "usage: %s", name);
  for (int32_t i = 0; i < program.input_count; ++i)
    std::fprintf(to, " %s=FILE", program.inputs[i].name);
  for (int32_t i = 0; i < program.output_count; ++i)
    std::fprintf(to, " [%s=FILE]", program.outputs[i].name);
  std::fprintf(to, " [--threads N]\n");
  return usageError;
}

//===----------------------------------------------------------------------===//
// Printing
//===----------------------------------------------------------------------===//

void printReal(double value, int32_t dtype) {
  char text[kMaxNumber];
  tlrt::printReal(text, value, /*isFloat=*/dtype != TLRT_F64 && dtype != TLRT_C128);
  std::fputs(text, stdout);
}

void printElement(const void *element, int32_t dtype) {
  switch (dtype) {
  case TLRT_BOOL:
    std::fputs(*static_cast<const uint8_t *>(element) ? "true" : "false", stdout);
    break;
  case TLRT_I8:
    std::printf("%d", *static_cast<const int8_t *>(element));
    break;
  case TLRT_I32:
    std::printf("%" PRId32, *static_cast<const int32_t *>(element));
    break;
  case TLRT_I64:
    std::printf("%" PRId64, *static_cast<const int64_t *>(element));
    break;
  case TLRT_F16:
    printReal(tlrt_half_to_float(*static_cast<const uint16_t *>(element)), dtype);
    break;
  case TLRT_BF16:
    printReal(tlrt_bfloat_to_float(*static_cast<const uint16_t *>(element)), dtype);
    break;
  case TLRT_F32:
    printReal(*static_cast<const float *>(element), dtype);
    break;
  case TLRT_F64:
    printReal(*static_cast<const double *>(element), dtype);
    break;
  default:
    for (int part = 0; part < 2; ++part) {
      if (part)
        std::putchar('+');
      printReal(dtype == TLRT_C64 ? static_cast<const float *>(element)[part]
                                  : static_cast<const double *>(element)[part],
                dtype);
    }
    std::putchar('j');
  }
}

int64_t count(const tlrt_view &view) {
  int64_t elements = 1;
  for (int32_t i = 0; i < view.rank; ++i)
    elements *= view.shape[i];
  return elements;
}

/// One row of symbols for each tuple of a relation.
void printRelation(const tlrt_parameter &output, const tlrt_view &view) {
  std::printf("%s\n", output.name);
  int64_t position[TLRT_MAX_RANK] = {};
  ElementWalk walk(view);
  for (int64_t i = 0, n = count(view); i < n; ++i) {
    bool holds = *static_cast<const uint8_t *>(walk.next()) != 0;
    for (int32_t axis = 0; holds && axis < view.rank; ++axis) {
      if (axis)
        std::putchar('\t');
      if (output.symbols[axis])
        std::fputs(output.symbols[axis][position[axis]], stdout);
      else
        std::printf("%" PRId64, position[axis]);
    }
    if (holds)
      std::putchar('\n');
    for (int32_t axis = view.rank; axis-- > 0 && ++position[axis] == view.shape[axis];)
      position[axis] = 0;
  }
}

void printTensor(const tlrt_parameter &output, const tlrt_view &view) {
  if (output.symbols && view.rank > 0)
    return printRelation(output, view);
  std::printf("%s : %s[", output.name, typeName(view.dtype));
  for (int32_t i = 0; i < view.rank; ++i)
    std::printf("%s%" PRId64, i ? ", " : "", view.shape[i]);
  std::printf("]\n");
  int64_t row = view.rank ? view.shape[view.rank - 1] : 1;
  ElementWalk walk(view);
  for (int64_t i = 0, n = count(view); i < n; ++i) {
    printElement(walk.next(), view.dtype);
    std::putchar((i + 1) % row ? '\t' : '\n');
  }
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

void endBySignal(int signal) {
  tlrt_io_cleanup();
  _exit(128 + signal);
}

/// Memory of one run.
struct Run {
  const tlrt_program &program;
  tlrt_context *context;
  tlrt_tensor *inputs;
  tlrt_tensor *outputs;
  tlrt_view *inputViews;
  tlrt_view *outputViews;

  int32_t readInputs(int argc, char **argv) {
    for (int32_t i = 0; i < program.input_count; ++i) {
      const char *path = fileFor(program.inputs[i].name, argc, argv);
      if (!path)
        return tlrt_fail(context, TLRT_ERROR_DATA, "input '%s' has no value; give %s=FILE",
                         program.inputs[i].name, program.inputs[i].name);
      if (int32_t status = tlrt_read(context, path, &inputs[i]))
        return status;
      if (int32_t status = convert(program.inputs[i], inputs[i]))
        return status;
      inputViews[i] = inputs[i].view;
    }
    return TLRT_OK;
  }

  /// Gives a file's tensor the element type of its parameter.
  int32_t convert(const tlrt_parameter &parameter, tlrt_tensor &tensor) {
    if (tensor.view.dtype == parameter.dtype)
      return TLRT_OK;
    char name[256];
    std::snprintf(name, sizeof name, "input '%s'", parameter.name);
    void *elements =
        tlrt_alloc(context, tensor.view.rank, tensor.shape, elementBytes(parameter.dtype));
    if (!elements)
      return TLRT_ERROR_RESOURCE;
    if (int32_t status = tlrt_convert(context, &tensor.view, parameter.dtype, name, elements))
      return status;
    tlrt_release(context, tensor.view.data);
    tensor.view.data = elements;
    tensor.view.dtype = parameter.dtype;
    return TLRT_OK;
  }

  int32_t call() {
    for (int32_t i = 0; i < program.output_count; ++i) {
      resetTensor(outputs[i]);
      outputs[i].view.rank = program.outputs[i].rank;
      outputs[i].view.dtype = program.outputs[i].dtype;
      outputViews[i] = outputs[i].view;
    }
    tlrt_context_clear(context);
    return program.entry(context, inputViews, outputViews);
  }

  /// Writes what has a file and prints the rest.
  int32_t writeOutputs(int argc, char **argv) {
    for (int32_t i = 0; i < program.output_count; ++i) {
      const char *path = fileFor(program.outputs[i].name, argc, argv);
      bool isWritten = path != nullptr;
      if (path)
        if (int32_t status = tlrt_write(context, path, &outputViews[i]))
          return status;
      for (const tlrt_output_file *file = program.files; file->tensor; ++file) {
        if (std::strcmp(file->tensor, program.outputs[i].name))
          continue;
        isWritten = true;
        if (int32_t status = tlrt_write(context, file->path, &outputViews[i]))
          return status;
      }
      if (!isWritten)
        printTensor(program.outputs[i], outputViews[i]);
    }
    return TLRT_OK;
  }

  int32_t all(int argc, char **argv) {
    if (int32_t status = readInputs(argc, argv))
      return status;
    if (int32_t status = call())
      return status;
    return writeOutputs(argc, argv);
  }
};

} // namespace
} // namespace tlrt

using namespace tlrt;

extern "C" int tlrt_main(const tlrt_program *program, int argc, char **argv) {
  int32_t threads = 1;
  for (int i = 1; i < argc; ++i) {
    if (!std::strcmp(argv[i], "--threads") && i + 1 < argc)
      threads = std::atoi(argv[++i]);
    else if (!std::strcmp(argv[i], "--help"))
      return printUsage(*program, argv[0], stdout) * 0;
    else if (!isParameter(argv[i], program->inputs, program->input_count) &&
             !isParameter(argv[i], program->outputs, program->output_count))
      return printUsage(*program, argv[0], stderr);
  }
  std::signal(SIGINT, endBySignal);
  std::signal(SIGTERM, endBySignal);
  tlrt_context *context = tlrt_context_create(threads);
  auto inputCount = static_cast<size_t>(program->input_count);
  auto outputCount = static_cast<size_t>(program->output_count);
  size_t bytes = (inputCount + outputCount) * (sizeof(tlrt_tensor) + sizeof(tlrt_view));
  void *memory = std::calloc(1, bytes + 1);
  if (!context || !memory) {
    std::fprintf(stderr, "error: out of memory\n");
    return TLRT_ERROR_RESOURCE;
  }
  auto *tensors = static_cast<tlrt_tensor *>(memory);
  auto *views = reinterpret_cast<tlrt_view *>(tensors + inputCount + outputCount);
  Run run = {*program, context, tensors, tensors + inputCount, views, views + inputCount};
  int32_t status = run.all(argc, argv);
  if (status)
    std::fprintf(stderr, "error: %s\n", tlrt_context_message(context));
  // The process ends: what it allocated goes with it.
  std::free(memory);
  return status;
}
