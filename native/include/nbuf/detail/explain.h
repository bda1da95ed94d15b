/* nbuf/detail/explain.h - why an exporter refused that does not say so itself. Part of
 * nbuf.h. SPDX-License-Identifier: MIT */
#ifndef NBUF_DETAIL_EXPLAIN_H
#define NBUF_DETAIL_EXPLAIN_H

#include "negotiate.h"
#include "validate.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Can this status be the answer to a request's flags? */
static inline int nbuf_is_refusal_(nbuf_status status) {
  return status == NBUF_ERR_READONLY || status == NBUF_ERR_CONTIGUITY ||
         status == NBUF_ERR_SUBOFFSETS || status == NBUF_ERR_STRIDES ||
         status == NBUF_ERR_FORMAT || status == NBUF_ERR_UNSUPPORTED;
}

/* A valid provider, or NULL. Its reasons, and what it writes into an error, are nobody's
 * business: that error is its own. */
NBUF_COLD_ NBUF_INLINE_ nbuf_provider* nbuf_try_(nbuf_exporter* exporter,
                                                 uint32_t flags) {
  const nbuf_request request = {(uint32_t)sizeof request, flags, NULL};
  nbuf_provider* p = NULL;
  nbuf_error error = NBUF_ERROR_INIT;
  return nbuf_acquire_checked_(exporter, &request, &p, &error) == NBUF_OK ? p : NULL;
}

static inline int nbuf_grants_(nbuf_exporter* exporter, uint32_t flags) {
  nbuf_provider* p = nbuf_try_(exporter, flags);
  if (p != NULL) p->ops->release(p);
  return p != NULL;
}

/* What nbuf_negotiate wants to know of a valid provider that everything was asked for. */
NBUF_COLD_ NBUF_INLINE_ void nbuf_describe_(const nbuf_provider* p, nbuf_provider* full,
                                            uint32_t* contiguity) {
  int64_t strides[NBUF_MAX_NDIM];
  int32_t i;
  memset(full, 0, sizeof *full);
  full->flags = p->flags;
  *contiguity = NBUF_IS_C_ | NBUF_IS_F_;
  if (p->shape == NULL && p->ndim > 0) return; /* bytes */
  if (NBUF_HAS(p, post_offsets) && p->level_count > 1) full->level_count = p->level_count;
  for (i = 0; p->suboffsets != NULL && i < p->ndim; i++)
    if (p->suboffsets[i] >= 0) full->suboffsets = p->suboffsets;
  nbuf_layout_c_strides_(p->ndim, p->shape, p->itemsize, strides);
  *contiguity = nbuf_is_indirect_(full)
                    ? 0
                    : nbuf_layout_contiguity_(p->ndim, p->shape,
                                              p->strides != NULL ? p->strides : strides,
                                              p->itemsize);
}

/* After `exporter` refused `flags`: fills unmet and grantable where it left them 0, being
 * older or written by hand. It is asked once more, for everything and without the layout
 * lock, and then for what should be granted; both providers are released at once. What
 * cannot be found out stays 0. For consumers that do not go through
 * nbuf_acquire_value, which does this. */
NBUF_COLD_ NBUF_INLINE_ void nbuf_explain(nbuf_exporter* exporter, uint32_t flags,
                                          nbuf_error* error) {
  const uint32_t everything = NBUF_FULL_RO | NBUF_LAYOUT_SNAPSHOT;
  nbuf_provider full, *p;
  uint32_t contiguity, unmet, grantable;
  if (error == NULL || !NBUF_HAS(error, grantable) || error->unmet != 0 ||
      !nbuf_is_refusal_(error->status))
    return;
  p = nbuf_try_(exporter, everything | (flags & NBUF_LEVELS));
  if (p == NULL && (flags & NBUF_LEVELS) == 0)
    p = nbuf_try_(exporter, everything | NBUF_LEVELS);
  if (p == NULL) return;
  nbuf_describe_(p, &full, &contiguity);
  unmet = nbuf_unmet_(&full, flags, contiguity);
  grantable = nbuf_grantable_(&full, flags, contiguity);
  p->ops->release(p); /* only now: `full` points into it */
  if (unmet != 0 && nbuf_grants_(exporter, grantable))
    nbuf_tell_(error, unmet, grantable);
}

#ifdef __cplusplus
}
#endif
#endif /* NBUF_DETAIL_EXPLAIN_H */
