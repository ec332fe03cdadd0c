//===- Einsum.cpp - the einsum notation, free of letters ------------------===//
//
// Two steps. `Reader` splits the text into fields of labels: "ij,...j->i..." has the operands {i
// j},
// {... j} and the result {i ...}. `Resolver` brings in the operands' shapes: it replaces each
// ellipsis by labels of its own, aligned at the right, and finds the extent of every label, where
// extent 1 gives way to any other, for named indices as well as for those under an ellipsis.
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Einsum.h"

#include "compiler/frontend/Lexer.h"
#include "compiler/support/Text.h"

#include <algorithm>
#include <unordered_map>

namespace tlc {

namespace {

constexpr int ellipsis = -1;

struct Label {
  int number; ///< or `ellipsis`
  SourceRange range;
};

/// An operand or the result.
struct Field {
  std::vector<Label> labels;
  SourceRange range;

  bool hasEllipsis() const {
    return std::any_of(labels.begin(), labels.end(),
                       [](const Label &label) { return label.number == ellipsis; });
  }
};

struct Notation {
  std::vector<Field> operands;
  std::optional<Field> result;
  std::vector<std::string> names;
};

bool isSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// A character that may be a label: letters, and beyond ASCII every visible character, because
/// programs that run out of letters take the next code points.
bool isLabel(CodePoint c) {
  bool isBlank = c.value <= 0xA0 || (c.value >= 0x2000 && c.value <= 0x200F) ||
                 (c.value >= 0x2028 && c.value <= 0x202F) || c.value == 0x3000 || c.value == 0xFEFF;
  return c.isValid && (c.value < 0x80 ? isLetter(c.value) : !isBlank);
}

/// Whether white space separates names: some field holds several words, one of them longer than a
/// character.
bool hasNames(std::string_view text) {
  size_t words = 0;
  bool hasLong = false;
  for (size_t at = 0; at < text.size();) {
    bool isArrow = text.substr(at, 2) == "->";
    if (text[at] == ',' || isArrow) {
      words = 0;
      hasLong = false;
      at += isArrow ? 2 : 1;
    } else if (isSpace(text[at])) {
      ++at;
    } else {
      size_t begin = at;
      while (at < text.size() && !isSpace(text[at]) && text[at] != ',' &&
             text.substr(at, 2) != "->")
        at += decodeUtf8(text, at).size;
      bool isName = text.substr(begin, at - begin).find('.') == std::string_view::npos;
      words += isName;
      hasLong |= isName && at > begin + decodeUtf8(text, begin).size;
      if (words > 1 && hasLong)
        return true;
    }
  }
  return false;
}

/// Whether an operand of this rank can have these labels.
bool fits(const Field &operand, size_t rank) {
  bool hasEllipsis = operand.hasEllipsis();
  size_t named = operand.labels.size() - hasEllipsis;
  return hasEllipsis ? rank >= named : rank == named;
}

bool fit(const Notation &notation, const std::vector<std::vector<int64_t>> &shapes) {
  bool result = notation.operands.size() == shapes.size();
  for (size_t i = 0; i < shapes.size() && result; ++i)
    result = fits(notation.operands[i], shapes[i].size());
  return result;
}

//===----------------------------------------------------------------------===//
// Text to fields
//===----------------------------------------------------------------------===//

class Reader {
public:
  Reader(std::string_view text, uint32_t file, bool isNamed, Diagnostics &diagnostics)
      : text(text), file(file), isNamed(isNamed), diagnostics(diagnostics) {}

