//===- CSource.cpp - C text beside an object ------------------------------===//
//
// The header of `Y[i,k] = X[i,j] Z[j,k]`:
//
//   /* inputs[mm_X]: f32 [8, 16] .. */
//   enum { mm_X = 0, mm_Z = 1, mm_inputs = 2 };
//   enum { mm_Y = 0, mm_outputs = 1 };
//   int32_t mm(tlrt_context *context, const tlrt_view *inputs, tlrt_view *outputs);
//
//===----------------------------------------------------------------------===//

#include "compiler/api/CSource.h"

#include "compiler/support/DType.h"

#include <fmt/format.h>

#include <cctype>

namespace tlc {

static std::string identifier(const std::string &text) {
  std::string result;
  for (unsigned char c : text)
    result += std::isalnum(c) ? std::string(1, static_cast<char>(c)) : c == '\'' ? "_prime" : "_";
  return result;
}

static std::string quoted(const std::string &text) {
  std::string result = "\"";
  for (unsigned char c : text)
    result += c == '"' || c == '\\'  ? fmt::format("\\{}", static_cast<char>(c))
              : c < 0x20 || c > 0x7e ? fmt::format("\\{:03o}", c)
                                     : std::string(1, static_cast<char>(c));
  return result + '"';
}

static std::string describe(const TensorType &type) {
  std::string shape;
  for (int64_t extent : type.shape)
    shape += (shape.empty() ? "" : ", ") + (extent < 0 ? "any" : std::to_string(extent));
  return fmt::format("{} [{}]", name(type.type), shape);
}

static std::string positions(const std::string &prefix, const std::vector<Binding> &bindings,
                             const char *array) {
  std::string comment, names;
  for (size_t i = 0; i < bindings.size(); ++i) {
    std::string constant = fmt::format("{}_{}", prefix, identifier(bindings[i].name));
    comment += fmt::format(" *   {}[{}]: {}\n", array, constant, describe(bindings[i].type));
    names += fmt::format("{} = {}, ", constant, i);
  }
  return fmt::format("/*\n{} */\nenum {{ {}{}_{} = {} }};\n\n", comment, names, prefix, array,
                     bindings.size());
}

std::string makeHeader(const std::string &functionName, const std::string &sourceName,
                       const Signature &signature) {
  std::string guard = identifier(functionName) + "_H";
  std::string text = fmt::format(
      "/* Compiled from {} by tlc. Link with the runtime: -ltlrt. */\n#ifndef {}\n#define {}\n\n"
      "#include <tlrt/tlrt.h>\n\n#ifdef __cplusplus\nextern \"C\" {{\n#endif\n\n",
      sourceName, guard, guard);
  text += positions(functionName, signature.arguments, "inputs");
  text += positions(functionName, signature.results, "outputs");
  text += fmt::format(
      "/*\n * Computes the outputs. Types, ranks and extents are checked: on a mismatch the "
      "result\n"
      " * is a tlrt_status other than TLRT_OK and tlrt_context_message says what is wrong.\n"
      " * An output with data == NULL is allocated: release it with tlrt_release. Several threads\n"
      " * may call this at once, each with a context of its own; outputs must not overlap inputs.\n"
      " */\nint32_t {}(tlrt_context *context, const tlrt_view *inputs, tlrt_view *outputs);\n\n",
      functionName);
  return text + "#ifdef __cplusplus\n}\n#endif\n\n#endif\n";
}

//===----------------------------------------------------------------------===//
// main
//===----------------------------------------------------------------------===//

static std::string parameterTable(const std::vector<Binding> &bindings, const char *array,
                                  const program::Program *program) {
  std::string shapes, rows;
  for (size_t i = 0; i < bindings.size(); ++i) {
    const Binding &binding = bindings[i];
    std::string extents, symbols = "0";
    for (int64_t extent : binding.type.shape)
      extents += fmt::format("{}, ", extent);
    shapes += fmt::format("static const int64_t {}_shape_{}[] = {{{}0}};\n", array, i, extents);
    if (program)
      for (const program::Tensor &tensor : program->tensors)
        if (tensor.isRelation && tensor.name == binding.name) {
          std::string list;
          for (int domain : tensor.domains)
            list += domain < 0 ? "0, " : fmt::format("domain_{}, ", domain);
          shapes += fmt::format("static const char *const *const {}_symbols_{}[] = {{{}0}};\n",
                                array, i, list);
          symbols = fmt::format("{}_symbols_{}", array, i);
        }
    rows += fmt::format("  {{{}, {}, {}, {}_shape_{}, {}}},\n", quoted(binding.name),
                        static_cast<int>(binding.type.type), binding.type.shape.size(), array, i,
                        symbols);
  }
  return fmt::format("{}static const tlrt_parameter {}[] = {{\n{}  {{0, 0, 0, 0, 0}}}};\n", shapes,
                     array, rows);
}

std::string makeMain(const std::string &functionName, const Signature &signature,
                     const program::Program *program) {
  std::string text = fmt::format("#include <tlrt/program.h>\n\nint32_t {}(tlrt_context *, const "
                                 "tlrt_view *, tlrt_view *);\n",
                                 functionName);
  std::string writes;
  if (program) {
    for (size_t i = 0; i < program->domains.size(); ++i) {
      text += fmt::format("static const char *const domain_{}[] = {{", i);
      for (const std::string &symbol : program->domains[i].symbols)
        text += quoted(symbol) + ", ";
      text += "0};\n";
    }
    for (const program::Write &write : program->writes)
      writes += fmt::format("  {{{}, {}}},\n", quoted(program->tensors[write.tensor].name),
                            quoted(write.path));
  }
  text += parameterTable(signature.arguments, "inputs", nullptr);
  text += parameterTable(signature.results, "outputs", program);
  text += fmt::format("static const tlrt_output_file files[] = {{\n{}  {{0, 0}}}};\n", writes);
  return text +
         fmt::format("int main(int argc, char **argv) {{\n"
                     "  const tlrt_program program = {{{}, inputs, {}, outputs, {}, files}};\n"
                     "  return tlrt_main(&program, argc, argv);\n}}\n",
                     functionName, signature.arguments.size(), signature.results.size());
}

} // namespace tlc
