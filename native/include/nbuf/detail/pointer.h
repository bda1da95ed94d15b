/* nbuf/detail/pointer.h - nbuf_export_pointer. Part of nbuf.h.
 * SPDX-License-Identifier: MIT */
#ifndef NBUF_DETAIL_POINTER_H
#define NBUF_DETAIL_POINTER_H

#include <stdlib.h>
#include <string.h>

#include "locks.h"
#include "pointer_layout.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  nbuf_exporter exporter; /* first */
  uint32_t flags;         /* of its providers */
  nbuf_atomic guard;      /* of refs, locks, layout and its refs */
  int64_t refs;           /* owners and providers */
  nbuf_locks locks;
  nbuf_pointer_layout_* layout;
  nbuf_block block;
  void (*free)(void* context);
  void* context;
} nbuf_pointer_exporter_;

typedef struct {
  nbuf_provider provider; /* first */
  nbuf_atomic refs;
  nbuf_pointer_exporter_* exporter;
  nbuf_pointer_layout_* layout;
  nbuf_holder holder;
  char label[NBUF_MAX_LABEL + 1];
} nbuf_pointer_provider_;

static inline void nbuf_pointer_retain_(nbuf_exporter* exporter) {
  nbuf_pointer_exporter_* self = (nbuf_pointer_exporter_*)(void*)exporter;
  nbuf_guard_enter_(&self->guard);
  self->refs++;
  nbuf_guard_leave_(&self->guard);
}

/* Nobody refers to it any more. */
static inline void nbuf_pointer_end_(nbuf_pointer_exporter_* self) {
  void (*free_memory)(void*) = self->free;
  void* context = self->context;
  free(self->layout);
  free(self);
  if (free_memory != NULL) free_memory(context);
}

static inline void nbuf_pointer_release_(nbuf_exporter* exporter) {
  nbuf_pointer_exporter_* self = (nbuf_pointer_exporter_*)(void*)exporter;
  int is_last;
  nbuf_guard_enter_(&self->guard);
  is_last = --self->refs == 0;
  nbuf_guard_leave_(&self->guard);
  if (is_last) nbuf_pointer_end_(self);
}

static inline void nbuf_pointer_provider_retain_(nbuf_provider* provider) {
  NBUF_ATOMIC_ADD(&((nbuf_pointer_provider_*)(void*)provider)->refs, 1);
}

static inline void nbuf_pointer_provider_unlock_(nbuf_provider* provider) {
  nbuf_pointer_provider_* self = (nbuf_pointer_provider_*)(void*)provider;
  nbuf_guard_enter_(&self->exporter->guard);
  nbuf_locks_drop_layout(&self->exporter->locks, &self->holder);
  nbuf_guard_leave_(&self->exporter->guard);
}

static inline void nbuf_pointer_provider_release_(nbuf_provider* provider) {
  nbuf_pointer_provider_* self = (nbuf_pointer_provider_*)(void*)provider;
  nbuf_pointer_exporter_* exporter = self->exporter;
  int is_last, is_last_of_layout;
  /* Whoever holds the only reference is alone: nobody can be retaining it meanwhile. */
  if (NBUF_ATOMIC_LOAD(&self->refs) != 1 && NBUF_ATOMIC_ADD(&self->refs, -1) != 0) return;
  nbuf_guard_enter_(&exporter->guard);
  nbuf_locks_drop(&exporter->locks, &self->holder);
  is_last_of_layout = --self->layout->refs == 0;
  is_last = --exporter->refs == 0;
  nbuf_guard_leave_(&exporter->guard);
  if (is_last_of_layout) free(self->layout);
  free(self);
  if (is_last) nbuf_pointer_end_(exporter);
}

/* The guarded part of acquire: current layout, negotiation, locks, references. */
static inline nbuf_status nbuf_pointer_take_(nbuf_pointer_exporter_* self,
                                             nbuf_pointer_provider_* made,
                                             const nbuf_request* request,
                                             nbuf_error* error) {
  nbuf_provider* full = &made->provider;
  nbuf_status status;
  nbuf_guard_enter_(&self->guard);
  *full = self->layout->full;
  full->flags = self->flags;
  /* Locks are taken last: a refused request must not look like a holder to anyone. */
  status = nbuf_negotiate(full, request->flags, self->layout->contiguity, error);
  if (status == NBUF_OK)
    status = nbuf_locks_take(&self->locks, &made->holder,
                             request->label != NULL ? made->label : NULL,
                             (request->flags & NBUF_LAYOUT_SNAPSHOT) != 0, error);
  if (status == NBUF_OK) {
    made->layout = self->layout;
    made->layout->refs++;
    self->refs++;
  }
  nbuf_guard_leave_(&self->guard);
  return status;
}

static inline nbuf_status nbuf_pointer_acquire_(nbuf_exporter* exporter,
                                                const nbuf_request* request,
                                                nbuf_provider** out, nbuf_error* error) {
  static const nbuf_provider_ops ops = {
      (uint32_t)sizeof(nbuf_provider_ops), 0, nbuf_pointer_provider_retain_,
      nbuf_pointer_provider_release_, nbuf_pointer_provider_unlock_};
  nbuf_pointer_exporter_* self = (nbuf_pointer_exporter_*)(void*)exporter;
  nbuf_pointer_provider_* made;
  size_t length = 0;
  nbuf_status status;
  *out = NULL;
  if (request == NULL || !NBUF_HAS(request, label))
    return nbuf_fail(error, NBUF_ERR_ABI, "nbuf_request is missing or too small");
  made = (nbuf_pointer_provider_*)malloc(sizeof *made);
  if (made == NULL) return nbuf_fail(error, NBUF_ERR_NOMEM, "out of memory");
  if (request->label != NULL) {
    length = nbuf_label_length_(request->label);
    memcpy(made->label, request->label, length);
  }
  made->label[length] = '\0';
  status = nbuf_pointer_take_(self, made, request, error);
  if (status != NBUF_OK) {
    free(made);
    return status;
  }
  made->refs = 1;
  made->exporter = self;
  made->provider.struct_size = (uint32_t)sizeof made->provider;
  made->provider.ops = &ops;
  made->provider.blocks = self->block.base != NULL ? &self->block : NULL;
  made->provider.block_count = self->block.base != NULL;
  *out = &made->provider;
  return NBUF_OK;
}

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
  made->refs = 1;
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
