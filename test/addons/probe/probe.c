/* A consumer addon that shows what nbuf_node.h does: every kind of value is acquired,
 * looked at, held, and released here, on a thread, or by another environment. */
#include "probe.h"

#define SLOTS 16384
static nbuf_provider* slots[SLOTS];
static nbuf_atomic slots_guard;

probe_arguments probe_arguments_of(napi_env env, napi_callback_info info) {
  probe_arguments a;
  a.count = PROBE_MAX_ARGUMENTS;
  napi_get_cb_info(env, info, &a.count, a.values, NULL, NULL);
  return a;
}

int64_t probe_int(napi_env env, napi_value value) {
  int64_t number = 0;
  napi_get_value_int64(env, value, &number);
  return number;
}

napi_value probe_undefined(napi_env env) {
  napi_value value;
  napi_get_undefined(env, &value);
  return value;
}

napi_value probe_throw(napi_env env, nbuf_status status, const nbuf_error* error) {
  return nbuf_throw(env, status, error);
}

napi_value probe_hold(napi_env env, nbuf_provider* provider) {
  napi_value result;
  int32_t i = 0;
  nbuf_guard_enter_(&slots_guard);
  while (i < SLOTS && slots[i] != NULL) i++;
  if (i < SLOTS) slots[i] = provider;
  nbuf_guard_leave_(&slots_guard);
  if (i == SLOTS) {
    provider->ops->release(provider);
    return probe_throw(env, NBUF_ERR_NOMEM, NULL);
  }
  napi_create_int32(env, i, &result);
  return result;
}

static nbuf_provider* slot_of(napi_env env, napi_value slot, int empty) {
  int64_t i = probe_int(env, slot);
  nbuf_provider* provider = NULL;
  nbuf_guard_enter_(&slots_guard);
  if (i >= 0 && i < SLOTS) {
    provider = slots[i];
    if (empty) slots[i] = NULL;
  }
  nbuf_guard_leave_(&slots_guard);
  if (provider == NULL) napi_throw_error(env, "ERR_PROBE_SLOT", "the slot is empty");
  return provider;
}

nbuf_provider* probe_held(napi_env env, napi_value slot) { return slot_of(env, slot, 0); }
nbuf_provider* probe_take(napi_env env, napi_value slot) { return slot_of(env, slot, 1); }

/* The text of a label argument; NULL where there is none. */
static const char* label_of(napi_env env, probe_arguments* a, size_t index, char* text,
                            size_t size) {
  if (a->count <= index) return NULL;
  if (napi_get_value_string_utf8(env, a->values[index], text, size, NULL) != napi_ok)
    return NULL;
  return text;
}

/* acquire(value, flags, label?, second?) -> slot */
static napi_value acquire(napi_env env, napi_callback_info info) {
  probe_arguments a = probe_arguments_of(env, info);
  nbuf_request request = {(uint32_t)sizeof request, 0, NULL};
  nbuf_error error = NBUF_ERROR_INIT;
  nbuf_provider* provider;
  nbuf_status status;
  char label[100];
  request.flags = (uint32_t)probe_int(env, a.values[1]);
  request.label = label_of(env, &a, 2, label, sizeof label);
  if (a.count > 3)
    status = probe_second_acquire(env, a.values[0], &request, &provider, &error);
  else
    status = nbuf_acquire_value(env, a.values[0], &request, &provider, &error);
  if (status != NBUF_OK) return probe_throw(env, status, &error);
  return probe_hold(env, provider);
}

/* stress(value, count): acquires and releases in one call, that is in one handle scope.
 */
static napi_value stress(napi_env env, napi_callback_info info) {
  probe_arguments a = probe_arguments_of(env, info);
  nbuf_request request = {(uint32_t)sizeof request, NBUF_FULL_RO, "stress"};
  int64_t i, count = probe_int(env, a.values[1]);
  for (i = 0; i < count; i++) {
    nbuf_provider* provider;
    nbuf_status status = nbuf_acquire_value(env, a.values[0], &request, &provider, NULL);
    if (status != NBUF_OK) return probe_throw(env, status, NULL);
    provider->ops->release(provider);
  }
  return probe_undefined(env);
}

/* withPending(value) -> [status of acquire, of get_exporter, of publish, the exception]
 */
