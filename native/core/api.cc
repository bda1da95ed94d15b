#include "api.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "surface.h"

namespace nbuf::core {
namespace {

Status missing(Error* error, const char* what) {
  return nbuf_fail(error, NBUF_ERR_INVALID_ARG_TYPE, "%s is NULL", what);
}

Status read_target(const nbuf_provider* dst, Surface* out, Error* error) {
  Status status = out->read(dst, error);
  if (status == NBUF_OK && (dst->flags & NBUF_READONLY) != 0)
    status = nbuf_fail(error, NBUF_ERR_READONLY, "the memory is not writable");
  return status;
}

// A member of a caller's options, which may be older and shorter, or NULL.
#define OPTION(options, member) \
  ((options) != nullptr && NBUF_HAS(options, member) ? (options)->member : 0)

Status check_flags(uint32_t flags, uint32_t known, Error* error) {
  if ((flags & ~known) == 0) return NBUF_OK;
  return nbuf_fail(error, NBUF_ERR_UNSUPPORTED, "unknown option flags 0x%lx",
                   static_cast<unsigned long>(flags & ~known));
}

Status check_swap(int32_t swap, int64_t itemsize, int32_t* out, Error* error) {
  if (swap < 0 || (swap > 0 && itemsize % swap != 0))
    return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE,
                     "swap: expected a divisor of the itemsize %lld, found %ld",
                     static_cast<long long>(itemsize), static_cast<long>(swap));
  *out = swap == 1 ? 0 : swap;
  return NBUF_OK;
}

Status check_itemsizes(int64_t to, int64_t from, Error* error) {
  if (to == from) return NBUF_OK;
  return nbuf_fail(error, NBUF_ERR_FORMAT,
                   "expected elements of %lld bytes in the source, found %lld",
                   static_cast<long long>(to), static_cast<long long>(from));
}

Status copy(const nbuf_provider* dst, const nbuf_provider* src,
            const nbuf_copy_options* given, nbuf_error* error) {
  Surface to, from;
  CopyOptions options;
  Status status = read_target(dst, &to, error);
  if (status == NBUF_OK) status = from.read(src, error);
  if (status == NBUF_OK) status = check_flags(OPTION(given, flags), 0, error);
  if (status == NBUF_OK) status = check_itemsizes(to.itemsize, from.itemsize, error);
  if (status == NBUF_OK)
    status = check_swap(OPTION(given, swap), to.itemsize, &options.swap, error);
  if (status == NBUF_OK) status = from.broadcast_to(to, error);
  if (status == NBUF_OK) status = check_no_table(*src, *dst, error);
  if (status != NBUF_OK || to.bytes == 0) return status;
  return copy_elements(to.ndim, to.shape, to.itemsize, to.side, from.side, options,
                       error);
}

// ---- packed bytes ----

// `is_c`: whether 'A' means 'C'.
Status check_plain(const Surface& surface, const void* bytes, int64_t size, char order,
                   bool* is_c, Error* error) {
  if (bytes == nullptr && size > 0) return missing(error, "bytes");
  if (order != 'C' && order != 'F' && order != 'A')
    return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE,
                     "order: expected 'C', 'F' or 'A', found character %d", order);
  if (size != surface.bytes)
    return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE, "expected %lld bytes, found %lld",
                     static_cast<long long>(surface.bytes), static_cast<long long>(size));
  const uint32_t bits = surface.side.levels.count > 1
                            ? 0
                            : nbuf_layout_contiguity_(surface.ndim, surface.shape,
                                                      surface.strides, surface.itemsize);
  const bool keeps_f = (bits & NBUF_IS_F_) != 0 && (bits & NBUF_IS_C_) == 0;
  *is_c = order == 'C' || (order == 'A' && !keeps_f);
  return NBUF_OK;
}

// Strides of packed elements. Products cannot overflow: that of all extents is counted.
void plain_strides(const Surface& surface, bool is_c, int64_t* strides) {
  if (is_c) {
    nbuf_layout_c_strides_(surface.ndim, surface.shape, surface.itemsize, strides);
    return;
  }
  int64_t step = surface.itemsize;
  for (int32_t i = 0; i < surface.ndim; i++) {
    strides[i] = step;
    step *= surface.shape[i];
  }
}

Status pack(const nbuf_provider* src, void* bytes, int64_t size, char order,
            nbuf_error* error) {
  Surface from;
  bool is_c = true;
  Status status = from.read(src, error);
  if (status == NBUF_OK) status = check_plain(from, bytes, size, order, &is_c, error);
  if (status == NBUF_OK) status = check_no_table(*src, bytes, size, error);
  if (status != NBUF_OK || size == 0) return status;
  int64_t strides[NBUF_MAX_NDIM];
  plain_strides(from, is_c, strides);
  const Side to = {static_cast<char*>(bytes), strides, {}};
  return copy_elements(from.ndim, from.shape, from.itemsize, to, from.side, {}, error);
}

