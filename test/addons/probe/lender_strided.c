/* Exporters of any layout, so that consumers can be tested on all of them. */
#include "lender.h"

static nbuf_status read_ints(napi_env env, napi_value array, int64_t* numbers,
                             uint32_t* count) {
  uint32_t i;
  if (napi_get_array_length(env, array, count) != napi_ok || *count > NBUF_MAX_NDIM)
    return NBUF_ERR_INVALID_ARG_TYPE;
  for (i = 0; i < *count; i++) {
    napi_value number;
    napi_get_element(env, array, i, &number);
    napi_get_value_int64(env, number, &numbers[i]);
  }
  return NBUF_OK;
}

/* A layout over a copy of the bytes, in buffers of the caller. */
typedef struct {
  nbuf_pointer_export from;
  int64_t shape[NBUF_MAX_NDIM], strides[NBUF_MAX_NDIM];
  char format[32];
} layout;

static nbuf_status read_layout(napi_env env, const napi_value* a, layout* l) {
  int64_t offset = 0;
  size_t size = 0;
  uint32_t axes = 0;
  void* bytes = NULL;
  char* memory;
  memset(l, 0, sizeof *l);
  napi_get_value_string_utf8(env, a[1], l->format, sizeof l->format, NULL);
  napi_get_value_int64(env, a[2], &l->from.itemsize);
  napi_get_value_int64(env, a[5], &offset);
  if (read_ints(env, a[3], l->shape, &axes) != NBUF_OK ||
      read_ints(env, a[4], l->strides, &axes) != NBUF_OK ||
      napi_get_typedarray_info(env, a[0], NULL, &size, &bytes, NULL, NULL) != napi_ok)
    return NBUF_ERR_INVALID_ARG_TYPE;
  memory = (char*)malloc(size + 1);
  if (memory == NULL) return NBUF_ERR_NOMEM;
  if (size > 0) memcpy(memory, bytes, size);
  l->from.struct_size = (uint32_t)sizeof l->from;
  l->from.ndim = (int32_t)axes;
  l->from.format = l->format;
  l->from.shape = l->shape;
  l->from.strides = l->strides;
  l->from.buf = memory + offset;
  l->from.base = memory;
  l->from.size = (int64_t)size;
  l->from.free = free;
  l->from.context = memory;
  return NBUF_OK;
}

/* strided(bytes, format, itemsize, shape, strides, offset) -> exporter of a copy */
napi_value lender_strided(napi_env env, napi_callback_info info) {
  nbuf_error error = NBUF_ERROR_INIT;
  nbuf_exporter* exporter;
  napi_value arguments[6], object;
  size_t count = 6;
  layout l;
  nbuf_status status;
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  status = read_layout(env, arguments, &l);
  if (status != NBUF_OK) return lender_throw(env, status, NULL);
  status = nbuf_export_pointer(&l.from, &exporter, &error);
  if (status != NBUF_OK) {
    free(l.from.context);
    return lender_throw(env, status, &error);
  }
  status = nbuf_publish(env, exporter, &object);
  exporter->ops->release(exporter);
  return status == NBUF_OK ? object : lender_throw(env, status, NULL);
}