  /// notation := field (',' field)* ('->' field)?
  std::optional<Notation> run() {
    size_t arrow = std::min(text.find("->"), text.size());
    for (size_t begin = 0; begin <= arrow;) {
      size_t end = std::min(text.find(',', begin), arrow);
      notation.operands.push_back(field(begin, end));
      begin = end + 1;
    }
    if (arrow < text.size())
      result(arrow + 2);
    return failed ? std::nullopt : std::optional<Notation>(std::move(notation));
  }

private:
  SourceRange range(size_t begin, size_t end) const {
    end = std::max(end, begin + 1);
    return {file, static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
  }
  template <typename... Args> void fail(SourceRange where, DiagId id, const Args &...args) {
    failed = true;
    diagnostics.error(where, id, args...);
  }

  void result(size_t begin) {
    size_t end = text.size();
    if (size_t arrow = text.find("->", begin); arrow != std::string_view::npos) {
      fail(range(arrow, arrow + 2), diag::EinsumManyArrows);
      return;
    }
    if (size_t comma = text.find(',', begin); comma != std::string_view::npos) {
      fail(range(comma, comma + 1), diag::EinsumOutputComma);
      return;
    }
    notation.result = field(begin, end);
  }

  /// field := (label | '...')*, the ellipsis at most once
  Field field(size_t begin, size_t end) {
    Field field;
    field.range = range(begin, end);
    for (size_t at = begin; at < end;) {
      if (isSpace(text[at])) {
        ++at;
      } else if (text[at] == '.') {
        dots(field, at, end);
      } else {
        label(field, at, end);
      }
    }
    return field;
  }

  void dots(Field &field, size_t &at, size_t end) {
    size_t begin = at;
    while (at < end && text[at] == '.')
      ++at;
    if (at - begin != 3)
      fail(range(begin, at), diag::EinsumDots, text.substr(begin, at - begin));
    else if (field.hasEllipsis())
      fail(range(begin, at), diag::EinsumEllipsisTwice);
    else
      field.labels.push_back({ellipsis, range(begin, at)});
  }

  /// label := letter, or with names: letter (letter | digit)* "'"*
  void label(Field &field, size_t &at, size_t end) {
    size_t begin = at;
    CodePoint first = decodeUtf8(text, at);
    at += first.size;
    std::string_view character = text.substr(begin, first.size);
    if (!first.isValid) {
      uint32_t byte = static_cast<uint8_t>(text[begin]);
      return fail(range(begin, at), diag::InvalidUtf8, byte);
    }
    if (first.value == 0)
      return fail(range(begin, at), diag::NulByte);
    if (!isLabel(first))
      return fail(range(begin, at), diag::EinsumBadLabel, character);
    while (isNamed && at < end && isNamePart(at))
      at += decodeUtf8(text, at).size;
    if (at - begin > maxNameBytes)
      return fail(range(begin, at), diag::NameTooLong, at - begin, maxNameBytes);
    std::string name(text.substr(begin, at - begin));
    auto [entry, isNew] = numbers.try_emplace(name, static_cast<int>(notation.names.size()));
    if (isNew)
      notation.names.push_back(std::move(name));
    field.labels.push_back({entry->second, range(begin, at)});
  }
  bool isNamePart(size_t at) const {
    bool isDigit = text[at] >= '0' && text[at] <= '9';
    return isDigit || text[at] == '\'' || isLabel(decodeUtf8(text, at));
  }

  std::string_view text;
  uint32_t file;
  bool isNamed;
  Diagnostics &diagnostics;
  Notation notation;
  std::unordered_map<std::string, int> numbers;
  bool failed = false;
};

//===----------------------------------------------------------------------===//
// Fields and shapes to labels and extents
//===----------------------------------------------------------------------===//

class Resolver {
public:
  Resolver(Notation notation, const std::vector<std::vector<int64_t>> &shapes,
           Diagnostics &diagnostics)
      : notation(std::move(notation)), shapes(shapes), diagnostics(diagnostics) {}

  std::optional<EinsumSpec> run() {
    if (!checkRanks())
      return std::nullopt;
    nameEllipsis();
    for (const Field &operand : notation.operands)
      spec.inputs.push_back(expand(operand, operandRank(spec.inputs.size())));
    if (notation.result)
      readResult();
    else
      implyResult();
    spec.labelNames = std::move(notation.names);
    spec.extents.assign(spec.labelNames.size(), unset);
    if (!shapes.empty())
      findExtents();
    std::replace(spec.extents.begin(), spec.extents.end(), unset, unknown);
    return failed ? std::nullopt : std::optional<EinsumSpec>(std::move(spec));
  }

private:
  static constexpr int64_t unknown = -1;
  static constexpr int64_t unset = -2;

  /// Where a label got its extent: operand and dimension.
  struct Place {
    size_t operand = 0;
    size_t dimension = 0;
  };

