/* nbuf/detail/pointer_provider.h - the providers of nbuf_export_pointer. Part of nbuf.h.
 * SPDX-License-Identifier: MIT */
#ifndef NBUF_DETAIL_POINTER_PROVIDER_H
#define NBUF_DETAIL_POINTER_PROVIDER_H

#include <stdlib.h>
#include <string.h>

#include "locks.h"
#include "pointer_layout.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NBUF_SPARES_ 4

/* Released providers wait here to serve the next acquire, each on a cache line of its
 * own, so that threads do not wait for each other. */
typedef struct {
  char apart[64];
  void* provider; /* atomic: or NULL; the exporter once it has no owner */
} nbuf_pointer_spare_;

typedef struct {
  nbuf_exporter exporter; /* first */
  uint32_t flags;         /* of its providers */
  nbuf_atomic guard;      /* of refs, owners, locks, layout and its refs */
  int64_t refs;           /* owners and providers, those that wait included */
  int64_t owners;
  nbuf_locks locks;
  nbuf_pointer_layout_* layout;
  nbuf_block block;
  void (*free)(void* context);
  void* context;
  nbuf_pointer_spare_ spares[NBUF_SPARES_];
} nbuf_pointer_exporter_;

/* Its last release leaves it in a spare place, still counted as if it lived: the next
 * acquire with the same flags takes it from there, by one atomic operation each and
 * without the guard. Whoever asks for the counts takes all out and drops them first. Only
 * providers that hold the layout lock wait there, so theirs is the current layout; only
 * those without a label. */
typedef struct nbuf_pointer_provider_ {
  nbuf_provider provider; /* first */
  nbuf_atomic refs;
  uint32_t asked; /* the request's flags that `provider` answers */
  nbuf_pointer_exporter_* exporter;
  nbuf_pointer_layout_* layout;
  nbuf_holder holder;
  char label[NBUF_MAX_LABEL + 1];
} nbuf_pointer_provider_;

/* The calling thread's place. */
static inline void** nbuf_pointer_place_(nbuf_pointer_exporter_* self) {
  return &self->spares[nbuf_thread_place_(NBUF_SPARES_)].provider;
}

/* What waits in a place, which is then the caller's, or NULL. The exporter has an owner.
 */
static inline nbuf_pointer_provider_* nbuf_pointer_fetch_(nbuf_pointer_exporter_* self,
                                                          void** place) {
  void* spare = NBUF_ATOMIC_HINT_PTR(place);
  if (spare == NULL || spare == (void*)self) return NULL;
  return (nbuf_pointer_provider_*)NBUF_ATOMIC_SWAP_PTR(place, NULL);
}

static inline void nbuf_pointer_retain_(nbuf_exporter* exporter) {
  nbuf_pointer_exporter_* self = (nbuf_pointer_exporter_*)(void*)exporter;
  nbuf_guard_enter_(&self->guard);
  self->owners++;
  self->refs++;
  nbuf_guard_leave_(&self->guard);
}

/* Inside the guard: gives up one holder's locks and references, the memory's aside.
 * Returns its layout if nobody needs that any more. */
static inline nbuf_pointer_layout_* nbuf_pointer_drop_(nbuf_pointer_provider_* provider) {
  nbuf_pointer_exporter_* exporter = provider->exporter;
  nbuf_locks_drop(&exporter->locks, &provider->holder);
  exporter->refs--;
  return --provider->layout->refs == 0 ? provider->layout : NULL;
}

/* Outside: nobody refers to the exporter any more. */
static inline void nbuf_pointer_end_(nbuf_pointer_exporter_* self) {
  void (*free_memory)(void*) = self->free;
  void* context = self->context;
  free(self->layout);
  free(self);
  if (free_memory != NULL) free_memory(context);
}

/* Inside the guard, without owners: closes all places, so that no provider can wait there
 * and keep the exporter for ever. What waited goes into spares[NBUF_SPARES_]. */
static inline void nbuf_pointer_close_(nbuf_pointer_exporter_* self, void** spares) {
  int i;
  for (i = 0; i < NBUF_SPARES_; i++) {
    spares[i] = NBUF_ATOMIC_SWAP_PTR(&self->spares[i].provider, (void*)self);
    if (spares[i] == (void*)self) spares[i] = NULL;
    /* Its layout is the current one, which the exporter needs, too. */
    if (spares[i] != NULL) nbuf_pointer_drop_((nbuf_pointer_provider_*)spares[i]);
  }
}

