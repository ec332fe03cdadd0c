//===- FileInspector.cpp - how the front end sees files -------------------===//
//
// The front end knows no files: it asks for the text of an imported module, for type and
// extents of a data file and for the rows of a file of facts.
//
//===----------------------------------------------------------------------===//

#include "compiler/api/FileInspector.h"

#include "compiler/api/CacheKey.h"
#include "compiler/api/TensorAccess.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace tlc {

std::string resolvePath(const std::string &directory, const std::string &path) {
  if (path.empty() || path[0] == '/' || directory.empty() || directory == ".")
    return path;
  return directory.back() == '/' ? directory + path : directory + '/' + path;
}

static bool readText(const std::string &path, std::string &text, std::string &error) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    error = fmt::format("{}: {}", path, std::strerror(errno));
    return false;
  }
  text.assign(std::istreambuf_iterator<char>(file), {});
  if (!file.bad())
    return true;
  error = fmt::format("{}: cannot be read", path);
  return false;
}

static bool inspectTensor(const std::string &path, FileInfo &info, std::string &error) {
  RuntimeContext context(tlrt_context_create(1));
  tlrt_tensor tensor = {};
  int32_t status = tlrt_inspect(context.get(), path.c_str(), &tensor);
  if (status)
    error = tlrt_context_message(context.get());
  info.type = static_cast<DType>(tensor.view.dtype);
  info.shape.assign(tensor.shape, tensor.shape + tensor.view.rank);
  tlrt_tensor_free(context.get(), &tensor);
  return status == TLRT_OK;
}

static int32_t appendRow(void *user, int64_t, int32_t cells, const char *const *cell) {
  static_cast<FileInfo *>(user)->rows.emplace_back(cell, cell + cells);
  return TLRT_OK;
}

static bool readRows(const std::string &path, FileInfo &info, std::string &error) {
  RuntimeContext context(tlrt_context_create(1));
  int32_t status = tlrt_read_rows(context.get(), path.c_str(), appendRow, &info);
  if (status)
    error = tlrt_context_message(context.get());
  info.type = DType::Bool;
  return status == TLRT_OK;
}

static bool isTextFile(const std::string &path) {
  for (const char *suffix : {".csv", ".tsv", ".txt"})
    if (path.size() > 4 && path.compare(path.size() - 4, 4, suffix) == 0)
      return true;
  return false;
}

/// What the front end learns of a file, and what it cannot open.
static void addFile(CacheKey &key, const std::string &path, const FileInfo &info, bool isRead) {
  key.add(path);
  key.add(isRead);
  key.add(static_cast<int64_t>(info.type));
  key.add(info.shape);
  key.add(static_cast<int64_t>(info.rows.size()));
  for (const std::vector<std::string> &row : info.rows) {
    key.add(static_cast<int64_t>(row.size()));
    for (const std::string &cell : row)
      key.add(cell);
  }
}

FrontendOptions frontendOptions(const std::string &directory, const Options &options,
                                const BoundTypes &bound, CacheKey *key) {
  FrontendOptions result;
  result.defaultType = options.type;
  result.readModule = [=](const std::string &path, std::string &text, std::string &error) {
    bool isRead = readText(resolvePath(directory, path), text, error);
    if (key) {
      key->add(path);
      key->add(text);
    }
    return isRead;
  };
  result.inspectFile = [=](const std::string &path, bool asRelation, FileInfo &info,
                           std::string &error) {
    std::string resolved = resolvePath(directory, path);
    bool isRead = asRelation && isTextFile(path) ? readRows(resolved, info, error)
                                                 : inspectTensor(resolved, info, error);
    if (key)
      addFile(*key, path, info, isRead);
    return isRead;
  };
  result.inspectInput = [=](const std::string &tensor, FileInfo &info) {
    auto found = bound.find(tensor);
    bool isBound = found != bound.end();
    if (isBound) {
      info.type = found->second.type;
      info.shape = found->second.shape;
    }
    if (key)
      addFile(*key, tensor, info, isBound);
    return isBound;
  };
  return result;
}

} // namespace tlc
