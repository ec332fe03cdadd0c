//===- Parser.h - PTX text to a Module ------------------------------------===//

#ifndef TLC_TEST_VGPU_PARSER_H
#define TLC_TEST_VGPU_PARSER_H

#include "test/vgpu/Lexer.h"
#include "test/vgpu/Program.h"

namespace vgpu {

class Parser {
public:
  explicit Parser(const std::string &text) : lexer(text) { advance(); }
  Module run();

private:
  // Tokens.
  void advance() { token = lexer.next(); }
  [[noreturn]] void fail(const std::string &message) const {
    throw ParseError(token.line, message);
  }
  bool accept(char c);
  void expect(char c);
  std::string expectWord();
  uint64_t expectNumber();
  void skipLine();
  void skipToSemicolon();

  // Declarations.
  Variable variable(Space space);
  void initializer(Variable &variable, uint64_t elementBytes);
  void entry();
  std::array<uint32_t, 3> extents();
  void registers();

  // Bodies.
  struct Scope {
    std::map<std::string, int> registers;
    /// The names of labels, which are unique in a kernel, in a scope.
    std::map<std::string, std::string> labels;
  };
  void body();
  void statement();
  void instruction();
  Operand operand();
  Operand address();
  Operand named(const std::string &name);
  int findRegister(const std::string &name);
  std::string uniqueLabel(const std::string &name) const;
  void resolve();
  void resolveOperand(Operand &operand, int line);
  void layOut();

  Lexer lexer;
  Token token;
  Module module;
  Kernel kernel;
  std::vector<Scope> scopes;
  /// The path of scopes that are open, which makes names of labels unique.
  std::vector<int> path;
  int scopeCount = 0;
  std::map<std::string, uint64_t> labels;
};

/// Bytes of a fundamental type such as "f32", "b64" or "pred"; 0 if it is none.
uint64_t bytesOfType(const std::string &name);

} // namespace vgpu

#endif // TLC_TEST_VGPU_PARSER_H
