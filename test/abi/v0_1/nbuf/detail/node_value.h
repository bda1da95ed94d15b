/* nbuf/detail/node_value.h - from a JavaScript value to an exporter or to memory. Part of
 * nbuf_node.h. SPDX-License-Identifier: MIT */
#ifndef NBUF_DETAIL_NODE_VALUE_H
#define NBUF_DETAIL_NODE_VALUE_H

#include "node_env.h"

#ifdef __cplusplus
extern "C" {
#endif

/* 128 random bits. A break of the ABI takes a new tag, so that incompatible peers never
 * see each other's pointers. */
static const napi_type_tag nbuf_type_tag = {0x3f0c6a1be7d2498dULL, 0xa95d84c7106e2bf3ULL};

/* What a value turned out to be. Whoever gets it owns `exporter` and `keep`. */
typedef struct {
  nbuf_exporter* exporter; /* one retain, or NULL */
  int is_memory;           /* JavaScript's memory, described by the rest: */
  char* base;              /* all of the buffer */
  int64_t size;
  int64_t start, length; /* the value's window in it, bytes */
  char format;
  uint32_t flags; /* NBUF_BORROWED or NBUF_ENV_BOUND, NBUF_READONLY */
  napi_ref keep;  /* holds the buffer; NULL where exporter does */
} nbuf_node_found_;

static inline void nbuf_node_found_drop_(napi_env env, nbuf_node_found_* found) {
  if (found->exporter != NULL) found->exporter->ops->release(found->exporter);
  if (found->keep != NULL) napi_delete_reference(env, found->keep);
  memset(found, 0, sizeof *found);
}

static inline napi_valuetype nbuf_node_typeof_(napi_env env, napi_value value) {
  napi_valuetype type = napi_undefined;
  if (napi_typeof(env, value, &type) != napi_ok) return napi_undefined;
  return type;
}

/* An External of nbuf's becomes its exporter, with one retain. */
static inline nbuf_status nbuf_node_unwrap_(napi_env env, napi_value external,
                                            nbuf_exporter** out, nbuf_error* error) {
  bool is_ours = false;
  void* pointer = NULL;
  nbuf_exporter* exporter;
  if (nbuf_node_typeof_(env, external) != napi_external ||
      napi_check_object_type_tag(env, external, &nbuf_type_tag, &is_ours) != napi_ok ||
      !is_ours || napi_get_value_external(env, external, &pointer) != napi_ok)
    return nbuf_fail(error, NBUF_ERR_ABI,
                     "the method at Symbol.for('nbuf.exporter') must return an External "
                     "with nbuf's type tag: it returned something else, or is of an "
                     "incompatible nbuf");
  exporter = (nbuf_exporter*)pointer;
  if (exporter == NULL || exporter->ops == NULL || !NBUF_HAS(exporter->ops, acquire) ||
      exporter->ops->retain == NULL || exporter->ops->release == NULL ||
      exporter->ops->acquire == NULL)
    return nbuf_fail(error, NBUF_ERR_ABI, "the exporter or its ops are incomplete");
  exporter->ops->retain(exporter);
  *out = exporter;
  return NBUF_OK;
}

static inline nbuf_status nbuf_node_refused_(napi_env env, napi_value number,
                                             nbuf_error* error) {
  int32_t status = 0;
  if (napi_get_value_int32(env, number, &status) == napi_ok &&
      status == NBUF_ERR_DETACHED)
    return nbuf_fail(error, NBUF_ERR_DETACHED,
                     "the ArrayBuffer is detached: it was transferred, or released");
  return nbuf_fail(error, NBUF_ERR_UNSUPPORTED,
                   "resizable and growable buffers are refused, since their size is no "
                   "promise: copy with slice() first");
}

static inline nbuf_status nbuf_node_threw_(napi_env env, napi_value message,
                                           nbuf_error* error) {
  char text[160];
  if (napi_get_value_string_utf8(env, message, text, sizeof text, NULL) != napi_ok)
    text[0] = '\0';
  return nbuf_fail(error, NBUF_ERR_NOT_EXPORTER, "asking the value for its exporter: %s",
                   text);
}

static inline napi_status nbuf_node_int_(napi_env env, napi_value array, uint32_t index,
                                         int64_t* out) {
  napi_value number;
  napi_status status = napi_get_element(env, array, index, &number);
  return status == napi_ok ? napi_get_value_int64(env, number, out) : status;
}

/* Reads [bytes, start, length, format, flags, of]. The address and the size come from
 * Node-API and bound the rest, whatever the script was made to say. */
static inline nbuf_status nbuf_node_memory_(napi_env env, napi_value array,
                                            nbuf_node_found_* found, nbuf_error* error) {
  napi_value bytes, of;
  napi_typedarray_type type = napi_int8_array;
  int64_t format = 0, flags = 0;
  size_t size = 0;
  void* base = NULL;
  if (napi_get_element(env, array, 0, &bytes) != napi_ok ||
      napi_get_typedarray_info(env, bytes, &type, &size, &base, NULL, NULL) != napi_ok ||
      nbuf_node_int_(env, array, 1, &found->start) != napi_ok ||
      nbuf_node_int_(env, array, 2, &found->length) != napi_ok ||
      nbuf_node_int_(env, array, 3, &format) != napi_ok ||
      nbuf_node_int_(env, array, 4, &flags) != napi_ok ||
      napi_get_element(env, array, 5, &of) != napi_ok)
    return nbuf_node_failed_("reading the buffer", error);
  found->is_memory = 1;
  found->base = (char*)base;
  found->size = base != NULL ? (int64_t)size : 0;
  found->format = (char)format;
  found->flags = (uint32_t)flags & NBUF_PROVIDER_FLAGS_;
  if (type != napi_uint8_array || found->start < 0 || found->length < 0 ||
      found->start > found->size || found->length > found->size - found->start)
    return nbuf_fail(error, NBUF_ERR_BOUNDS, "bytes [%lld, +%lld) of a buffer of %lld",
                     (long long)found->start, (long long)found->length,
                     (long long)found->size);
  if (nbuf_node_typeof_(env, of) != napi_undefined)
    return nbuf_node_unwrap_(env, of, &found->exporter, error);
  if (napi_create_reference(env, bytes, 1, &found->keep) != napi_ok)
    return nbuf_node_failed_("referencing the buffer", error);
  return NBUF_OK;
}

static inline nbuf_status nbuf_node_absent_(napi_valuetype type, nbuf_error* error) {
  const char* found = "a value without that method";
  if (type == napi_undefined) found = "undefined";
  if (type == napi_null) found = "null";
  if (type != napi_object && type != napi_function && type > napi_null)
    found = "a primitive value";
  return nbuf_fail(
      error, NBUF_ERR_NOT_EXPORTER,
      "expected an object with a Symbol.for('nbuf.exporter') method, a typed "
      "array, DataView, ArrayBuffer or SharedArrayBuffer; found %s",
      found);
}

/* Calls resolve(value) and reads its answer; inside a handle scope. */
static inline nbuf_status nbuf_node_ask_value_(nbuf_node_env_* self, napi_value value,
                                               nbuf_node_found_* found,
                                               nbuf_error* error) {
  napi_env env = self->env;
  napi_value resolve, undefined, answer;
  napi_valuetype type = nbuf_node_typeof_(env, value);
  bool is_array = false, is_detached = false;
  if (type != napi_object && type != napi_function) return nbuf_node_absent_(type, error);
  if (napi_get_reference_value(env, self->resolve, &resolve) != napi_ok ||
      napi_get_undefined(env, &undefined) != napi_ok ||
      napi_call_function(env, undefined, resolve, 1, &value, &answer) != napi_ok)
    return nbuf_node_failed_("asking the value for its exporter", error);
  switch (nbuf_node_typeof_(env, answer)) {
    case napi_undefined:
      return nbuf_node_absent_(type, error);
    case napi_string:
      return nbuf_node_threw_(env, answer, error);
    case napi_number:
      return nbuf_node_refused_(env, answer, error);
    default:
      break;
  }
  if (napi_is_array(env, answer, &is_array) == napi_ok && is_array)
    return nbuf_node_memory_(env, answer, found, error);
  /* A buffer of nbuf's whose memory has been taken back still carries its method. */
  if (napi_is_detached_arraybuffer(env, value, &is_detached) == napi_ok && is_detached)
    return nbuf_fail(error, NBUF_ERR_DETACHED,
                     "the ArrayBuffer is detached: it was transferred, or released");
  return nbuf_node_unwrap_(env, answer, &found->exporter, error);
}

/* On success `found` holds what it names by itself: no handle is needed any more. */
static inline nbuf_status nbuf_node_find_(nbuf_node_env_* self, napi_value value,
                                          nbuf_node_found_* found, nbuf_error* error) {
  napi_handle_scope scope;
  nbuf_status status;
  memset(found, 0, sizeof *found);
  if (napi_open_handle_scope(self->env, &scope) != napi_ok)
    return nbuf_node_failed_("opening a handle scope", error);
  status = nbuf_node_ask_value_(self, value, found, error);
  if (napi_close_handle_scope(self->env, scope) != napi_ok && status == NBUF_OK)
    status = nbuf_node_failed_("closing a handle scope", error);
  if (status != NBUF_OK) nbuf_node_found_drop_(self->env, found);
  return status;
}

#ifdef __cplusplus
}
#endif
#endif /* NBUF_DETAIL_NODE_VALUE_H */
