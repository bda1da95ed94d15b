/* nbuf/detail/node_env.h - what nbuf keeps per environment. Part of nbuf_node.h.
 * SPDX-License-Identifier: MIT
 *
 * RELEASING AND ENVIRONMENT END. A provider over JavaScript's memory holds a record, and
 * the record a strong napi_ref. References may be deleted only on their environment's
 * thread, releases happen on any thread: a release moves its record from the
 * environment's `live` list to `dead`, and the next nbuf call there deletes the
 * references of the dead ones. When the environment ends, its cleanup hook takes the
 * reference of every live record and deletes it; such a record belongs to its provider
 * alone and a later release, on whatever thread, only frees it. Lists and `ref` are
 * touched under one guard for the whole image; no Node-API call is made under it. */
#ifndef NBUF_DETAIL_NODE_ENV_H
#define NBUF_DETAIL_NODE_ENV_H

#include <stdlib.h>
#include <string.h>

#include "node_pin.h"
#include "node_script.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef NAPI_EXPERIMENTAL
typedef node_api_basic_env nbuf_node_finalize_env_;
#else
typedef napi_env nbuf_node_finalize_env_;
#endif

struct nbuf_node_env_;

typedef struct nbuf_node_record_ {
  struct nbuf_node_record_ *prev, *next; /* in env->live; only next in env->dead */
  struct nbuf_node_env_* env;            /* valid while ref is not NULL */
  napi_ref ref;                          /* NULL: the environment has ended */
} nbuf_node_record_;

/* One per addon and environment; used by that environment's thread, except the records.
 */
typedef struct nbuf_node_env_ {
  struct nbuf_node_env_* next;
  napi_env env;
  napi_ref resolve, attach, table; /* the functions of nbuf_node_script_ */
  nbuf_node_record_ *live, *dead;
} nbuf_node_env_;

typedef struct {
  nbuf_atomic guard;
  nbuf_node_env_* envs;
} nbuf_node_image_t_;

/* One for the whole image, whichever of its translation units include this header: the
 * linker merges weak definitions. Hidden, so that it never merges with another addon's,
 * whose nbuf may be another version. (napi_set_instance_data is the addon's own to use;
 * something on globalThis could be deleted or forged by JavaScript.) */
#if defined(_WIN32)
__declspec(selectany) nbuf_node_image_t_ nbuf_node_image_ = {0, NULL};
#else
extern nbuf_node_image_t_ nbuf_node_image_;
__attribute__((weak, visibility("hidden"))) nbuf_node_image_t_ nbuf_node_image_;
#endif

static inline nbuf_node_env_* nbuf_node_env_of_(napi_env env) {
  nbuf_node_env_* self;
  nbuf_guard_enter_(&nbuf_node_image_.guard);
  for (self = nbuf_node_image_.envs; self != NULL && self->env != env; self = self->next)
    continue;
  nbuf_guard_leave_(&nbuf_node_image_.guard);
  return self;
}

/* ---- records ---- */

/* Takes over `ref`. NULL when memory is short. */
static inline nbuf_node_record_* nbuf_node_record_new_(nbuf_node_env_* self,
                                                       napi_ref ref) {
  nbuf_node_record_* record = (nbuf_node_record_*)calloc(1, sizeof *record);
  if (record == NULL) return NULL;
  record->env = self;
  record->ref = ref;
  nbuf_guard_enter_(&nbuf_node_image_.guard);
  record->next = self->live;
  if (self->live != NULL) self->live->prev = record;
  self->live = record;
  nbuf_guard_leave_(&nbuf_node_image_.guard);
  return record;
}

static inline void nbuf_node_record_unlink_(nbuf_node_record_* record) {
  if (record->prev != NULL)
    record->prev->next = record->next;
  else
    record->env->live = record->next;
  if (record->next != NULL) record->next->prev = record->prev;
}

/* Any thread, once: the `free` of a nbuf_pointer_export. */
static inline void nbuf_node_record_release_(void* context) {
  nbuf_node_record_* record = (nbuf_node_record_*)context;
  int has_ended;
  nbuf_guard_enter_(&nbuf_node_image_.guard);
  has_ended = record->ref == NULL;
  if (!has_ended) {
    nbuf_node_record_unlink_(record);
    record->next = record->env->dead;
    record->env->dead = record;
  }
  nbuf_guard_leave_(&nbuf_node_image_.guard);
  if (has_ended) free(record);
}

/* The environment's thread: deletes what was released since the last call. */
static inline void nbuf_node_drain_(nbuf_node_env_* self) {
  nbuf_node_record_ *record, *next;
  nbuf_guard_enter_(&nbuf_node_image_.guard);
  record = self->dead;
  self->dead = NULL;
  nbuf_guard_leave_(&nbuf_node_image_.guard);
  for (; record != NULL; record = next) {
    next = record->next;
    napi_delete_reference(self->env, record->ref);
    free(record);
  }
}

