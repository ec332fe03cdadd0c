//===- ByteSource.cpp - the bytes of a file or of an archive's member -----===//

#include "runtime/io/ByteSource.h"

#include <cinttypes>

namespace tlrt {

ByteSource::~ByteSource() {
  if (deflated)
    inflateEnd(&stream);
}

int32_t ByteSource::openMember(const ZipMember &member) {
  isMember = true;
  offset = member.offset;
  left = member.size;
  compressed = member.compressed;
  expectedCrc = member.crc;
  if (!member.deflated)
    return TLRT_OK;
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) // raw: the archive has its own header
    return tlrt_fail(file.context, TLRT_ERROR_RESOURCE, "%s: no memory to unpack it", file.name);
  deflated = true;
  return TLRT_OK;
}

int32_t ByteSource::read(void *to, uint64_t count) {
  if (count > left)
    return tlrt_fail(file.context, TLRT_ERROR_DATA,
                     "%s: ends after %" PRIu64 " more bytes, expected %" PRIu64, file.name, left,
                     count);
  if (int32_t failed = deflated ? inflateInto(to, count) : file.readAt(offset, to, count))
    return failed;
  if (!deflated)
    offset += count;
  left -= count;
  if (isMember)
    crc = uint32_t(crc32_z(crc, static_cast<const unsigned char *>(to), count));
  return TLRT_OK;
}

/// Gives zlib the next bytes of the file, if it has none left.
int32_t ByteSource::refill() {
  if (stream.avail_in > 0 || compressed == 0)
    return TLRT_OK;
  uint64_t count = compressed < sizeof buffer ? compressed : sizeof buffer;
  if (int32_t failed = file.readAt(offset, buffer, count))
    return failed;
  offset += count;
  compressed -= count;
  stream.next_in = buffer;
  stream.avail_in = uInt(count);
  return TLRT_OK;
}

int32_t ByteSource::inflateInto(void *to, uint64_t count) {
  constexpr uint64_t kMost = uint64_t(1) << 30; // zlib counts in 32 bits
  auto *at = static_cast<unsigned char *>(to);
  while (count > 0) {
    if (int32_t failed = refill())
      return failed;
    uInt part = uInt(count < kMost ? count : kMost);
    stream.next_out = at;
    stream.avail_out = part;
    int code = inflate(&stream, Z_NO_FLUSH);
    uInt got = part - stream.avail_out;
    at += got;
    count -= got;
    bool stuck = got == 0 && stream.avail_in == 0 && compressed == 0;
    if ((code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) || stuck ||
        (code == Z_STREAM_END && count > 0))
      return tlrt_fail(file.context, TLRT_ERROR_DATA,
                       "%s: its compressed data are damaged or too short, expected %" PRIu64
                       " more bytes",
                       file.name, count);
  }
  return TLRT_OK;
}

int32_t ByteSource::finish() {
  if (!isMember)
    return TLRT_OK;
  if (crc != expectedCrc)
    return tlrt_fail(file.context, TLRT_ERROR_DATA,
                     "%s: the checksum of its data is %08" PRIx32 ", expected %08" PRIx32,
                     file.name, crc, expectedCrc);
  return TLRT_OK;
}

} // namespace tlrt
