#include <chrono>
#include <thread>

#include "probe.h"

nbuf_status probe_second_acquire(napi_env env, napi_value value,
                                 const nbuf_request* request, nbuf_provider** provider,
                                 nbuf_error* error) {
  return nbuf_acquire_value(env, value, request, provider, error);
}

void probe_release_on_thread(nbuf_provider* provider, int64_t delay_ms, int wait) {
  std::thread thread([provider, delay_ms] {
    std::this_thread::sleep_for(std::chrono::milliseconds(delay_ms));
    provider->ops->release(provider);
  });
  if (wait != 0)
    thread.join();
  else
    thread.detach();
}
