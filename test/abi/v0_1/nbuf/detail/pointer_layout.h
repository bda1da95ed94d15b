/* nbuf/detail/pointer_layout.h - the checked layout of a pointer exporter. Part of
 * nbuf.h. SPDX-License-Identifier: MIT */
#ifndef NBUF_DETAIL_POINTER_LAYOUT_H
#define NBUF_DETAIL_POINTER_LAYOUT_H

#include <stdlib.h>
#include <string.h>

#include "layout.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- "I have a pointer, a layout and a free function" ---- */

typedef struct {
  uint32_t struct_size, flags; /* provider flags: NBUF_READONLY, ... */
  void* buf;                   /* first element */
  int64_t itemsize;            /* bytes */
  int32_t ndim, reserved;
  const char* format;             /* NULL = "B"; copied */
  const int64_t *shape, *strides; /* elements; bytes, NULL = C-contiguous; copied */
  void* base;   /* the allocation; NULL: no more of it is known than the elements take */
  int64_t size; /* bytes of the allocation, with base */
  uint64_t block; /* with base: its id when it is somebody else's block; 0: a new id */
  void (*free)(void* context); /* any thread, once, after the last provider; or NULL */
  void* context;
} nbuf_pointer_export;

/* What nbuf_export_pointer wants beyond the layout. */
static inline nbuf_status nbuf_pointer_check_(const nbuf_pointer_export* from,
                                              nbuf_error* error) {
  int64_t end;
  if (from == NULL || from->struct_size < sizeof *from)
    return nbuf_fail(error, NBUF_ERR_ABI, "nbuf_pointer_export is missing or too small");
  if ((from->flags & ~NBUF_PROVIDER_FLAGS_) != 0)
    return nbuf_fail(error, NBUF_ERR_UNSUPPORTED, "unknown provider flags 0x%lx",
                     (unsigned long)(from->flags & ~NBUF_PROVIDER_FLAGS_));
  if (from->base == NULL && from->block != 0)
    return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE,
                     "a block id without the block: set base and size, too");
  if (from->base != NULL &&
      (from->size < 0 || !nbuf_add_(nbuf_address_(from->base), from->size, &end)))
    return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE, "block size %lld is out of range",
                     (long long)from->size);
  return NBUF_OK;
}

/* A layout of a pointer exporter, shared by the providers that were given it. */
typedef struct {
  int64_t refs; /* of the exporter and the providers; under the exporter's guard */
  uint32_t contiguity;
  nbuf_provider full; /* what a provider with every flag gets */
  int64_t *shape, *strides;
  char* format;
} nbuf_pointer_layout_;

/* One allocation: the struct, shape, strides, format. NULL when memory is short. */
static inline nbuf_pointer_layout_* nbuf_pointer_layout_new_(
    const nbuf_pointer_export* from) {
  const char* format = from->format != NULL ? from->format : "B";
  size_t axes = (size_t)from->ndim * sizeof(int64_t), text = strlen(format) + 1;
  nbuf_pointer_layout_* layout =
      (nbuf_pointer_layout_*)calloc(1, sizeof *layout + 2 * axes + text);
  if (layout == NULL) return NULL;
  layout->refs = 1;
  layout->shape = (int64_t*)(void*)(layout + 1);
  layout->strides = layout->shape + from->ndim;
  layout->format = (char*)(layout->strides + from->ndim);
  if (from->ndim > 0) memcpy(layout->shape, from->shape, axes);
  memcpy(layout->format, format, text);
  layout->full.buf = from->buf;
  layout->full.itemsize = from->itemsize;
  layout->full.ndim = from->ndim;
  layout->full.format = layout->format;
  layout->full.shape = from->ndim > 0 ? layout->shape : NULL;
  layout->full.strides = from->ndim > 0 ? layout->strides : NULL;
  return layout;
}

/* Checks a layout with elements against the block, whose extent it sets where the
 * exporter did not say it. */
static inline nbuf_status nbuf_pointer_layout_bounds_(const nbuf_provider* full,
                                                      nbuf_block* block,
                                                      nbuf_error* error) {
  int64_t low, high, end, base, address = nbuf_address_(full->buf);
  if (full->buf == NULL) return nbuf_fail(error, NBUF_ERR_BOUNDS, "buf is NULL");
  if (!nbuf_layout_reach_(full->ndim, full->shape, full->strides, NULL, 0, &low, &high) ||
      !nbuf_add_(high, full->itemsize, &high) || !nbuf_add_(address, low, &low) ||
      !nbuf_add_(address, high, &high))
    return nbuf_fail(error, NBUF_ERR_BOUNDS, "overflow in strides");
  if (block->base == NULL) {
    block->base = (char*)full->buf + (low - address);
    block->size = high - low;
  }
  base = nbuf_address_(block->base);
  if (!nbuf_add_(base, block->size, &end) || low < base || high > end)
    return nbuf_fail(
        error, NBUF_ERR_BOUNDS, "elements at bytes [%lld, %lld) of a block of %lld",
        (long long)(low - base), (long long)(high - base), (long long)block->size);
  return NBUF_OK;
}

/* Completes a new layout: bytes, strides, contiguity. */
static inline nbuf_status nbuf_pointer_layout_fill_(nbuf_pointer_layout_* layout,
                                                    const nbuf_pointer_export* from,
                                                    nbuf_block* block,
                                                    nbuf_error* error) {
  int64_t* strides = layout->strides;
  if (!nbuf_layout_bytes_(from->ndim, layout->shape, from->itemsize, &layout->full.len))
    return nbuf_fail(error, NBUF_ERR_BOUNDS, "negative extent or overflow in shape");
  if (from->strides != NULL && from->ndim > 0)
    memcpy(strides, from->strides, (size_t)from->ndim * sizeof(int64_t));
  else
    nbuf_layout_c_strides_(from->ndim, layout->shape, from->itemsize, strides);
  layout->contiguity =
      nbuf_layout_contiguity_(from->ndim, layout->shape, strides, from->itemsize);
  return layout->full.len == 0 ? NBUF_OK
                               : nbuf_pointer_layout_bounds_(&layout->full, block, error);
}

/* A new layout into *out, checked against the block; on failure *out is not set. */
static inline nbuf_status nbuf_pointer_layout_make_(const nbuf_pointer_export* from,
                                                    nbuf_block* block,
                                                    nbuf_pointer_layout_** out,
                                                    nbuf_error* error) {
  nbuf_pointer_layout_* layout;
  nbuf_status status;
  if (from->ndim < 0 || from->ndim > NBUF_MAX_NDIM || from->itemsize < 1)
    return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE,
                     "ndim %ld must be 0 to %d, itemsize %lld at least 1",
                     (long)from->ndim, NBUF_MAX_NDIM, (long long)from->itemsize);
  if (from->ndim > 0 && from->shape == NULL)
    return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE, "shape is NULL, but ndim is %ld",
                     (long)from->ndim);
  layout = nbuf_pointer_layout_new_(from);
  if (layout == NULL) return nbuf_fail(error, NBUF_ERR_NOMEM, "out of memory");
  status = nbuf_pointer_layout_fill_(layout, from, block, error);
  if (status == NBUF_OK)
    *out = layout;
  else
    free(layout);
  return status;
}

#ifdef __cplusplus
}
#endif
#endif /* NBUF_DETAIL_POINTER_LAYOUT_H */
