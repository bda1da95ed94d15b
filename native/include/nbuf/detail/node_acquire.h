/* nbuf/detail/node_acquire.h - providers over JavaScript's memory and over windows of
 * another exporter's. Part of nbuf_node.h. SPDX-License-Identifier: MIT */
#ifndef NBUF_DETAIL_NODE_ACQUIRE_H
#define NBUF_DETAIL_NODE_ACQUIRE_H

#include "node_value.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The error of a peer that fails without a word, or without saying how. */
static inline void nbuf_node_complete_(nbuf_error* error, nbuf_status status) {
  uint32_t unmet = 0, grantable = 0;
  if (error == NULL || !NBUF_HAS(error, message)) return;
  nbuf_end_message_(error);
  if (NBUF_HAS(error, grantable) && nbuf_is_refusal_(status)) {
    unmet = error->unmet;
    grantable = error->grantable;
  }
  if (error->message[0] == '\0')
    nbuf_fail(error, status, "%s", nbuf_status_message(status));
  error->status = status;
  if (NBUF_HAS(error, grantable)) {
    error->unmet = unmet;
    error->grantable = grantable;
  }
}

/* Asks an exporter of anybody's. On success *out is a provider that can be released. */
static inline nbuf_status nbuf_node_ask_(nbuf_exporter* exporter,
                                         const nbuf_request* request, nbuf_provider** out,
                                         nbuf_error* error) {
  nbuf_provider* made = NULL;
  nbuf_status status;
  nbuf_fail(error, NBUF_OK, "%s", ""); /* so that silence can be told from a message */
  status = exporter->ops->acquire(exporter, request, &made, error);
  if (status != NBUF_OK) {
    nbuf_node_complete_(error, status);
    nbuf_explain(exporter, request->flags, error);
    return status;
  }
  if (made == NULL || !NBUF_HAS(made, ops) || made->ops == NULL ||
      !NBUF_HAS(made->ops, unlock_layout) || made->ops->retain == NULL ||
      made->ops->release == NULL || made->ops->unlock_layout == NULL)
    return nbuf_fail(error, NBUF_ERR_ABI,
                     "the exporter reported success, but gave no complete provider");
  *out = made;
  return NBUF_OK;
}

static inline int64_t nbuf_node_itemsize_(char format) {
  switch (format) {
    case 'h':
    case 'H':
    case 'e':
      return 2;
    case 'i':
    case 'I':
    case 'f':
      return 4;
    case 'q':
    case 'Q':
    case 'd':
      return 8;
    default:
      return 1;
  }
}

/* Makes an exporter of the window, for one provider. It takes over `context`: `release`
 * is called with it after the provider, or here on failure. A block without an id keeps
 * its identity unknown: a fresh id for memory that others know under theirs would be a
 * lie. */
static inline nbuf_status nbuf_node_provide_(const nbuf_node_found_* found,
                                             const nbuf_block* block, uint32_t flags,
                                             void (*release)(void*), void* context,
                                             const nbuf_request* request,
                                             nbuf_provider** out, nbuf_error* error) {
  nbuf_pointer_export from;
  nbuf_exporter* exporter;
  nbuf_status status;
  char format[2] = {0, 0};
  int64_t shape[1];
  memset(&from, 0, sizeof from);
  format[0] = found->format;
  from.struct_size = (uint32_t)sizeof from;
  from.flags = flags;
  from.itemsize = nbuf_node_itemsize_(found->format);
  shape[0] = found->length / from.itemsize;
  from.ndim = 1;
  from.shape = shape;
  from.format = format;
  from.buf = found->base != NULL ? found->base + found->start : NULL;
  from.base = block->base;
  from.size = block->size;
  from.free = release;
  from.context = context;
  status = nbuf_export_pointer(&from, &exporter, error);
  if (status != NBUF_OK) {
    release(context);
    return status;
  }
  ((nbuf_pointer_exporter_*)(void*)exporter)->block.id = block->id;
  status = exporter->ops->acquire(exporter, request, out, error);
  exporter->ops->release(exporter); /* without a provider this was its last reference */
  return status;
}

/* JavaScript's own memory: a strong reference holds the buffer, though nothing can stop
 * a plain one from being transferred (hence BORROWED). */
