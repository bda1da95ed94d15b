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

/* The names of the flags in `word`, from its lowest bit on; `from` elements are there. */
static inline uint32_t nbuf_node_names_(napi_env env, napi_value array, uint32_t from,
                                        uint32_t word) {
  char name[32];
  napi_value text;
  uint32_t bit;
  for (bit = 1; bit != 0; bit <<= 1) {
    if ((word & bit) == 0) continue;
    nbuf_flag_names_(bit, 1, name, sizeof name);
    if (napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &text) == napi_ok &&
        napi_set_element(env, array, from, text) == napi_ok)
      from++;
  }
  return from;
}

/* `unmet` and `grantable`, as the nbuf package's own errors have them: it adds
 * NBUF_LEVELS where it is needed, so that is not shown. A failure leaves them out. */
static inline void nbuf_node_refusal_(napi_env env, nbuf_status status,
                                      const nbuf_error* error, napi_value value) {
  /* Defined, not set: no setter of a prototype runs. */
  const napi_property_attributes plain =
      (napi_property_attributes)(napi_writable | napi_enumerable | napi_configurable);
  napi_property_descriptor members[2];
  napi_value names, grantable;
  uint32_t unmet;
  if (error == NULL || !NBUF_HAS(error, grantable) || error->status != status ||
      error->unmet == 0)
    return;
  unmet = error->unmet & ~NBUF_LEVELS;
  if (unmet == 0) unmet = NBUF_LEVELS;
  if (napi_create_array(env, &names) != napi_ok ||
      napi_create_uint32(env, error->grantable & ~NBUF_LEVELS, &grantable) != napi_ok)
    return;
  nbuf_node_names_(env, names, nbuf_node_names_(env, names, 0, unmet & NBUF_REQUEST_MASK),
                   unmet & ~NBUF_REQUEST_MASK);
  memset(members, 0, sizeof members);
  members[0].utf8name = "unmet", members[0].value = names;
  members[1].utf8name = "grantable", members[1].value = grantable;
  members[0].attributes = members[1].attributes = plain;
  (void)napi_define_properties(env, value, 2, members);
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
  if (made != napi_ok) return nbuf_node_failed_("creating an error", NULL);
  nbuf_node_refusal_(env, status, error, *value);
  return NBUF_OK;
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
