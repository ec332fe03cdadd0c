//===- TensorAccess.h - what the library may do with a Tensor -------------===//

#ifndef TLC_COMPILER_API_TENSORACCESS_H
#define TLC_COMPILER_API_TENSORACCESS_H

#include "tlc/tlc.h"

#include "tlrt/io.h"

namespace tlc {

class TensorAccess {
public:
  /// A tensor over memory that `memory` releases.
  static Tensor make(std::shared_ptr<void> memory, DType type, std::vector<int64_t> shape) {
    Tensor tensor;
    tensor.memory = std::move(memory);
    tensor.elementType = type;
    tensor.extents = std::move(shape);
    return tensor;
  }
  static Tensor makeOnGpu(std::shared_ptr<void> memory, DType type, std::vector<int64_t> shape,
                          int device) {
    Tensor tensor = make(std::move(memory), type, std::move(shape));
    tensor.onGpu = true;
    tensor.gpu = device;
    return tensor;
  }
};

/// A runtime context that destroys itself.
struct ContextDeleter {
  void operator()(tlrt_context *context) const { tlrt_context_destroy(context); }
};
using RuntimeContext = std::unique_ptr<tlrt_context, ContextDeleter>;

/// The context's last error as the public type.
Error runtimeError(const tlrt_context *context, int32_t status);

/// A view as the runtime wants it; points into `view`.
tlrt_view toRuntime(const View &view);

/// Copies the elements of one view to another of the same type and shape, whatever their strides.
void copyElements(const View &from, const View &to);

/// A row-major copy.
Expected<Tensor> copyToTensor(const View &view);

} // namespace tlc

#endif // TLC_COMPILER_API_TENSORACCESS_H
