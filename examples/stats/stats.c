/* Statistics over any exporter: raw Node-API around compute.c. */
#include <nbuf/nbuf_node.h>
#include <stdlib.h>

#include "compute.h"

typedef struct {
  nbuf_provider* provider;
  int32_t bins;
  nbuf_status status;
  nbuf_error error;
  stats_result result;
  napi_async_work work;
  napi_deferred deferred;
} job;

static napi_value error_value(napi_env env, const job* j) {
  napi_value error;
  nbuf_error_value(env, j->status, &j->error, &error);
  return error;
}

static void set_double(napi_env env, napi_value object, const char* name, double number) {
  napi_value value;
  napi_create_double(env, number, &value);
  napi_set_named_property(env, object, name, value);
}

static napi_value channel_value(napi_env env, const stats_channel* channel,
                                int32_t bins) {
  napi_value object, histogram;
  int32_t i;
  napi_create_object(env, &object);
  set_double(env, object, "min", channel->min);
  set_double(env, object, "max", channel->max);
  set_double(env, object, "mean", channel->mean);
  napi_create_array_with_length(env, (size_t)bins, &histogram);
  for (i = 0; i < bins; i++) {
    napi_handle_scope scope;
    napi_value count;
    napi_open_handle_scope(env, &scope);
    napi_create_int64(env, channel->histogram[i], &count);
    napi_set_element(env, histogram, (uint32_t)i, count);
    napi_close_handle_scope(env, scope);
  }
  napi_set_named_property(env, object, "histogram", histogram);
  return object;
}

static napi_value result_value(napi_env env, const stats_result* result) {
  napi_value object, channels;
  int32_t i;
  napi_create_object(env, &object);
  napi_create_array_with_length(env, (size_t)result->channels, &channels);
  for (i = 0; i < result->channels; i++)
    napi_set_element(env, channels, (uint32_t)i,
                     channel_value(env, &result->channel[i], result->bins));
  napi_set_named_property(env, object, "channels", channels);
  return object;
}

/* options.bins; user code may run here, so before anything is acquired. */
static nbuf_status read_bins(napi_env env, napi_value options, job* j) {
  napi_valuetype type = napi_undefined;
  napi_value value;
  double bins;
  j->bins = 256;
  napi_typeof(env, options, &type);
  if (type == napi_undefined) return NBUF_OK;
  if (type != napi_object)
    return nbuf_fail(&j->error, NBUF_ERR_INVALID_ARG_TYPE, "options: expected an object");
  if (napi_get_named_property(env, options, "bins", &value) != napi_ok ||
      napi_typeof(env, value, &type) != napi_ok)
    return nbuf_fail(&j->error, NBUF_ERR_UNSUPPORTED, "options.bins cannot be read");
  if (type == napi_undefined) return NBUF_OK;
  if (napi_get_value_double(env, value, &bins) != napi_ok)
    return nbuf_fail(&j->error, NBUF_ERR_INVALID_ARG_TYPE, "bins: expected a number");
  if (!(bins >= 1 && bins <= STATS_MAX_BINS) || bins != (double)(int32_t)bins)
    return nbuf_fail(&j->error, NBUF_ERR_OUT_OF_RANGE,
                     "bins: expected an integer from 1 to %d", STATS_MAX_BINS);
  j->bins = (int32_t)bins;
  return NBUF_OK;
}

/* Reads the arguments and acquires the value. */
static void prepare(napi_env env, napi_callback_info info, uint32_t flags, job* j) {
  nbuf_request request = {(uint32_t)sizeof request, NBUF_RECORDS_RO, "stats"};
  size_t count = 2;
  napi_value arguments[2];
  j->error.struct_size = (uint32_t)sizeof j->error;
  request.flags |= flags;
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  j->status = read_bins(env, arguments[1], j);
  if (j->status == NBUF_OK)
    j->status = nbuf_acquire_value(env, arguments[0], &request, &j->provider, &j->error);
  if (j->status != NBUF_OK) return;
  j->status = nbuf_validate(j->provider, &j->error);
  if (j->status == NBUF_OK) return;
  j->provider->ops->release(j->provider);
  j->provider = NULL;
}