  template <typename... Args> void fail(SourceRange where, DiagId id, const Args &...args) {
    failed = true;
    diagnostics.error(where, id, args...);
  }

  size_t operandRank(size_t operand) const {
    return shapes.empty() ? notation.operands[operand].labels.size() : shapes[operand].size();
  }

  /// Counts operands and the dimensions of each, and sets `ellipsisRank`.
  bool checkRanks() {
    size_t count = notation.operands.size();
    if (!shapes.empty() && shapes.size() != count) {
      SourceRange all = notation.operands.front().range;
      all.end = notation.operands.back().range.end;
      fail(all, diag::EinsumOperandCount, count, count == 1 ? "" : "s", shapes.size(),
           shapes.size() == 1 ? "is" : "are");
      return false;
    }
    for (size_t i = 0; i < count; ++i) {
      const Field &operand = notation.operands[i];
      bool hasEllipsis = operand.hasEllipsis();
      size_t named = operand.labels.size() - hasEllipsis;
      size_t rank = operandRank(i);
      if (hasEllipsis && shapes.empty())
        fail(operand.range, diag::EinsumEllipsisRank, i + 1);
      else if (!fits(operand, rank))
        fail(operand.range, diag::EinsumRank, i + 1, named, named == 1 ? "index" : "indices", rank);
      else if (hasEllipsis)
        ellipsisRank = std::max(ellipsisRank, rank - named);
    }
    return !failed;
  }

  void nameEllipsis() {
    firstEllipsisLabel = static_cast<int>(notation.names.size());
    for (size_t i = 0; i < ellipsisRank; ++i)
      notation.names.push_back(fmt::format("...{}", i));
  }

  /// The labels of a field of `rank` dimensions; its ellipsis takes the last of the ellipsis'
  /// labels.
  std::vector<int> expand(const Field &field, size_t rank) {
    std::vector<int> labels;
    size_t covered = rank + 1 - field.labels.size();
    for (const Label &label : field.labels) {
      if (label.number != ellipsis)
        labels.push_back(label.number);
      else
        for (size_t i = ellipsisRank - covered; i < ellipsisRank; ++i)
          labels.push_back(firstEllipsisLabel + static_cast<int>(i));
    }
    return labels;
  }

  void readResult() {
    const Field &result = *notation.result;
    std::vector<bool> isInOperand(notation.names.size());
    for (const std::vector<int> &input : spec.inputs)
      for (int label : input)
        isInOperand[label] = true;
    for (const Label &label : result.labels)
      if (label.number != ellipsis && !isInOperand[label.number])
        fail(label.range, diag::EinsumUnknownOutput, notation.names[label.number]);
    if (ellipsisRank != 0 && !result.hasEllipsis())
      fail(result.range, diag::EinsumEllipsisLost, ellipsisRank, ellipsisRank == 1 ? "" : "s");
    size_t named = result.labels.size() - result.hasEllipsis();
    spec.output = expand(result, named + (result.hasEllipsis() ? ellipsisRank : 0));
  }

  /// Without `->`: the dimensions of the ellipsis, then the indices that occur once, in the order
  /// of their code points, which is that of their UTF-8 bytes.
  void implyResult() {
    std::vector<size_t> occurrences(notation.names.size());
    for (const Field &operand : notation.operands)
      for (const Label &label : operand.labels)
        if (label.number != ellipsis)
          ++occurrences[label.number];
    for (int label = 0; label < firstEllipsisLabel; ++label)
      if (occurrences[label] == 1)
        spec.output.push_back(label);
    std::sort(spec.output.begin(), spec.output.end(),
              [&](int a, int b) { return notation.names[a] < notation.names[b]; });
    std::vector<int> leading(ellipsisRank);
    for (size_t i = 0; i < ellipsisRank; ++i)
      leading[i] = firstEllipsisLabel + static_cast<int>(i);
    spec.output.insert(spec.output.begin(), leading.begin(), leading.end());
  }

  /// The place of a dimension in the notation.
  SourceRange rangeOf(Place place) const {
    const Field &operand = notation.operands[place.operand];
    size_t dimension = place.dimension;
    size_t covered = spec.inputs[place.operand].size() + 1 - operand.labels.size();
    for (const Label &label : operand.labels) {
      size_t width = label.number == ellipsis ? covered : 1;
      if (dimension < width)
        return label.range;
      dimension -= width;
    }
    return operand.range;
  }

