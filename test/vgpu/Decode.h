//===- Decode.h - from opcodes to handlers --------------------------------===//
//
// Each family of instructions has a file of its own with a table:
//
//   static const Opcode opcodes[] = {{"shl", decodeShift}, {"add.float", decodeFloatSum}, ...};
//
// The name is the first word, with ".float" where the last word is a floating-point type, or the
// first two or three with dots between them. A decoder sets the handler, and throws where it does
// not know a word: nothing is ignored that could have a meaning.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_TEST_VGPU_DECODE_H
#define TLC_TEST_VGPU_DECODE_H

#include "test/vgpu/Machine.h"
#include "test/vgpu/Scalar.h"

#include <algorithm>
#include <span>

namespace vgpu {

struct Opcode {
  const char *name;
  void (*decode)(Instruction &instruction);
};

std::span<const Opcode> integerOpcodes();
std::span<const Opcode> bitOpcodes();
std::span<const Opcode> floatOpcodes();
std::span<const Opcode> convertOpcodes();
std::span<const Opcode> compareOpcodes();
std::span<const Opcode> memoryOpcodes();
std::span<const Opcode> atomicOpcodes();
std::span<const Opcode> controlOpcodes();
std::span<const Opcode> warpOpcodes();
std::span<const Opcode> asyncCopyOpcodes();
std::span<const Opcode> matrixOpcodes();
std::span<const Opcode> mbarrierOpcodes();
std::span<const Opcode> bulkOpcodes();
std::span<const Opcode> clusterOpcodes();
std::span<const Opcode> wgmmaOpcodes();

/// The words of an opcode after the first, taken one by one.
class Words {
public:
  explicit Words(const Instruction &instruction)
      : instruction(instruction), left(instruction.words.begin() + 1, instruction.words.end()) {}

  /// Whether the word is there; takes it.
  bool take(const std::string &word) {
    auto found = std::find(left.begin(), left.end(), word);
    if (found == left.end())
      return false;
    left.erase(found);
    return true;
  }
  /// Takes whichever of the words is there; its number, or -1.
  int takeOne(std::initializer_list<const char *> words) {
    int i = 0;
    for (const char *word : words) {
      if (take(word))
        return i;
      ++i;
    }
    return -1;
  }
  /// Takes the last word, which is a type.
  std::string takeType() {
    if (left.empty())
      fail();
    std::string type = left.back();
    left.pop_back();
    return type;
  }
  /// Every word must have been taken.
  void finish() const {
    if (!left.empty())
      fail();
  }
  [[noreturn]] void fail() const {
    throw ParseError(instruction.line, "'" + instruction.text() + "' is not supported");
  }

private:
  const Instruction &instruction;
  std::vector<std::string> left;
};

/// The handler of a family for a type of integers, or null; `Family` is a template over the type.
template <template <typename> typename Family> Handler byIntegerType(const std::string &type) {
  if (type == "u16" || type == "b16")
    return Family<uint16_t>::run;
  if (type == "s16")
    return Family<int16_t>::run;
  if (type == "u32" || type == "b32")
    return Family<uint32_t>::run;
  if (type == "s32")
    return Family<int32_t>::run;
  if (type == "u64" || type == "b64")
    return Family<uint64_t>::run;
  return type == "s64" ? Family<int64_t>::run : nullptr;
}

void expectOperands(const Instruction &instruction, size_t count);

//===----------------------------------------------------------------------===//
// Handlers that compute lane by lane
//===----------------------------------------------------------------------===//

template <typename T, typename F>
void computeUnary(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  Row a = warp.row(instruction.operands[1]);
  uint64_t *to = warp.destination(instruction.operands[0]);
  forEach(lanes, [&](int lane) { to[lane] = pack<T>(F()(unpack<T>(a[lane]))); });
}

template <typename T, typename F>
void computeBinary(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  Row a = warp.row(instruction.operands[1]), b = warp.row(instruction.operands[2]);
  uint64_t *to = warp.destination(instruction.operands[0]);
  forEach(lanes,
          [&](int lane) { to[lane] = pack<T>(F()(unpack<T>(a[lane]), unpack<T>(b[lane]))); });
}

template <typename T, typename F>
void computeTernary(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  Row a = warp.row(instruction.operands[1]), b = warp.row(instruction.operands[2]),
      c = warp.row(instruction.operands[3]);
  uint64_t *to = warp.destination(instruction.operands[0]);
  forEach(lanes, [&](int lane) {
    to[lane] = pack<T>(F()(unpack<T>(a[lane]), unpack<T>(b[lane]), unpack<T>(c[lane])));
  });
}

} // namespace vgpu

#endif // TLC_TEST_VGPU_DECODE_H