Status unpack(const nbuf_provider* dst, const void* bytes, int64_t size, char order,
              nbuf_error* error) {
  Surface to;
  bool is_c = true;
  Status status = read_target(dst, &to, error);
  if (status == NBUF_OK) status = check_plain(to, bytes, size, order, &is_c, error);
  if (status != NBUF_OK || size == 0) return status;
  int64_t strides[NBUF_MAX_NDIM];
  plain_strides(to, is_c, strides);
  char* first = static_cast<char*>(const_cast<void*>(bytes));  // a source: only read
  return copy_elements(to.ndim, to.shape, to.itemsize, to.side, {first, strides, {}}, {},
                       error);
}

// ---- items ----

Status fill(const nbuf_provider* dst, const void* item, int64_t size, nbuf_error* error) {
  Surface to;
  const Status status = read_target(dst, &to, error);
  if (status != NBUF_OK) return status;
  if (item == nullptr) return missing(error, "item");
  if (size != to.itemsize)
    return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE,
                     "expected an item of %lld bytes, found %lld",
                     static_cast<long long>(to.itemsize), static_cast<long long>(size));
  if (to.bytes == 0) return NBUF_OK;
  char small[64];  // a copy: it may be an element of dst
  const bool is_small = size <= static_cast<int64_t>(sizeof small);
  char* own =
      is_small ? small : static_cast<char*>(std::malloc(static_cast<size_t>(size)));
  if (own == nullptr) return out_of_memory(error);
  std::memcpy(own, item, static_cast<size_t>(size));
  const Status filled =
      fill_elements(to.ndim, to.shape, to.itemsize, to.side, own, error);
  if (!is_small) std::free(own);
  return filled;
}

Status read_equal_options(const nbuf_equal_options* given, int64_t itemsize,
                          EqualOptions* out, Error* error) {
  struct Known {
    Compare how;
    int32_t size;  // of one number
  };
  constexpr Known kKnown[] = {{Compare::bytes, 1},
                              {Compare::float16, 2},
                              {Compare::float32, 4},
                              {Compare::float64, 8}};
  const int32_t compare = OPTION(given, compare);
  Status status = check_flags(OPTION(given, flags), NBUF_NAN_EQUAL, error);
  if (status != NBUF_OK) return status;
  if (compare < NBUF_COMPARE_BYTES || compare > NBUF_COMPARE_FLOAT64)
    return nbuf_fail(error, NBUF_ERR_UNSUPPORTED, "unknown comparison %ld",
                     static_cast<long>(compare));
  const Known& known = kKnown[compare];
  status = check_swap(OPTION(given, swap), itemsize, &out->swap_b, error);
  if (status != NBUF_OK) return status;
  const bool is_number = known.size > 1;
  if (is_number &&
      (itemsize % known.size != 0 || (out->swap_b != 0 && out->swap_b != known.size)))
    return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE,
                     "numbers of %ld bytes in elements of %lld, swapped by %ld",
                     static_cast<long>(known.size), static_cast<long long>(itemsize),
                     static_cast<long>(out->swap_b));
  out->how = known.how;
  out->nan_equal = (OPTION(given, flags) & NBUF_NAN_EQUAL) != 0;
  return NBUF_OK;
}

Status equal(const nbuf_provider* a, const nbuf_provider* b,
             const nbuf_equal_options* given, int* out, nbuf_error* error) {
  if (out == nullptr) return missing(error, "out");
  *out = 0;
  Surface one, other;
  EqualOptions options;
  Status status = one.read(a, error);
  if (status == NBUF_OK) status = other.read(b, error);
  if (status == NBUF_OK)
    status = read_equal_options(given, one.itemsize, &options, error);
  if (status != NBUF_OK || one.ndim != other.ndim || one.itemsize != other.itemsize ||
      !std::equal(one.shape, one.shape + one.ndim, other.shape))
    return status;
  bool is_equal = true;
  if (one.bytes > 0)
    status = equal_elements(one.ndim, one.shape, one.itemsize, one.side, other.side,
                            options, &is_equal, error);
  if (status == NBUF_OK) *out = is_equal ? 1 : 0;
  return status;
}

#undef OPTION

}  // namespace

const nbuf_api kApi = {sizeof(nbuf_api), 0, copy, pack, unpack, fill, equal};

}  // namespace nbuf::core
