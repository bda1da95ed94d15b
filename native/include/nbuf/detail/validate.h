/* nbuf/detail/validate.h - nbuf_validate. Part of nbuf.h.
 * SPDX-License-Identifier: MIT */
#ifndef NBUF_DETAIL_VALIDATE_H
#define NBUF_DETAIL_VALIDATE_H

#include "layout.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- blocks ---- */

static inline int nbuf_is_table_(const nbuf_block* b) {
  return (b->flags & NBUF_TABLE) != 0;
}

static inline int nbuf_overlaps_(const nbuf_block* a, const nbuf_block* b) {
  int64_t a0 = nbuf_address_(a->base), b0 = nbuf_address_(b->base);
  return a->size > 0 && b->size > 0 && a0 < b0 + b->size && b0 < a0 + a->size;
}

NBUF_INLINE_ nbuf_status nbuf_check_blocks_(const nbuf_provider* p, nbuf_error* error) {
  int32_t i, j;
  if (p->block_count < 0 || (p->block_count > 0 && p->blocks == NULL))
    return nbuf_fail(error, NBUF_ERR_ABI, "block_count %ld without blocks",
                     (long)p->block_count);
  for (i = 0; i < p->block_count; i++) {
    const nbuf_block* b = &p->blocks[i];
    int64_t end;
    if ((b->flags & ~NBUF_TABLE) != 0)
      return nbuf_fail(error, NBUF_ERR_ABI, "blocks[%ld] has unknown flags 0x%lx",
                       (long)i, (unsigned long)b->flags);
    if (b->size < 0 || (b->base == NULL && b->size > 0) ||
        !nbuf_add_(nbuf_address_(b->base), b->size, &end))
      return nbuf_fail(error, NBUF_ERR_ABI, "blocks[%ld] is no memory: size %lld",
                       (long)i, (long long)b->size);
  }
  /* Else writing elements could redirect pointers that have been checked. */
  for (i = 0; i < p->block_count; i++)
    for (j = 0; nbuf_is_table_(&p->blocks[i]) && j < p->block_count; j++)
      if (!nbuf_is_table_(&p->blocks[j]) && nbuf_overlaps_(&p->blocks[i], &p->blocks[j]))
        return nbuf_fail(error, NBUF_ERR_ABI,
                         "blocks[%ld] overlaps the table blocks[%ld]", (long)j, (long)i);
  return NBUF_OK;
}

/* Do the bytes [low, high) around `at` lie inside one block with these flags? *hint is
 * the block to try first, and then its neighbours on both sides: rows follow one another,
 * forwards or backwards, and images have many blocks. */
static inline int nbuf_in_block_near_(const nbuf_provider* p, const void* at, int64_t low,
                                      int64_t high, uint32_t flags, int32_t* hint) {
  int64_t address = nbuf_address_(at);
  int32_t tried;
  if (!nbuf_add_(address, low, &low) || !nbuf_add_(address, high, &high)) return 0;
  for (tried = 0; tried < p->block_count; tried++) {
    int64_t k = (int64_t)*hint + (tried % 2 == 1 ? tried / 2 + 1 : -(tried / 2));
    const nbuf_block* b;
    int64_t base;
    k += k < 0 ? p->block_count : k >= p->block_count ? -p->block_count : 0;
    b = &p->blocks[k];
    base = nbuf_address_(b->base);
    if ((b->flags & NBUF_TABLE) == flags && low >= base && high <= base + b->size) {
      *hint = (int32_t)k;
      return 1;
    }
  }
  return 0;
}

static inline int nbuf_in_block_(const nbuf_provider* p, const void* at, int64_t low,
                                 int64_t high, uint32_t flags) {
  int32_t hint = 0;
  return nbuf_in_block_near_(p, at, low, high, flags, &hint);
}

/* ---- the walk over every pointer ---- */

/* What every level of an indirect walk needs. */
typedef struct {
  const nbuf_provider* p;
  const int64_t* strides;
  int32_t levels, element_hint, table_hint;
  int32_t axis_level[NBUF_MAX_NDIM];
  int64_t post[NBUF_MAX_NDIM];
  int64_t alignment; /* that elements must have */
  int64_t work;      /* pointers that may still be followed */
} nbuf_walk_;

/* Pointers that are followed in any case; beyond it a walk may visit no more of them than
 * the tables have bytes, or tables that point at one table would take for ever. */
#define NBUF_WALK_FREE_ ((int64_t)1 << 20)

NBUF_INLINE_ nbuf_status nbuf_walk_level_(nbuf_walk_* walk, int32_t level, const char* at,
                                          nbuf_error* error);

