#include "part_memory.h"

#include <new>
#include <thread>
#include <vector>

#include "convert.h"
#include "js_memory.h"

namespace nbuf::binding {
namespace {

// One array of JavaScript's for all parts: references are dear.
struct Guard : core::PartGuard {
  EnvData* env;  // counted
  napi_ref memories = nullptr;
  std::thread::id thread;
  std::vector<nbuf_block> blocks;  // of each part; size < 0: it is pinned
};

napi_value entry_of(const Guard* self, int32_t number) {
  napi_env raw = self->env->env;
  napi_value list, entry = nullptr;
  napi_valuetype type = napi_undefined;
  if (napi_get_reference_value(raw, self->memories, &list) != napi_ok ||
      list == nullptr ||
      napi_get_element(raw, list, static_cast<uint32_t>(number), &entry) != napi_ok ||
      napi_typeof(raw, entry, &type) != napi_ok || type != napi_object)
    return nullptr;
  return entry;
}

napi_value buffer_of(const Guard* self, int32_t number) {
  napi_env raw = self->env->env;
  napi_value entry = entry_of(self, number), buffer = nullptr;
  bool is_buffer = false;
  if (entry == nullptr ||
      napi_get_named_property(raw, entry, "jsBuffer", &buffer) != napi_ok ||
      napi_is_arraybuffer(raw, buffer, &is_buffer) != napi_ok || !is_buffer)
    return nullptr;
  return buffer;
}

nbuf_status check(core::PartGuard* guard, int32_t part, nbuf_error* error) {
  const auto* self = static_cast<Guard*>(guard);
  const nbuf_block& block = self->blocks[static_cast<size_t>(part)];
  napi_handle_scope scope;
  if (block.size < 0) return NBUF_OK;
  if (std::this_thread::get_id() != self->thread || self->env->ended ||
      napi_open_handle_scope(self->env->env, &scope) != napi_ok)
    return nbuf_fail(error, NBUF_ERR_UNSUPPORTED,
                     "memory of JavaScript's is acquired on its own thread only");
  const nbuf_status status = check_buffer(self->env, buffer_of(self, part), block, error);
  napi_close_handle_scope(self->env->env, scope);
  return status;
}

void destroy(core::PartGuard* guard) {
  auto* self = static_cast<Guard*>(guard);
  if (self->memories != nullptr) defer(self->env, {self->memories});
  release(self->env);
  delete self;
}

const Guard* guard_of(EnvData* env, const core::Part* part) {
  if (part == nullptr || part->guard == nullptr || part->guard->check != check)
    return nullptr;
  const auto* self = static_cast<const Guard*>(part->guard);
  return self->env == env ? self : nullptr;
}

}  // namespace

nbuf_status make_guard(EnvData* env, napi_value memories,
                       core::Provider* const* providers, int32_t count,
                       core::PartGuard** out) {
  bool is_array = false;
  napi_is_array(env->env, memories, &is_array);
  *out = nullptr;
  auto* made = is_array ? new (std::nothrow) Guard : nullptr;
  if (is_array && made == nullptr) return core::out_of_memory(&env->error);
  if (made != nullptr) {
    retain(env);
    made->check = check;
    made->destroy = destroy;
    made->env = env;
    made->thread = std::this_thread::get_id();
    napi_create_reference(env->env, memories, 1, &made->memories);
  }
  nbuf_status status = NBUF_OK;
  for (int32_t i = 0; i < count && status == NBUF_OK; i++) {
    const core::Provider* provider = providers[i];
    const bool is_borrowed = (provider->pub.flags & NBUF_BORROWED) != 0 &&
                             !core::is_indirect(*provider->memory);
    nbuf_block block = provider->memory->block;
    if (!is_borrowed) block.size = -1;
    if (made != nullptr) made->blocks.push_back(block);
    if (made != nullptr && is_borrowed) status = check(made, i, &env->error);
    if (made == nullptr && is_borrowed)
      status = nbuf_fail(&env->error, NBUF_ERR_UNSUPPORTED,
                         "the exporter lends memory of JavaScript's, which may be gone "
                         "later: acquire its typed array");
  }
  if (status == NBUF_OK)
    *out = made;
  else
    core::release(made);
  return status;
}

napi_value part_memory(EnvData* env, const core::Part* part) {
  const Guard* guard = guard_of(env, part);
  return guard != nullptr ? entry_of(guard, part->number) : nullptr;
}

napi_value part_buffer(EnvData* env, const core::Part* part) {
  const Guard* guard = guard_of(env, part);
  if (guard == nullptr || guard->blocks[static_cast<size_t>(part->number)].size < 0)
    return nullptr;
  return buffer_of(guard, part->number);
}

bool is_guarded(const core::Provider* provider) {
  const core::Assembly* assembly = core::as_assembly(provider->memory);
  if (assembly == nullptr || assembly->foreign != nullptr) return false;
  for (int32_t i = 0; i < assembly->part_count; i++) {
    const core::Part& part = assembly->parts[i];
    if ((part.provider->pub.flags & NBUF_BORROWED) != 0 && part.guard == nullptr)
      return false;
  }
  return true;
}

}  // namespace nbuf::binding
