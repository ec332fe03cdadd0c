//===- tlc.h - compile and run tensor programs from C++ -------------------===//
//
// Einsums and tensor logic, compiled to machine code while the program runs:
//
//   std::vector<float> a(8 * 16), b(16 * 4);
//   auto c = tlc::einsum("ij,jk->ik", {tlc::View::of(a.data(), {8, 16}),
//                                      tlc::View::of(b.data(), {16, 4})});
//   if (!c)
//     return c.error().exitCode();
//   const float *result = c->data<float>(); // 8 x 4, row-major
//
// Plain C++17 with or without exceptions and RTTI; nothing here throws, and no type of
// LLVM or MLIR appears. Errors are `Expected`s that carry the rendered diagnostics.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_TLC_H
#define TLC_TLC_H

#include "tlc/expected.h"
#include "tlc/types.h"

#include <complex>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#if defined(__GNUC__)
#define TLC_EXPORT __attribute__((visibility("default")))
#else
#define TLC_EXPORT
#endif

namespace tlc {

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

/// The element type of a C++ type: `typeOf<float>` is DType::F32.
template <typename T> inline constexpr DType typeOf = DType::F32;
template <> inline constexpr DType typeOf<bool> = DType::Bool;
template <> inline constexpr DType typeOf<int8_t> = DType::I8;
template <> inline constexpr DType typeOf<int32_t> = DType::I32;
template <> inline constexpr DType typeOf<int64_t> = DType::I64;
template <> inline constexpr DType typeOf<double> = DType::F64;
template <> inline constexpr DType typeOf<std::complex<float>> = DType::C64;
template <> inline constexpr DType typeOf<std::complex<double>> = DType::C128;

/// The caller's memory, seen as a tensor. Strides count elements, in any order, and may be zero or
/// negative; `data` is the element at position 0. The memory must outlive the calls that use it.
struct View {
  void *data = nullptr;
  DType type = DType::F32;
  std::vector<int64_t> shape;
  std::vector<int64_t> strides;

  /// A row-major tensor.
  template <typename T> static View of(T *data, std::vector<int64_t> shape) {
    return contiguous(const_cast<std::remove_const_t<T> *>(data), typeOf<std::remove_const_t<T>>,
                      std::move(shape));
  }
  /// A strided tensor.
  template <typename T>
  static View of(T *data, std::vector<int64_t> shape, std::vector<int64_t> strides) {
    return {const_cast<std::remove_const_t<T> *>(data), typeOf<std::remove_const_t<T>>,
            std::move(shape), std::move(strides)};
  }
  TLC_EXPORT static View contiguous(void *data, DType type, std::vector<int64_t> shape);
};

/// A row-major tensor that owns its memory; copies share it. Where it is on a GPU (toGpu), `raw`
/// and `data` are addresses there, and whatever needs the elements here copies them first.
class TLC_EXPORT Tensor {
public:
  Tensor() = default;
  /// Of zeros. Fails with ErrorKind::Resource if there is no memory.
  static Expected<Tensor> zeros(DType type, std::vector<int64_t> shape);
  /// Reads .npy, .npz (`file.npz#name`), .csv or .tsv. Fails with ErrorKind::Data.
  static Expected<Tensor> read(const std::string &path);
  /// "2.5", "[1, 2]", "[[true], [false]]": of i64, bool or, if any number has a point, f64.
  static Expected<Tensor> parse(const std::string &text);
  /// With the elements converted as NumPy's "same kind" rule allows (f64 to f32, not f32 to i32);
  /// shares memory if nothing changes.
  Expected<Tensor> cast(DType type) const;
  /// A copy in the memory of GPU number `device`; -1 is TLRT_GPU_DEVICE of the environment, or 0.
  /// Functions for Target::Gpu read and write such tensors where they are. Fails with
  /// ErrorKind::Data if there is no such GPU, with ErrorKind::Resource if it has no memory.
  Expected<Tensor> toGpu(int device = -1) const;
  /// A copy in this process's memory; shares it if it is there.
  Expected<Tensor> toHost() const;
  bool isOnGpu() const { return onGpu; }
  /// Writes the same formats: to a temporary file that then takes the place of `path`.
  Expected<void> write(const std::string &path) const;

