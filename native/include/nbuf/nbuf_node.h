/* nbuf_node.h - exporters and providers as JavaScript values. Needs Node-API 8, no more.
 * SPDX-License-Identifier: MIT
 *
 * PROTOCOL  An object exports a buffer when it has, own or inherited, a method at
 * Symbol.for('nbuf.exporter') that returns an External with nbuf's type tag. The External
 * owns one retain of its nbuf_exporter; a consumer takes its own before its handle scope
 * ends. So two addons meet without knowing each other, whether or not the `nbuf` package
 * is loaded, and whatever versions of this header they have.
 *
 *   nbuf_env_init        once per environment, from the module's init
 *   nbuf_publish         an exporter becomes a new JavaScript object
 *   nbuf_attach          an existing JavaScript object becomes an exporter
 *   nbuf_wrap_exporter   the External alone, for a method written by hand
 *   nbuf_acquire_value   a provider from any exporter, typed array, DataView or buffer
 *   nbuf_get_exporter    the exporter behind an object
 *   nbuf_get_api         copies and comparisons, where the `nbuf` package is loaded
 *   nbuf_throw           throws what a status and an nbuf_error say
 *   nbuf_error_value     the same as a value, to reject a promise with
 *
 * THREADS  Call these on their environment's thread. Providers and exporters that came
 * from here may be released on any thread, also after the environment has ended.
 *
 * JAVASCRIPT'S MEMORY  A typed array, DataView or buffer that no exporter stands behind
 * gives a provider whose flags say how far it goes:
 *   NBUF_BORROWED   a plain ArrayBuffer. JavaScript can transfer and free it at any time:
 *                   use the provider only until control returns to JavaScript, and
 *                   release it then. NBUF_REQUIRE_PINNED refuses such memory.
 *   NBUF_ENV_BOUND  a SharedArrayBuffer. It stays while the provider and the environment
 *                   live, so asynchronous work of this environment may use it.
 *   NBUF_READONLY   an immutable ArrayBuffer.
 * Its block has no id. A release does not call Node-API: the buffer becomes collectable
 * at the next call of a function of this page in its environment, or when that ends.
 *
 * ERRORS  A status. What user code throws (a getter, a method, a Proxy) is caught and
 * becomes NBUF_ERR_NOT_EXPORTER with its message, or the status whose `code` it has. Only
 * what nobody may swallow stays pending, beside NBUF_ERR_UNSUPPORTED: termination
 * (worker.terminate, process.exit, a vm timeout) and an exhausted stack; return to
 * JavaScript then. When an exception is already pending, every function fails with
 * NBUF_ERR_UNSUPPORTED and leaves it.
 *
 * Depends on nbuf_env_init alone for state, which lives outside of the instance data and
 * is shared by all translation units of an addon. Compiles as C99 and C++17. */
#ifndef NBUF_NODE_H
#define NBUF_NODE_H

#ifndef NAPI_VERSION
#define NAPI_VERSION 8
#endif
#include <node_api.h>

#include "nbuf.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Prepares this environment; further calls in it do nothing. Call it from the module's
 * init, before JavaScript can have replaced what it captures. `exports` is not touched:
 * it is there so that a later version may need it without a new signature. */
static inline nbuf_status nbuf_env_init(napi_env env, napi_value exports);

/* An External that owns one retain of the exporter (the caller keeps theirs): what the
 * method at Symbol.for('nbuf.exporter') has to return. */
static inline nbuf_status nbuf_wrap_exporter(napi_env env, nbuf_exporter* exporter,
                                             napi_value* external);

/* Defines the method on `object`: configurable, but neither enumerable nor writable. The
 * method retains the exporter as long as it is reachable; the caller keeps their retain.
 * NBUF_ERR_UNSUPPORTED where the object refuses (frozen, a Proxy that says no). */
static inline nbuf_status nbuf_attach(napi_env env, napi_value object,
                                      nbuf_exporter* exporter);

