//===- Npy.cpp - NumPy's files --------------------------------------------===//
//
// The size of the elements is compared with the size of the file before any memory is asked
// for. Elements in the machine's own form are read into their place; others pass through a
// small buffer, where their bytes are turned round, widened, or sent from column-major (Fortran)
// to row-major places.
//
//===----------------------------------------------------------------------===//

#include "runtime/io/Npy.h"

#include "runtime/io/AtomicFile.h"
#include "runtime/io/NpyHeader.h"
#include "runtime/io/Zip.h"

#include <cinttypes>
#include <cstring>

namespace tlrt {
namespace {

constexpr int64_t kChunk = 4096; ///< elements that pass through the buffer at once
constexpr int64_t kMaxElement = 16;

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/// Takes elements in column-major order to their places in a row-major tensor.
class ColumnMajorScatter {
public:
  explicit ColumnMajorScatter(tlrt_tensor &tensor)
      : tensor(tensor), bytes(elementBytes(tensor.view.dtype)) {}

  void put(const unsigned char *from, int64_t count) {
    for (int64_t i = 0; i < count; ++i, from += bytes) {
      memcpy(static_cast<char *>(tensor.view.data) + offset * bytes, from, size_t(bytes));
      advance();
    }
  }

private:
  void advance() {
    for (int32_t i = 0; i < tensor.view.rank; ++i) {
      offset += tensor.strides[i];
      if (++position[i] < tensor.shape[i])
        return;
      offset -= tensor.strides[i] * tensor.shape[i];
      position[i] = 0;
    }
  }

