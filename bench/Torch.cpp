//===- Torch.cpp - PyTorch in a process of its own ------------------------===//

#include "bench/Torch.h"
#include "compiler/support/DType.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tlc::bench {

static const char kProgram[] = TLC_BENCH_SOURCE_DIR "/torch_peer.py";

Torch::Torch(const std::string &python) {
  int down[2], up[2];
  file = memfd_create("tlc-bench", 0);
  if (python.empty() || file < 0 || pipe2(down, O_CLOEXEC) != 0 || pipe2(up, O_CLOEXEC) != 0)
    return;
  process = fork();
  if (process == 0) {
    dup2(down[0], 0);
    dup2(up[1], 1);
    // Large pages for its tensors too, as for the operands here.
    setenv("THP_MEM_ALLOC_ENABLE", "1", 1);
    execl(python.c_str(), python.c_str(), kProgram, std::to_string(file).c_str(), nullptr);
    _exit(127);
  }
  close(down[0]);
  close(up[1]);
  toChild = fdopen(down[1], "w");
  fromChild = fdopen(up[0], "r");
  signal(SIGPIPE, SIG_IGN);
  text = ask("");
  if (text.empty())
    fmt::print(stderr, "tlc-bench: '{}' has no PyTorch; the tables do without\n", python);
}

Torch::~Torch() {
  for (FILE *stream : {toChild, fromChild})
    if (stream)
      std::fclose(stream);
  if (process > 0)
    waitpid(process, nullptr, 0);
  if (file >= 0)
    close(file);
}

std::string Torch::ask(const std::string &line) {
  if (!toChild || !fromChild)
    return "";
  std::fputs((line + "\n").c_str(), toChild);
  std::fflush(toChild);
  char *answer = nullptr;
  size_t capacity = 0;
  ssize_t length = getline(&answer, &capacity, fromChild);
  std::string result(answer ? answer : "", length > 0 ? size_t(length) - 1 : 0);
  std::free(answer);
  return result;
}

double Torch::turn(int repeats) { return std::atof(ask(std::to_string(repeats)).c_str()); }

static int64_t bytesOf(const View &view) {
  int64_t bytes = int64_t(byteSize(view.type));
  for (int64_t extent : view.shape)
    bytes *= extent;
  return bytes;
}

static std::string describe(const View &view) {
  return fmt::format("\"{}\", [{}]", name(view.type), fmt::join(view.shape, ", "));
}

Contender Torch::contender(const std::string &code, int threads,
                           const std::vector<Operand> &operands, const View &result) {
  std::string tensors;
  int64_t offset = 0;
  for (const Operand &operand : operands) {
    tensors += fmt::format("{}\"{}\": [{}]", tensors.empty() ? "" : ", ", operand.name,
                           describe(operand.view));
    for (int64_t done = 0, bytes = bytesOf(operand.view); done < bytes;) {
      ssize_t written = pwrite(file, static_cast<char *>(operand.view.data) + done,
                               size_t(bytes - done), offset + done);
      if (written <= 0)
        break;
      done += written;
    }
    offset += bytesOf(operand.view);
  }
  std::string answer = ask(fmt::format("{{\"threads\": {}, \"tensors\": {{{}}}, \"out\": [{}], "
                                       "\"code\": \"{}\"}}",
                                       threads, tensors, describe(result), code));
  if (answer != "ready")
    fmt::print(stderr, "tlc-bench: PyTorch: '{}': {}\n", code, answer);
  auto fetch = [this, result] {
    ask("fetch");
    for (int64_t done = 0, bytes = bytesOf(result); done < bytes;) {
      ssize_t read =
          pread(file, static_cast<char *>(result.data) + done, size_t(bytes - done), done);
      if (read <= 0)
        break;
      done += read;
    }
    // The memory is given back: operands can be large.
    if (ftruncate(file, 0) != 0)
      std::perror("tlc-bench");
  };
  return {"PyTorch", nullptr, [this](int repeats) { return turn(repeats); }, fetch};
}

} // namespace tlc::bench
