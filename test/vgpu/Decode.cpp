//===- Decode.cpp - from opcodes to handlers ------------------------------===//

#include "test/vgpu/Decode.h"

namespace vgpu {

static const std::map<std::string, void (*)(Instruction &)> &table() {
  static const auto *all = [] {
    auto *result = new std::map<std::string, void (*)(Instruction &)>;
    for (std::span<const Opcode> family :
         {integerOpcodes(), bitOpcodes(), floatOpcodes(), convertOpcodes(), compareOpcodes(),
          memoryOpcodes(), atomicOpcodes(), controlOpcodes(), warpOpcodes(), asyncCopyOpcodes(),
          matrixOpcodes()})
      for (const Opcode &opcode : family)
        (*result)[opcode.name] = opcode.decode;
    return result;
  }();
  return *all;
}

static bool isFloatType(const std::string &word) {
  return word == "f16" || word == "f16x2" || word == "bf16" || word == "bf16x2" || word == "f32" ||
         word == "f32x2" || word == "f64";
}

void expectOperands(const Instruction &instruction, size_t count) {
  if (instruction.operands.size() != count)
    throw ParseError(instruction.line, "'" + instruction.text() + "' has " +
                                           std::to_string(instruction.operands.size()) +
                                           " operands, expected " + std::to_string(count));
}

/// A decimal fraction is an f64 in the text; an instruction on f32 means that value as f32.
static void narrowDecimals(Instruction &instruction) {
  for (Operand &operand : instruction.operands)
    if (operand.isDecimal && instruction.words.back() == "f32")
      operand.value = pack<float>(unpack<double>(operand.value));
}

/// The entry with the longest name that fits.
static std::map<std::string, void (*)(Instruction &)>::const_iterator
find(const Instruction &instruction) {
  const std::vector<std::string> &words = instruction.words;
  auto found = table().end();
  if (isFloatType(words.back()))
    found = table().find(words[0] + ".float");
  for (size_t count = std::min<size_t>(words.size(), 3); count > 0 && found == table().end();
       --count) {
    std::string name = words[0];
    for (size_t i = 1; i < count; ++i)
      name += "." + words[i];
    found = table().find(name);
  }
  return found;
}

void decode(Kernel &kernel) {
  for (Instruction &instruction : kernel.code) {
    auto found = find(instruction);
    if (found == table().end())
      throw ParseError(instruction.line, "'" + instruction.text() + "' is not supported");
    narrowDecimals(instruction);
    found->second(instruction);
  }
}

} // namespace vgpu
