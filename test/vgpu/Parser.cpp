//===- Parser.cpp - PTX text to a Module ----------------------------------===//

#include "test/vgpu/Parser.h"

#include <algorithm>
#include <cstring>

namespace vgpu {

uint64_t bytesOfType(const std::string &name) {
  static const std::map<std::string, uint64_t> bytes = {
      {"pred", 1}, {"b8", 1},    {"u8", 1},     {"s8", 1},   {"b16", 2}, {"u16", 2},
      {"s16", 2},  {"f16", 2},   {"bf16", 2},   {"b32", 4},  {"u32", 4}, {"s32", 4},
      {"f32", 4},  {"f16x2", 4}, {"bf16x2", 4}, {"tf32", 4}, {"b64", 8}, {"u64", 8},
      {"s64", 8},  {"f64", 8},   {"f32x2", 8},  {"b128", 16}};
  auto found = bytes.find(name);
  return found == bytes.end() ? 0 : found->second;
}

std::string Instruction::text() const {
  std::string text;
  for (const std::string &word : words)
    text += (text.empty() ? "" : ".") + word;
  return text;
}

//===----------------------------------------------------------------------===//
// Tokens
//===----------------------------------------------------------------------===//

bool Parser::accept(char c) {
  if (!token.is(c))
    return false;
  advance();
  return true;
}

void Parser::expect(char c) {
  if (!accept(c))
    fail(std::string("expected '") + c + "', got '" + token.text + "'");
}

std::string Parser::expectWord() {
  if (token.kind != Token::Kind::Word)
    fail("expected a word, got '" + token.text + "'");
  std::string text = token.text;
  advance();
  return text;
}

uint64_t Parser::expectNumber() {
  bool negative = accept('-');
  if (token.kind != Token::Kind::Number)
    fail("expected a number, got '" + token.text + "'");
  uint64_t value = token.value;
  advance();
  return negative ? -value : value;
}

void Parser::skipLine() {
  for (int line = token.line; token.line == line && token.kind != Token::Kind::End;)
    advance();
}

void Parser::skipToSemicolon() {
  while (!token.is(';') && token.kind != Token::Kind::End)
    advance();
  expect(';');
}

//===----------------------------------------------------------------------===//
// Declarations
//===----------------------------------------------------------------------===//

/// .align 4 .b8 name[16] = {...}, after the state space. The attributes of a parameter, such as
/// .ptr .global .align 16, are part of its type.
Variable Parser::variable(Space space) {
  Variable result;
  result.space = space;
  uint64_t element = 0;
  while (token.kind == Token::Kind::Word && token.text[0] == '.') {
    std::string word = expectWord().substr(1);
    if (word == "align") {
      uint64_t alignment = expectNumber();
      // That of what a pointer parameter points to is no matter here.
      if (element == 0)
        result.alignment = alignment;
    } else if (uint64_t bytes = bytesOfType(word)) {
      element = bytes;
    } else if (word == "v2" || word == "v4") {
      fail("variables of vector types are not supported");
    } else if (word != "ptr" && word != "global" && word != "shared" && word != "const" &&
               word != "visible" && word != "attribute" && word != "local") {
      fail("'." + word + "' of a variable is not supported");
    }
  }
  result.name = expectWord();
  result.bytes = element;
  result.alignment = std::max(result.alignment, element);
  while (accept('[')) {
    result.bytes = token.is(']') ? 0 : result.bytes * expectNumber();
    expect(']');
  }
  if (accept('='))
    initializer(result, element);
  return result;
}

void Parser::initializer(Variable &variable, uint64_t elementBytes) {
  int depth = 0;
  do {
    while (accept('{'))
      ++depth;
    if (!token.is('}')) {
      uint64_t value = expectNumber();
      const auto *bytes = reinterpret_cast<const uint8_t *>(&value);
      variable.initial.insert(variable.initial.end(), bytes, bytes + elementBytes);
    }
    while (depth > 0 && accept('}'))
      --depth;
  } while (accept(','));
  if (depth != 0 || variable.initial.size() > variable.bytes)
    fail("the initializer of '" + variable.name + "' does not fit");
}

std::array<uint32_t, 3> Parser::extents() {
  std::array<uint32_t, 3> result{1, 1, 1};
  size_t i = 0;
  do
    result[std::min<size_t>(i++, 2)] = uint32_t(expectNumber());
  while (accept(','));
  return result;
}

void Parser::entry() {
  kernel = Kernel();
  kernel.line = token.line;
  kernel.name = expectWord();
  if (accept('(')) {
    while (!accept(')')) {
      if (!token.is(".param"))
        fail("expected .param, got '" + token.text + "'");
      advance();
      Variable parameter = variable(Space::Param);
      uint64_t mask = parameter.alignment - 1;
      parameter.address = (kernel.parameterBytes + mask) & ~mask;
      kernel.parameterBytes = parameter.address + parameter.bytes;
      kernel.parameters.push_back(parameter);
      accept(',');
    }
  }
  while (!token.is('{')) {
    std::string word = expectWord();
    if (word == ".maxntid")
      kernel.maxThreads = extents();
    else if (word == ".reqntid")
      kernel.requiredThreads = extents();
    else if (word == ".minnctapersm" || word == ".maxnreg" || word == ".maxnctapersm")
      expectNumber();
    else if (word == ".reqnctapercluster")
      kernel.requiredCluster = extents()[0];
    else if (word == ".pragma")
      skipToSemicolon();
    else if (word != ".explicitcluster")
      fail("'" + word + "' of a kernel is not supported");
  }
  scopes.clear();
  path.clear();
  labels.clear();
  scopeCount = 0;
  body();
  layOut();
  resolve();
  decode(kernel);
  module.kernels[kernel.name] = std::move(kernel);
}

/// .reg .b32 %r<10>, %x; a name with a count stands for %r0 .. %r9.
void Parser::registers() {
  std::string type = expectWord();
  if (bytesOfType(type.substr(1)) == 0 || bytesOfType(type.substr(1)) > 8)
    fail("registers of type '" + type + "' are not supported");
  do {
    std::string name = expectWord();
    if (!accept('<')) {
      scopes.back().registers[name] = kernel.registers++;
      continue;
    }
    uint64_t count = expectNumber();
    expect('>');
    for (uint64_t i = 0; i < count; ++i)
      scopes.back().registers[name + std::to_string(i)] = kernel.registers++;
  } while (accept(','));
  expect(';');
}

Module Parser::run() {
  while (token.kind != Token::Kind::End) {
    std::string word = expectWord();
    if (word == ".version" || word == ".address_size") {
      skipLine();
    } else if (word == ".target") {
      module.target = token.text;
      skipLine();
    } else if (word == ".file" || word == ".loc") {
      skipLine();
    } else if (word == ".section") {
      while (!accept('}'))
        advance();
    } else if (word == ".visible" || word == ".extern" || word == ".weak") {
      if (word == ".extern" && !token.is(".shared"))
        fail("'" + token.text + "' of another module is not there");
    } else if (word == ".entry") {
      entry();
    } else if (word == ".global" || word == ".const") {
      module.globals.push_back(variable(Space::Global));
      expect(';');
    } else if (word == ".shared") {
      module.globals.push_back(variable(Space::Shared));
      expect(';');
    } else {
      fail("'" + word + "' is not supported");
    }
  }
  return std::move(module);
}

//===----------------------------------------------------------------------===//
// Bodies
//===----------------------------------------------------------------------===//

void Parser::body() {
  expect('{');
  scopes.emplace_back();
  path.push_back(scopeCount++);
  while (!accept('}'))
    statement();
  scopes.pop_back();
  path.pop_back();
}

void Parser::statement() {
  if (token.is('{'))
    return body();
  if (accept(';'))
    return;
  if (token.kind == Token::Kind::Word && token.text[0] == '.') {
    std::string word = expectWord();
    if (word == ".reg")
      return registers();
    if (word == ".shared" || word == ".local") {
      kernel.variables.push_back(variable(word == ".shared" ? Space::Shared : Space::Local));
      return expect(';');
    }
    if (word == ".pragma")
      return skipToSemicolon();
    if (word == ".loc" || word == ".file")
      return skipLine();
    fail("'" + word + "' in a kernel is not supported");
  }
  instruction();
}

std::string Parser::uniqueLabel(const std::string &name) const {
  std::string prefix;
  for (int scope : path)
    prefix += std::to_string(scope) + "/";
  return prefix + name;
}

void Parser::instruction() {
  Instruction result;
  result.line = token.line;
  if (accept('@')) {
    result.guardNegated = accept('!');
    result.guard = findRegister(expectWord());
    if (result.guard < 0)
      fail("an instruction has no such guard");
  }
  std::string opcode = expectWord();
  if (result.guard < 0 && accept(':')) {
    labels[uniqueLabel(opcode)] = kernel.code.size();
    return;
  }
  for (size_t begin = 0; begin <= opcode.size();) {
    size_t end = std::min(opcode.find('.', begin), opcode.size());
    result.words.push_back(opcode.substr(begin, end - begin));
    begin = end + 1;
  }
  while (!token.is(';')) {
    result.operands.push_back(operand());
    if (!accept(',') && !token.is(';'))
      fail("expected ',' or ';', got '" + token.text + "'");
  }
  expect(';');
  kernel.code.push_back(std::move(result));
}

int Parser::findRegister(const std::string &name) {
  for (size_t i = scopes.size(); i-- > 0;)
    if (auto found = scopes[i].registers.find(name); found != scopes[i].registers.end())
      return found->second;
  if (name[0] != '%')
    return -1;
  // A register that nobody declared is one of the machine's.
  scopes.front().registers[name] = kernel.registers;
  kernel.specials.push_back({name, kernel.registers});
  return kernel.registers++;
}

Operand Parser::named(const std::string &name) {
  Operand result;
  result.reg = findRegister(name);
  if (result.reg >= 0) {
    result.kind = Operand::Kind::Register;
    return result;
  }
  result.kind = name == "_" ? Operand::Kind::Sink : Operand::Kind::Symbol;
  result.name = name;
  return result;
}

/// [%rd1+16], [name], [name+4], [%rd1, {%r1, %r2}].
Operand Parser::address() {
  Operand result;
  if (token.kind == Token::Kind::Number)
    result.value = expectNumber();
  else
    result = named(expectWord());
  result.kind = Operand::Kind::Address;
  bool negative = token.is('-');
  if (accept('+') || negative)
    result.value += expectNumber();
  if (accept(','))
    result.elements = operand().elements;
  expect(']');
  return result;
}

Operand Parser::operand() {
  if (accept('['))
    return address();
  if (accept('{')) {
    Operand result;
    result.kind = Operand::Kind::Vector;
    while (!accept('}')) {
      result.elements.push_back(operand());
      accept(',');
    }
    return result;
  }
  bool negated = accept('!');
  if (token.kind == Token::Kind::Number || token.is('-')) {
    bool negative = accept('-');
    Operand result;
    result.kind = Operand::Kind::Immediate;
    result.isDecimal = token.isDecimal;
    result.value = expectNumber();
    if (negative)
      result.value = result.isDecimal ? result.value ^ (uint64_t(1) << 63) : -result.value;
    return result;
  }
  Operand result = named(expectWord());
  result.negated = negated;
  if (accept('|')) {
    result.second = findRegister(expectWord());
    if (result.kind == Operand::Kind::Symbol || result.second < 0)
      fail("a pair is not of registers");
  }
  if (result.kind == Operand::Kind::Symbol) {
    // A label, or a variable with an offset.
    result.elements.clear();
    if (accept('+'))
      result.value = expectNumber();
    for (size_t depth = path.size(); depth > 0; --depth) {
      std::string prefix;
      for (size_t i = 0; i < depth; ++i)
        prefix += std::to_string(path[i]) + "/";
      Operand candidate;
      candidate.kind = Operand::Kind::Label;
      candidate.name = prefix + result.name;
      result.elements.push_back(candidate);
    }
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Names to numbers
//===----------------------------------------------------------------------===//

/// Gives the kernel's variables their addresses, those of the module's shared memory too; what has
/// a dynamic size comes last.
void Parser::layOut() {
  for (const Variable &variable : module.globals)
    if (variable.space == Space::Shared)
      kernel.variables.push_back(variable);
  std::stable_sort(kernel.variables.begin(), kernel.variables.end(),
                   [](const Variable &a, const Variable &b) { return a.bytes && !b.bytes; });
  uint64_t shared = kSharedBase, local = kLocalBase;
  for (Variable &variable : kernel.variables) {
    uint64_t &next = variable.space == Space::Shared ? shared : local;
    next = (next + variable.alignment - 1) & ~(variable.alignment - 1);
    variable.address = next;
    next += variable.bytes;
  }
  kernel.sharedBytes = shared - kSharedBase;
  kernel.localBytes = local - kLocalBase;
}

void Parser::resolveOperand(Operand &operand, int line) {
  if (operand.kind == Operand::Kind::Vector || !operand.elements.empty()) {
    bool isSymbol = operand.kind == Operand::Kind::Symbol;
    for (Operand &element : operand.elements) {
      if (!isSymbol) {
        resolveOperand(element, line);
        continue;
      }
      auto found = labels.find(element.name);
      if (found == labels.end())
        continue;
      uint64_t target = found->second;
      operand = Operand();
      operand.kind = Operand::Kind::Label;
      operand.value = target;
      return;
    }
  }
  if (operand.name.empty())
    return;
  bool isAddress = operand.kind == Operand::Kind::Address;
  auto settle = [&](uint64_t address) {
    operand.value += address;
    if (!isAddress) {
      operand.kind = Operand::Kind::Immediate;
      operand.elements.clear();
    }
    operand.name.clear();
  };
  for (const std::vector<Variable> *list : {&kernel.variables, &kernel.parameters})
    for (const Variable &variable : *list)
      if (variable.name == operand.name)
        return settle(variable.address);
  // Those in global memory have their address when the module is loaded.
  for (const Variable &variable : module.globals)
    if (variable.name == operand.name)
      return;
  if (operand.kind == Operand::Kind::Symbol || isAddress)
    throw ParseError(line, "there is no variable or label '" + operand.name + "'");
}

void Parser::resolve() {
  for (Instruction &instruction : kernel.code)
    for (Operand &operand : instruction.operands)
      resolveOperand(operand, instruction.line);
}

Module parse(const std::string &text) { return Parser(text).run(); }

} // namespace vgpu
