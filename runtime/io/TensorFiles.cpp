//===- TensorFiles.cpp - tlrt_read, tlrt_write and their kin --------------===//

#include "runtime/io/Elements.h"
#include "runtime/io/Npy.h"
#include "runtime/io/Text.h"

#include <cinttypes>
#include <climits>
#include <cstring>

namespace tlrt {
namespace {

enum class FileKind { Unknown, Npy, Npz, Text };

/// A path taken apart: "dir/weights.npz#W" is the archive "dir/weights.npz" and the member "W".
struct FileName {
  FileKind kind = FileKind::Unknown;
  Separator separator = Separator::Comma;
  char archive[PATH_MAX] = "";
  const char *member = nullptr; ///< null: not given
};

bool endsWith(const char *text, size_t length, const char *ending) {
  size_t count = strlen(ending);
  return length >= count && memcmp(text + length - count, ending, count) == 0;
}

FileName takeApart(const char *path) {
  FileName result;
  size_t length = strlen(path);
  const char *hash = strrchr(path, '#');
  if (hash && endsWith(path, size_t(hash - path), ".npz")) {
    result.member = hash + 1;
    length = size_t(hash - path);
  }
  if (endsWith(path, length, ".npz") && length < sizeof result.archive) {
    result.kind = FileKind::Npz;
    memcpy(result.archive, path, length);
    return result;
  }
  struct {
    const char *ending;
    Separator separator;
  } const texts[] = {
      {".csv", Separator::Comma}, {".tsv", Separator::Tab}, {".txt", Separator::Blanks}};
  if (endsWith(path, length, ".npy"))
    result.kind = FileKind::Npy;
  for (const auto &text : texts)
    if (endsWith(path, length, text.ending)) {
      result.kind = FileKind::Text;
      result.separator = text.separator;
    }
  return result;
}

int32_t unknownKind(tlrt_context *context, const char *path) {
  const char *slash = strrchr(path, '/');
  const char *dot = strrchr(slash ? slash : path, '.');
  return tlrt_fail(context, TLRT_ERROR_DATA, "%s: %s%s%s, expected .npy, .npz, .csv, .tsv or .txt",
                   path, dot ? "has the extension '" : "has no extension", dot ? dot : "",
                   dot ? "'" : "");
}

int32_t readAny(tlrt_context *context, const char *path, bool headerOnly, tlrt_tensor *out) {
  tlrt_context_clear(context);
  resetTensor(*out);
  FileName name = takeApart(path);
  switch (name.kind) {
  case FileKind::Npy:
    return readNpy(context, path, nullptr, nullptr, headerOnly, *out);
  case FileKind::Npz:
    return readNpy(context, path, name.archive, name.member, headerOnly, *out);
  case FileKind::Text: {
    TextFile file(context, path, name.separator);
    return readMatrix(file, headerOnly, *out);
  }
  case FileKind::Unknown:
    break;
  }
  return unknownKind(context, path);
}

/// Views come from compiled programs and their callers.
int32_t checkView(tlrt_context *context, const char *path, const tlrt_view &view) {
  int64_t count = 0;
  bool sound = elementBytes(view.dtype) && view.rank >= 0 && view.rank <= TLRT_MAX_RANK;
  for (int32_t i = 0; sound && i < view.rank; ++i)
    sound = view.shape[i] >= 0;
  if (!sound || !countElements(view.rank, view.shape, count) || (count > 0 && !view.data))
    return tlrt_fail(context, TLRT_ERROR_DATA,
                     "%s: the tensor to write is not a sound view, expected data, a type, and at "
                     "most %d extents that are not negative",
                     path, TLRT_MAX_RANK);
  return TLRT_OK;
}

} // namespace
} // namespace tlrt

int32_t tlrt_read(tlrt_context *context, const char *path, tlrt_tensor *out) {
  return tlrt::readAny(context, path, false, out);
}

int32_t tlrt_inspect(tlrt_context *context, const char *path, tlrt_tensor *out) {
  return tlrt::readAny(context, path, true, out);
}

void tlrt_tensor_free(tlrt_context *context, tlrt_tensor *tensor) {
  tlrt_release(context, tensor->view.data);
  tensor->view.data = nullptr;
}

int32_t tlrt_write(tlrt_context *context, const char *path, const tlrt_view *view) {
  using namespace tlrt;
  tlrt_context_clear(context);
  if (int32_t failed = checkView(context, path, *view))
    return failed;
  FileName name = takeApart(path);
  switch (name.kind) {
  case FileKind::Npy:
    return writeNpy(context, path, *view);
  case FileKind::Npz:
    return writeNpz(context, path, name.archive, name.member ? name.member : "arr_0", *view);
  case FileKind::Text:
    return writeMatrix(context, path, name.separator, *view);
  case FileKind::Unknown:
    break;
  }
  return unknownKind(context, path);
}

int32_t tlrt_read_rows(tlrt_context *context, const char *path, tlrt_row row, void *user) {
  using namespace tlrt;
  tlrt_context_clear(context);
  FileName name = takeApart(path);
  if (name.kind != FileKind::Text)
    return tlrt_fail(context, TLRT_ERROR_DATA, "%s: is no text, expected .csv, .tsv or .txt", path);
  TextFile file(context, path, name.separator);
  return readRows(file, row, user);
}