/* A new plain object with the exporter attached. The caller keeps their retain. */
static inline nbuf_status nbuf_publish(napi_env env, nbuf_exporter* exporter,
                                       napi_value* object);

/* The exporter that the value's own method names, with one retain for the caller.
 * NBUF_ERR_NOT_EXPORTER for everything without that method, typed arrays included. */
static inline nbuf_status nbuf_get_exporter(napi_env env, napi_value value,
                                            nbuf_exporter** exporter, nbuf_error* error);

/* A provider of whatever the value exports; release it with ops->release. A view on a
 * buffer that carries the method gets its own window over that exporter's memory, with
 * its blocks, their ids, its flags and its memory lock. */
static inline nbuf_status nbuf_acquire_value(napi_env env, napi_value value,
                                             const nbuf_request* request,
                                             nbuf_provider** provider, nbuf_error* error);

/* The nbuf package's copy engine (detail/api.h). *api stays good for the life of the
 * process, in every environment and on every thread; ask once. NBUF_ERR_NOT_EXPORTER
 * where the package is not loaded in this environment: load it, require('nbuf'), or do
 * without. NBUF_ERR_ABI for a table that is too short to be one. */
static inline nbuf_status nbuf_get_api(napi_env env, const nbuf_api** api,
                                       nbuf_error* error);

/* A JavaScript error with the status's code (nbuf_status_code) and the error's message: a
 * TypeError for NBUF_ERR_INVALID_ARG_TYPE, a RangeError for NBUF_ERR_OUT_OF_RANGE, else
 * an Error. error: NULL, or without a message for this status, gives the status's own.
 * Of a refused request it has `unmet` (names) and `grantable`, where the error does. */
static inline nbuf_status nbuf_error_value(napi_env env, nbuf_status status,
                                           const nbuf_error* error, napi_value* value);

/* Throws it, and returns NULL: `return nbuf_throw(env, status, &error);`. An exception
 * that is already pending stays. */
static inline napi_value nbuf_throw(napi_env env, nbuf_status status,
                                    const nbuf_error* error);

#ifdef __cplusplus
}
#endif

#include "detail/node_acquire.h"
#include "detail/node_error.h"
#include "detail/node_table.h"

