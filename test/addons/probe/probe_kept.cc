// Exporters that a consumer keeps, to acquire from them later: elsewhere, or too late.
#include <thread>

#include "probe.h"

static nbuf_exporter* kept;

// keep(value): takes the value's exporter; keep(): drops it.
napi_value probe_keep(napi_env env, napi_callback_info info) {
  probe_arguments a = probe_arguments_of(env, info);
  nbuf_error error = NBUF_ERROR_INIT;
  nbuf_exporter* exporter = nullptr;
  if (a.count > 0) {
    const nbuf_status status = nbuf_get_exporter(env, a.values[0], &exporter, &error);
    if (status != NBUF_OK) return probe_throw(env, status, &error);
  }
  if (kept != nullptr) kept->ops->release(kept);
  kept = exporter;
  return probe_undefined(env);
}

// acquireKept(flags, onThread) -> slot
napi_value probe_acquire_kept(napi_env env, napi_callback_info info) {
  probe_arguments a = probe_arguments_of(env, info);
  nbuf_request request = {sizeof request, 0, "kept"};
  nbuf_error error = NBUF_ERROR_INIT;
  nbuf_provider* provider = nullptr;
  nbuf_status status = NBUF_ERR_RELEASED;
  request.flags = static_cast<uint32_t>(probe_int(env, a.values[0]));
  const auto ask = [&] {
    status = kept->ops->acquire(kept, &request, &provider, &error);
  };
  if (kept != nullptr && probe_int(env, a.values[1]) != 0)
    std::thread(ask).join();
  else if (kept != nullptr)
    ask();
  if (status != NBUF_OK) return probe_throw(env, status, &error);
  return probe_hold(env, provider);
}
