/* nbuf/detail/pointer.h - nbuf_export_pointer. Part of nbuf.h.
 * SPDX-License-Identifier: MIT */
#ifndef NBUF_DETAIL_POINTER_H
#define NBUF_DETAIL_POINTER_H

#include "pointer_provider.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A complete exporter, both locks included, over memory that the caller owns. On success
 * *out has one reference (drop it with (*out)->ops->release) and `free` will be called
 * once, on any thread, after the last provider; on failure it will not be called. All
 * that `from` points at, except the memory, is copied. */
static inline nbuf_status nbuf_export_pointer(const nbuf_pointer_export* from,
                                              nbuf_exporter** out, nbuf_error* error) {
  static const nbuf_exporter_ops ops = {(uint32_t)sizeof(nbuf_exporter_ops), 0,
                                        nbuf_pointer_retain_, nbuf_pointer_release_,
                                        nbuf_pointer_acquire_};
  nbuf_pointer_exporter_* made;
  nbuf_status status;
  *out = NULL;
  if ((status = nbuf_pointer_check_(from, error)) != NBUF_OK) return status;
  made = (nbuf_pointer_exporter_*)calloc(1, sizeof *made);
  if (made == NULL) return nbuf_fail(error, NBUF_ERR_NOMEM, "out of memory");
  made->block.base = from->base;
  made->block.size = from->base != NULL ? from->size : 0;
  status = nbuf_pointer_layout_make_(from, &made->block, &made->layout, error);
  if (status != NBUF_OK) {
    free(made);
    return status;
  }
  /* The exporter outlives its block's last user, so its address is a unique id. */
  made->block.id = from->block != 0 ? from->block : (uint64_t)(uintptr_t)made;
  made->flags = from->flags;
  made->exporter.ops = &ops;
  made->refs = made->owners = 1;
  nbuf_locks_init(&made->locks);
  made->free = from->free;
  made->context = from->context;
  *out = &made->exporter;
  return NBUF_OK;
}

/* How many providers hold each lock of an exporter made by nbuf_export_pointer. */
static inline void nbuf_pointer_locks(nbuf_exporter* exporter, int64_t* memory,
                                      int64_t* layout) {
  nbuf_pointer_exporter_* self = (nbuf_pointer_exporter_*)(void*)exporter;
  nbuf_pointer_drop_spares_(self);
  nbuf_guard_enter_(&self->guard);
  *memory = self->locks.memory;
  *layout = self->locks.layout;
  nbuf_guard_leave_(&self->guard);
}

/* Gives such an exporter another layout over the same block; `from` counts except for
 * base, size, block, flags, free and context. Fails with NBUF_ERR_LOCKED, naming the
 * holders, while a provider holds the layout lock. Providers that exist keep the layout
 * they were given. */
static inline nbuf_status nbuf_pointer_set_layout(nbuf_exporter* exporter,
                                                  const nbuf_pointer_export* from,
                                                  nbuf_error* error) {
  nbuf_pointer_exporter_* self = (nbuf_pointer_exporter_*)(void*)exporter;
  nbuf_pointer_layout_ *layout = NULL, *unused;
  nbuf_block block = self->block;
  nbuf_status status;
  if (from == NULL || from->struct_size < sizeof *from)
    return nbuf_fail(error, NBUF_ERR_ABI, "nbuf_pointer_export is missing or too small");
  if ((status = nbuf_pointer_layout_make_(from, &block, &layout, error)) != NBUF_OK)
    return status;
  if (self->block.base == NULL && layout->full.len > 0) {
    free(layout);
    return nbuf_fail(error, NBUF_ERR_BOUNDS, "the exporter was made without memory");
  }
  unused = layout;
  nbuf_pointer_drop_spares_(self);
  nbuf_guard_enter_(&self->guard);
  status = nbuf_locks_begin(&self->locks, NBUF_LOCK_LAYOUT, "given a layout", error);
  if (status == NBUF_OK) {
    unused = --self->layout->refs == 0 ? self->layout : NULL;
    self->layout = layout;
    nbuf_locks_end(&self->locks);
  }
  nbuf_guard_leave_(&self->guard);
  free(unused);
  return status;
}

#ifdef __cplusplus
}
#endif
#endif /* NBUF_DETAIL_POINTER_H */
