/* An exporter that passes somebody else's block on, under that one's id. */
#include "lender.h"

static void release_source(void* context) {
  nbuf_provider* source = (nbuf_provider*)context;
  source->ops->release(source);
}

/* passOn(value) -> exporter of the bytes of the value's block */
napi_value lender_pass_on(napi_env env, napi_callback_info info) {
  nbuf_request request = {(uint32_t)sizeof request, NBUF_WRITABLE, "passed on"};
  nbuf_error error = NBUF_ERROR_INIT;
  nbuf_pointer_export from;
  nbuf_provider* source;
  nbuf_exporter* exporter;
  napi_value value, object;
  size_t count = 1;
  nbuf_status status;
  napi_get_cb_info(env, info, &count, &value, NULL, NULL);
  status = nbuf_acquire_value(env, value, &request, &source, &error);
  if (status != NBUF_OK) return lender_throw(env, status, &error);
  memset(&from, 0, sizeof from);
  from.struct_size = (uint32_t)sizeof from;
  from.buf = from.base = source->blocks[0].base;
  from.size = source->blocks[0].size;
  from.block = source->blocks[0].id;
  from.itemsize = 1;
  from.ndim = 1;
  from.shape = &from.size;
  from.free = release_source;
  from.context = source;
  status = nbuf_export_pointer(&from, &exporter, &error);
  if (status != NBUF_OK) {
    release_source(source);
    return lender_throw(env, status, &error);
  }
  status = nbuf_publish(env, exporter, &object);
  exporter->ops->release(exporter);
  return status == NBUF_OK ? object : lender_throw(env, status, NULL);
}
