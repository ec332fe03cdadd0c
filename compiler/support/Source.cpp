//===- Source.cpp - program text and positions in it ----------------------===//

#include "compiler/support/Source.h"

#include <algorithm>

namespace tlc {

uint32_t SourceManager::add(std::string name, std::string text) {
  auto file = std::make_unique<File>();
  file->name = std::move(name);
  file->text = std::move(text);
  file->lineStarts.push_back(0);
  for (size_t at = file->text.find('\n'); at != std::string::npos;
       at = file->text.find('\n', at + 1))
    file->lineStarts.push_back(static_cast<uint32_t>(at + 1));
  files.push_back(std::move(file));
  return size() - 1;
}

std::string_view SourceManager::text(SourceRange range) const {
  std::string_view whole = text(range.file);
  uint32_t begin = std::min<uint32_t>(range.begin, static_cast<uint32_t>(whole.size()));
  return whole.substr(begin, range.end > begin ? range.end - begin : 0);
}

LineColumn SourceManager::lineColumn(uint32_t file, uint32_t offset) const {
  const std::vector<uint32_t> &starts = files[file]->lineStarts;
  auto next = std::upper_bound(starts.begin(), starts.end(), offset);
  return {static_cast<uint32_t>(next - starts.begin()), offset - *(next - 1) + 1};
}

std::string_view SourceManager::line(uint32_t file, uint32_t number) const {
  const File &source = *files[file];
  if (number == 0 || number > source.lineStarts.size())
    return {};
  uint32_t begin = source.lineStarts[number - 1];
  size_t end = source.text.find('\n', begin);
  std::string_view line = std::string_view(source.text).substr(begin, end - begin);
  if (!line.empty() && line.back() == '\r')
    line.remove_suffix(1);
  return line;
}

} // namespace tlc