static napi_value with_pending(napi_env env, napi_callback_info info) {
  probe_arguments a = probe_arguments_of(env, info);
  nbuf_request request = {(uint32_t)sizeof request, NBUF_FULL_RO, NULL};
  nbuf_provider* provider;
  nbuf_exporter* exporter;
  nbuf_status status[3];
  napi_value array, value;
  uint32_t i;
  napi_throw_error(env, "FIRST", "thrown before");
  status[0] = nbuf_acquire_value(env, a.values[0], &request, &provider, NULL);
  status[1] = nbuf_get_exporter(env, a.values[0], &exporter, NULL);
  status[2] = nbuf_publish(env, NULL, &value);
  napi_get_and_clear_last_exception(env, &value);
  napi_create_array(env, &array);
  napi_set_element(env, array, 3, value);
  for (i = 0; i < 3; i++) {
    napi_create_int32(env, status[i], &value);
    napi_set_element(env, array, i, value);
  }
  return array;
}

static napi_value release(napi_env env, napi_callback_info info) {
  probe_arguments a = probe_arguments_of(env, info);
  nbuf_provider* provider = probe_take(env, a.values[0]);
  if (provider != NULL) provider->ops->release(provider);
  return NULL;
}

/* releaseOnThread(slot, delay?): waits for the thread, unless there is a delay. */
static napi_value release_on_thread(napi_env env, napi_callback_info info) {
  probe_arguments a = probe_arguments_of(env, info);
  nbuf_provider* provider = probe_take(env, a.values[0]);
  if (provider == NULL) return NULL;
  if (a.count > 1)
    probe_release_on_thread(provider, probe_int(env, a.values[1]), 0);
  else
    probe_release_on_thread(provider, 0, 1);
  return NULL;
}

/* republish(value) -> a new object with the value's exporter */
static napi_value republish(napi_env env, napi_callback_info info) {
  probe_arguments a = probe_arguments_of(env, info);
  nbuf_error error = NBUF_ERROR_INIT;
  nbuf_exporter* exporter;
  napi_value object;
  nbuf_status status = nbuf_get_exporter(env, a.values[0], &exporter, &error);
  if (status != NBUF_OK) return probe_throw(env, status, &error);
  status = nbuf_publish(env, exporter, &object);
  exporter->ops->release(exporter);
  return status == NBUF_OK ? object : probe_throw(env, status, NULL);
}

/* attach(object, value): object exports what value exports */
static napi_value attach(napi_env env, napi_callback_info info) {
  probe_arguments a = probe_arguments_of(env, info);
  nbuf_error error = NBUF_ERROR_INIT;
  nbuf_exporter* exporter;
  nbuf_status status = nbuf_get_exporter(env, a.values[1], &exporter, &error);
  if (status != NBUF_OK) return probe_throw(env, status, &error);
  status = nbuf_attach(env, a.values[0], exporter);
  exporter->ops->release(exporter);
  return status == NBUF_OK ? NULL : probe_throw(env, status, NULL);
}

/* initAgain() -> status: nbuf_env_init is idempotent. */
static napi_value init_again(napi_env env, napi_callback_info info) {
  napi_value result;
  (void)info;
  napi_create_int32(env, nbuf_env_init(env, NULL), &result);
  return result;
}

NAPI_MODULE_INIT() {
  static const struct {
    const char* name;
    napi_callback function;
  } functions[] = {{"acquire", acquire},
                   {"stress", stress},
                   {"withPending", with_pending},
                   {"release", release},
                   {"releaseOnThread", release_on_thread},
                   {"republish", republish},
                   {"attach", attach},
                   {"initAgain", init_again},
                   {"keep", probe_keep},
                   {"acquireKept", probe_acquire_kept},
                   {"info", probe_info},
                   {"bytes", probe_bytes},
                   {"walk", probe_walk},
                   {"poke", probe_poke}};
  size_t i;
  nbuf_status status = nbuf_env_init(env, exports);
  if (status != NBUF_OK) return probe_throw(env, status, NULL);
  for (i = 0; i < sizeof functions / sizeof functions[0]; i++) {
    napi_value function;
    napi_create_function(env, functions[i].name, NAPI_AUTO_LENGTH, functions[i].function,
                         NULL, &function);
    napi_set_named_property(env, exports, functions[i].name, function);
  }
  return exports;
}
