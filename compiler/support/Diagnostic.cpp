//===- Diagnostic.cpp - located messages [X1] -----------------------------===//
//
// A message is shown with its line of source and a caret or a range under it:
//
//   a.tl:3:14: error: index 'k' has extent 4 in B but 5 in A [TL0301]
//     3 | C[i,j] = A[i,k] B[k,j]
//       |                   ^
//
//===----------------------------------------------------------------------===//

#include "compiler/support/Diagnostic.h"

#include "compiler/support/Text.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <tuple>

namespace tlc {

namespace {

/// So many messages are rendered, and so many kept: more help nobody, and a text of a million
/// errors must not cost a million strings.
constexpr size_t renderedLimit = 50;
constexpr size_t keptLimit = 5000;

/// Longer lines are shown in part, around the place that matters; messages that quote a long
/// name are cut.
constexpr size_t shownWidth = 160;
constexpr size_t messageWidth = 1000;

/// So many names are compared with a misspelled one: thousands of unknown names among thousands of
/// known ones must not cost their product.
constexpr size_t searchedNames = 500;

constexpr std::string_view codes[] = {
#define TLC_DIAGNOSTIC(Name, Code, Format) Code,
#include "compiler/support/Diagnostics.def"
};

constexpr std::string_view formats[] = {
#define TLC_DIAGNOSTIC(Name, Code, Format) Format,
#include "compiler/support/Diagnostics.def"
};

struct Palette {
  std::string_view bold, error, warning, note, mark, off;
};
constexpr Palette plain = {};
constexpr Palette ansi = {"\033[1m",    "\033[1;31m", "\033[1;35m",
                          "\033[1;36m", "\033[1;32m", "\033[0m"};

bool isContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

/// A line's part [begin, end) that is shown, and the marks under it.
struct Excerpt {
  std::string text;
  std::string marks;
};

Excerpt excerpt(std::string_view line, size_t from, size_t to) {
  from = std::min(from, line.size());
  to = std::clamp(to, from, line.size());
  size_t begin = 0, end = line.size();
  if (line.size() > shownWidth) {
    begin = from > shownWidth / 2 ? from - shownWidth / 2 : 0;
    end = std::min(line.size(), begin + shownWidth);
    while (begin > 0 && isContinuation(line[begin]))
      --begin;
    while (end < line.size() && isContinuation(line[end]))
      ++end;
    to = std::min(to, end);
  }
  Excerpt result;
  std::string_view cutBefore = begin > 0 ? "..." : "", cutAfter = end < line.size() ? "..." : "";
  result.text =
      fmt::format("{}{}{}", cutBefore, printable(line.substr(begin, end - begin)), cutAfter);
  result.marks.append(cutBefore.size(), ' ');
  // One column a character; tabs stay tabs, so the marks line up whatever their width [X1].
  for (size_t at = begin; at < from; at += decodeUtf8(line, at).size)
    result.marks += line[at] == '\t' ? '\t' : ' ';
  result.marks += '^';
  for (size_t at = from; at < to; at += decodeUtf8(line, at).size)
    if (at != from)
      result.marks += '~';
  return result;
}

class Renderer {
public:
  Renderer(const SourceManager &sources, bool colour)
      : sources(sources), colours(colour ? ansi : plain) {}

  void message(SourceRange range, std::string_view kind, std::string_view colour,
               std::string_view text, std::string_view code) {
    LineColumn at = sources.lineColumn(range.file, range.begin);
    out += fmt::format("{}{}:{}:{}:{} {}{}:{} {}{}{}", colours.bold,
                       printable(sources.name(range.file)), at.line, at.column, colours.off, colour,
                       kind, colours.off, colours.bold, printable(text), colours.off);
    if (!code.empty())
      out += fmt::format(" [{}]", code);
    out += '\n';
    std::string_view line = sources.line(range.file, at.line);
    Excerpt shown = excerpt(line, at.column - 1, at.column - 1 + (range.end - range.begin));
    std::string number = std::to_string(at.line);
    out += fmt::format("{:>5} | {}\n{:>5} | {}{}{}\n", number, shown.text, "", colours.mark,
                       shown.marks, colours.off);
  }

  void diagnostic(const Diagnostic &diagnostic) {
    bool isError = diagnostic.severity == Severity::Error;
    bool isWarning = diagnostic.severity == Severity::Warning;
    message(diagnostic.range,
            isError     ? "error"
            : isWarning ? "warning"
                        : "remark",
            isError     ? colours.error
            : isWarning ? colours.warning
                        : colours.note,
            diagnostic.message, Diagnostics::code(diagnostic.id));
    for (const Note &note : diagnostic.notes)
      message(note.range, "note", colours.note, note.message, "");
  }

  std::string take() { return std::move(out); }
  void append(std::string_view text) { out += text; }

private:
  const SourceManager &sources;
  const Palette &colours;
  std::string out;
};

/// Edit distance of two words, or 3 if it is more than 2: only a band of the table is computed.
size_t editDistance(std::string_view a, std::string_view b) {
  constexpr size_t band = 2, far = band + 1;
  if (a.size() > b.size())
    std::swap(a, b);
  if (b.size() - a.size() > band)
    return far;
  std::vector<size_t> row(b.size() + 1), next(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t from = i > band ? i - band : 1, to = std::min(b.size(), i + band);
    std::fill(next.begin(), next.end(), far);
    next[0] = i;
    for (size_t j = from; j <= to; ++j)
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] != b[j - 1])});
    std::swap(row, next);
  }
  return std::min(row[b.size()], far);
}

} // namespace

std::string_view Diagnostics::code(DiagId id) { return codes[static_cast<size_t>(id)]; }
std::string_view Diagnostics::format(DiagId id) { return formats[static_cast<size_t>(id)]; }

Diagnostic &Diagnostics::report(Severity severity, SourceRange range, DiagId id,
                                std::string message) {
  if (message.size() > messageWidth)
    message.replace(messageWidth, std::string::npos, "...");
  std::string key = fmt::format("{} {} {} {}", range.file, range.begin, code(id), message);
  dropped = Diagnostic{severity, id, range, std::move(message), {}};
  if (severity == Severity::Error)
    ++errors;
  if (list.size() >= keptLimit) {
    ++unlisted;
    return dropped;
  }
  if (!seen.insert(std::move(key)).second)
    return dropped;
  list.push_back(std::move(dropped));
  return list.back();
}

std::string Diagnostics::render(bool colour) const {
  std::vector<const Diagnostic *> sorted;
  for (const Diagnostic &diagnostic : list)
    sorted.push_back(&diagnostic);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Diagnostic *a, const Diagnostic *b) {
    return std::tie(a->range.file, a->range.begin) < std::tie(b->range.file, b->range.begin);
  });
  Renderer renderer(sources, colour);
  size_t shown = std::min(sorted.size(), renderedLimit);
  for (size_t i = 0; i < shown; ++i)
    renderer.diagnostic(*sorted[i]);
  if (size_t more = sorted.size() - shown + unlisted)
    renderer.append(fmt::format("{} more message{} not shown\n", more, more == 1 ? "" : "s"));
  return renderer.take();
}

std::string_view nearestName(std::string_view word,
                             const std::vector<std::string_view> &candidates) {
  std::string_view best;
  size_t bestDistance = std::min<size_t>(3, word.size());
  size_t count = std::min(candidates.size(), searchedNames);
  for (std::string_view candidate : std::span(candidates).first(count)) {
    size_t distance = editDistance(word, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

} // namespace tlc
