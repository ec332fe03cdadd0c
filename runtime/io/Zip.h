//===- Zip.h - finding a member of a .npz archive -------------------------===//

#ifndef TLC_RUNTIME_IO_ZIP_H
#define TLC_RUNTIME_IO_ZIP_H

#include "runtime/io/ByteSource.h"

namespace tlrt {

/// Finds the member called `name` or `name`.npy; with `name` null, the only one.
int32_t findMember(InputFile &file, const char *name, ZipMember &member);

} // namespace tlrt

#endif // TLC_RUNTIME_IO_ZIP_H
