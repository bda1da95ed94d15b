/* A correct exporter in the few lines that nbuf_export_pointer asks for. */
#include "hostile.h"

static long freed;

static void free_memory(void* memory) {
  free(memory);
  NBUF_ATOMIC_ADD(&freed, 1);
}

static int64_t number_of(napi_env env, napi_callback_info info, napi_value* value) {
  size_t count = 2;
  napi_value values[2];
  int64_t number = 0;
  napi_get_cb_info(env, info, &count, values, NULL, NULL);
  *value = values[0];
  napi_get_value_int64(env, values[count - 1], &number);
  return number;
}

/* honest(rows) -> an exporter of rows x 4 of format "h", 0, 1, 2 ..., rows 16 bytes apart
 */
napi_value honest(napi_env env, napi_callback_info info) {
  nbuf_error error = NBUF_ERROR_INIT;
  nbuf_pointer_export from;
  nbuf_exporter* exporter;
  nbuf_status status;
  napi_value object;
  int64_t rows = number_of(env, info, &object), shape[2], strides[2] = {16, 2}, i;
  int16_t* memory = (int16_t*)calloc((size_t)rows + 1, 16);
  if (memory == NULL) return throw_status(env, NBUF_ERR_NOMEM, NULL);
  for (i = 0; i < rows * 8; i++) memory[i] = (int16_t)(i / 8 * 4 + i % 8);
  shape[0] = rows;
  shape[1] = 4;
  memset(&from, 0, sizeof from);
  from.struct_size = (uint32_t)sizeof from;
  from.buf = from.base = from.context = memory;
  from.size = rows * 16;
  from.itemsize = 2;
  from.ndim = 2;
  from.shape = shape;
  from.strides = strides;
  from.format = "h";
  from.free = free_memory;
  status = nbuf_export_pointer(&from, &exporter, &error);
  if (status != NBUF_OK) {
    free(memory);
    return throw_status(env, status, &error);
  }
  status = nbuf_publish(env, exporter, &object);
  exporter->ops->release(exporter);
  return status == NBUF_OK ? object : throw_status(env, status, NULL);
}

/* locks(exporter) -> { memory, layout } */
napi_value honest_locks(napi_env env, napi_callback_info info) {
  nbuf_error error = NBUF_ERROR_INIT;
  nbuf_exporter* exporter;
  napi_value object, result;
  int64_t memory, layout;
  nbuf_status status;
  number_of(env, info, &object);
  status = nbuf_get_exporter(env, object, &exporter, &error);
  if (status != NBUF_OK) return throw_status(env, status, &error);
  nbuf_pointer_locks(exporter, &memory, &layout);
  exporter->ops->release(exporter);
  napi_create_object(env, &result);
  set_number(env, result, "memory", memory);
  set_number(env, result, "layout", layout);
  return result;
}

/* reshape(exporter, count): from now on that many bytes, or LOCKED with the holders */
napi_value honest_reshape(napi_env env, napi_callback_info info) {
  nbuf_error error = NBUF_ERROR_INIT;
  nbuf_pointer_export from;
  nbuf_exporter* exporter;
  napi_value object;
  int64_t count = number_of(env, info, &object);
  nbuf_status status = nbuf_get_exporter(env, object, &exporter, &error);
  if (status != NBUF_OK) return throw_status(env, status, &error);
  memset(&from, 0, sizeof from);
  from.struct_size = (uint32_t)sizeof from;
  from.buf = nbuf_pointer_block(exporter).base;
  from.itemsize = 1;
  from.ndim = 1;
  from.shape = &count;
  status = nbuf_pointer_set_layout(exporter, &from, &error);
  exporter->ops->release(exporter);
  return status == NBUF_OK ? object : throw_status(env, status, &error);
}

/* freed() -> how many blocks were freed so far */
napi_value honest_freed(napi_env env, napi_callback_info info) {
  napi_value result;
  (void)info;
  napi_create_int64(env, NBUF_ATOMIC_LOAD(&freed), &result);
  return result;
}