static inline nbuf_status nbuf_node_borrow_(nbuf_node_env_* self, nbuf_node_found_* found,
                                            const nbuf_request* request,
                                            nbuf_provider** out, nbuf_error* error) {
  nbuf_block block = {NULL, 0, 0, 0, 0};
  nbuf_node_record_* record = nbuf_node_record_new_(self, found->keep);
  if (record == NULL) return nbuf_fail(error, NBUF_ERR_NOMEM, "out of memory");
  found->keep = NULL; /* the record's now */
  block.base = found->base;
  block.size = found->size;
  return nbuf_node_provide_(found, &block, found->flags, nbuf_node_record_release_,
                            record, request, out, error);
}

static inline void nbuf_node_window_release_(void* context) {
  nbuf_provider* parent = (nbuf_provider*)context;
  parent->ops->release(parent);
}

/* The block of the parent in which the window's bytes lie. Going by their address makes
 * two questions one: is the window inside what the parent holds, and is the buffer that
 * carries the parent's method really over the parent's memory? */
static inline const nbuf_block* nbuf_node_window_block_(const nbuf_provider* parent,
                                                        const nbuf_node_found_* found) {
  int64_t low = (int64_t)(intptr_t)found->base, high;
  int32_t i;
  if (!nbuf_add_(low, found->start, &low) || !nbuf_add_(low, found->length, &high))
    return NULL;
  for (i = 0; i < parent->block_count; i++) {
    int64_t base = (int64_t)(intptr_t)parent->blocks[i].base;
    if ((parent->blocks[i].flags & NBUF_TABLE) == 0 && low >= base &&
        high <= base + parent->blocks[i].size)
      return &parent->blocks[i];
  }
  return NULL;
}

/* The parent refused: what that means for the request of the window, which the parent
 * was not given. A window is contiguous bytes; another refusal than those two flags is of
 * a parent that is not what it should be, and nothing that the request can mend. */
static inline void nbuf_node_window_refused_(uint32_t flags, nbuf_error* error) {
  nbuf_provider window;
  const uint32_t contiguity = NBUF_IS_C_ | NBUF_IS_F_;
  if (error == NULL || !NBUF_HAS(error, grantable) || error->unmet == 0) return;
  memset(&window, 0, sizeof window);
  if ((error->unmet & NBUF_WRITABLE) != 0) window.flags |= NBUF_READONLY;
  if ((error->unmet & NBUF_REQUIRE_PINNED) != 0) window.flags |= NBUF_BORROWED;
  if ((error->unmet & ~(NBUF_WRITABLE | NBUF_REQUIRE_PINNED)) != 0)
    error->unmet = error->grantable = 0;
  else
    nbuf_tell_(error, nbuf_unmet_(&window, flags, contiguity),
               nbuf_grantable_(&window, flags, contiguity));
}

/* A view on a buffer that an exporter stands behind: its own window over the exporter's
 * memory, which stays locked, but not its layout, which the window does not show. */
static inline nbuf_status nbuf_node_window_(const nbuf_node_found_* found,
                                            const nbuf_request* request,
                                            nbuf_provider** out, nbuf_error* error) {
  const nbuf_block nothing = {NULL, 0, 0, 0, 0};
  const nbuf_block* block;
  nbuf_request bytes = {(uint32_t)sizeof bytes, NBUF_LAYOUT_SNAPSHOT, request->label};
  nbuf_provider* parent = NULL;
  nbuf_status status;
  bytes.flags |= request->flags & (NBUF_WRITABLE | NBUF_REQUIRE_PINNED);
  if ((status = nbuf_node_ask_(found->exporter, &bytes, &parent, error)) != NBUF_OK) {
    nbuf_node_window_refused_(request->flags, error);
    return status;
  }
  status = nbuf_validate(parent, error);
  block = status == NBUF_OK ? nbuf_node_window_block_(parent, found) : NULL;
  if (status == NBUF_OK && block == NULL && found->length > 0)
    status = nbuf_fail(error, NBUF_ERR_ABI,
                       "the buffer's own exporter does not hold the buffer's memory");
  if (status != NBUF_OK) {
    parent->ops->release(parent);
    return status;
  }
  return nbuf_node_provide_(found, block != NULL ? block : &nothing, parent->flags,
                            nbuf_node_window_release_, parent, request, out, error);
}

#ifdef __cplusplus
}
#endif
#endif /* NBUF_DETAIL_NODE_ACQUIRE_H */