  DType type() const { return elementType; }
  const std::vector<int64_t> &shape() const { return extents; }
  /// Number of elements.
  int64_t size() const;
  void *raw() const { return memory.get(); }
  template <typename T> T *data() const { return static_cast<T *>(memory.get()); }
  View view() const { return View::contiguous(memory.get(), elementType, extents); }
  /// The elements as NumPy prints them, shortened past `threshold` elements.
  std::string str(int64_t threshold = 1000) const;
  /// {"type": "f32", "shape": [2], "values": [1.0, 2.0]}, the values nested as in NumPy's tolist.
  std::string json() const;

private:
  friend class TensorAccess;
  std::shared_ptr<void> memory;
  DType elementType = DType::F32;
  std::vector<int64_t> extents;
  bool onGpu = false;
  int gpu = -1;
};

//===----------------------------------------------------------------------===//
// Options and plans
//===----------------------------------------------------------------------===//

/// What an order of contractions is good at.
enum class PlanObjective {
  Flops,
  Size,   ///< the largest intermediate
  Write,  ///< the sum of the sizes of all results
  Seconds ///< predicted for this machine (see `tune`)
};

/// How the planner looks for an order.
struct PlanOptions {
  PlanObjective objective = PlanObjective::Seconds;
  /// Processor time for a network too large for an exact order. What counts is work, on a scale
  /// that is the same everywhere: the same seconds and seed give the same plan.
  double seconds = 0.1;
  uint64_t seed = 1;
  /// Searches at the same time, each for so long.
  int threads = 1;
  /// An order to take instead, as opt_einsum, cotengra or `explain` write it. For a program with
  /// a single contraction of more than two operands.
  std::string path;
  /// Called now and then while orders are looked for, with the part of the work that is done.
  std::function<void(double)> progress;
};

/// What runs the program: machine code, or the naive interpreter that tests compare with.
enum class Target { Cpu, Gpu, Reference };

struct Options {
  Target target = Target::Cpu;
  /// CPU to generate code for, as LLVM names it; "" is this machine's, "baseline" any of its kind.
  /// `emit` takes several, divided by commas: the code chooses when it is first called.
  std::string cpu;
  /// GPU to generate code for, such as "sm_90a", with Target::Gpu. "" is the GPU that is there
  /// where code is called at once, else sm_80, which later ones run, too.
  std::string gpuArch;
  /// Number of the GPU to run on; -1 is TLRT_GPU_DEVICE of the environment, or 0.
  int gpuDevice = -1;
  /// Threads that a call may use; 0 is one for each core.
  int threads = 1;
  /// Element type of numeric tensors that declare none.
  DType type = DType::F32;
  /// Semiring of an einsum [S1].
  Semiring semiring = Semiring::SumProduct;
  /// Lets the compiler reorder floating-point arithmetic beyond the order of sums.
  bool fastMath = false;
  /// On GPUs, lets products of f32 be rounded to 10 bits of mantissa (tf32) before they are summed.
  bool allowTf32 = false;
  /// Relative error, in the Frobenius norm, that each tensor read from a file and each literal may
  /// have where its factors make the program faster; 0: only those that say `lowrank` [K1].
  double lowRank = 0;
  /// Bytes that may be alive at once: operands, results and what lies between; 0 is 80 % of what is
  /// free. Contractions are sliced to stay below. Where that is not enough, ErrorKind::Resource,
  /// before anything is allocated.
  uint64_t memoryLimit = 0;
  PlanOptions plan;
  /// Keep machine code in $XDG_CACHE_HOME/tlc or ~/.cache/tlc, and look there before compiling.
  bool diskCache = true;
  /// ANSI colours in the diagnostics of errors.
  bool colour = false;
};

/// Type and extents of a tensor; -1 is an extent known only when called.
struct TensorType {
  DType type = DType::F32;
  std::vector<int64_t> shape;
};

/// A named tensor of a program.
struct Parameter {
  std::string name;
  TensorType type;
};

/// One pairwise contraction of a plan.
struct PlanStep {
  int lhs = 0; ///< operands: 0 .. n-1; the result of step k is n + k
  int rhs = 0;
  std::string equation; ///< "ij,jk->ik"
  double flops = 0;
  double resultSize = 0; ///< elements
  double liveBytes = 0;
  double seconds = 0; ///< predicted
};

/// The contraction order of one equation, and what it costs.
struct Plan {
  std::string equation;
  std::vector<PlanStep> steps;
  double flops = 0;
  double muls = 0;
  double largest = 0;   ///< elements of the largest intermediate
  double peakBytes = 0; ///< operands, result and live intermediates
  double seconds = 0;   ///< predicted
  bool optimal = false; ///< exact for the objective
  double slices = 1;    ///< turns of the loop around it that keeps it within the limit of memory
};

//===----------------------------------------------------------------------===//
// Einsums
//===----------------------------------------------------------------------===//

/// Machine code for one equation. Cheap to copy; may be called from several threads at once.
class TLC_EXPORT Function {
public:
  /// Writes into memory of the caller, which must not overlap the inputs. With Target::Gpu any of
  /// it may be the GPU's (Tensor::toGpu, or cudaMalloc). Fails with ErrorKind::Data where a type,
  /// rank or extent does not fit.
  Expected<void> call(const std::vector<View> &inputs, const std::vector<View> &outputs) const;
  /// Allocates the results: on the GPU if all inputs are there.
  Expected<std::vector<Tensor>> operator()(const std::vector<View> &inputs) const;

