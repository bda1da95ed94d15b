/* user.c - an exporter and a consumer in one addon. user.cc compiles it as C++. */
#include <nbuf/nbuf_node.h>
#include <stdlib.h>

static void gone(void* p) { free(p); }

/* Two rows of three bytes, 0. */
static napi_value make(napi_env env, napi_callback_info info) {
  const int64_t shape[] = {2, 3};
  nbuf_pointer_export from;
  nbuf_exporter* exporter;
  napi_value object = NULL;
  (void)info;
  memset(&from, 0, sizeof from);
  from.struct_size = (uint32_t)sizeof from;
  from.itemsize = 1;
  from.ndim = 2;
  from.shape = shape;
  from.buf = from.context = calloc(1, 6);
  from.free = gone;
  if (nbuf_export_pointer(&from, &exporter, NULL) != NBUF_OK) return NULL;
  nbuf_publish(env, exporter, &object);
  exporter->ops->release(exporter);
  return object;
}

/* Of any packed bytes, each increased by 1. */
static napi_value sum(napi_env env, napi_callback_info info) {
  const nbuf_request want = {(uint32_t)sizeof want, NBUF_ND, "sum"};
  napi_value value, number;
  size_t count = 1;
  nbuf_provider* p;
  int64_t i, total = 0;
  napi_get_cb_info(env, info, &count, &value, NULL, NULL);
  if (nbuf_acquire_value(env, value, &want, &p, NULL) != NBUF_OK) return NULL;
  for (i = 0; i < p->len; i++) total += ((const unsigned char*)p->buf)[i] + 1;
  p->ops->release(p);
  napi_create_int64(env, total, &number);
  return number;
}

NAPI_MODULE_INIT() {
  napi_value function;
  if (nbuf_env_init(env, exports) != NBUF_OK) return NULL;
  napi_create_function(env, "make", NAPI_AUTO_LENGTH, make, NULL, &function);
  napi_set_named_property(env, exports, "make", function);
  napi_create_function(env, "sum", NAPI_AUTO_LENGTH, sum, NULL, &function);
  napi_set_named_property(env, exports, "sum", function);
  return exports;
}
