//===- ByteSource.h - the bytes of a file or of an archive's member -------===//

#ifndef TLC_RUNTIME_IO_BYTESOURCE_H
#define TLC_RUNTIME_IO_BYTESOURCE_H

#include "runtime/io/InputFile.h"

#include <zlib.h>

namespace tlrt {

/// Where a member of an archive lies. Every number is checked against the file.
struct ZipMember {
  uint64_t offset = 0;     ///< of its data
  uint64_t compressed = 0; ///< bytes in the file
  uint64_t size = 0;       ///< bytes when unpacked
  uint32_t crc = 0;
  bool deflated = false;
};

/// Delivers bytes in order: a whole file, or a member, which is unpacked on the way and
/// compared with its checksum.
class ByteSource {
public:
  explicit ByteSource(InputFile &file) : file(file), left(file.size()), compressed(left) {}
  ByteSource(const ByteSource &) = delete;
  ~ByteSource();

  int32_t openMember(const ZipMember &member);
  /// Bytes that have not been read yet.
  uint64_t remaining() const { return left; }
  /// Reads exactly `count` bytes.
  int32_t read(void *to, uint64_t count);
  /// To be called when everything has been read: compares checksums.
  int32_t finish();

  InputFile &file;

private:
  int32_t inflateInto(void *to, uint64_t count);
  int32_t refill();

  uint64_t offset = 0; ///< next byte of the file
  uint64_t left;
  uint64_t compressed; ///< bytes of the file not yet taken
  bool isMember = false, deflated = false;
  uint32_t expectedCrc = 0, crc = 0;
  z_stream stream = {};
  unsigned char buffer[1 << 16];
};

} // namespace tlrt

#endif // TLC_RUNTIME_IO_BYTESOURCE_H
