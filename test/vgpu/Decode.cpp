//===- Decode.cpp - from opcodes to handlers ------------------------------===//

#include "test/vgpu/Decode.h"

namespace vgpu {

static const std::map<std::string, void (*)(Instruction &)> &table() {
  static const auto *all = [] {
    auto *result = new std::map<std::string, void (*)(Instruction &)>;
    for (std::span<const Opcode> family :
         {integerOpcodes(), bitOpcodes(), floatOpcodes(), convertOpcodes(), compareOpcodes(),
          memoryOpcodes(), atomicOpcodes(), controlOpcodes(), warpOpcodes(), asyncCopyOpcodes(),
          matrixOpcodes(), mbarrierOpcodes(), bulkOpcodes(), clusterOpcodes(), wgmmaOpcodes()})
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
  for (size_t count = std::min<size_t>(words.size(), 3); count > 1; --count) {
    std::string name = words[0];
    for (size_t i = 1; i < count; ++i)
      name += "." + words[i];
    if (auto found = table().find(name); found != table().end())
      return found;
  }
  if (isFloatType(words.back()))
    if (auto found = table().find(words[0] + ".float"); found != table().end())
      return found;
  return table().find(words[0]);
}

void decode(Kernel &kernel) {
  for (Instruction &instruction : kernel.code) {
    auto found = find(instruction);
    if (found == table().end())
      throw ParseError(instruction.line, "'" + instruction.text() + "' is not supported");
    narrowDecimals(instruction);
    found->second(instruction);
    bool isBulk = instruction.words.size() > 2 && instruction.words[2] == "bulk";
    kernel.usesAsyncProxy |= isBulk || instruction.words[0] == "wgmma";
  }
}

} // namespace vgpu
