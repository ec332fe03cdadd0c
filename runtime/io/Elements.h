//===- Elements.h - elements in files and in memory -----------------------===//

#ifndef TLC_RUNTIME_IO_ELEMENTS_H
#define TLC_RUNTIME_IO_ELEMENTS_H

#include "runtime/include/tlrt/io.h"

namespace tlrt {

/// Bytes of an element; 0 if `dtype` is no tlrt_dtype.
int64_t elementBytes(int32_t dtype);
/// "f32"; `dtype` must be a tlrt_dtype.
const char *typeName(int32_t dtype);

/// How a file's elements become ours: perhaps in the other byte order, perhaps widened.
struct ElementFormat {
  enum Kind : uint8_t { Copy, Bool, FromU8, FromI16, FromU16, FromU32 };
  int32_t dtype = TLRT_F64; ///< in memory
  uint8_t bytes = 8;        ///< in the file
  uint8_t partBytes = 8;    ///< of one number: half of `bytes` for complex elements
  Kind kind = Copy;
  bool swapped = false;

  bool isPlainCopy() const { return kind == Copy && !swapped; }
};

/// Converts `count` elements; changes the bytes of `from` on the way.
void convertElements(const ElementFormat &format, unsigned char *from, void *to, uint64_t count);

/// The number of elements and the row-major strides; false if they overflow.
bool countElements(int32_t rank, const int64_t *shape, int64_t &count);
void setRowMajorStrides(tlrt_tensor &tensor);

/// Makes an empty tensor, whose view points into it.
void resetTensor(tlrt_tensor &tensor);

/// Walks over the elements of a view in row-major order.
class ElementWalk {
public:
  explicit ElementWalk(const tlrt_view &view);
  /// The next element. Not to be called more often than there are elements.
  const void *next();
  /// Copies the next `count` elements, closely packed.
  void gather(void *to, int64_t count);

private:
  const tlrt_view &view;
  int64_t bytes;
  const char *at;
  int64_t position[TLRT_MAX_RANK] = {};
};

bool isRowMajor(const tlrt_view &view);

} // namespace tlrt

#endif // TLC_RUNTIME_IO_ELEMENTS_H
