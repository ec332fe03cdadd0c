//===- Answers.cpp - what queries print [Q1] ------------------------------===//
//
//   Y?                    Y : f32[2, 2]
//                         [[1. 2.]
//                          [3. 4.]]
//   Ancestor(Alice, x)?   Ancestor(Alice, x)
//                         x
//                         Bob
//                         Charlie
//   Ancestor(Alice, Bob)? Ancestor(Alice, Bob): true
//
// A relation has one row for each binding of the query's variables, in the order of the
// symbols; a numeric tensor with fixed positions is printed as the slice they select.
//
//===----------------------------------------------------------------------===//

#include "compiler/api/Answers.h"

#include "compiler/api/TensorAccess.h"
#include "compiler/support/DType.h"

#include <fmt/format.h>

#include <algorithm>

namespace tlc {
namespace {

std::string quoted(const std::string &text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\')
      result += '\\';
    if (static_cast<unsigned char>(c) < 0x20)
      result += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else
      result += c;
  }
  return result + '"';
}

/// One query against one value.
class Answer {
public:
  Answer(const program::Program &program, const program::Query &query, const Tensor &value)
      : program(program), query(query), tensor(program.tensors[query.tensor]), value(value) {
    for (const program::Query::Position &position : query.positions)
      if (position.fixed < 0 && !position.variable.empty() &&
          std::find(variables.begin(), variables.end(), position.variable) == variables.end())
        variables.push_back(position.variable);
  }

  std::string text() const {
    if (!tensor.isRelation)
      return numericText();
    if (variables.empty() && !query.positions.empty())
      return fmt::format("{}: {}\n", query.text, rows().empty() ? "false" : "true");
    std::string result = fmt::format("{}\n{}\n", query.text, fmt::join(header(), "\t"));
    for (const std::vector<std::string> &row : rows())
      result += fmt::format("{}\n", fmt::join(row, "\t"));
    return result;
  }

  std::string json() const {
    std::string result = fmt::format("{{\"query\": {}, ", quoted(query.text));
    if (!tensor.isRelation) {
      Tensor shown = slice();
      // The tensor's own object, with the query in front.
      return result + shown.json().substr(1);
    }
    if (variables.empty() && !query.positions.empty())
      return result + fmt::format("\"holds\": {}}}", rows().empty() ? "false" : "true");
    auto list = [](const std::vector<std::string> &items) {
      std::string text = "[";
      for (const std::string &item : items)
        text += (text.size() > 1 ? ", " : "") + quoted(item);
      return text + ']';
    };
    std::string bindings;
    for (const std::vector<std::string> &row : rows())
      bindings += (bindings.empty() ? "" : ", ") + list(row);
    return result + fmt::format("\"variables\": {}, \"rows\": [{}]}}", list(header()), bindings);
  }

private:
  /// The names above the columns; a bare query of a relation has numbered ones.
  std::vector<std::string> header() const {
    if (!query.positions.empty())
      return variables;
    std::vector<std::string> names;
    for (size_t i = 0; i < value.shape().size(); ++i) {
      int domain = i < tensor.domains.size() ? tensor.domains[i] : -1;
      bool isNamed = domain >= 0 && !program.domains[domain].name.empty();
      names.push_back(isNamed ? program.domains[domain].name : fmt::format("{}", i));
    }
    return names;
  }

  /// The symbol at a position, or its number.
  std::string symbol(size_t position, int64_t index) const {
    int domain = position < tensor.domains.size() ? tensor.domains[position] : -1;
    if (domain >= 0 && index < static_cast<int64_t>(program.domains[domain].symbols.size()))
      return program.domains[domain].symbols[index];
    return std::to_string(index);
  }

  std::vector<std::vector<std::string>> rows() const {
    std::vector<std::vector<std::string>> result;
    std::vector<int64_t> at(value.shape().size(), 0);
    const uint8_t *bits = value.data<uint8_t>();
    for (int64_t i = 0, n = value.size(); i < n; ++i) {
      if (bits[i])
        addRow(at, result);
      for (size_t axis = at.size(); axis-- > 0;) {
        if (++at[axis] < value.shape()[axis])
          break;
        at[axis] = 0;
      }
    }
    return result;
  }

  /// Adds the bindings that make the query's positions equal to `at`, if there are any.
  void addRow(const std::vector<int64_t> &at, std::vector<std::vector<std::string>> &result) const {
    std::vector<std::string> row(query.positions.empty() ? at.size() : variables.size());
    std::vector<int64_t> bound(variables.size(), -1);
    for (size_t i = 0; i < at.size(); ++i) {
      if (query.positions.empty()) {
        row[i] = symbol(i, at[i]);
        continue;
      }
      const program::Query::Position &position = query.positions[i];
      if (position.fixed >= 0) {
        if (position.fixed != at[i])
          return;
        continue;
      }
      size_t variable = static_cast<size_t>(
          std::find(variables.begin(), variables.end(), position.variable) - variables.begin());
      if (variable == variables.size())
        continue;
      if (bound[variable] >= 0 && bound[variable] != at[i])
        return;
      bound[variable] = at[i];
      row[variable] = symbol(i, at[i]);
    }
    result.push_back(std::move(row));
  }

  std::string numericText() const {
    Tensor shown = slice();
    return fmt::format("{} : {}[{}]\n{}\n", query.text, name(shown.type()),
                       fmt::join(shown.shape(), ", "), shown.str());
  }

  /// The part of a numeric tensor that fixed positions select.
  Tensor slice() const {
    std::vector<int64_t> shape;
    std::vector<int64_t> strides = value.view().strides, kept;
    int64_t offset = 0;
    for (size_t i = 0; i < value.shape().size(); ++i) {
      int64_t fixed = i < query.positions.size() ? query.positions[i].fixed : -1;
      if (fixed >= 0) {
        offset += fixed * strides[i];
        continue;
      }
      shape.push_back(value.shape()[i]);
      kept.push_back(strides[i]);
    }
    if (shape.size() == value.shape().size())
      return value;
    View selected = {value.data<char>() + offset * byteSize(value.type()), value.type(), shape,
                     kept};
    Expected<Tensor> copy = copyToTensor(selected);
    return copy ? *copy : value;
  }

  const program::Program &program;
  const program::Query &query;
  const program::Tensor &tensor;
  const Tensor &value;
  std::vector<std::string> variables; ///< in order of first occurrence
};

} // namespace

std::string printAnswers(const program::Program &program,
                         const std::function<Tensor(const std::string &)> &value, bool json) {
  std::string result;
  for (const program::Query &query : program.queries) {
    Tensor tensor = value(program.tensors[query.tensor].name);
    Answer answer(program, query, tensor);
    if (json)
      result += (result.empty() ? "[" : ",\n ") + answer.json();
    else
      result += answer.text();
  }
  if (json)
    result = result.empty() ? "[]\n" : result + "]\n";
  return result;
}

} // namespace tlc
