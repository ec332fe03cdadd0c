//===- NpyHeader.h - the header of a .npy file ----------------------------===//

#ifndef TLC_RUNTIME_IO_NPYHEADER_H
#define TLC_RUNTIME_IO_NPYHEADER_H

#include "runtime/io/ByteSource.h"
#include "runtime/io/Elements.h"

namespace tlrt {

struct NpyHeader {
  ElementFormat format;
  bool fortranOrder = false;
  int32_t rank = 0;
  int64_t shape[TLRT_MAX_RANK];
};

/// Reads the header; `source` then stands at the first element.
int32_t readNpyHeader(ByteSource &source, NpyHeader &header);

/// Writes the header of a row-major tensor of type `dtype` (not bf16) to `text`; returns its
/// bytes, a multiple of 64.
constexpr int kMaxNpyHeader = 64 * (TLRT_MAX_RANK / 2);
int printNpyHeader(char (&text)[kMaxNpyHeader], int32_t dtype, int32_t rank, const int64_t *shape);

} // namespace tlrt

#endif // TLC_RUNTIME_IO_NPYHEADER_H
