/* An addon that links nothing of nbuf's and copies with the package's engine. */
#include <nbuf/nbuf_node.h>

enum { kArguments = 4 };

/* A later version's table. */
typedef struct {
  nbuf_api now;
  void (*more)(void);
} nbuf_api_as_it_may_come;

typedef struct {
  napi_env env;
  napi_value values[kArguments];
  nbuf_error error;
  nbuf_status status;
  const nbuf_api* api;
} call;

static napi_value answer(call* it, int32_t value) {
  napi_value result = NULL;
  const char* code = nbuf_status_code(it->status);
  bool is_pending = false;
  napi_is_exception_pending(it->env, &is_pending);
  if (it->status == NBUF_OK) napi_create_int32(it->env, value, &result);
  if (it->status != NBUF_OK && !is_pending)
    napi_throw_error(it->env, code, it->error.message);
  return result;
}

static void begin(call* it, napi_env env, napi_callback_info info) {
  const nbuf_error error = NBUF_ERROR_INIT;
  size_t count = kArguments;
  it->env = env;
  it->error = error;
  napi_get_cb_info(env, info, &count, it->values, NULL, NULL);
  it->status = nbuf_get_api(env, &it->api, &it->error);
}

/* A provider of argument i, released by end(). */
static nbuf_provider* argument(call* it, int i, uint32_t more) {
  nbuf_request request;
  nbuf_provider* provider = NULL;
  if (it->status != NBUF_OK) return NULL;
  memset(&request, 0, sizeof request);
  request.struct_size = (uint32_t)sizeof request;
  request.flags = NBUF_FULL_RO | NBUF_LEVELS | more;
  request.label = "table";
  it->status =
      nbuf_acquire_value(it->env, it->values[i], &request, &provider, &it->error);
  return provider;
}

static void end(nbuf_provider* provider) {
  if (provider != NULL) provider->ops->release(provider);
}

static int32_t number(call* it, int i) {
  int32_t value = 0;
  napi_get_value_int32(it->env, it->values[i], &value);
  return value;
}

static void* bytes(call* it, int i, int64_t* size) {
  void* data = NULL;
  size_t length = 0;
  napi_typedarray_type type;
  napi_get_typedarray_info(it->env, it->values[i], &type, &length, &data, NULL, NULL);
  *size = (int64_t)length;
  return data;
}

/* size() -> struct_size of the table */
static napi_value size_of_table(napi_env env, napi_callback_info info) {
  call it;
  begin(&it, env, info);
  return answer(&it, it.api != NULL ? (int32_t)it.api->struct_size : 0);
}

/* copy(dst, src, swap) */
static napi_value copy(napi_env env, napi_callback_info info) {
  call it;
  nbuf_copy_options options;
  nbuf_provider *dst, *src;
  begin(&it, env, info);
  memset(&options, 0, sizeof options);
  options.struct_size = (uint32_t)sizeof options;
  options.swap = number(&it, 2);
  dst = argument(&it, 0, 0);
  src = argument(&it, 1, 0);
  if (it.status == NBUF_OK) it.status = it.api->copy(dst, src, &options, &it.error);
  end(dst);
  end(src);
  return answer(&it, 0);
}

/* pack(src, Uint8Array, order), unpack(dst, Uint8Array, order); order: a character code
 */
static napi_value pack_or_unpack(napi_env env, napi_callback_info info, int packs) {
  call it;
  int64_t size;
  void* data;
  nbuf_provider* view;
  begin(&it, env, info);
  data = bytes(&it, 1, &size);
  view = argument(&it, 0, 0);
  if (it.status == NBUF_OK && packs)
    it.status = it.api->pack(view, data, size, (char)number(&it, 2), &it.error);
  else if (it.status == NBUF_OK)
    it.status = it.api->unpack(view, data, size, (char)number(&it, 2), &it.error);
  end(view);
  return answer(&it, 0);
}

static napi_value pack(napi_env env, napi_callback_info info) {
  return pack_or_unpack(env, info, 1);
}

static napi_value unpack(napi_env env, napi_callback_info info) {
  return pack_or_unpack(env, info, 0);
}

/* fill(dst, Uint8Array of one item) */
static napi_value fill(napi_env env, napi_callback_info info) {
  call it;
  int64_t size;
  void* item;
  nbuf_provider* dst;
  begin(&it, env, info);
  item = bytes(&it, 1, &size);
  dst = argument(&it, 0, 0);
  if (it.status == NBUF_OK) it.status = it.api->fill(dst, item, size, &it.error);
  end(dst);
  return answer(&it, 0);
}

/* equal(a, b, compare, flags) -> 0 or 1 */
static napi_value equal(napi_env env, napi_callback_info info) {
  call it;
  int is_equal = 0;
  nbuf_equal_options options;
  nbuf_provider *a, *b;
  begin(&it, env, info);
  memset(&options, 0, sizeof options);
  options.struct_size = (uint32_t)sizeof options;
  options.compare = number(&it, 2);
  options.flags = (uint32_t)number(&it, 3);
  a = argument(&it, 0, 0);
  b = argument(&it, 1, 0);
  if (it.status == NBUF_OK)
    it.status = it.api->equal(a, b, &options, &is_equal, &it.error);
  end(a);
  end(b);
  return answer(&it, is_equal);
}

/* external(kind) -> an External: 0 without a tag, 1 with an exporter's, 2 with the
 * table's over one that is too short, 3 over one that has grown */
static napi_value external(napi_env env, napi_callback_info info) {
  static nbuf_api_as_it_may_come grown;
  static nbuf_api shorter;
  call it;
  napi_value made = NULL;
  begin(&it, env, info);
  shorter.struct_size = 16;
  if (it.api != NULL) grown.now = *it.api;
  grown.now.struct_size = (uint32_t)sizeof grown;
  switch (number(&it, 0)) {
    case 0:
      napi_create_external(env, &shorter, NULL, NULL, &made);
      break;
    case 1:
      napi_create_external(env, &shorter, NULL, NULL, &made);
      napi_type_tag_object(env, made, &nbuf_type_tag);
      break;
    default:
      napi_create_external(env, number(&it, 0) == 2 ? (void*)&shorter : (void*)&grown,
                           NULL, NULL, &made);
      napi_type_tag_object(env, made, &nbuf_api_tag);
  }
  return made;
}

static void define(napi_env env, napi_value exports, const char* name, napi_callback f) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, f, NULL, &function);
  napi_set_named_property(env, exports, name, function);
}

NAPI_MODULE_INIT() {
  if (nbuf_env_init(env, exports) != NBUF_OK) return NULL;
  define(env, exports, "size", size_of_table);
  define(env, exports, "copy", copy);
  define(env, exports, "pack", pack);
  define(env, exports, "unpack", unpack);
  define(env, exports, "fill", fill);
  define(env, exports, "equal", equal);
  define(env, exports, "external", external);
  return exports;
}
