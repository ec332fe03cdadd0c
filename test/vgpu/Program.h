//===- Program.h - PTX as data --------------------------------------------===//
//
// A module of PTX after parsing: names of registers, variables and labels are numbers.
//
//   .visible .entry saxpy(.param .u64 y, .param .f32 a) { .reg .f32 %f<3>; ... }
//
// is a Kernel with two parameters, three registers and a list of instructions.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_TEST_VGPU_PROGRAM_H
#define TLC_TEST_VGPU_PROGRAM_H

#include <array>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace vgpu {

/// A text that is not PTX, or not the PTX that is understood here.
struct ParseError : std::runtime_error {
  ParseError(int line, const std::string &message)
      : std::runtime_error("line " + std::to_string(line) + ": " + message) {}
};

enum class Space : uint8_t { Generic, Global, Shared, Local, Param, Constant };

struct Operand {
  enum class Kind : uint8_t { Register, Immediate, Address, Vector, Label, Sink, Symbol };
  Kind kind = Kind::Sink;
  /// A predicate with `!`.
  bool negated = false;
  /// An immediate that was written as a decimal fraction, of type f64.
  bool isDecimal = false;
  /// The register, or the base of an address; -1: none.
  int reg = -1;
  /// The second register of `p|q`; -1: none.
  int second = -1;
  /// The immediate, the displacement of an address, or the number of a label's instruction.
  uint64_t value = 0;
  /// A symbol (also as the base of an address) or label until it is resolved.
  std::string name;
  /// Elements of {a, b}; the coordinates of an address [p, {x, y}].
  std::vector<Operand> elements;
};

class Warp;
struct Instruction;
using Handler = void (*)(Warp &warp, const Instruction &instruction, uint32_t lanes);

struct Instruction {
  /// "ld", "global", "f32" for ld.global.f32.
  std::vector<std::string> words;
  std::vector<Operand> operands;
  /// The guard @p or @!p; -1: none.
  int guard = -1;
  bool guardNegated = false;
  int line = 0;

  // What the decoder adds.
  Handler handler = nullptr;
  /// May move lanes elsewhere or have them wait: the warp looks anew who is where.
  bool isControl = false;
  Space space = Space::Generic;
  /// Bytes of one element and the number of elements of a load or store; free for other families.
  uint8_t bytes = 0, count = 1;
  /// Free for each family.
  int mode = 0;

  std::string text() const;
};

/// A variable in memory.
struct Variable {
  std::string name;
  Space space = Space::Global;
  uint64_t bytes = 0, alignment = 1;
  bool isExternal = false;
  std::vector<uint8_t> initial;
  /// Where it is, in its space.
  uint64_t address = 0;
};

/// A special register that a kernel reads, such as %tid.x.
struct SpecialRegister {
  std::string name;
  int reg;
};

struct Kernel {
  std::string name;
  std::vector<Variable> parameters;
  uint64_t parameterBytes = 0;
  std::vector<Instruction> code;
  int registers = 0;
  std::vector<SpecialRegister> specials;
  /// Variables in shared and local memory, and where those of dynamic size start.
  std::vector<Variable> variables;
  uint64_t sharedBytes = 0, localBytes = 0;
  /// .maxntid, .reqntid: 0 if not said.
  std::array<uint32_t, 3> maxThreads{}, requiredThreads{};
  /// .reqnctapercluster: 0 if not said.
  uint32_t requiredCluster = 0;
  /// Something beside the threads reads shared memory.
  bool usesAsyncProxy = false;
  int line = 0;
};

struct Module {
  std::string target;
  std::vector<Variable> globals;
  std::map<std::string, Kernel> kernels;
};

/// The address in the shared space of the first variable: not 0, which is no address.
constexpr uint64_t kSharedBase = 1024;
constexpr uint64_t kLocalBase = 256;

/// Parses a module. Throws ParseError.
Module parse(const std::string &text);
/// Finds the handler of every instruction. Throws ParseError.
void decode(Kernel &kernel);

} // namespace vgpu

#endif // TLC_TEST_VGPU_PROGRAM_H
