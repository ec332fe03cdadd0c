//===- Arguments.cpp - the caller's tensors at entry and exit -------------===//
//
// Compiled code wants its tensors dense and in row-major order, so that strides are
// constants in it. Callers have any strides:
//
//   a 3x2 view with strides (1, 3) of six numbers   is copied to strides (2, 1)
//   the same view as an output                      is computed with (2, 1), then copied
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Context.h"

#include <cinttypes>
#include <cstring>

namespace {

constexpr const char *kNames[] = {"bool", "i8",  "i32", "i64", "f16",
                                  "bf16", "f32", "f64", "c64", "c128"};
constexpr int64_t kBytes[] = {1, 1, 4, 8, 2, 2, 4, 8, 8, 16};
constexpr int32_t kMaxRank = 64;

bool isDType(int64_t dtype) { return dtype >= TLRT_BOOL && dtype <= TLRT_C128; }
const char *nameOf(int64_t dtype) { return isDType(dtype) ? kNames[dtype] : "no element type"; }

/// One argument of a signature.
struct Expected {
  const char *name;
  int64_t dtype, rank;
  const int64_t *extents, *order;
};

/// Walks over a signature.
struct SignatureReader {
  const int64_t *at;
  const char *name;

  explicit SignatureReader(const tlrt_signature *signature)
      : at(signature->arguments), name(signature->names) {}
  Expected next() {
    Expected expected{name, at[0], at[1], at + 2, at + 2 + at[1]};
    at += 2 + 2 * expected.rank;
    name += strlen(name) + 1;
    return expected;
  }
};

Expected expectedAt(const tlrt_signature *signature, int64_t index) {
  SignatureReader reader(signature);
  for (int64_t i = 0; i < index; ++i)
    reader.next();
  return reader.next();
}

int32_t checkView(tlrt_context *context, const char *what, const tlrt_view &view,
                  const Expected &expected, const int64_t *extents) {
  if (view.dtype != expected.dtype)
    return tlrt_fail(context, TLRT_ERROR_DATA, "%s '%s': expected elements of type %s, got %s",
                     what, expected.name, nameOf(expected.dtype), nameOf(view.dtype));
  if (view.rank != expected.rank)
    return tlrt_fail(context, TLRT_ERROR_DATA, "%s '%s': expected rank %" PRId64 ", got %d", what,
                     expected.name, expected.rank, view.rank);
  for (int32_t i = 0; i < view.rank; ++i) {
    if (view.shape[i] < 0 || (extents[i] >= 0 && view.shape[i] != extents[i]))
      return tlrt_fail(context, TLRT_ERROR_DATA,
                       "%s '%s': expected extent %" PRId64 " at position %d, got %" PRId64, what,
                       expected.name, extents[i] >= 0 ? extents[i] : 0, i, view.shape[i]);
  }
  return TLRT_OK;
}

bool isEmpty(const tlrt_view &view) {
  for (int32_t i = 0; i < view.rank; ++i)
    if (view.shape[i] == 0)
      return true;
  return false;
}

/// Strides without gaps for dimensions `order`, slowest first (null: row-major).
void denseStrides(int32_t rank, const int64_t *shape, const int64_t *order, int64_t *strides) {
  int64_t stride = 1;
  for (int32_t i = rank; i-- > 0;) {
    int64_t dim = order ? order[i] : i;
    strides[dim] = stride;
    stride *= shape[dim];
  }
}

/// Whether the view's elements lie as `strides` says; strides of extent 1 do not matter.
bool hasStrides(const tlrt_view &view, const int64_t *strides, int64_t elementBytes) {
  // c64 and c128 are read by parts.
  int64_t alignment = elementBytes > 8 ? 8 : elementBytes;
  if (reinterpret_cast<uintptr_t>(view.data) % uintptr_t(alignment) != 0)
    return false;
  for (int32_t i = 0; i < view.rank; ++i)
    if (view.shape[i] != 1 && view.strides[i] != strides[i])
      return false;
  return true;
}

template <int64_t Bytes>
void copyRow(char *to, int64_t toStride, const char *from, int64_t fromStride, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    memcpy(to + i * toStride * Bytes, from + i * fromStride * Bytes, Bytes);
}

void copyRow(char *to, int64_t toStride, const char *from, int64_t fromStride, int64_t count,
             int64_t bytes) {
  if (toStride == 1 && fromStride == 1) {
    memcpy(to, from, size_t(count * bytes));
    return;
  }
  switch (bytes) {
  case 1:
    return copyRow<1>(to, toStride, from, fromStride, count);
  case 2:
    return copyRow<2>(to, toStride, from, fromStride, count);
  case 4:
    return copyRow<4>(to, toStride, from, fromStride, count);
  case 8:
    return copyRow<8>(to, toStride, from, fromStride, count);
  default:
    return copyRow<16>(to, toStride, from, fromStride, count);
  }
}

/// Copies element by element between strides; no extent is zero.
void copyStrided(int32_t rank, const int64_t *shape, char *to, const int64_t *toStrides,
                 const char *from, const int64_t *fromStrides, int64_t bytes) {
  if (rank == 0) {
    memcpy(to, from, size_t(bytes));
    return;
  }
  int64_t position[kMaxRank] = {};
  int32_t last = rank - 1;
  for (;;) {
    copyRow(to, toStrides[last], from, fromStrides[last], shape[last], bytes);
    int32_t dim = last - 1;
    for (; dim >= 0; --dim) {
      to += toStrides[dim] * bytes;
      from += fromStrides[dim] * bytes;
      if (++position[dim] < shape[dim])
        break;
      to -= toStrides[dim] * shape[dim] * bytes;
      from -= fromStrides[dim] * shape[dim] * bytes;
      position[dim] = 0;
    }
    if (dim < 0)
      return;
  }
}

/// The lowest and one past the highest address of a view's elements.
void addressRange(const tlrt_view &view, int64_t bytes, uintptr_t &low, uintptr_t &high) {
  low = high = reinterpret_cast<uintptr_t>(view.data);
  for (int32_t i = 0; i < view.rank; ++i) {
    int64_t reach = (view.shape[i] - 1) * view.strides[i] * bytes;
    (reach < 0 ? low : high) += uintptr_t(reach);
  }
  high += uintptr_t(bytes);
}

bool overlaps(const tlrt_view &a, const tlrt_view &b) {
  if (!a.data || !b.data || isEmpty(a) || isEmpty(b))
    return false;
  uintptr_t aLow, aHigh, bLow, bHigh;
  addressRange(a, kBytes[a.dtype], aLow, aHigh);
  addressRange(b, kBytes[b.dtype], bLow, bHigh);
  return aLow < bHigh && bLow < aHigh;
}

int32_t bindInput(tlrt_context *context, const tlrt_view &view, const Expected &expected,
                  const void **data, void **temporary) {
  if (int32_t status = checkView(context, "input", view, expected, expected.extents))
    return status;
  if (view.rank > kMaxRank)
    return tlrt_fail(context, TLRT_ERROR_DATA, "input '%s': rank %d is above the limit of %d",
                     expected.name, view.rank, kMaxRank);
  bool empty = isEmpty(view);
  if (!view.data && !empty)
    return tlrt_fail(context, TLRT_ERROR_DATA, "input '%s' has no data", expected.name);
  int64_t strides[kMaxRank];
  denseStrides(view.rank, view.shape, expected.order, strides);
  int64_t bytes = kBytes[view.dtype];
  *data = view.data;
  if (empty || hasStrides(view, strides, bytes))
    return TLRT_OK;
  *temporary = tlrt_alloc(context, view.rank, view.shape, bytes);
  if (!*temporary)
    return TLRT_ERROR_RESOURCE;
  copyStrided(view.rank, view.shape, static_cast<char *>(*temporary), strides,
              static_cast<const char *>(view.data), view.strides, bytes);
  *data = *temporary;
  return TLRT_OK;
}

} // namespace