/* Steps through every pointer of one level; axes with stride 0 repeat the same ones. */
NBUF_INLINE_ nbuf_status nbuf_walk_pointers_(nbuf_walk_* walk, int32_t level,
                                             int32_t axis, const char* at,
                                             nbuf_error* error) {
  const nbuf_provider* p = walk->p;
  int64_t i;
  nbuf_status status = NBUF_OK;
  while (axis < p->ndim && (walk->axis_level[axis] != level || walk->strides[axis] == 0))
    axis++;
  if (axis == p->ndim) {
    const char* target;
    memcpy(&target, at, sizeof target);
    if (--walk->work < 0)
      return nbuf_fail(error, NBUF_ERR_UNSUPPORTED,
                       "the layout follows more pointers than are checked: 2^20, and "
                       "the bytes of the tables");
    if (target == NULL)
      return nbuf_fail(error, NBUF_ERR_BOUNDS, "a null pointer in level %ld",
                       (long)level);
    /* Integer arithmetic: the target is checked before it means anything. */
    target = (const char*)(uintptr_t)((uint64_t)(uintptr_t)target +
                                      (uint64_t)walk->post[level]);
    return nbuf_walk_level_(walk, level + 1, target, error);
  }
  for (i = 0; i < p->shape[axis] && status == NBUF_OK; i++)
    status =
        nbuf_walk_pointers_(walk, level, axis + 1, at + i * walk->strides[axis], error);
  return status;
}

NBUF_INLINE_ nbuf_status nbuf_walk_elements_(nbuf_walk_* walk, const char* at,
                                             nbuf_error* error) {
  int misaligned = nbuf_address_(at) % walk->alignment != 0;
  int32_t i;
  for (i = 0; i < walk->p->ndim; i++)
    if (walk->axis_level[i] == walk->levels - 1 && walk->p->shape[i] > 1)
      misaligned |= walk->strides[i] % walk->alignment != 0;
  if (!misaligned) return NBUF_OK;
  return nbuf_fail(error, NBUF_ERR_UNSUPPORTED,
                   "elements are not aligned to %lld bytes: copy them, or read bytes",
                   (long long)walk->alignment);
}

NBUF_INLINE_ nbuf_status nbuf_walk_level_(nbuf_walk_* walk, int32_t level, const char* at,
                                          nbuf_error* error) {
  const nbuf_provider* p = walk->p;
  int is_last = level == walk->levels - 1;
  int64_t low, high, width = is_last ? p->itemsize : (int64_t)sizeof(void*);
  if (!nbuf_layout_reach_(p->ndim, p->shape, walk->strides, walk->axis_level, level, &low,
                          &high) ||
      !nbuf_add_(high, width, &high) ||
      !nbuf_in_block_near_(p, at, low, high, is_last ? 0 : NBUF_TABLE,
                           is_last ? &walk->element_hint : &walk->table_hint))
    return nbuf_fail(error, NBUF_ERR_BOUNDS, "%s of level %ld outside every %s",
                     is_last ? "elements" : "pointers", (long)level,
                     is_last ? "block of elements" : "table");
  return is_last ? nbuf_walk_elements_(walk, at, error)
                 : nbuf_walk_pointers_(walk, level, 0, at, error);
}

/* Classic suboffsets (or none) and levels alike become axis_level and post. */
NBUF_INLINE_ nbuf_status nbuf_walk_init_(nbuf_walk_* walk, const nbuf_provider* p,
                                         nbuf_error* error) {
  int has_levels = NBUF_HAS(p, post_offsets) && p->level_count != 0;
  int32_t i;
  walk->p = p;
  walk->element_hint = walk->table_hint = 0;
  walk->levels = has_levels ? p->level_count : 1;
  for (i = 0; has_levels && i + 1 < p->level_count; i++)
    walk->post[i] = p->post_offsets[i];
  for (i = 0; i < p->ndim; i++) {
    walk->axis_level[i] = has_levels ? p->axis_level[i] : walk->levels - 1;
    if (walk->axis_level[i] < 0 || walk->axis_level[i] >= walk->levels)
      return nbuf_fail(error, NBUF_ERR_ABI, "axis_level[%ld] is %ld, but levels are %ld",
                       (long)i, (long)walk->axis_level[i], (long)walk->levels);
    if (!has_levels && p->suboffsets != NULL && p->suboffsets[i] >= 0) {
      if (walk->levels == NBUF_MAX_NDIM)
        return nbuf_fail(error, NBUF_ERR_UNSUPPORTED, "more than %d levels",
                         NBUF_MAX_NDIM);
      walk->post[walk->levels++ - 1] = p->suboffsets[i];
    }
  }
  walk->work = NBUF_WALK_FREE_;
  for (i = 0; i < p->block_count; i++)
    if (nbuf_is_table_(&p->blocks[i]) &&
        !nbuf_add_(walk->work, p->blocks[i].size, &walk->work))
      walk->work = INT64_MAX;
  return NBUF_OK;
}

/* ---- validation ---- */

