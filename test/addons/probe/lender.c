/* An exporter addon: memory of its own, published, attached, and under ArrayBuffers. */
#include "lender.h"

static nbuf_atomic live; /* blocks that are not freed */

napi_value lender_throw(napi_env env, nbuf_status status, const nbuf_error* error) {
  napi_throw_error(env, nbuf_status_code(status),
                   error != NULL ? error->message : nbuf_status_message(status));
  return NULL;
}

static void free_block(void* memory) {
  free(memory);
  NBUF_ATOMIC_ADD(&live, -1);
}

static int64_t argument(napi_env env, napi_callback_info info, napi_value* value) {
  size_t count = 2;
  napi_value values[2];
  int64_t number = 0;
  napi_get_cb_info(env, info, &count, values, NULL, NULL);
  *value = values[0];
  napi_get_value_int64(env, values[1], &number);
  return number;
}

/* Bytes 0, 1, 2 ... of the given number, with the given provider flags. */
static nbuf_status make(int64_t size, uint32_t flags, void** memory,
                        nbuf_exporter** exporter, nbuf_error* error) {
  nbuf_pointer_export from;
  nbuf_status status;
  int64_t i;
  unsigned char* bytes = (unsigned char*)malloc(size > 0 ? (size_t)size : 1);
  if (bytes == NULL) return nbuf_fail(error, NBUF_ERR_NOMEM, "out of memory");
  for (i = 0; i < size; i++) bytes[i] = (unsigned char)i;
  memset(&from, 0, sizeof from);
  from.struct_size = (uint32_t)sizeof from;
  from.flags = flags;
  from.buf = bytes;
  from.itemsize = 1;
  from.ndim = 1;
  from.shape = &size;
  from.base = bytes;
  from.size = size;
  from.free = free_block;
  from.context = bytes;
  status = nbuf_export_pointer(&from, exporter, error);
  if (status != NBUF_OK) {
    free(bytes);
    return status;
  }
  NBUF_ATOMIC_ADD(&live, 1);
  *memory = bytes;
  return NBUF_OK;
}

/* publish(size, flags) -> exporter object */
static napi_value publish(napi_env env, napi_callback_info info) {
  nbuf_error error = NBUF_ERROR_INIT;
  nbuf_exporter* exporter;
  napi_value first, object;
  void* memory;
  int64_t size = 0, flags = argument(env, info, &first);
  nbuf_status status;
  napi_get_value_int64(env, first, &size);
  status = make(size, (uint32_t)flags, &memory, &exporter, &error);
  if (status != NBUF_OK) return lender_throw(env, status, &error);
  status = nbuf_publish(env, exporter, &object);
  exporter->ops->release(exporter);
  return status == NBUF_OK ? object : lender_throw(env, status, NULL);
}

static void release_provider(napi_env env, void* data, void* hint) {
  nbuf_provider* provider = (nbuf_provider*)hint;
  (void)env;
  (void)data;
  provider->ops->release(provider);
}

/* buffer(size, flags) -> an external ArrayBuffer that carries its block's exporter */
static napi_value buffer(napi_env env, napi_callback_info info) {
  nbuf_request request = {(uint32_t)sizeof request, NBUF_LAYOUT_SNAPSHOT, "ArrayBuffer"};
  nbuf_error error = NBUF_ERROR_INIT;
  nbuf_exporter* exporter;
  nbuf_provider* provider;
  napi_value first, object;
  void* memory;
  int64_t size = 0, flags = argument(env, info, &first);
  nbuf_status status;
  napi_get_value_int64(env, first, &size);
  status = make(size, (uint32_t)flags, &memory, &exporter, &error);
  if (status == NBUF_OK)
    status = exporter->ops->acquire(exporter, &request, &provider, &error);
  if (status != NBUF_OK) return lender_throw(env, status, &error);
  if (napi_create_external_arraybuffer(env, memory, (size_t)size, release_provider,
                                       provider, &object) != napi_ok)
    return lender_throw(env, NBUF_ERR_EXTERNAL_FORBIDDEN, NULL);
  status = nbuf_attach(env, object, exporter);
  exporter->ops->release(exporter);
  return status == NBUF_OK ? object : lender_throw(env, status, NULL);
}

