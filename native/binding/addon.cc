// The addon: per-environment state, and the tables of functions.
#include <nbuf/nbuf_node.h>

#include <new>

#include "api_table.h"
#include "block.h"
#include "convert.h"
#include "copy_async.h"
#include "functions.h"

namespace nbuf::binding {
namespace {

// Runs when the environment ends, after Node has finalized its external buffers.
// Providers that JavaScript still had are released by their Externals' finalizers, which
// come later.
void end_environment(void* data) {
  auto* env = static_cast<EnvData*>(data);
  end_copies(env);
  env->ended = true;
  drop_references(env);
  release(env);
}

napi_value last_error(napi_env raw, napi_callback_info info) {
  void* data = nullptr;  // no Call: that clears the message
  napi_get_cb_info(raw, info, nullptr, nullptr, nullptr, &data);
  return text(raw, static_cast<EnvData*>(data)->error.message);
}

// words 0 and 1: the last error's unmet and grantable. They belong to its message: both
// are written by nbuf_fail, or by whoever asks a peer.
napi_value last_refusal(napi_env raw, napi_callback_info info) {
  const EnvData* env = env_of(raw, info);
  env->words[0] = static_cast<int32_t>(env->error.unmet);
  env->words[1] = static_cast<int32_t>(env->error.grantable);
  return nullptr;
}

napi_value status_code(napi_env raw, napi_callback_info info) {
  Call<1> call(raw, info);
  return text(raw, nbuf_status_code(call.integer(0)));
}

// isNode, isWorker, largest ArrayBuffer, waiting limit, transfer or undefined,
// queueMicrotask
napi_value configure(napi_env raw, napi_callback_info info) {
  Call<6> call(raw, info);
  EnvData* env = call.env;
  env->is_node = call.integer(0) == 1;
  env->is_worker = call.integer(1) == 1;
  napi_get_value_int64(raw, call.argv[2], &env->max_buffer);
  napi_get_value_int64(raw, call.argv[3], &env->waiting_limit);
  napi_valuetype type;
  if (napi_typeof(raw, call.argv[4], &type) == napi_ok && type == napi_function)
    napi_create_reference(raw, call.argv[4], 1, &env->transfer);
  napi_create_reference(raw, call.argv[5], 1, &env->queue_microtask);
  return number(raw, 0);
}

napi_value note_exit(napi_env raw, napi_callback_info info) {
  Call<1> call(raw, info);
  note_unmoved(call.env);
  return number(raw, 0);
}

napi_value drain_all(napi_env raw, napi_callback_info info) {
  Call<1> call(raw, info);
  drain(call.env);
  return number64(raw, call.env->waiting);
}

void probe_gone(napi_env, void*, void*) {}

// Can this runtime wrap host memory? Asked once, with one byte that lives for ever.
napi_value can_wrap(napi_env raw, napi_callback_info) {
  static char byte;
  napi_value buffer;
  const bool can = napi_create_external_arraybuffer(raw, &byte, 1, probe_gone, nullptr,
                                                    &buffer) == napi_ok;
  if (can) napi_detach_arraybuffer(raw, buffer);
  return boolean(raw, can);
}

bool make_scratch(EnvData* env, napi_value exports) {
  constexpr size_t kWords = 4;
  constexpr size_t kLayoutBytes = kScratchLength * sizeof(double);
  napi_value buffer, array, words;
  void* data = nullptr;
  if (napi_create_arraybuffer(env->env, kLayoutBytes + kWords * sizeof(int32_t), &data,
                              &buffer) != napi_ok ||
      napi_create_typedarray(env->env, napi_float64_array, kScratchLength, buffer, 0,
                             &array) != napi_ok ||
      napi_create_typedarray(env->env, napi_int32_array, kWords, buffer, kLayoutBytes,
                             &words) != napi_ok ||
      napi_create_reference(env->env, buffer, 1, &env->scratch_ref) != napi_ok)
    return false;
  env->scratch = static_cast<double*>(data);
  env->words = reinterpret_cast<int32_t*>(static_cast<char*>(data) + kLayoutBytes);
  return napi_set_named_property(env->env, exports, "scratch", array) == napi_ok &&
         napi_set_named_property(env->env, exports, "words", words) == napi_ok;
}

bool add_functions(EnvData* env, napi_value exports, const Function* table) {
  for (; table->name != nullptr; table++) {
    napi_value function;
    if (napi_create_function(env->env, table->name, NAPI_AUTO_LENGTH, table->call, env,
                             &function) != napi_ok ||
        napi_set_named_property(env->env, exports, table->name, function) != napi_ok)
      return false;
  }
  return true;
}

// The functions of `nbuf check`, which read and call whatever they are told: apart, so
// that nobody who goes through the exports comes upon them.
napi_value unsafe_probe(napi_env raw, napi_callback_info info) {
  napi_value probe = nullptr;
  if (napi_create_object(raw, &probe) != napi_ok ||
      !add_functions(env_of(raw, info), probe, kProbeFunctions))
    return nullptr;
  return probe;
}

}  // namespace

const Function kEnvironmentFunctions[] = {
    {"lastError", last_error}, {"lastRefusal", last_refusal}, {"statusCode", status_code},
    {"configure", configure},  {"noteExit", note_exit},       {"drain", drain_all},
    {"canWrap", can_wrap},     {"unsafeProbe", unsafe_probe}, {nullptr, nullptr},
};

napi_value init(napi_env raw, napi_value exports) {
  auto* env = new (std::nothrow) EnvData;
  if (env == nullptr) return nullptr;
  env->env = raw;
  const bool is_ready =
      nbuf_env_init(raw, exports) == NBUF_OK &&
      napi_add_env_cleanup_hook(raw, end_environment, env) == napi_ok &&
      make_scratch(env, exports) && add_functions(env, exports, kProviderFunctions) &&
      add_functions(env, exports, kExportFunctions) &&
      add_functions(env, exports, kArrayFunctions) &&
      add_functions(env, exports, kMemoryFunctions) &&
      add_functions(env, exports, kFileFunctions) &&
      add_functions(env, exports, kAsyncFunctions) &&
      add_functions(env, exports, kFormatFunctions) &&
      add_functions(env, exports, kJsMemoryFunctions) &&
      add_functions(env, exports, kIndirectFunctions) &&
      add_functions(env, exports, kReportFunctions) &&
      add_functions(env, exports, kEnvironmentFunctions) && publish_api(raw);
  if (!is_ready) napi_throw_error(raw, "ERR_NBUF_ABI", "nbuf could not be initialized");
  return exports;
}

}  // namespace nbuf::binding

NAPI_MODULE_INIT() { return nbuf::binding::init(env, exports); }
