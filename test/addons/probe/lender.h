/* What the translation units of the lender share. */
#ifndef LENDER_H
#define LENDER_H
#include <nbuf/nbuf_node.h>

napi_value lender_throw(napi_env env, nbuf_status status, const nbuf_error* error);
napi_value lender_liar(napi_env env, napi_callback_info info);
napi_value lender_external(napi_env env, napi_callback_info info);
napi_value lender_pass_on(napi_env env, napi_callback_info info);
napi_value lender_strided(napi_env env, napi_callback_info info);

#endif
