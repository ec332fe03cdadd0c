//===- Npy.h - NumPy's files ----------------------------------------------===//

#ifndef TLC_RUNTIME_IO_NPY_H
#define TLC_RUNTIME_IO_NPY_H

#include "runtime/include/tlrt/io.h"

namespace tlrt {

/// Reads the .npy file `name`, or a member of an archive if `archive` is its path; without the
/// elements if `headerOnly`. `member` may be null.
int32_t readNpy(tlrt_context *context, const char *name, const char *archive, const char *member,
                bool headerOnly, tlrt_tensor &tensor);

int32_t writeNpy(tlrt_context *context, const char *name, const tlrt_view &view);
int32_t writeNpz(tlrt_context *context, const char *name, const char *archive, const char *member,
                 const tlrt_view &view);

} // namespace tlrt

#endif // TLC_RUNTIME_IO_NPY_H
