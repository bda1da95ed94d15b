/* What the translation units of the probe share. */
#ifndef PROBE_H
#define PROBE_H
#include <nbuf/nbuf_node.h>

#define PROBE_MAX_ARGUMENTS 4

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  napi_value values[PROBE_MAX_ARGUMENTS];
  size_t count;
} probe_arguments;

probe_arguments probe_arguments_of(napi_env env, napi_callback_info info);
int64_t probe_int(napi_env env, napi_value value);
napi_value probe_undefined(napi_env env);
napi_value probe_throw(napi_env env, nbuf_status status, const nbuf_error* error);

/* Providers are held in process-wide slots, so that another thread can end what one
 * thread began. */
napi_value probe_hold(napi_env env, nbuf_provider* provider);
nbuf_provider* probe_held(napi_env env, napi_value slot);
nbuf_provider* probe_take(napi_env env, napi_value slot);

napi_value probe_info(napi_env env, napi_callback_info info);
napi_value probe_bytes(napi_env env, napi_callback_info info);
napi_value probe_walk(napi_env env, napi_callback_info info);
napi_value probe_poke(napi_env env, napi_callback_info info);

/* probe_second.cc: the same functions from another translation unit, in C++. */
nbuf_status probe_second_acquire(napi_env env, napi_value value,
                                 const nbuf_request* request, nbuf_provider** provider,
                                 nbuf_error* error);
napi_value probe_keep(napi_env env, napi_callback_info info);
napi_value probe_acquire_kept(napi_env env, napi_callback_info info);
void probe_release_on_thread(nbuf_provider* provider, int64_t delay_ms, int wait);

#ifdef __cplusplus
}
#endif
#endif
