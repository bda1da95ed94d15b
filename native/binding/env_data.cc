#include "env_data.h"

#include <nbuf/nbuf_node.h>

#include "block.h"
#include "convert.h"

namespace nbuf::binding {

EnvData::~EnvData() { free_blocks(this); }

void defer(EnvData* env, Deferred what) {
  std::lock_guard<std::mutex> guard(env->deferred_mutex);
  env->deferred.push_back(what);
  // Release: whoever sees the flag takes the mutex anyway, which orders the vector.
  env->has_deferred.store(true, std::memory_order_release);
}

namespace {

void queue_callback(EnvData* env, napi_ref callback) {
  napi_value function, queue, ignored;
  if (napi_get_reference_value(env->env, callback, &function) == napi_ok &&
      napi_get_reference_value(env->env, env->queue_microtask, &queue) == napi_ok)
    napi_call_function(env->env, undefined(env->env), queue, 1, &function, &ignored);
  napi_delete_reference(env->env, callback);
}

void run_deferred(EnvData* env) {
  std::vector<Deferred> list;
  {
    std::lock_guard<std::mutex> guard(env->deferred_mutex);
    list.swap(env->deferred);
    env->has_deferred.store(false, std::memory_order_relaxed);  // inside the mutex
  }
  for (const Deferred& what : list) {
    if (what.ref != nullptr) napi_delete_reference(env->env, what.ref);
    if (what.callback != nullptr) queue_callback(env, what.callback);
    if (what.block != 0) tidy_block(env, what.block);
  }
}

}  // namespace

void drop_js_memory(EnvData* env) {
  nbuf_node_env_* header = nbuf_node_env_of_(env->env);
  if (header != nullptr) nbuf_node_drain_(header);
}

void drain_now(EnvData* env) {
  napi_handle_scope scope;
  if (napi_open_handle_scope(env->env, &scope) != napi_ok) return;
  // Taken, not read: user code below may come here again. (Relaxed: a counter.)
  const int64_t returned = env->returned.exchange(0, std::memory_order_relaxed);
  if (returned != 0) {
    env->waiting -= returned;
    int64_t total;
    napi_adjust_external_memory(env->env, -returned, &total);
  }
  const int64_t unowned = env->unowned.exchange(0, std::memory_order_relaxed);
  int64_t now;
  if (unowned != 0) napi_adjust_external_memory(env->env, -unowned, &now);
  if (env->has_deferred.load(std::memory_order_relaxed)) {
    run_deferred(env);
    drop_js_memory(env);
  }
  napi_close_handle_scope(env->env, scope);
}

napi_value failed(EnvData* env, nbuf_status status) {
  if (env->error.status != status || env->error.message[0] == '\0')
    nbuf_fail(&env->error, status, "%s", nbuf_status_message(status));
  return number(env->env, -status);
}

}  // namespace nbuf::binding