  const std::vector<Parameter> &inputs() const;
  const std::vector<Parameter> &outputs() const;
  const std::vector<Plan> &plans() const;
  /// Processor seconds that it took to compile the function, or to load it from the cache
  /// directory.
  double compileSeconds() const;
  /// The most bytes that a call had allocated at once.
  uint64_t peakBytes() const;

  struct Impl;

private:
  friend class FunctionAccess;
  std::shared_ptr<const Impl> impl;
};

/// Compiles an equation in NumPy's notation, for operands of these types. Equal calls give the
/// function that is already in memory.
TLC_EXPORT Expected<Function> compileEinsum(std::string_view equation,
                                            const std::vector<TensorType> &operands,
                                            const Options &options = {});

/// Compiles (once) and calls.
TLC_EXPORT Expected<Tensor> einsum(std::string_view equation, const std::vector<View> &operands,
                                   const Options &options = {});

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

/// A tensor logic program: compiled once, run with different inputs.
///
///   auto p = tlc::Program::compile("input X[i]\n Y[i] = relu(2 X[i])\n output Y");
///   p->set("X", tlc::View::of(x.data(), {100}));
///   p->run();
///   tlc::Tensor y = *p->get("Y");
///
/// One thread at a time may use one Program.
class TLC_EXPORT Program {
public:
  /// `name` stands in messages for the file's name; files are found relative to `directory`.
  /// `bound` fixes types and extents of inputs ahead of the first call.
  static Expected<Program> compile(std::string_view text, const Options &options = {},
                                   const std::string &name = "<program>",
                                   const std::string &directory = ".",
                                   const std::map<std::string, TensorType> &bound = {});
  static Expected<Program> compileFile(const std::string &path, const Options &options = {},
                                       const std::map<std::string, TensorType> &bound = {});

  /// Binds an input or a param, or replaces what is read from a file. The memory is copied only to
  /// convert it to the tensor's type (see Tensor::cast).
  Expected<void> set(const std::string &name, const View &value);
  /// Reads files, makes params, calls the machine code, writes files.
  Expected<void> run();
  /// A result of the last run, by name.
  Expected<Tensor> get(const std::string &name) const;
  /// The answers of the program's queries after a run [Q1], as text or as JSON.
  std::string answers(bool json = false) const;

  std::vector<Parameter> inputs() const;
  std::vector<Parameter> outputs() const;
  const std::vector<Plan> &plans() const;
  /// Warnings, rendered; "" if there are none.
  const std::string &warnings() const;
  double compileSeconds() const;

  struct Impl;

private:
  std::shared_ptr<Impl> impl;
};

//===----------------------------------------------------------------------===//
// Ahead of time
//===----------------------------------------------------------------------===//

/// What `emit` makes of a program.
enum class EmitKind {
  Ast,
  Tl,
  Ein,
  Ptx,   ///< the kernels for a GPU
  Cubin, ///< the same, assembled by CUDA's ptxas
  Llvm,
  Assembly,
  Object,
  Library,
  Executable,
  Header
};

/// A program's text with the names it goes by, or an einsum with its operands.
struct Source {
  std::string text;
  std::string name = "<program>";
  std::string directory = ".";
  bool isEinsum = false;
  /// Of an einsum; without them all extents are known when called, elements are `operandType`s.
  std::vector<TensorType> operands;
  DType operandType = DType::F32;
  /// Name of the function in the object and of the header's guard.
  std::string functionName = "tlc_main";
};

/// The text or bytes of one form of the program.
TLC_EXPORT Expected<std::string> emit(const Source &source, EmitKind kind,
                                      const Options &options = {});

/// Reports every error of a program; its warnings, rendered, if there is none.
TLC_EXPORT Expected<std::string> check(const Source &source, const Options &options = {});

enum class ExplainFormat { Text, Json, Dot, Svg };

/// Where each sum was put, the contraction tree with its costs, as SQL's EXPLAIN.
TLC_EXPORT Expected<std::string> explain(const Source &source, ExplainFormat format,
                                         const Options &options = {});
/// The same for a network in JSON: {"inputs": [[0,1],..], "output": [..], "sizes": {"0": 4}}.
TLC_EXPORT Expected<std::string> explainNetwork(std::string_view json, ExplainFormat format,
                                                const Options &options = {});

/// Writes to a temporary file beside `path` that then takes its place.
TLC_EXPORT Expected<void> writeFile(const std::string &path, std::string_view contents,
                                    bool executable = false);
/// Makes SIGINT and SIGTERM remove unfinished files and end the process with 128 + signal.
TLC_EXPORT void handleSignals();

/// Measures contractions on one core of this machine, for some seconds, and keeps what they say
/// about it in the user's cache directory, where plans by seconds find it. Gives a report.
TLC_EXPORT Expected<std::string> tune();

/// Giga floating-point operations a second that one core reaches with fused multiply-adds.
TLC_EXPORT double measuredFmaPeak(DType type);

/// "0.1.0".
TLC_EXPORT std::string version();

} // namespace tlc

#endif // TLC_TLC_H