/* reshape(object, size): gives the object's exporter another layout, or says who locks */
static napi_value reshape(napi_env env, napi_callback_info info) {
  nbuf_error error = NBUF_ERROR_INIT;
  nbuf_pointer_export from;
  nbuf_exporter* exporter;
  napi_value object;
  int64_t size = argument(env, info, &object), memory, layout;
  nbuf_status status = nbuf_get_exporter(env, object, &exporter, &error);
  if (status != NBUF_OK) return lender_throw(env, status, &error);
  nbuf_pointer_locks(exporter, &memory, &layout);
  memset(&from, 0, sizeof from);
  from.struct_size = (uint32_t)sizeof from;
  from.buf = nbuf_pointer_block(exporter).base;
  from.itemsize = 1;
  from.ndim = 1;
  from.shape = &size;
  status = nbuf_pointer_set_layout(exporter, &from, &error);
  exporter->ops->release(exporter);
  if (status != NBUF_OK) return lender_throw(env, status, &error);
  return object;
}

/* locks(object) -> "memory layout" */
static napi_value locks(napi_env env, napi_callback_info info) {
  nbuf_error error = NBUF_ERROR_INIT;
  nbuf_exporter* exporter;
  napi_value object, result;
  int64_t memory, layout;
  char text[64];
  nbuf_status status;
  argument(env, info, &object);
  status = nbuf_get_exporter(env, object, &exporter, &error);
  if (status != NBUF_OK) return lender_throw(env, status, &error);
  nbuf_pointer_locks(exporter, &memory, &layout);
  exporter->ops->release(exporter);
  snprintf(text, sizeof text, "%lld %lld", (long long)memory, (long long)layout);
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &result);
  return result;
}

/* detach(arrayBuffer) */
static napi_value detach(napi_env env, napi_callback_info info) {
  napi_value object;
  argument(env, info, &object);
  napi_detach_arraybuffer(env, object);
  return NULL;
}

/* wrap(object) -> a new External of the object's exporter, for a hand-written method */
static napi_value wrap(napi_env env, napi_callback_info info) {
  nbuf_error error = NBUF_ERROR_INIT;
  nbuf_exporter* exporter;
  napi_value object, external;
  nbuf_status status;
  argument(env, info, &object);
  status = nbuf_get_exporter(env, object, &exporter, &error);
  if (status != NBUF_OK) return lender_throw(env, status, &error);
  status = nbuf_wrap_exporter(env, exporter, &external);
  exporter->ops->release(exporter);
  return status == NBUF_OK ? external : lender_throw(env, status, NULL);
}

static napi_value count_live(napi_env env, napi_callback_info info) {
  napi_value result;
  (void)info;
  napi_create_int64(env, NBUF_ATOMIC_LOAD(&live), &result);
  return result;
}

NAPI_MODULE_INIT() {
  static const struct {
    const char* name;
    napi_callback function;
  } functions[] = {{"publish", publish},
                   {"buffer", buffer},
                   {"reshape", reshape},
                   {"locks", locks},
                   {"live", count_live},
                   {"detach", detach},
                   {"wrap", wrap},
                   {"liar", lender_liar},
                   {"external", lender_external},
                   {"strided", lender_strided},
                   {"passOn", lender_pass_on}};
  size_t i;
  nbuf_status status = nbuf_env_init(env, exports);
  if (status != NBUF_OK) return lender_throw(env, status, NULL);
  for (i = 0; i < sizeof functions / sizeof functions[0]; i++) {
    napi_value function;
    napi_create_function(env, functions[i].name, NAPI_AUTO_LENGTH, functions[i].function,
                         NULL, &function);
    napi_set_named_property(env, exports, functions[i].name, function);
  }
  return exports;
}