  tlrt_tensor &tensor;
  int64_t bytes;
  int64_t offset = 0;
  int64_t position[TLRT_MAX_RANK] = {};
};

int32_t readElements(ByteSource &source, const NpyHeader &header, int64_t count,
                     tlrt_tensor &tensor) {
  const ElementFormat &format = header.format;
  bool scattered = header.fortranOrder && header.rank > 1;
  if (format.isPlainCopy() && !scattered)
    return source.read(tensor.view.data, uint64_t(count) * format.bytes);
  alignas(16) unsigned char raw[kChunk * kMaxElement];
  alignas(16) unsigned char converted[kChunk * kMaxElement];
  ColumnMajorScatter scatter(tensor);
  int64_t bytes = elementBytes(format.dtype);
  for (int64_t done = 0; done < count; done += kChunk) {
    int64_t part = count - done < kChunk ? count - done : kChunk;
    if (int32_t failed = source.read(raw, uint64_t(part) * format.bytes))
      return failed;
    unsigned char *place = static_cast<unsigned char *>(tensor.view.data) + done * bytes;
    convertElements(format, raw, scattered ? converted : place, uint64_t(part));
    if (scattered)
      scatter.put(converted, part);
  }
  return TLRT_OK;
}

/// Compares the shape with the bytes that follow.
int32_t checkSize(const ByteSource &source, const NpyHeader &header, int64_t &count) {
  const InputFile &file = source.file;
  int64_t bytes;
  if (!countElements(header.rank, header.shape, count) ||
      __builtin_mul_overflow(count, int64_t(header.format.bytes), &bytes))
    return tlrt_fail(file.context, TLRT_ERROR_DATA,
                     "%s: its extents multiply to more than 63 bits, expected a shape that fits "
                     "the file",
                     file.name);
  if (uint64_t(bytes) != source.remaining())
    return tlrt_fail(file.context, TLRT_ERROR_DATA,
                     "%s: has %" PRIu64 " bytes of elements, expected %" PRId64 " for its shape",
                     file.name, source.remaining(), bytes);
  return TLRT_OK;
}

} // namespace

int32_t readNpy(tlrt_context *context, const char *name, const char *archive, const char *member,
                bool headerOnly, tlrt_tensor &tensor) {
  InputFile file(context, name);
  if (int32_t failed = file.open(archive ? archive : name))
    return failed;
  ByteSource source(file);
  ZipMember place;
  if (archive) {
    int32_t failed = findMember(file, member, place);
    if (!failed)
      failed = source.openMember(place);
    if (failed)
      return failed;
  }
  NpyHeader header;
  int64_t count;
  int32_t failed = readNpyHeader(source, header);
  if (!failed)
    failed = checkSize(source, header, count);
  if (failed)
    return failed;
  tensor.view.rank = header.rank;
  tensor.view.dtype = header.format.dtype;
  memcpy(tensor.shape, header.shape, sizeof(int64_t) * size_t(header.rank));
  setRowMajorStrides(tensor);
  if (headerOnly)
    return TLRT_OK;
  tensor.view.data =
      tlrt_alloc(context, header.rank, header.shape, elementBytes(header.format.dtype));
  if (!tensor.view.data)
    return TLRT_ERROR_RESOURCE;
  failed = readElements(source, header, count, tensor);
  return failed ? failed : source.finish();
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

namespace {

/// The type in the file: NumPy has no bf16.
int32_t fileType(const tlrt_view &view) {
  return view.dtype == TLRT_BF16 ? int32_t(TLRT_F32) : view.dtype;
}

/// Writes header and elements; their CRC-32 goes to `crc` and their bytes to `bytes`.
void writeContent(AtomicFile &file, const tlrt_view &view, int64_t count, uint32_t &crc,
                  uint64_t &bytes) {
  char header[kMaxNpyHeader];
  bytes = uint64_t(printNpyHeader(header, fileType(view), view.rank, view.shape));
  file.write(header, bytes);
  crc = uint32_t(crc32_z(0, reinterpret_cast<unsigned char *>(header), bytes));
  alignas(16) unsigned char chunk[kChunk * kMaxElement];
  int64_t size = elementBytes(view.dtype), fileSize = elementBytes(fileType(view));
  bool contiguous = isRowMajor(view);
  ElementWalk walk(view);
  for (int64_t done = 0; done < count && !file.hasFailed(); done += kChunk) {
    int64_t part = count - done < kChunk ? count - done : kChunk;
    const unsigned char *from = static_cast<unsigned char *>(view.data) + done * size;
    if (view.dtype == TLRT_BF16) {
      for (int64_t i = 0; i < part; ++i) {
        uint16_t bits;
        memcpy(&bits, walk.next(), sizeof bits);
        float wide = tlrt_bfloat_to_float(bits);
        memcpy(chunk + i * fileSize, &wide, sizeof wide);
      }
      from = chunk;
    } else if (!contiguous) {
      walk.gather(chunk, part);
      from = chunk;
    }
    file.write(from, size_t(part * fileSize));
    crc = uint32_t(crc32_z(crc, from, size_t(part * fileSize)));
    bytes += uint64_t(part * fileSize);
  }
}

/// Puts little-endian fields one after the other.
struct Record {
  unsigned char bytes[64];
  size_t length = 0;
  void u16(uint32_t value) {
    bytes[length++] = static_cast<unsigned char>(value);
    bytes[length++] = static_cast<unsigned char>(value >> 8);
  }
  void u32(uint32_t value) {
    u16(value & 0xffff);
    u16(value >> 16);
  }
};

/// The part that local header and directory entry share: version 2.0, stored, 1 January 1980.
void putMember(Record &record, uint32_t crc, uint32_t bytes, size_t nameBytes) {
  record.u16(20); // version needed
  record.u16(0);  // flags
  record.u16(0);  // method
  record.u16(0);  // time
  record.u16(33); // date
  record.u32(crc);
  record.u32(bytes);
  record.u32(bytes);
  record.u16(uint32_t(nameBytes));
  record.u16(0); // extra field
}

Record localHeader(uint32_t crc, uint32_t bytes, size_t nameBytes) {
  Record record;
  record.u32(0x04034b50);
  putMember(record, crc, bytes, nameBytes);
  return record;
}

Record directoryEntry(uint32_t crc, uint32_t bytes, size_t nameBytes) {
  Record record;
  record.u32(0x02014b50);
  record.u16(20); // made by
  putMember(record, crc, bytes, nameBytes);
  record.u16(0); // comment
  record.u16(0); // disk
  record.u16(0); // internal attributes
  record.u32(0); // external attributes
  record.u32(0); // offset of the local header
  return record;
}

Record endRecord(uint32_t directoryBytes, uint32_t directoryOffset) {
  Record record;
  record.u32(0x06054b50);
  record.u32(0); // disks
  record.u16(1); // entries here
  record.u16(1); // entries
  record.u32(directoryBytes);
  record.u32(directoryOffset);
  record.u16(0); // comment
  return record;
}

} // namespace

int32_t writeNpy(tlrt_context *context, const char *name, const tlrt_view &view) {
  AtomicFile file(context, name);
  if (int32_t failed = file.open(name))
    return failed;
  int64_t count;
  countElements(view.rank, view.shape, count);
  uint32_t crc;
  uint64_t bytes;
  writeContent(file, view, count, crc, bytes);
  return file.commit();
}

int32_t writeNpz(tlrt_context *context, const char *name, const char *archive, const char *member,
                 const tlrt_view &view) {
  constexpr int64_t kMaxMember = (int64_t(1) << 32) - 65536;
  int64_t count;
  countElements(view.rank, view.shape, count);
  if (count > kMaxMember / elementBytes(fileType(view)))
    return tlrt_fail(context, TLRT_ERROR_DATA,
                     "%s: its %" PRId64 " elements need more than 4 GiB, expected less, or a .npy "
                     "file",
                     name, count);
  char title[300];
  size_t titleBytes = strlen(member);
  if (titleBytes == 0 || titleBytes > sizeof title - 5)
    return tlrt_fail(context, TLRT_ERROR_DATA,
                     "%s: the member's name has %zu bytes, expected 1 to %zu", name, titleBytes,
                     sizeof title - 5);
  memcpy(title, member, titleBytes);
  if (titleBytes < 4 || memcmp(member + titleBytes - 4, ".npy", 4) != 0) {
    memcpy(title + titleBytes, ".npy", 4);
    titleBytes += 4;
  }
  AtomicFile file(context, name);
  if (int32_t failed = file.open(archive))
    return failed;
  // The checksum is known at the end: the header is written twice.
  Record local = localHeader(0, 0, titleBytes);
  file.write(local.bytes, local.length);
  file.write(title, titleBytes);
  uint32_t crc;
  uint64_t bytes;
  writeContent(file, view, count, crc, bytes);
  Record entry = directoryEntry(crc, uint32_t(bytes), titleBytes);
  uint64_t directory = local.length + titleBytes + bytes;
  file.write(entry.bytes, entry.length);
  file.write(title, titleBytes);
  Record end = endRecord(uint32_t(entry.length + titleBytes), uint32_t(directory));
  file.write(end.bytes, end.length);
  local = localHeader(crc, uint32_t(bytes), titleBytes);
  file.rewrite(0, local.bytes, local.length);
  return file.commit();
}

} // namespace tlrt
