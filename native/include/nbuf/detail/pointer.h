/* nbuf/detail/pointer.h - nbuf_export_pointer. Part of nbuf.h.
 * SPDX-License-Identifier: MIT */
#ifndef NBUF_DETAIL_POINTER_H
#define NBUF_DETAIL_POINTER_H

#include "pointer_provider.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The block that `from` names. The exporter outlives its block's last user, so its
 * address is a unique id. */
static inline nbuf_block nbuf_pointer_block_of_(const nbuf_pointer_export* from,
                                                const nbuf_pointer_exporter_* self) {
  nbuf_block block = {NULL, 0, 0, 0, 0};
  block.base = from->base;
  block.size = from->base != NULL ? from->size : 0;
  block.id = from->block != 0 ? from->block : (uint64_t)(uintptr_t)self;
  return block;
}

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
  made->block = nbuf_pointer_block_of_(from, made);
  status = nbuf_pointer_layout_make_(from, &made->block, &made->layout, error);
  if (status != NBUF_OK) {
    free(made);
    return status;
  }
  made->flags = from->flags;
  made->exporter.ops = &ops;
  made->refs = made->owners = 1;
  nbuf_locks_init(&made->locks);
  made->memory.free = from->free;
  made->memory.context = from->context;
  *out = &made->exporter;
  return NBUF_OK;
}

/* The memory of an exporter made by nbuf_export_pointer. Not concurrently with
 * nbuf_pointer_set_memory. */
static inline nbuf_block nbuf_pointer_block(nbuf_exporter* exporter) {
  return ((nbuf_pointer_exporter_*)(void*)exporter)->block;
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

/* Gives such an exporter a layout that was made for `block`, and with `memory` the block,
 * too, if the locks allow. What is left over afterwards (the old ones, or on failure the
 * new layout) is ended here; on failure `memory` is still the caller's. */
static inline nbuf_status nbuf_pointer_change_(nbuf_pointer_exporter_* self,
                                               nbuf_pointer_layout_* layout,
                                               const nbuf_block* block,
                                               const nbuf_pointer_export* memory,
                                               nbuf_error* error) {
  nbuf_pointer_memory_ old = {NULL, NULL};
  nbuf_pointer_layout_* unused = layout;
  nbuf_status status;
  nbuf_pointer_drop_spares_(self);
  nbuf_guard_enter_(&self->guard);
  if (self->is_disposed)
    status = nbuf_fail(error, NBUF_ERR_RELEASED, "the exporter was disposed of");
  else
    status = nbuf_locks_begin(&self->locks,
                              memory != NULL ? NBUF_LOCK_MEMORY : NBUF_LOCK_LAYOUT,
                              memory != NULL ? "resized" : "given a layout", error);
  if (status == NBUF_OK) {
    unused = --self->layout->refs == 0 ? self->layout : NULL;
    self->layout = layout;
    if (memory != NULL) {
      old = self->memory;
      self->block = *block;
      self->flags = memory->flags;
      self->memory.free = memory->free;
      self->memory.context = memory->context;
    }
    nbuf_locks_end(&self->locks);
  }
  nbuf_guard_leave_(&self->guard);
  free(unused);
  nbuf_pointer_memory_end_(old);
  return status;
}

/* Gives such an exporter another layout over the same block; `from` counts except for
 * base, size, block, flags, free and context. Fails with NBUF_ERR_LOCKED, naming the
 * holders, while a provider holds the layout lock. Providers that exist keep the layout
 * they were given. Not concurrently with nbuf_pointer_set_memory. */
static inline nbuf_status nbuf_pointer_set_layout(nbuf_exporter* exporter,
                                                  const nbuf_pointer_export* from,
                                                  nbuf_error* error) {
  nbuf_pointer_exporter_* self = (nbuf_pointer_exporter_*)(void*)exporter;
  nbuf_pointer_layout_* layout = NULL;
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
  return nbuf_pointer_change_(self, layout, NULL, NULL, error);
}

/* Gives such an exporter other memory, with its layout; all of `from` counts. This is how
 * an object grows that has been exported. Fails with NBUF_ERR_LOCKED, naming the holders,
 * while there is any provider; then nothing has changed, and the new memory is still the
 * caller's. On success the old memory's `free` has been called. */
static inline nbuf_status nbuf_pointer_set_memory(nbuf_exporter* exporter,
                                                  const nbuf_pointer_export* from,
                                                  nbuf_error* error) {
  nbuf_pointer_exporter_* self = (nbuf_pointer_exporter_*)(void*)exporter;
  nbuf_pointer_layout_* layout = NULL;
  nbuf_block block;
  nbuf_status status = nbuf_pointer_check_(from, error);
  if (status != NBUF_OK) return status;
  block = nbuf_pointer_block_of_(from, self);
  if ((status = nbuf_pointer_layout_make_(from, &block, &layout, error)) != NBUF_OK)
    return status;
  return nbuf_pointer_change_(self, layout, &block, from, error);
}

/* Ends such an exporter although others may still refer to it, JavaScript's object above
 * all, which goes when it is collected and not before: acquire fails with
 * NBUF_ERR_RELEASED from now on, and `free` is called as soon as there is no provider,
 * perhaps here. Idempotent, never fails; the caller keeps their reference. */
static inline void nbuf_pointer_dispose(nbuf_exporter* exporter) {
  nbuf_pointer_exporter_* self = (nbuf_pointer_exporter_*)(void*)exporter;
  nbuf_pointer_memory_ memory;
  void* spares[NBUF_SPARES_];
  int i;
  nbuf_guard_enter_(&self->guard);
  self->is_disposed = 1;
  nbuf_pointer_close_(self, spares);
  memory = nbuf_pointer_take_memory_(self);
  nbuf_guard_leave_(&self->guard);
  for (i = 0; i < NBUF_SPARES_; i++) free(spares[i]);
  nbuf_pointer_memory_end_(memory);
}

#ifdef __cplusplus
}
#endif
#endif /* NBUF_DETAIL_POINTER_H */
