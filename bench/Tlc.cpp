//===- Tlc.cpp - tlc as a contender ---------------------------------------===//

#include "bench/Tlc.h"
#include "bench/SharedLibrary.h"
#include "tlrt/tlrt.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <memory>

namespace tlc::bench {
namespace {

/// An error while timing: other times of the run would mean nothing.
void check(const Expected<void> &done) {
  if (done)
    return;
  fmt::print(stderr, "tlc-bench: {}\n", done.error().message());
  std::exit(1);
}

/// An entry of a compiled program with its arguments.
struct Call {
  std::shared_ptr<tlrt_context> context;
  tlrt_entry entry = nullptr;
  std::vector<View> views; ///< the inputs and the result; own the shapes

  void operator()() {
    std::vector<tlrt_view> arguments;
    for (View &view : views)
      arguments.push_back({view.data, view.shape.data(), view.strides.data(),
                           int32_t(view.shape.size()), int32_t(view.type)});
    if (entry(context.get(), arguments.data(), &arguments.back()) != TLRT_OK)
      check(Error(ErrorKind::Resource, tlrt_context_message(context.get())));
  }
};

/// A folder that goes with its files when the variable does.
struct ScratchFolder {
  ScratchFolder() { mkdtemp(path.data()); }
  ~ScratchFolder() { std::filesystem::remove_all(path); }
  std::string path = std::filesystem::temp_directory_path() / "tlc-bench-XXXXXX";
};

} // namespace

std::optional<Contender> einsumContender(Session &session, const std::string &equation,
                                         const std::vector<View> &inputs, const View &result,
                                         int threads, Semiring semiring) {
  std::vector<TensorType> types;
  for (const View &input : inputs)
    types.push_back({input.type, input.shape});
  Options options;
  options.threads = threads;
  options.semiring = semiring;
  Expected<Function> function = compileEinsum(equation, types, options);
  if (!works(session, equation, function))
    return std::nullopt;
  return Contender{"tlc", [function = *function, inputs, outputs = std::vector<View>{result}] {
                     check(function.call(inputs, outputs));
                   }};
}

std::optional<Contender> programContender(Session &session, const std::string &program,
                                          const std::vector<View> &inputs, const View &result,
                                          int threads) {
  Source source;
  source.text = program;
  Options options;
  options.threads = threads;
  Expected<std::string> object = emit(source, EmitKind::Object, options);
  if (!works(session, program, object))
    return std::nullopt;
  ScratchFolder folder;
  std::string stem = folder.path + "/program";
  if (!works(session, program, writeFile(stem + ".o", *object)))
    return std::nullopt;
  if (std::system(fmt::format("cc -shared '{0}.o' -o '{0}.so'", stem).c_str()) != 0) {
    session.fail(program + ": cannot be linked with cc");
    return std::nullopt;
  }
  SharedLibrary library(stem + ".so");
  Call call{{tlrt_context_create(threads), tlrt_context_destroy},
            library.function<tlrt_entry>("tlc_main"),
            inputs};
  if (!call.entry) {
    session.fail(program + ": cannot be opened");
    return std::nullopt;
  }
  call.views.push_back(result);
  return Contender{"tlc", call};
}

} // namespace tlc::bench
