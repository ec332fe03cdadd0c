//===- Diagnostic.h - located messages [X1] -------------------------------===//
//
// Every message of the compiler has an entry in Diagnostics.def with a stable code:
//
//   diagnostics.error(range, diag::ExtentMismatch, "k", 4, "B", 5, "A")
//              .note(other, "index '{}' is used here", "k");
//
//   a.tl:3:14: error: index 'k' has extent 4 in B but 5 in A [TL0301]
//     3 | C[i,j] = A[i,k] B[k,j]
//       |                   ^
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_SUPPORT_DIAGNOSTIC_H
#define TLC_COMPILER_SUPPORT_DIAGNOSTIC_H

#include "compiler/support/Source.h"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace tlc {

/// Names of the entries of Diagnostics.def.
enum class DiagId : uint16_t {
#define TLC_DIAGNOSTIC(Name, Code, Format) Name,
#include "compiler/support/Diagnostics.def"
};
namespace diag {
#define TLC_DIAGNOSTIC(Name, Code, Format) inline constexpr DiagId Name = DiagId::Name;
#include "compiler/support/Diagnostics.def"
} // namespace diag

enum class Severity { Error, Warning, Remark };

struct Note {
  SourceRange range;
  std::string message;
};

struct Diagnostic {
  Severity severity = Severity::Error;
  DiagId id;
  SourceRange range;
  std::string message;
  std::vector<Note> notes;

  template <typename... Args>
  Diagnostic &note(SourceRange where, fmt::format_string<Args...> format, Args &&...args) {
    notes.push_back({where, fmt::format(format, std::forward<Args>(args)...)});
    return *this;
  }
};

/// Collects the diagnostics of one compilation.
class Diagnostics {
public:
  explicit Diagnostics(const SourceManager &sources) : sources(sources) {}

  /// Reports an error whose text is the catalogue's format with `args` filled in. An error at
  /// a place that already has the same one is dropped.
  template <typename... Args> Diagnostic &error(SourceRange range, DiagId id, const Args &...args) {
    return report(Severity::Error, range, id,
                  fmt::vformat(format(id), fmt::make_format_args(args...)));
  }
  template <typename... Args>
  Diagnostic &warning(SourceRange range, DiagId id, const Args &...args) {
    return report(Severity::Warning, range, id,
                  fmt::vformat(format(id), fmt::make_format_args(args...)));
  }

  bool hasErrors() const { return errors != 0; }
  const std::vector<Diagnostic> &all() const { return list; }
  const SourceManager &sourceManager() const { return sources; }

  /// All messages in source order, as in [X1], the first 50 of them and then how many more there
  /// are; with ANSI colours if `colour`.
  std::string render(bool colour = false) const;

  /// The catalogue's code, such as "TL0301", and its format.
  static std::string_view code(DiagId id);
  static std::string_view format(DiagId id);

private:
  Diagnostic &report(Severity severity, SourceRange range, DiagId id, std::string message);

  const SourceManager &sources;
  std::vector<Diagnostic> list;
  std::unordered_set<std::string> seen; ///< place, code and text of each
  Diagnostic dropped;                   ///< what `report` returns for a repeated message
  unsigned errors = 0;
  unsigned unlisted = 0; ///< reported after the list was full
};

/// The candidate nearest to `word` (edit distance at most 2 and less than its length), or "".
std::string_view nearestName(std::string_view word,
                             const std::vector<std::string_view> &candidates);

} // namespace tlc

#endif // TLC_COMPILER_SUPPORT_DIAGNOSTIC_H
