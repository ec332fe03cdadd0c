//===- Zip.cpp - finding a member of a .npz archive -----------------------===//
//
// A zip archive is read from its end: the end record says where the directory is, each entry
// of the directory where its member starts. All of these numbers may be lies:
//
//   [local header, name, data] ... [directory: one entry per member] [end record]
//
// Fields of 4 GiB and more stand in 64-bit extensions, which NumPy also writes for small
// members. Encrypted members, archives in several parts and other methods than "stored" and
// "deflated" are refused.
//
//===----------------------------------------------------------------------===//

#include "runtime/io/Zip.h"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace tlrt {
namespace {

constexpr uint64_t kEndBytes = 22, kEnd64Bytes = 56, kLocatorBytes = 20;
constexpr uint64_t kEntryBytes = 46, kLocalBytes = 30;
constexpr uint64_t kMaxComment = 65535;
/// Deflate cannot pack more than this many bytes into one, and a few in its first block.
constexpr uint64_t kMaxRatio = 1032, kSlack = 4096;

/// Little-endian fields of a record.
struct Fields {
  const unsigned char *at;
  uint32_t u16(int i) const { return uint32_t(at[i] | at[i + 1] << 8); }
  uint32_t u32(int i) const { return u16(i) | u16(i + 2) << 16; }
  uint64_t u64(int i) const { return u32(i) | uint64_t(u32(i + 4)) << 32; }
  bool starts(const char *signature) const { return memcmp(at, signature, 4) == 0; }
};

int32_t refuse(InputFile &file, const char *found, const char *expected) {
  return tlrt_fail(file.context, TLRT_ERROR_DATA, "%s: %s, expected %s", file.name, found,
                   expected);
}

struct Directory {
  uint64_t offset = 0, size = 0, entries = 0;
};

/// Replaces the fields of `directory` by those of the 64-bit end record before `end`.
int32_t readEnd64(InputFile &file, uint64_t end, Directory &directory) {
  unsigned char locator[kLocatorBytes], record[kEnd64Bytes];
  if (end < kLocatorBytes)
    return refuse(file, "the archive's end record is damaged", "a 64-bit end record");
  if (int32_t failed = file.readAt(end - kLocatorBytes, locator, sizeof locator))
    return failed;
  uint64_t at = Fields{locator}.u64(8);
  if (!Fields{locator}.starts("PK\6\7") || at > end || end - at < kEnd64Bytes + kLocatorBytes)
    return refuse(file, "the archive's end record is damaged", "a 64-bit end record");
  if (int32_t failed = file.readAt(at, record, sizeof record))
    return failed;
  if (!Fields{record}.starts("PK\6\6"))
    return refuse(file, "the archive's end record is damaged", "a 64-bit end record");
  directory = {Fields{record}.u64(48), Fields{record}.u64(40), Fields{record}.u64(32)};
  return TLRT_OK;
}

/// Finds the end record and what it says about the directory.
int32_t readDirectory(InputFile &file, Directory &directory) {
  uint64_t tail = file.size() < kEndBytes + kMaxComment ? file.size() : kEndBytes + kMaxComment;
  auto *bytes = static_cast<unsigned char *>(malloc(tail ? tail : 1));
  if (!bytes)
    return tlrt_fail(file.context, TLRT_ERROR_RESOURCE, "%s: no memory to read it", file.name);
  int32_t failed = file.readAt(file.size() - tail, bytes, tail);
  uint64_t end = UINT64_MAX;
  for (uint64_t i = tail; !failed && i >= kEndBytes; --i) {
    Fields record{bytes + i - kEndBytes};
    if (!record.starts("PK\5\6") || record.u16(20) != tail - i)
      continue;
    end = file.size() - (tail - i) - kEndBytes;
    directory = {record.u32(16), record.u32(12), record.u16(10)};
    break;
  }
  free(bytes);
  if (failed)
    return failed;
  if (end == UINT64_MAX)
    return refuse(file, "no end record of an archive is in it", "a complete .npz file");
  bool extended = directory.offset == UINT32_MAX || directory.size == UINT32_MAX ||
                  directory.entries == UINT16_MAX;
  if (extended && (failed = readEnd64(file, end, directory)))
    return failed;
  if (directory.offset > end || directory.size > end - directory.offset ||
      directory.entries > directory.size / kEntryBytes)
    return refuse(file, "the archive's directory lies outside it", "a complete .npz file");
  return TLRT_OK;
}

/// An entry of the directory.
struct Entry {
  const char *name;
  uint32_t nameBytes, flags, method;
  uint64_t headerOffset;
  ZipMember member;
};

/// Takes the 64-bit values of the fields that are too large for 32 bits.
bool readExtended(Fields extra, uint64_t bytes, Entry &entry) {
  uint64_t *fields[] = {&entry.member.size, &entry.member.compressed, &entry.headerOffset};
  while (bytes >= 4) {
    uint64_t length = extra.u16(2);
    if (length > bytes - 4)
      return false;
    uint64_t used = 0;
    for (uint64_t *field : fields) {
      if (extra.u16(0) != 1 || *field != UINT32_MAX)
        continue;
      if (used + 8 > length)
        return false;
      *field = extra.u64(int(4 + used));
      used += 8;
    }
    extra.at += 4 + length;
    bytes -= 4 + length;
  }
  return true;
}

/// Reads the entry at `at` and moves behind it; false if it is damaged.
bool readEntry(const unsigned char *&at, const unsigned char *end, Entry &entry) {
  Fields fields{at};
  if (uint64_t(end - at) < kEntryBytes || !fields.starts("PK\1\2"))
    return false;
  uint64_t extra = fields.u16(30), comment = fields.u16(32);
  entry.nameBytes = fields.u16(28);
  if (uint64_t(end - at) - kEntryBytes < entry.nameBytes + extra + comment)
    return false;
  entry.name = reinterpret_cast<const char *>(at + kEntryBytes);
  entry.flags = fields.u16(8);
  entry.method = fields.u16(10);
  entry.headerOffset = fields.u32(42);
  entry.member.crc = fields.u32(16);
  entry.member.compressed = fields.u32(20);
  entry.member.size = fields.u32(24);
  Fields extraFields{at + kEntryBytes + entry.nameBytes};
  at += kEntryBytes + entry.nameBytes + extra + comment;
  return readExtended(extraFields, extra, entry);
}

/// "x" names the members x and x.npy.
bool isCalled(const Entry &entry, const char *name) {
  uint32_t length = uint32_t(strlen(name));
  if (entry.nameBytes < length || memcmp(entry.name, name, length) != 0)
    return false;
  return entry.nameBytes == length ||
         (entry.nameBytes == length + 4 && memcmp(entry.name + length, ".npy", 4) == 0);
}

/// Where the data of the chosen entry are, behind its local header.
int32_t locate(InputFile &file, Entry &entry) {
  ZipMember &member = entry.member;
  if (entry.flags & 1)
    return refuse(file, "the member is encrypted", "plain data");
  if (entry.method != 0 && entry.method != 8)
    return tlrt_fail(file.context, TLRT_ERROR_DATA,
                     "%s: the member is packed by method %" PRIu32
                     ", expected stored (0) or deflated (8)",
                     file.name, entry.method);
  member.deflated = entry.method == 8;
  unsigned char local[kLocalBytes];
  if (entry.headerOffset > file.size() || file.size() - entry.headerOffset < kLocalBytes)
    return refuse(file, "the member lies outside the archive", "a complete .npz file");
  if (int32_t failed = file.readAt(entry.headerOffset, local, sizeof local))
    return failed;
  Fields fields{local};
  if (!fields.starts("PK\3\4"))
    return refuse(file, "no member is where the directory says", "a complete .npz file");
  member.offset = entry.headerOffset + kLocalBytes + fields.u16(26) + fields.u16(28);
  if (member.offset > file.size() || member.compressed > file.size() - member.offset)
    return refuse(file, "the member lies outside the archive", "a complete .npz file");
  bool possible = member.deflated ? member.size <= member.compressed * kMaxRatio + kSlack
                                  : member.size == member.compressed;
  if (!possible)
    return tlrt_fail(file.context, TLRT_ERROR_DATA,
                     "%s: %" PRIu64 " bytes are said to unpack to %" PRIu64
                     ", expected sizes that fit each other",
                     file.name, member.compressed, member.size);
  return TLRT_OK;
}

/// Goes through the directory. Says which members there are if none or several are meant.
int32_t choose(InputFile &file, const unsigned char *at, const unsigned char *end, uint64_t entries,
               const char *name, Entry &chosen) {
  int matches = 0;
  char list[200] = "";
  size_t length = 0;
  for (uint64_t i = 0; i < entries; ++i) {
    Entry entry;
    if (!readEntry(at, end, entry))
      return refuse(file, "the archive's directory is damaged", "a complete .npz file");
    if (length + entry.nameBytes + 8 < sizeof list) {
      length += size_t(snprintf(list + length, sizeof list - length, "%s%.*s", i ? ", " : "",
                                int(entry.nameBytes), entry.name));
    } else if (length + 8 < sizeof list) {
      memcpy(list + length, ", ...", 6);
      length = sizeof list;
    }
    if (name && !isCalled(entry, name))
      continue;
    chosen = entry;
    ++matches;
  }
  for (char *c = list; *c; ++c)
    if (static_cast<unsigned char>(*c) < ' ')
      *c = '?';
  if (matches == 1)
    return TLRT_OK;
  if (!name)
    return tlrt_fail(file.context, TLRT_ERROR_DATA,
                     "%s: has %" PRIu64 " members (%s), expected one, or #name", file.name, entries,
                     list);
  return tlrt_fail(file.context, TLRT_ERROR_DATA, "%s: has the members (%s), expected %s '%s'",
                   file.name, list, matches ? "only one" : "one called", name);
}

} // namespace

int32_t findMember(InputFile &file, const char *name, ZipMember &member) {
  Directory directory;
  if (int32_t failed = readDirectory(file, directory))
    return failed;
  int64_t size = int64_t(directory.size);
  auto *bytes = static_cast<unsigned char *>(tlrt_alloc(file.context, 1, &size, 1));
  if (!bytes)
    return TLRT_ERROR_RESOURCE;
  Entry entry = {};
  int32_t failed = file.readAt(directory.offset, bytes, directory.size);
  if (!failed)
    failed = choose(file, bytes, bytes + directory.size, directory.entries, name, entry);
  tlrt_release(file.context, bytes); // the entry's name is not used any more
  if (!failed)
    failed = locate(file, entry);
  member = entry.member;
  return failed;
}

} // namespace tlrt
