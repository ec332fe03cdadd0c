//===- Source.h - program text and positions in it ------------------------===//

#ifndef TLC_COMPILER_SUPPORT_SOURCE_H
#define TLC_COMPILER_SUPPORT_SOURCE_H

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tlc {

/// A half-open range of bytes in one source file. `file` indexes `SourceManager`.
struct SourceRange {
  uint32_t file = 0;
  uint32_t begin = 0;
  uint32_t end = 0;

  bool isValid() const { return end > begin; }
};

/// Line and column, both from 1; columns count bytes.
struct LineColumn {
  uint32_t line = 1;
  uint32_t column = 1;
};

/// Owns the text of every file of a program: the main file is number 0.
class SourceManager {
public:
  /// Adds a file and returns its number.
  uint32_t add(std::string name, std::string text);

  std::string_view name(uint32_t file) const { return files[file]->name; }
  std::string_view text(uint32_t file) const { return files[file]->text; }
  std::string_view text(SourceRange range) const;
  LineColumn lineColumn(uint32_t file, uint32_t offset) const;
  /// The line with this number (from 1), without its end.
  std::string_view line(uint32_t file, uint32_t number) const;
  uint32_t size() const { return static_cast<uint32_t>(files.size()); }

private:
  struct File {
    std::string name;
    std::string text;
    std::vector<uint32_t> lineStarts;
  };
  std::vector<std::unique_ptr<File>> files;
};

} // namespace tlc

#endif // TLC_COMPILER_SUPPORT_SOURCE_H