#ifdef __cplusplus
extern "C" {
#endif

static inline nbuf_status nbuf_env_init(napi_env env, napi_value exports) {
  bool is_pending = false;
  (void)exports;
  if (nbuf_node_env_of_(env) != NULL) return NBUF_OK;
  if (napi_is_exception_pending(env, &is_pending) != napi_ok || is_pending)
    return NBUF_ERR_UNSUPPORTED;
  nbuf_node_pin_(&nbuf_node_image_);
  return nbuf_node_env_start_(env);
}

/* The External's finalizer; takes no environment, so that it may run late. */
static inline void nbuf_node_external_end_(nbuf_node_finalize_env_ env, void* data,
                                           void* hint) {
  nbuf_exporter* exporter = (nbuf_exporter*)data;
  (void)env;
  (void)hint;
  exporter->ops->release(exporter);
}

static inline nbuf_status nbuf_wrap_exporter(napi_env env, nbuf_exporter* exporter,
                                             napi_value* external) {
  nbuf_node_env_* self;
  nbuf_status status = nbuf_node_enter_(env, &self, NULL);
  if (status != NBUF_OK) return status;
  if (exporter == NULL) return NBUF_ERR_INVALID_ARG_TYPE;
  exporter->ops->retain(exporter);
  if (napi_create_external(env, exporter, nbuf_node_external_end_, NULL, external) !=
      napi_ok) {
    exporter->ops->release(exporter);
    return nbuf_node_failed_("creating an External", NULL);
  }
  if (napi_type_tag_object(env, *external, &nbuf_type_tag) != napi_ok)
    return nbuf_node_failed_("tagging an External", NULL);
  return NBUF_OK;
}

/* Inside a handle scope. */
static inline nbuf_status nbuf_node_attach_(nbuf_node_env_* self, napi_value object,
                                            nbuf_exporter* exporter) {
  napi_env env = self->env;
  napi_value attach, undefined, arguments_[2], answer;
  bool is_done = false;
  nbuf_status status = nbuf_wrap_exporter(env, exporter, &arguments_[1]);
  if (status != NBUF_OK) return status;
  arguments_[0] = object;
  if (napi_get_reference_value(env, self->attach, &attach) != napi_ok ||
      napi_get_undefined(env, &undefined) != napi_ok ||
      napi_call_function(env, undefined, attach, 2, arguments_, &answer) != napi_ok)
    return nbuf_node_failed_("attaching an exporter", NULL);
  if (napi_get_value_bool(env, answer, &is_done) != napi_ok || !is_done)
    return NBUF_ERR_UNSUPPORTED;
  return NBUF_OK;
}

static inline nbuf_status nbuf_attach(napi_env env, napi_value object,
                                      nbuf_exporter* exporter) {
  napi_handle_scope scope;
  napi_valuetype type;
  nbuf_node_env_* self;
  nbuf_status status = nbuf_node_enter_(env, &self, NULL);
  if (status != NBUF_OK) return status;
  type = nbuf_node_typeof_(env, object);
  if (type != napi_object && type != napi_function) return NBUF_ERR_INVALID_ARG_TYPE;
  if (napi_open_handle_scope(env, &scope) != napi_ok)
    return nbuf_node_failed_("opening a handle scope", NULL);
  status = nbuf_node_attach_(self, object, exporter);
  if (napi_close_handle_scope(env, scope) != napi_ok && status == NBUF_OK)
    status = nbuf_node_failed_("closing a handle scope", NULL);
  return status;
}

static inline nbuf_status nbuf_publish(napi_env env, nbuf_exporter* exporter,
                                       napi_value* object) {
  nbuf_node_env_* self;
  nbuf_status status = nbuf_node_enter_(env, &self, NULL);
  if (status != NBUF_OK) return status;
  if (napi_create_object(env, object) != napi_ok)
    return nbuf_node_failed_("creating an object", NULL);
  return nbuf_attach(env, *object, exporter);
}

static inline nbuf_status nbuf_get_exporter(napi_env env, napi_value value,
                                            nbuf_exporter** exporter, nbuf_error* error) {
  nbuf_node_env_* self;
  nbuf_node_found_ found;
  nbuf_status status = nbuf_node_enter_(env, &self, error);
  *exporter = NULL;
  if (status == NBUF_OK) status = nbuf_node_find_(self, value, &found, error);
  if (status != NBUF_OK) return status;
  if (found.is_memory) {
    nbuf_node_found_drop_(env, &found);
    return nbuf_node_absent_(napi_object, error);
  }
  *exporter = found.exporter;
  return NBUF_OK;
}

static inline nbuf_status nbuf_acquire_value(napi_env env, napi_value value,
                                             const nbuf_request* request,
                                             nbuf_provider** provider,
                                             nbuf_error* error) {
  nbuf_node_env_* self;
  nbuf_node_found_ found;
  nbuf_status status = nbuf_node_enter_(env, &self, error);
  *provider = NULL;
  if (status != NBUF_OK) return status;
  if (request == NULL || !NBUF_HAS(request, label))
    return nbuf_fail(error, NBUF_ERR_ABI, "nbuf_request is missing or too small");
  status = nbuf_node_find_(self, value, &found, error);
  if (status != NBUF_OK) return status;
  if (!found.is_memory)
    status = nbuf_node_ask_(found.exporter, request, provider, error);
  else if (found.exporter != NULL)
    status = nbuf_node_window_(&found, request, provider, error);
  else
    status = nbuf_node_borrow_(self, &found, request, provider, error);
  nbuf_node_found_drop_(env, &found);
  return status;
}

#ifdef __cplusplus
}
#endif
#endif /* NBUF_NODE_H */