/* Takes the reference of one live record; NULL when there is none. */
static inline napi_ref nbuf_node_orphan_one_(nbuf_node_env_* self) {
  napi_ref ref = NULL;
  nbuf_node_record_* record;
  nbuf_guard_enter_(&nbuf_node_image_.guard);
  record = self->live;
  if (record != NULL) {
    nbuf_node_record_unlink_(record);
    ref = record->ref;
    record->ref = NULL; /* from here on the record is its releaser's */
  }
  nbuf_guard_leave_(&nbuf_node_image_.guard);
  return ref;
}

/* ---- environments ---- */

static inline void nbuf_node_env_free_(nbuf_node_env_* self) {
  if (self->resolve != NULL) napi_delete_reference(self->env, self->resolve);
  if (self->attach != NULL) napi_delete_reference(self->env, self->attach);
  if (self->table != NULL) napi_delete_reference(self->env, self->table);
  free(self);
}

/* The cleanup hook. A synchronous one: Deno frees asynchronous ones twice. */
static inline void nbuf_node_env_end_(void* context) {
  nbuf_node_env_* self = (nbuf_node_env_*)context;
  nbuf_node_env_** link = &nbuf_node_image_.envs;
  napi_ref ref;
  nbuf_guard_enter_(&nbuf_node_image_.guard);
  while (*link != NULL && *link != self) link = &(*link)->next;
  if (*link != NULL) *link = self->next;
  nbuf_guard_leave_(&nbuf_node_image_.guard);
  while ((ref = nbuf_node_orphan_one_(self)) != NULL)
    napi_delete_reference(self->env, ref);
  nbuf_node_drain_(self); /* no live record is left, so none can become dead any more */
  nbuf_node_env_free_(self);
}

/* Every function of nbuf_node.h starts here: finds the state, drains it, and refuses to
 * go on over a pending exception, which Node-API calls would lose or trip over. */
static inline nbuf_status nbuf_node_enter_(napi_env env, nbuf_node_env_** out,
                                           nbuf_error* error) {
  bool is_pending = false;
  *out = nbuf_node_env_of_(env);
  if (*out == NULL)
    return nbuf_fail(error, NBUF_ERR_ABI,
                     "nbuf_env_init was not called in this environment: call it in the "
                     "module's init");
  nbuf_node_drain_(*out);
  if (napi_is_exception_pending(env, &is_pending) != napi_ok || is_pending)
    return nbuf_fail(error, NBUF_ERR_UNSUPPORTED,
                     "a JavaScript exception is pending: return it or clear it first");
  return NBUF_OK;
}

/* A Node-API call failed. What is pending now is no exception of user code, the script
 * catches those, but termination or an exhausted stack. It stays: clearing it would
 * cancel the termination from Node 22 on (a vm timeout would never end its script). */
static inline nbuf_status nbuf_node_failed_(const char* what, nbuf_error* error) {
  return nbuf_fail(error, NBUF_ERR_UNSUPPORTED,
                   "%s failed: the environment is ending, or its stack or memory is "
                   "exhausted",
                   what);
}

/* Runs the script and keeps its functions. */
static inline napi_status nbuf_node_env_run_(nbuf_node_env_* self) {
  napi_env env = self->env;
  napi_ref* const kept[] = {&self->resolve, &self->attach, &self->table};
  napi_value source, list, function;
  uint32_t i;
  napi_status status =
      napi_create_string_utf8(env, nbuf_node_script_(), NAPI_AUTO_LENGTH, &source);
  if (status == napi_ok) status = napi_run_script(env, source, &list);
  for (i = 0; i < 3 && status == napi_ok; i++) {
    status = napi_get_element(env, list, i, &function);
    if (status == napi_ok) status = napi_create_reference(env, function, 1, kept[i]);
  }
  return status;
}

static inline nbuf_status nbuf_node_env_start_(napi_env env) {
  napi_handle_scope scope;
  napi_status status;
  nbuf_node_env_* self = (nbuf_node_env_*)calloc(1, sizeof *self);
  if (self == NULL) return NBUF_ERR_NOMEM;
  self->env = env;
  status = napi_open_handle_scope(env, &scope);
  if (status == napi_ok) {
    status = nbuf_node_env_run_(self);
    napi_close_handle_scope(env, scope);
  }
  if (status == napi_ok)
    status = napi_add_env_cleanup_hook(env, nbuf_node_env_end_, self);
  if (status != napi_ok) {
    nbuf_node_env_free_(self);
    return nbuf_node_failed_("preparing the environment", NULL);
  }
  nbuf_guard_enter_(&nbuf_node_image_.guard);
  self->next = nbuf_node_image_.envs;
  nbuf_node_image_.envs = self;
  nbuf_guard_leave_(&nbuf_node_image_.guard);
  return NBUF_OK;
}

#ifdef __cplusplus
}
#endif
#endif /* NBUF_DETAIL_NODE_ENV_H */