static void finish(job* j) {
  if (j->provider != NULL) j->provider->ops->release(j->provider);
  free(j->result.channel);
  free(j);
}

static napi_value stats_sync(napi_env env, napi_callback_info info) {
  napi_value value = NULL;
  job* j = (job*)calloc(1, sizeof *j);
  if (j == NULL) return nbuf_throw(env, NBUF_ERR_NOMEM, NULL);
  prepare(env, info, 0, j);
  if (j->status == NBUF_OK)
    j->status = stats_compute(j->provider, j->bins, &j->result, &j->error);
  if (j->status == NBUF_OK)
    value = result_value(env, &j->result);
  else
    nbuf_throw(env, j->status, &j->error); /* does nothing over a pending exception */
  finish(j);
  return value;
}

/* A libuv thread: the provider was asked to be pinned. */
static void execute(napi_env env, void* data) {
  job* j = (job*)data;
  (void)env;
  j->status = stats_compute(j->provider, j->bins, &j->result, &j->error);
}

/* This environment's thread again, which is where an ENV_BOUND provider is released. */
static void complete(napi_env env, napi_status status, void* data) {
  job* j = (job*)data;
  if (status != napi_ok)
    j->status = nbuf_fail(&j->error, NBUF_ERR_UNSUPPORTED, "the work was cancelled");
  if (j->status == NBUF_OK)
    napi_resolve_deferred(env, j->deferred, result_value(env, &j->result));
  else
    napi_reject_deferred(env, j->deferred, error_value(env, j));
  napi_delete_async_work(env, j->work);
  finish(j);
}

static napi_status queue(napi_env env, job* j) {
  napi_value name;
  napi_status status =
      napi_create_string_utf8(env, "nbuf stats", NAPI_AUTO_LENGTH, &name);
  if (status == napi_ok)
    status = napi_create_async_work(env, NULL, name, execute, complete, j, &j->work);
  if (status != napi_ok) return status;
  status = napi_queue_async_work(env, j->work);
  if (status != napi_ok) napi_delete_async_work(env, j->work);
  return status;
}

static napi_value stats(napi_env env, napi_callback_info info) {
  bool is_pending = false;
  napi_value promise;
  job* j = (job*)calloc(1, sizeof *j);
  if (j == NULL) return nbuf_throw(env, NBUF_ERR_NOMEM, NULL);
  prepare(env, info, NBUF_REQUIRE_PINNED, j);
  /* A getter of options threw, or the environment is ending: that goes on by itself. */
  napi_is_exception_pending(env, &is_pending);
  if (is_pending || napi_create_promise(env, &j->deferred, &promise) != napi_ok) {
    finish(j);
    return NULL;
  }
  if (j->status == NBUF_OK && queue(env, j) == napi_ok) return promise;
  if (j->status == NBUF_OK)
    j->status = nbuf_fail(&j->error, NBUF_ERR_UNSUPPORTED, "no work could be queued");
  napi_reject_deferred(env, j->deferred, error_value(env, j));
  finish(j);
  return promise;
}

NAPI_MODULE_INIT() {
  napi_value function;
  nbuf_status status = nbuf_env_init(env, exports);
  if (status != NBUF_OK) return nbuf_throw(env, status, NULL);
  napi_create_function(env, "stats", NAPI_AUTO_LENGTH, stats, NULL, &function);
  napi_set_named_property(env, exports, "stats", function);
  napi_create_function(env, "statsSync", NAPI_AUTO_LENGTH, stats_sync, NULL, &function);
  napi_set_named_property(env, exports, "statsSync", function);
  return exports;
}