  void findExtents() {
    from.resize(spec.extents.size());
    std::vector<std::vector<int64_t>> extents = shapes;
    for (size_t i = 0; i < extents.size(); ++i)
      unifyDiagonal(i, extents[i]);
    for (size_t i = 0; i < extents.size(); ++i)
      for (size_t d = 0; d < extents[i].size(); ++d)
        unify({i, d}, extents[i][d]);
    // Extent 1 against another, or against one that is not known yet, is repeated.
    for (size_t i = 0; i < extents.size(); ++i)
      for (size_t d = 0; d < extents[i].size(); ++d)
        if (extents[i][d] == 1 && spec.extents[spec.inputs[i][d]] != 1)
          spec.inputs[i][d] = -1;
  }

  /// Dimensions of one operand under one index have one extent, which extent 1 does not give way
  /// to.
  void unifyDiagonal(size_t operand, std::vector<int64_t> &extents) {
    const std::vector<int> &labels = spec.inputs[operand];
    std::unordered_map<int, size_t> known;
    for (size_t d = 0; d < labels.size(); ++d) {
      if (extents[d] < 0)
        continue;
      auto [first, isFirst] = known.try_emplace(labels[d], d);
      if (!isFirst && extents[first->second] != extents[d])
        fail(rangeOf({operand, d}), diag::EinsumDiagonal, operand + 1, extents[first->second],
             extents[d], spec.labelNames[labels[d]]);
    }
    for (size_t d = 0; d < labels.size(); ++d)
      if (auto first = known.find(labels[d]); extents[d] < 0 && first != known.end())
        extents[d] = extents[first->second];
  }

  /// 1 gives way to the unknown, and that to any other extent.
  void unify(Place place, int64_t extent) {
    int label = spec.inputs[place.operand][place.dimension];
    int64_t &current = spec.extents[label];
    extent = std::max(extent, unknown);
    bool isFixed = current >= 0 && current != 1;
    if (!isFixed &&
        (current == unset || extent > 1 || extent == 0 || (current == 1 && extent == unknown))) {
      current = extent;
      from[label] = place;
      return;
    }
    if (!isFixed || extent == current || extent == 1 || extent == unknown)
      return;
    failed = true;
    bool isNamed = label < firstEllipsisLabel;
    Diagnostic &error =
        isNamed ? diagnostics.error(rangeOf(place), diag::EinsumExtent, spec.labelNames[label],
                                    extent, place.operand + 1, current, from[label].operand + 1)
                : diagnostics.error(rangeOf(place), diag::EinsumBroadcast, extent,
                                    place.operand + 1, current, from[label].operand + 1);
    error.note(rangeOf(from[label]), "extent {} comes from here", int64_t{current});
  }

  Notation notation;
  const std::vector<std::vector<int64_t>> &shapes;
  Diagnostics &diagnostics;
  EinsumSpec spec;
  std::vector<Place> from; ///< by label
  size_t ellipsisRank = 0;
  int firstEllipsisLabel = 0;
  bool failed = false;
};

} // namespace

std::optional<EinsumSpec> parseEinsum(const SourceManager &sources, uint32_t file,
                                      const std::vector<std::vector<int64_t>> &shapes,
                                      Diagnostics &diagnostics) {
  std::string_view text = sources.text(file);
  if (text.size() > maxFileBytes) {
    diagnostics.error({file, 0, 1}, diag::FileTooLarge, text.size(), maxFileBytes);
    return std::nullopt;
  }
  bool isNamed = hasNames(text);
  std::optional<Notation> notation = Reader(text, file, isNamed, diagnostics).run();
  if (!notation)
    return std::nullopt;
  if (isNamed && !shapes.empty() && !fit(*notation, shapes)) {
    // "ab c,c->ab" is also NumPy's "abc,c->ab": the operands' ranks tell.
    Diagnostics unheard(sources);
    std::optional<Notation> letters = Reader(text, file, false, unheard).run();
    if (letters && fit(*letters, shapes))
      notation = std::move(letters);
  }
  return Resolver(std::move(*notation), shapes, diagnostics).run();
}

} // namespace tlc