int32_t tlrt_bind_inputs(tlrt_context *context, const tlrt_view *inputs,
                         const tlrt_signature *signature, const void **data, void **temporaries) {
  SignatureReader reader(signature);
  for (int64_t i = 0; i < signature->count; ++i) {
    temporaries[i] = nullptr;
    if (int32_t status = bindInput(context, inputs[i], reader.next(), &data[i], &temporaries[i]))
      return status;
  }
  return TLRT_OK;
}

int32_t tlrt_bind_output(tlrt_context *context, const tlrt_view *inputs, int64_t input_count,
                         const tlrt_view *output, const tlrt_signature *signature, int64_t index,
                         const int64_t *extents, void **data, void **temporary) {
  Expected expected = expectedAt(signature, index);
  *temporary = nullptr;
  bool isOurs = !output->data;
  if (!isOurs)
    if (int32_t status = checkView(context, "output", *output, expected, extents))
      return status;
  int32_t rank = int32_t(expected.rank);
  if (rank > kMaxRank)
    return tlrt_fail(context, TLRT_ERROR_DATA, "output '%s': rank %d is above the limit of %d",
                     expected.name, rank, kMaxRank);
  int64_t bytes = kBytes[expected.dtype];
  if (!isOurs) {
    int64_t strides[kMaxRank];
    denseStrides(rank, extents, nullptr, strides);
    bool direct = isEmpty(*output) || hasStrides(*output, strides, bytes);
    for (int64_t i = 0; i < input_count && direct; ++i)
      direct = !overlaps(*output, inputs[i]);
    *data = output->data;
    if (direct)
      return TLRT_OK;
  }
  *temporary = *data = tlrt_alloc(context, rank, extents, bytes);
  return *data ? TLRT_OK : TLRT_ERROR_RESOURCE;
}

void tlrt_finish_output(tlrt_context *context, tlrt_view *output, const tlrt_signature *signature,
                        int64_t index, const int64_t *extents, void **temporary) {
  if (!*temporary)
    return;
  Expected expected = expectedAt(signature, index);
  int32_t rank = int32_t(expected.rank);
  int64_t strides[kMaxRank];
  denseStrides(rank, extents, nullptr, strides);
  if (output->data) {
    if (!isEmpty(*output))
      copyStrided(rank, extents, static_cast<char *>(output->data), output->strides,
                  static_cast<const char *>(*temporary), strides, kBytes[expected.dtype]);
    return;
  }
  for (int32_t i = 0; i < rank; ++i) {
    output->shape[i] = extents[i];
    output->strides[i] = strides[i];
  }
  output->rank = rank;
  output->dtype = int32_t(expected.dtype);
  output->data = *temporary;
  *temporary = nullptr;
}
