/* nbuf/detail/layout.h - bytes, reach, contiguity of strided layouts; negotiation. Part
 * of nbuf.h. SPDX-License-Identifier: MIT */
#ifndef NBUF_DETAIL_LAYOUT_H
#define NBUF_DETAIL_LAYOUT_H

#include <string.h>

#include "atomic.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- layouts ---- */

/* Bytes of product(shape) * itemsize; 0 on failure. An extent of 0 makes it 0, yet the
 * other extents must not overflow either (NumPy's rule), so that every sub-layout is
 * countable. */
static inline int nbuf_layout_bytes_(int32_t ndim, const int64_t* shape, int64_t itemsize,
                                     int64_t* bytes) {
  int64_t product = itemsize;
  int empty = 0;
  int32_t i;
  for (i = 0; i < ndim; i++) {
    if (shape[i] < 0) return 0;
    if (shape[i] == 0)
      empty = 1;
    else if (!nbuf_mul_(product, shape[i], &product))
      return 0;
  }
  *bytes = empty ? 0 : product;
  return 1;
}

/* The lowest and highest byte offset that index vectors reach; all extents must be > 0.
 * Axes whose axis_level (NULL: all 0) differs from level do not count. */
static inline int nbuf_layout_reach_(int32_t ndim, const int64_t* shape,
                                     const int64_t* strides, const int32_t* axis_level,
                                     int32_t level, int64_t* low, int64_t* high) {
  int32_t i;
  *low = *high = 0;
  for (i = 0; i < ndim; i++) {
    int64_t span;
    if (axis_level != NULL && axis_level[i] != level) continue;
    if (!nbuf_mul_(strides[i], shape[i] - 1, &span)) return 0;
    if (!nbuf_add_(span < 0 ? *low : *high, span, span < 0 ? low : high)) return 0;
  }
  return 1;
}

/* C-contiguous strides into strides[ndim]; shape's product must not overflow. */
static inline void nbuf_layout_c_strides_(int32_t ndim, const int64_t* shape,
                                          int64_t itemsize, int64_t* strides) {
  int64_t step = itemsize;
  int32_t i;
  for (i = ndim; i-- > 0;) {
    strides[i] = step;
    if (shape[i] > 0) step *= shape[i];
  }
}

/* Bit 0: C-contiguous, bit 1: Fortran-contiguous, as PyBuffer_IsContiguous has it. */
#define NBUF_IS_C_ 1u
#define NBUF_IS_F_ 2u
static inline uint32_t nbuf_layout_contiguity_(int32_t ndim, const int64_t* shape,
                                               const int64_t* strides, int64_t itemsize) {
  uint32_t bits = NBUF_IS_C_ | NBUF_IS_F_;
  int64_t c = itemsize, f = itemsize;
  int32_t i;
  for (i = 0; i < ndim; i++)
    if (shape[i] == 0) return bits;
  for (i = 0; i < ndim; i++) {
    int32_t last = ndim - 1 - i;
    if (shape[last] > 1 && strides[last] != c) bits &= ~NBUF_IS_C_;
    if (shape[i] > 1 && strides[i] != f) bits &= ~NBUF_IS_F_;
    c *= shape[last];
    f *= shape[i];
  }
  return bits;
}

/* ---- negotiation ---- */

#define NBUF_ASKS_(M) ((flags & (M)) == (M))

/* Who asked for levels gets levels, everybody else suboffsets, if these can say it. */
static inline nbuf_status nbuf_negotiate_levels_(nbuf_provider* full, uint32_t flags,
                                                 nbuf_error* error) {
  if (full->level_count < 2) return NBUF_OK;
  if (NBUF_ASKS_(NBUF_LEVELS)) {
    full->suboffsets = NULL;
    return NBUF_OK;
  }
  if (full->suboffsets == NULL)
    return nbuf_fail(error, NBUF_ERR_SUBOFFSETS,
                     "suboffsets cannot describe this layout, and NBUF_LEVELS was not "
                     "requested");
  full->level_count = 0;
  full->axis_level = NULL;
  full->post_offsets = NULL;
  return NBUF_OK;
}

/* PEP 3118's request algorithm as memoryview has it. `full` describes everything, an
 * indirect layout by levels, by suboffsets, or by both where both can say it; contiguity
 * is nbuf_layout_contiguity_'s answer (0 when indirect). On success the members that were
 * not requested become NULL. Exporters written by hand may use it too. */
static inline nbuf_status nbuf_negotiate(nbuf_provider* full, uint32_t flags,
                                         uint32_t contiguity, nbuf_error* error) {
  if ((flags & ~NBUF_REQUEST_MASK) != 0)
    return nbuf_fail(error, NBUF_ERR_UNSUPPORTED, "unknown request flags 0x%lx",
                     (unsigned long)(flags & ~NBUF_REQUEST_MASK));
  if (NBUF_ASKS_(NBUF_WRITABLE) && (full->flags & NBUF_READONLY) != 0)
    return nbuf_fail(error, NBUF_ERR_READONLY, "the underlying memory is not writable");
  if (NBUF_ASKS_(NBUF_REQUIRE_PINNED) && (full->flags & NBUF_BORROWED) != 0)
    return nbuf_fail(
        error, NBUF_ERR_UNSUPPORTED,
        "JavaScript owns this memory and can free it, so it cannot be pinned: "
        "copy it into host memory or a SharedArrayBuffer first");
  if (NBUF_ASKS_(NBUF_C_CONTIGUOUS) && (contiguity & NBUF_IS_C_) == 0)
    return nbuf_fail(error, NBUF_ERR_CONTIGUITY, "the layout is not C-contiguous");
  if (NBUF_ASKS_(NBUF_F_CONTIGUOUS) && (contiguity & NBUF_IS_F_) == 0)
    return nbuf_fail(error, NBUF_ERR_CONTIGUITY, "the layout is not Fortran-contiguous");
  if (NBUF_ASKS_(NBUF_ANY_CONTIGUOUS) && contiguity == 0)
    return nbuf_fail(error, NBUF_ERR_CONTIGUITY, "the layout is not contiguous");
  if (!NBUF_ASKS_(NBUF_INDIRECT) && (full->suboffsets != NULL || full->level_count > 1))
    return nbuf_fail(error, NBUF_ERR_SUBOFFSETS,
                     "the layout has pointers, but INDIRECT was not requested");
  if (!NBUF_ASKS_(NBUF_STRIDES)) {
    if ((contiguity & NBUF_IS_C_) == 0)
      return nbuf_fail(error, NBUF_ERR_STRIDES,
                       "the layout is not C-contiguous, but STRIDES was not requested");
    full->strides = NULL;
  }
  if (!NBUF_ASKS_(NBUF_ND)) {
    if (NBUF_ASKS_(NBUF_FORMAT))
      return nbuf_fail(error, NBUF_ERR_FORMAT,
                       "FORMAT was requested without ND: bytes have no format");
    full->shape = NULL;
    full->ndim = 1;
  }
  if (!NBUF_ASKS_(NBUF_FORMAT)) full->format = NULL;
  return nbuf_negotiate_levels_(full, flags, error);
}
#undef NBUF_ASKS_

#ifdef __cplusplus
}
#endif
#endif /* NBUF_DETAIL_LAYOUT_H */
