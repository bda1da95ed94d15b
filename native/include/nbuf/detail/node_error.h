/* nbuf/detail/node_error.h - statuses become JavaScript errors. Part of nbuf_node.h.
 * SPDX-License-Identifier: MIT */
#ifndef NBUF_DETAIL_NODE_ERROR_H
#define NBUF_DETAIL_NODE_ERROR_H

#include "node_env.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The error may come from a peer's acquire itself: its message may lack its end. */
static inline const char* nbuf_node_message_(nbuf_status status, const nbuf_error* error,
                                             size_t* length) {
  const char* text = nbuf_status_message(status);
  const char* end;
  *length = NAPI_AUTO_LENGTH;
  if (error == NULL || !NBUF_HAS(error, message) || error->status != status ||
      error->message[0] == '\0')
    return text;
  end = (const char*)memchr(error->message, '\0', sizeof error->message);
  *length = end != NULL ? (size_t)(end - error->message) : sizeof error->message;
  return error->message;
}

static inline nbuf_status nbuf_error_value(napi_env env, nbuf_status status,
                                           const nbuf_error* error, napi_value* value) {
  napi_value code, text;
  napi_status made;
  size_t length;
  const char* message = nbuf_node_message_(status, error, &length);
  *value = NULL;
  if (napi_create_string_utf8(env, nbuf_status_code(status), NAPI_AUTO_LENGTH, &code) !=
          napi_ok ||
      napi_create_string_utf8(env, message, length, &text) != napi_ok)
    return nbuf_node_failed_("creating an error", NULL);
  if (status == NBUF_ERR_INVALID_ARG_TYPE)
    made = napi_create_type_error(env, code, text, value);
  else if (status == NBUF_ERR_OUT_OF_RANGE)
    made = napi_create_range_error(env, code, text, value);
  else
    made = napi_create_error(env, code, text, value);
  return made == napi_ok ? NBUF_OK : nbuf_node_failed_("creating an error", NULL);
}

static inline napi_value nbuf_throw(napi_env env, nbuf_status status,
                                    const nbuf_error* error) {
  napi_handle_scope scope;
  napi_value value;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return NULL;
  if (nbuf_error_value(env, status, error, &value) == NBUF_OK) napi_throw(env, value);
  napi_close_handle_scope(env, scope);
  return NULL;
}

#ifdef __cplusplus
}
#endif
#endif /* NBUF_DETAIL_NODE_ERROR_H */
