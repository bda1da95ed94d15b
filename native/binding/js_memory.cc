#include "js_memory.h"

#include <new>
#include <thread>

#include "convert.h"
#include "functions.h"
#include "part_memory.h"

namespace nbuf::binding {
namespace {

napi_value value_of(EnvData* env, napi_ref ref) {
  napi_value value = nullptr;
  napi_get_reference_value(env->env, ref, &value);
  return value;
}

struct Borrowed {
  EnvData* env;  // counted
  napi_ref buffer;
  nbuf_block block;
  std::thread::id thread;
};

nbuf_status check_borrowed(void* context, nbuf_error* error) {
  const auto* self = static_cast<Borrowed*>(context);
  EnvData* env = self->env;
  napi_handle_scope scope;
  if (std::this_thread::get_id() != self->thread || env->ended ||
      napi_open_handle_scope(env->env, &scope) != napi_ok)
    return nbuf_fail(error, NBUF_ERR_UNSUPPORTED,
                     "memory of JavaScript's is acquired on its own thread only");
  const nbuf_status status =
      check_buffer(env, value_of(env, self->buffer), self->block, error);
  napi_close_handle_scope(env->env, scope);
  return status;
}

void drop_borrowed(void* context) {
  auto* self = static_cast<Borrowed*>(context);
  defer(self->env, {self->buffer});
  release(self->env);
  delete self;
}

}  // namespace

nbuf_status check_buffer(EnvData* env, napi_value buffer, const nbuf_block& block,
                         nbuf_error* error) {
  void* data = nullptr;
  size_t size = 0;
  if (buffer != nullptr &&
      napi_get_arraybuffer_info(env->env, buffer, &data, &size) == napi_ok) {
    const auto base = reinterpret_cast<uintptr_t>(data);
    const auto from = reinterpret_cast<uintptr_t>(block.base);
    if (block.size == 0 ||
        (from >= base && from + static_cast<size_t>(block.size) <= base + size))
      return NBUF_OK;
  }
  return nbuf_fail(error, NBUF_ERR_DETACHED, "the ArrayBuffer behind it was detached");
}

napi_value js_memory_of(EnvData* env, const core::Provider* provider, napi_value given) {
  napi_value found = nullptr;
  bool is_buffer = false;
  if ((provider->pub.flags & NBUF_BORROWED) == 0) return nullptr;
  napi_is_arraybuffer(env->env, given, &is_buffer);
  if (is_buffer) return given;
  for (const Slot* slot : env->slots.items())
    if (slot != nullptr && slot->js_memory != nullptr && slot->provider != nullptr &&
        slot->provider->memory == provider->memory)
      napi_get_reference_value(env->env, slot->js_memory, &found);
  return found;
}

nbuf_status check_js_memory(Slot* slot) {
  EnvData* env = slot->env;
  const core::Memory* memory = slot->provider->memory;
  if (slot->js_memory != nullptr)
    return check_buffer(env, value_of(env, slot->js_memory), memory->block, &env->error);
  if ((slot->provider->pub.flags & NBUF_BORROWED) == 0) return NBUF_OK;
  if (is_guarded(slot->provider) && memory->ops->check != nullptr)
    return memory->ops->check(memory, &env->error);
  return nbuf_fail(&env->error, NBUF_ERR_UNSUPPORTED,
                   "the exporter lends memory of JavaScript's, which may be gone by "
                   "now: acquire its typed array");
}

nbuf_status guard_js_memory(Slot* slot, core::ExportGuard* out) {
  EnvData* env = slot->env;
  *out = {};
  const nbuf_status status = check_js_memory(slot);
  if (status != NBUF_OK || slot->js_memory == nullptr) return status;
  auto* made = new (std::nothrow)
      Borrowed{env, nullptr, slot->provider->memory->block, std::this_thread::get_id()};
  if (made == nullptr) return core::out_of_memory(&env->error);
  napi_value buffer;
  napi_get_reference_value(env->env, slot->js_memory, &buffer);
  napi_create_reference(env->env, buffer, 1, &made->buffer);
  retain(env);
  *out = {check_borrowed, drop_borrowed, made};
  return NBUF_OK;
}

namespace {

// slot, a buffer of JavaScript's, a Uint8Array over all of it. Another copy of nbuf names
// it; here is found whether the provider's block lies in it.
napi_value know_buffer(napi_env raw, napi_callback_info info) {
  Call<3> call(raw, info);
  Slot* slot = call.slot(0);
  napi_typedarray_type type;
  void* data = nullptr;
  size_t size = 0;
  if (slot == nullptr || slot->provider == nullptr ||
      napi_get_typedarray_info(raw, call.argv[2], &type, &size, &data, nullptr,
                               nullptr) != napi_ok)
    return number(raw, -1);
  const nbuf_block& block = slot->provider->memory->block;
  const auto base = reinterpret_cast<uintptr_t>(data);
  const auto from = reinterpret_cast<uintptr_t>(block.base);
  const auto length = static_cast<uint64_t>(block.size);
  const bool is_empty = length == 0;
  if (type != napi_uint8_array ||
      (!is_empty && (from < base || from - base > size || length > size - (from - base))))
    return number(raw, -1);
  if ((slot->provider->pub.flags & NBUF_BORROWED) != 0 && slot->js_memory == nullptr)
    napi_create_reference(raw, call.argv[1], 1, &slot->js_memory);
  return number64(raw, is_empty ? 0 : static_cast<int64_t>(from - base));
}

}  // namespace

const Function kJsMemoryFunctions[] = {{"knowBuffer", know_buffer}, {nullptr, nullptr}};

}  // namespace nbuf::binding
