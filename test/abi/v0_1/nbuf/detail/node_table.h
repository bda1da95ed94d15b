/* nbuf/detail/node_table.h - nbuf_get_api. Part of nbuf_node.h.
 * SPDX-License-Identifier: MIT
 *
 * The nbuf package puts an External with the tag below at Symbol.for('nbuf.api') of each
 * global object, never to be changed: the first copy that is loaded wins. JavaScript can
 * put anything there before, but cannot forge the tag, so whatever carries it is a
 * table. */
#ifndef NBUF_DETAIL_NODE_TABLE_H
#define NBUF_DETAIL_NODE_TABLE_H

#include "node_env.h"
#include "node_value.h"

#ifdef __cplusplus
extern "C" {
#endif

/* 128 random bits, as nbuf_type_tag, for nbuf_api. */
static const napi_type_tag nbuf_api_tag = {0x439ff18739a74c17ULL, 0x3095e2799b2e1fe9ULL};

/* NULL for everything that is no table. */
static inline const nbuf_api* nbuf_node_table_(napi_env env, napi_value external) {
  bool is_ours = false;
  void* pointer = NULL;
  if (nbuf_node_typeof_(env, external) != napi_external ||
      napi_check_object_type_tag(env, external, &nbuf_api_tag, &is_ours) != napi_ok ||
      !is_ours || napi_get_value_external(env, external, &pointer) != napi_ok)
    return NULL;
  return (const nbuf_api*)pointer;
}

/* Inside a handle scope. */
static inline nbuf_status nbuf_node_get_api_(nbuf_node_env_* self, const nbuf_api** out,
                                             nbuf_error* error) {
  napi_env env = self->env;
  napi_value table, undefined, value;
  const nbuf_api* api;
  if (napi_get_reference_value(env, self->table, &table) != napi_ok ||
      napi_get_undefined(env, &undefined) != napi_ok ||
      napi_call_function(env, undefined, table, 0, NULL, &value) != napi_ok)
    return nbuf_node_failed_("asking for the table of functions", error);
  api = nbuf_node_table_(env, value);
  if (api == NULL && nbuf_node_typeof_(env, value) == napi_undefined)
    return nbuf_fail(error, NBUF_ERR_NOT_EXPORTER,
                     "the nbuf package is not loaded in this environment: "
                     "require('nbuf') first");
  if (api == NULL)
    return nbuf_fail(error, NBUF_ERR_NOT_EXPORTER,
                     "what stands at globalThis[Symbol.for('nbuf.api')] is no table of "
                     "nbuf's: something else was put there before the package was "
                     "loaded, or it is of an incompatible nbuf");
  if (!NBUF_HAS(api, equal) || api->copy == NULL || api->pack == NULL ||
      api->unpack == NULL || api->fill == NULL || api->equal == NULL)
    return nbuf_fail(error, NBUF_ERR_ABI, "the table of functions is incomplete");
  *out = api;
  return NBUF_OK;
}

static inline nbuf_status nbuf_get_api(napi_env env, const nbuf_api** api,
                                       nbuf_error* error) {
  napi_handle_scope scope;
  nbuf_node_env_* self;
  nbuf_status status = nbuf_node_enter_(env, &self, error);
  *api = NULL;
  if (status != NBUF_OK) return status;
  if (napi_open_handle_scope(env, &scope) != napi_ok)
    return nbuf_node_failed_("opening a handle scope", error);
  status = nbuf_node_get_api_(self, api, error);
  if (napi_close_handle_scope(env, scope) != napi_ok && status == NBUF_OK)
    status = nbuf_node_failed_("closing a handle scope", error);
  return status;
}

#ifdef __cplusplus
}
#endif
#endif /* NBUF_DETAIL_NODE_TABLE_H */