/* The members that stand alone. */
NBUF_INLINE_ nbuf_status nbuf_check_members_(const nbuf_provider* p, nbuf_error* error) {
  if (p == NULL || !NBUF_HAS(p, blocks) || p->ops == NULL ||
      !NBUF_HAS(p->ops, unlock_layout) || p->ops->retain == NULL ||
      p->ops->release == NULL || p->ops->unlock_layout == NULL)
    return nbuf_fail(error, NBUF_ERR_ABI, "the provider or its ops are incomplete");
  if ((p->flags & ~NBUF_PROVIDER_FLAGS_) != 0)
    return nbuf_fail(error, NBUF_ERR_ABI, "unknown provider flags 0x%lx",
                     (unsigned long)(p->flags & ~NBUF_PROVIDER_FLAGS_));
  if (p->ndim < 0 || p->ndim > NBUF_MAX_NDIM || p->itemsize < 1 || p->len < 0)
    return nbuf_fail(error, NBUF_ERR_ABI, "ndim %ld, itemsize %lld, len %lld",
                     (long)p->ndim, (long long)p->itemsize, (long long)p->len);
  if (p->len > 0 && (p->buf == NULL || p->block_count < 1))
    return nbuf_fail(error, NBUF_ERR_ABI, "%lld bytes without buf or blocks",
                     (long long)p->len);
  if (p->strides == NULL && p->suboffsets != NULL)
    return nbuf_fail(error, NBUF_ERR_ABI, "suboffsets without strides");
  if (NBUF_HAS(p, post_offsets) && p->level_count != 0 &&
      (p->level_count < 2 || p->level_count > NBUF_MAX_NDIM || p->axis_level == NULL ||
       p->post_offsets == NULL || p->suboffsets != NULL ||
       (p->strides == NULL && p->ndim > 0)))
    return nbuf_fail(error, NBUF_ERR_ABI,
                     "level_count %ld needs axis_level, post_offsets, strides, and no "
                     "suboffsets",
                     (long)p->level_count);
  return nbuf_check_blocks_(p, error);
}

/* Without a shape: one axis of len bytes. */
NBUF_INLINE_ nbuf_status nbuf_check_bytes_(const nbuf_provider* p, nbuf_error* error) {
  if (p->ndim != 1 || p->strides != NULL || p->format != NULL ||
      (NBUF_HAS(p, post_offsets) && p->level_count != 0))
    return nbuf_fail(error, NBUF_ERR_ABI, "no shape, but ndim %ld, strides or format",
                     (long)p->ndim);
  if (p->len > 0 && !nbuf_in_block_(p, p->buf, 0, p->len, 0))
    return nbuf_fail(error, NBUF_ERR_BOUNDS, "%lld bytes leave the blocks",
                     (long long)p->len);
  return NBUF_OK;
}

NBUF_INLINE_ nbuf_status nbuf_validate_aligned_(const nbuf_provider* p, int64_t alignment,
                                                nbuf_error* error) {
  int64_t bytes = 0, strides[NBUF_MAX_NDIM];
  nbuf_walk_ walk;
  nbuf_status status = nbuf_check_members_(p, error);
  if (status != NBUF_OK) return status;
  if (p->shape == NULL && p->ndim > 0) return nbuf_check_bytes_(p, error);
  if (!nbuf_layout_bytes_(p->ndim, p->shape, p->itemsize, &bytes) || bytes != p->len)
    return nbuf_fail(error, NBUF_ERR_ABI, "len %lld is not product(shape) * itemsize",
                     (long long)p->len);
  nbuf_layout_c_strides_(p->ndim, p->shape, p->itemsize, strides);
  walk.strides = p->strides != NULL ? p->strides : strides;
  walk.alignment = alignment;
  if ((status = nbuf_walk_init_(&walk, p, error)) != NBUF_OK || p->len == 0)
    return status;
  return nbuf_walk_level_(&walk, 0, (const char*)p->buf, error);
}

/* Checks a provider before its first use: every field, and that every element and every
 * pointer lies inside a declared block. It trusts `blocks`, and reads pointer tables. */
NBUF_INLINE_ nbuf_status nbuf_validate(const nbuf_provider* p, nbuf_error* error) {
  return nbuf_validate_aligned_(p, 1, error);
}

/* Acquires and validates. A peer that fails without a word gets one; one whose provider
 * cannot even be released keeps it. */
static inline nbuf_status nbuf_acquire_checked_(nbuf_exporter* exporter,
                                                const nbuf_request* request,
                                                nbuf_provider** out, nbuf_error* error) {
  nbuf_provider* p = NULL;
  nbuf_status status;
  *out = NULL;
  if (exporter == NULL || exporter->ops == NULL || !NBUF_HAS(exporter->ops, acquire) ||
      exporter->ops->acquire == NULL)
    return nbuf_fail(error, NBUF_ERR_ABI, "the exporter or its ops are incomplete");
  status = exporter->ops->acquire(exporter, request, &p, error);
  if (status != NBUF_OK) {
    nbuf_end_message_(error);
    if (error != NULL && NBUF_HAS(error, message) && error->status != status)
      nbuf_fail(error, status, "%s", nbuf_status_message(status));
    return status;
  }
  status = nbuf_validate(p, error);
  if (status == NBUF_OK)
    *out = p;
  else if (p != NULL && NBUF_HAS(p, ops) && p->ops != NULL && NBUF_HAS(p->ops, release) &&
           p->ops->release != NULL)
    p->ops->release(p);
  return status;
}

#ifdef __cplusplus
}
#endif
#endif /* NBUF_DETAIL_VALIDATE_H */