static inline void nbuf_pointer_release_(nbuf_exporter* exporter) {
  nbuf_pointer_exporter_* self = (nbuf_pointer_exporter_*)(void*)exporter;
  void* spares[NBUF_SPARES_] = {NULL};
  int i, is_last;
  nbuf_guard_enter_(&self->guard);
  if (--self->owners == 0) nbuf_pointer_close_(self, spares);
  is_last = --self->refs == 0;
  nbuf_guard_leave_(&self->guard);
  for (i = 0; i < NBUF_SPARES_; i++) free(spares[i]);
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

/* Frees a provider that nobody has; the exporter, too, when it was the last. */
static inline void nbuf_pointer_provider_end_(nbuf_pointer_provider_* self) {
  nbuf_pointer_exporter_* exporter = self->exporter;
  nbuf_pointer_layout_* layout;
  int is_last;
  nbuf_guard_enter_(&exporter->guard);
  layout = nbuf_pointer_drop_(self);
  is_last = exporter->refs == 0;
  nbuf_guard_leave_(&exporter->guard);
  free(layout);
  free(self);
  if (is_last) nbuf_pointer_end_(exporter);
}

static inline void nbuf_pointer_provider_release_(nbuf_provider* provider) {
  nbuf_pointer_provider_* self = (nbuf_pointer_provider_*)(void*)provider;
  /* Whoever holds the only reference is alone: nobody can be retaining it meanwhile, and
   * (both acquire) whoever dropped one before is done with it. */
  if (NBUF_ATOMIC_LOAD(&self->refs) != 1) {
    if (NBUF_ATOMIC_ADD(&self->refs, -1) != 0) return;
    self->refs = 1;
  }
  /* Once it is left there, it is another's, and the exporter may be gone. */
  if (self->holder.has_layout && self->holder.label == NULL &&
      NBUF_ATOMIC_SET_PTR(nbuf_pointer_place_(self->exporter), (void*)self))
    return;
  nbuf_pointer_provider_end_(self);
}

/* The guarded part of acquire: current layout, negotiation, locks, references. */
static inline nbuf_status nbuf_pointer_take_(nbuf_pointer_exporter_* self,
                                             nbuf_pointer_provider_* made,
                                             const nbuf_request* request,
                                             nbuf_error* error) {
  nbuf_provider* full = &made->provider;
  nbuf_status status;
  nbuf_guard_enter_(&self->guard);
  made->layout = self->layout;
  *full = self->layout->full;
  full->flags = self->flags;
  /* Locks are taken last: a refused request must not look like a holder to anyone. */
  status = nbuf_negotiate(full, request->flags, self->layout->contiguity, error);
  if (status == NBUF_OK)
    status = nbuf_locks_take(&self->locks, &made->holder,
                             request->label != NULL ? made->label : NULL,
                             (request->flags & NBUF_LAYOUT_SNAPSHOT) != 0, error);
  if (status == NBUF_OK) {
    made->layout->refs++;
    self->refs++;
  }
  nbuf_guard_leave_(&self->guard);
  return status;
}

/* A new provider for the request, not yet a holder; NULL when memory is short. */
static inline nbuf_pointer_provider_* nbuf_pointer_new_(nbuf_pointer_exporter_* self,
                                                        const nbuf_request* request) {
  size_t length = 0;
  nbuf_pointer_provider_* made = (nbuf_pointer_provider_*)malloc(sizeof *made);
  if (made == NULL) return NULL;
  if (request->label != NULL) {
    length = nbuf_label_length_(request->label);
    memcpy(made->label, request->label, length);
  }
  made->label[length] = '\0';
  made->refs = 1;
  made->asked = request->flags;
  made->exporter = self;
  return made;
}

static inline nbuf_status nbuf_pointer_acquire_(nbuf_exporter* exporter,
                                                const nbuf_request* request,
                                                nbuf_provider** out, nbuf_error* error) {
  static const nbuf_provider_ops ops = {
      (uint32_t)sizeof(nbuf_provider_ops), 0, nbuf_pointer_provider_retain_,
      nbuf_pointer_provider_release_, nbuf_pointer_provider_unlock_};
  nbuf_pointer_exporter_* self = (nbuf_pointer_exporter_*)(void*)exporter;
  nbuf_pointer_provider_* made = NULL;
  nbuf_status status;
  *out = NULL;
  if (request == NULL || !NBUF_HAS(request, label))
    return nbuf_fail(error, NBUF_ERR_ABI, "nbuf_request is missing or too small");
  if (request->label == NULL) made = nbuf_pointer_fetch_(self, nbuf_pointer_place_(self));
  if (made != NULL && made->asked == request->flags) {
    *out = &made->provider;
    return NBUF_OK;
  }
  if (made != NULL) nbuf_pointer_provider_end_(made);
  made = nbuf_pointer_new_(self, request);
  if (made == NULL) return nbuf_fail(error, NBUF_ERR_NOMEM, "out of memory");
  status = nbuf_pointer_take_(self, made, request, error);
  if (status != NBUF_OK) {
    free(made);
    return status;
  }
  made->provider.struct_size = (uint32_t)sizeof made->provider;
  made->provider.ops = &ops;
  made->provider.blocks = self->block.base != NULL ? &self->block : NULL;
  made->provider.block_count = self->block.base != NULL;
  *out = &made->provider;
  return NBUF_OK;
}

/* Spare providers are nobody's: counts do not show them. */
static inline void nbuf_pointer_drop_spares_(nbuf_pointer_exporter_* self) {
  int i;
  for (i = 0; i < NBUF_SPARES_; i++) {
    nbuf_pointer_provider_* spare = nbuf_pointer_fetch_(self, &self->spares[i].provider);
    if (spare != NULL) nbuf_pointer_provider_end_(spare);
  }
}

#ifdef __cplusplus
}
#endif
#endif /* NBUF_DETAIL_POINTER_PROVIDER_H */
