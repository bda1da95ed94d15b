/* Exporters and Externals that break the protocol, one rule each. */
#include "lender.h"

static int64_t count_;

static void keep(nbuf_exporter* exporter) { (void)exporter; }

static nbuf_status succeed_with_nothing(nbuf_exporter* e, const nbuf_request* r,
                                        nbuf_provider** out, nbuf_error* error) {
  (void)e, (void)r, (void)error;
  *out = NULL;
  return NBUF_OK;
}

/* Also: does not touch *out at all. */
static nbuf_status succeed_silently(nbuf_exporter* e, const nbuf_request* r,
                                    nbuf_provider** out, nbuf_error* error) {
  (void)e, (void)r, (void)error, (void)out;
  return NBUF_OK;
}

/* A failure that leaves something in *out, and no message. */
static nbuf_status fail_with_something(nbuf_exporter* e, const nbuf_request* r,
                                       nbuf_provider** out, nbuf_error* error) {
  (void)e, (void)r, (void)error;
  *out = (nbuf_provider*)(void*)&count_;
  return NBUF_ERR_READONLY;
}

static nbuf_status succeed_without_ops(nbuf_exporter* e, const nbuf_request* r,
                                       nbuf_provider** out, nbuf_error* error) {
  static nbuf_provider provider;
  (void)e, (void)r, (void)error;
  provider.struct_size = (uint32_t)sizeof provider;
  *out = &provider;
  return NBUF_OK;
}

static nbuf_status succeed_with_half_ops(nbuf_exporter* e, const nbuf_request* r,
                                         nbuf_provider** out, nbuf_error* error) {
  static const nbuf_provider_ops ops = {8, 0, NULL, NULL, NULL};
  static nbuf_provider provider;
  (void)e, (void)r, (void)error;
  provider.struct_size = (uint32_t)sizeof provider;
  provider.ops = &ops;
  *out = &provider;
  return NBUF_OK;
}

typedef nbuf_status (*acquire_function)(nbuf_exporter*, const nbuf_request*,
                                        nbuf_provider**, nbuf_error*);

static nbuf_exporter* liar_of(uint32_t kind) {
  static const acquire_function acquires[] = {succeed_with_nothing, succeed_silently,
                                              fail_with_something, succeed_without_ops,
                                              succeed_with_half_ops};
  enum { COUNT = sizeof acquires / sizeof acquires[0] };
  static nbuf_exporter_ops ops[COUNT + 1];
  static nbuf_exporter exporters[COUNT + 1];
  if (kind > COUNT) return NULL;
  ops[kind].struct_size = (uint32_t)sizeof ops[kind];
  ops[kind].retain = keep;
  ops[kind].release = keep;
  ops[kind].acquire = kind < COUNT ? acquires[kind] : NULL;
  exporters[kind].ops = &ops[kind];
  return &exporters[kind];
}

static uint32_t kind_of(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value value;
  uint32_t kind = 0;
  napi_get_cb_info(env, info, &count, &value, NULL, NULL);
  napi_get_value_uint32(env, value, &kind);
  return kind;
}

/* liar(kind) -> exporter object */
napi_value lender_liar(napi_env env, napi_callback_info info) {
  napi_value object;
  nbuf_exporter* exporter = liar_of(kind_of(env, info));
  nbuf_status status =
      exporter != NULL ? nbuf_publish(env, exporter, &object) : NBUF_ERR_OUT_OF_RANGE;
  return status == NBUF_OK ? object : lender_throw(env, status, NULL);
}

/* external(kind) -> 0: untagged, 1: another tag, 2: nbuf's over NULL, 3: nbuf's over an
 * exporter without ops */
napi_value lender_external(napi_env env, napi_callback_info info) {
  static const napi_type_tag other = {1, 2};
  static nbuf_exporter bare;
  napi_value external;
  uint32_t kind = kind_of(env, info);
  napi_create_external(env, kind == 2 ? NULL : &bare, NULL, NULL, &external);
  if (kind == 1) napi_type_tag_object(env, external, &other);
  if (kind >= 2) napi_type_tag_object(env, external, &nbuf_type_tag);
  return external;
}
