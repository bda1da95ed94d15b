/* Providers shown to JavaScript. */
#include "probe.h"

static void set(napi_env env, napi_value object, const char* name, napi_value value) {
  napi_set_named_property(env, object, name, value);
}

static void set_int(napi_env env, napi_value object, const char* name, int64_t number) {
  napi_value value;
  napi_create_int64(env, number, &value);
  set(env, object, name, value);
}

static void set_word(napi_env env, napi_value object, const char* name, uint64_t word) {
  napi_value value;
  napi_create_bigint_uint64(env, word, &value);
  set(env, object, name, value);
}

static void set_ints(napi_env env, napi_value object, const char* name,
                     const int64_t* numbers, int32_t count) {
  napi_value array;
  int32_t i;
  if (numbers == NULL) {
    napi_get_null(env, &array);
    set(env, object, name, array);
    return;
  }
  napi_create_array(env, &array);
  for (i = 0; i < count; i++) {
    napi_value value;
    napi_create_int64(env, numbers[i], &value);
    napi_set_element(env, array, (uint32_t)i, value);
  }
  set(env, object, name, array);
}

static napi_value blocks_of(napi_env env, const nbuf_provider* p) {
  napi_value array;
  int32_t i;
  napi_create_array(env, &array);
  for (i = 0; i < p->block_count; i++) {
    napi_value block;
    napi_create_object(env, &block);
    set_word(env, block, "base", (uint64_t)(uintptr_t)p->blocks[i].base);
    set_int(env, block, "size", p->blocks[i].size);
    set_word(env, block, "id", p->blocks[i].id);
    napi_set_element(env, array, (uint32_t)i, block);
  }
  return array;
}

napi_value probe_info(napi_env env, napi_callback_info info) {
  probe_arguments a = probe_arguments_of(env, info);
  nbuf_provider* p = probe_held(env, a.values[0]);
  napi_value result, format;
  nbuf_error error = NBUF_ERROR_INIT;
  if (p == NULL) return NULL;
  napi_create_object(env, &result);
  set_int(env, result, "flags", (int64_t)p->flags);
  set_int(env, result, "len", p->len);
  set_int(env, result, "itemsize", p->itemsize);
  set_int(env, result, "ndim", p->ndim);
  set_word(env, result, "buf", (uint64_t)(uintptr_t)p->buf);
  set_ints(env, result, "shape", p->shape, p->ndim);
  set_ints(env, result, "strides", p->strides, p->ndim);
  set(env, result, "blocks", blocks_of(env, p));
  if (p->format != NULL)
    napi_create_string_utf8(env, p->format, NAPI_AUTO_LENGTH, &format);
  else
    napi_get_null(env, &format);
  set(env, result, "format", format);
  set_int(env, result, "valid", nbuf_validate(p, &error));
  return result;
}

/* A copy of len bytes at buf: for contiguous providers. */
napi_value probe_bytes(napi_env env, napi_callback_info info) {
  probe_arguments a = probe_arguments_of(env, info);
  nbuf_provider* p = probe_held(env, a.values[0]);
  napi_value array, value;
  int64_t i;
  if (p == NULL) return NULL;
  napi_create_array(env, &array);
  for (i = 0; i < p->len; i++) {
    napi_create_uint32(env, ((const unsigned char*)p->buf)[i], &value);
    napi_set_element(env, array, (uint32_t)i, value);
  }
  return array;
}

napi_value probe_poke(napi_env env, napi_callback_info info) {
  probe_arguments a = probe_arguments_of(env, info);
  nbuf_provider* p = probe_held(env, a.values[0]);
  int64_t offset = probe_int(env, a.values[1]);
  if (p == NULL) return NULL;
  if (offset >= 0 && offset < p->len)
    ((unsigned char*)p->buf)[offset] = (unsigned char)probe_int(env, a.values[2]);
  return probe_undefined(env);
}
