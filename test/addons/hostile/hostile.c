/* The functions that JavaScript sees. */
#include "hostile.h"

napi_value throw_status(napi_env env, nbuf_status status, const nbuf_error* error) {
  napi_throw_error(env, nbuf_status_code(status),
                   error != NULL ? error->message : nbuf_status_message(status));
  return NULL;
}

void set_number(napi_env env, napi_value object, const char* name, int64_t value) {
  napi_value number;
  napi_create_int64(env, value, &number);
  napi_set_named_property(env, object, name, number);
}

static uint32_t add_names(napi_env env, napi_value list, const lie* table, uint32_t at) {
  for (; table->name != NULL; table++) {
    napi_value name;
    napi_create_string_utf8(env, table->name, NAPI_AUTO_LENGTH, &name);
    napi_set_element(env, list, at++, name);
  }
  return at;
}

/* lies() -> names */
static napi_value lies(napi_env env, napi_callback_info info) {
  napi_value list;
  uint32_t count;
  (void)info;
  napi_create_array(env, &list);
  count = add_names(env, list, layout_lies, 0);
  count = add_names(env, list, memory_lies, count);
  add_names(env, list, ops_lies, count);
  return list;
}

/* The id of the block in which an exporter's elements lie. */
static nbuf_status id_of(napi_env env, napi_value value, uint64_t* id,
                         nbuf_error* error) {
  nbuf_request request = {(uint32_t)sizeof request, NBUF_FULL_RO, NULL};
  nbuf_provider* provider;
  nbuf_status status = nbuf_acquire_value(env, value, &request, &provider, error);
  if (status != NBUF_OK) return status;
  *id = provider->blocks[0].id;
  provider->ops->release(provider);
  return NBUF_OK;
}

/* liar(name, like?) -> an exporter; with `like` its block claims the id of that one's */
static napi_value liar(napi_env env, napi_callback_info info) {
  nbuf_error error = NBUF_ERROR_INIT;
  size_t count = 2, length;
  char name[64];
  napi_value arguments_[2], object;
  nbuf_exporter* exporter;
  const lie* which;
  uint64_t id = 0;
  nbuf_status status = NBUF_OK;
  napi_get_cb_info(env, info, &count, arguments_, NULL, NULL);
  napi_get_value_string_utf8(env, arguments_[0], name, sizeof name, &length);
  which = find_lie(name);
  if (which == NULL) return throw_status(env, NBUF_ERR_OUT_OF_RANGE, NULL);
  if (count > 1) status = id_of(env, arguments_[1], &id, &error);
  if (status != NBUF_OK) return throw_status(env, status, &error);
  exporter = make_liar(which, id);
  if (exporter == NULL) return throw_status(env, NBUF_ERR_NOMEM, NULL);
  status = nbuf_publish(env, exporter, &object);
  exporter->ops->release(exporter);
  return status == NBUF_OK ? object : throw_status(env, status, NULL);
}

/* counts() -> { acquired, ended, tooOften, exporters } */
static napi_value read_counts(napi_env env, napi_callback_info info) {
  napi_value object;
  (void)info;
  napi_create_object(env, &object);
  set_number(env, object, "acquired", counts.acquired);
  set_number(env, object, "ended", counts.ended);
  set_number(env, object, "tooOften", counts.released_too_often);
  set_number(env, object, "exporters", counts.exporters);
  return object;
}

/* external(kind) -> 0: without a tag, 1: with another's, 2: nbuf's over nothing */
static napi_value external(napi_env env, napi_callback_info info) {
  static const napi_type_tag other = {3118, 2007};
  static nbuf_exporter bare;
  size_t count = 1;
  int32_t kind = 0;
  napi_value value, result;
  napi_get_cb_info(env, info, &count, &value, NULL, NULL);
  napi_get_value_int32(env, value, &kind);
  napi_create_external(env, kind == 2 ? NULL : (void*)&bare, NULL, NULL, &result);
  if (kind == 1) napi_type_tag_object(env, result, &other);
  if (kind == 2) napi_type_tag_object(env, result, &nbuf_type_tag);
  return result;
}

NAPI_MODULE_INIT() {
  static const struct {
    const char* name;
    napi_callback function;
  } functions[] = {
      {"lies", lies},
      {"liar", liar},
      {"counts", read_counts},
      {"external", external},
      {"honest", honest},
      {"locks", honest_locks},
      {"reshape", honest_reshape},
      {"freed", honest_freed},
      {"mute", mute},
      {"asked", mute_asked},
  };
  size_t i;
  nbuf_status status = nbuf_env_init(env, exports);
  if (status != NBUF_OK) return throw_status(env, status, NULL);
  for (i = 0; i < sizeof functions / sizeof functions[0]; i++) {
    napi_value function;
    napi_create_function(env, functions[i].name, NAPI_AUTO_LENGTH, functions[i].function,
                         NULL, &function);
    napi_set_named_property(env, exports, functions[i].name, function);
  }
  napi_set_named_property(env, exports, "kit", make_kit(env));
  return exports;
}
