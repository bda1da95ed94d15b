// Functions over slots: acquire, describe, buffers, locks, release.
#include <nbuf/nbuf_node.h>

#include <new>

#include "block.h"
#include "convert.h"
#include "functions.h"
#include "js_memory.h"
#include "probe.h"

namespace nbuf::binding {
namespace {

// Does it hold a buffer of JavaScript's?
bool is_of_js(const core::Provider* provider) {
  return (provider->pub.flags & (NBUF_BORROWED | NBUF_ENV_BOUND)) != 0;
}

// Gives the slot back to "empty"; its provider's locks drop here.
void release_slot(Slot* slot, bool free_now) {
  EnvData* env = slot->env;
  core::Provider* provider = slot->provider;
  if (slot->lease != nullptr) {
    slot->lease->move_to(nullptr);
    slot->lease->release();
    slot->lease = nullptr;
  }
  leave_block(slot, free_now);
  // Somebody may have borrowed a reference; the layout lock ends here anyway.
  if (provider->refs.load(std::memory_order_relaxed) != 1) core::unlock_layout(provider);
  slot->provider = nullptr;
  slot->is_part = slot->is_copy = false;
  const bool is_js = is_of_js(provider);
  core::release(provider);
  if (is_js) drop_js_memory(env);
  if (slot->js_memory != nullptr) {
    napi_delete_reference(env->env, slot->js_memory);
    slot->js_memory = nullptr;
  }
}

// The JavaScript Provider was collected. No Node-API here (but see abandon_block).
void finalize_slot(napi_env, void* data, void*) {
  auto* slot = static_cast<Slot*>(data);
  EnvData* env = slot->env;
  if (slot->provider != nullptr) {
    if (slot->lease != nullptr) {
      slot->lease->move_to(nullptr);
      slot->lease->release();
    }
    core::unlock_layout(slot->provider);
    const bool is_js = is_of_js(slot->provider);
    if (!abandon_block(slot)) core::release(slot->provider);
    if (is_js && !env->ended) defer(env, {slot->js_memory});
  }
  env->slots.remove(slot->index);
  delete slot;
  release(env);
}

napi_value new_slot(napi_env raw, napi_callback_info info) {
  Call<1> call(raw, info);
  auto* slot = new (std::nothrow) Slot{call.env};
  if (slot == nullptr) return failed(call.env, NBUF_ERR_NOMEM);
  napi_value external;
  if (napi_create_external(raw, slot, finalize_slot, nullptr, &external) != napi_ok) {
    delete slot;
    return failed(call.env, NBUF_ERR_NOMEM);
  }
  retain(call.env);
  slot->index = call.env->slots.add(slot);
  return tag_external(raw, external, Kind::slot) ? external
                                                 : failed(call.env, NBUF_ERR_NOMEM);
}

napi_value slot_index(napi_env raw, napi_callback_info info) {
  Call<1> call(raw, info);
  const auto* slot = static_cast<Slot*>(tagged_data(raw, call.argv[0], Kind::slot));
  return slot != nullptr ? number(raw, static_cast<int32_t>(slot->index))
                         : failed(call.env, NBUF_ERR_INVALID_ARG_TYPE);
}

// A request from its flags and an optional label string.
struct Request {
  nbuf_request request;
  std::vector<char> label;

  Request(napi_env raw, int32_t flags, napi_value label_value, bool has_label) {
    request = {sizeof request, static_cast<uint32_t>(flags), nullptr};
    if (has_label && string_of(raw, label_value, &label)) request.label = label.data();
  }
};

napi_value acquire_array(napi_env raw, napi_callback_info info) {
  Call<4> call(raw, info);
  drain(call.env);
  ArrayRecord* record = call.array(0);
  Slot* slot = call.slot(1);
  if (record == nullptr || slot == nullptr || slot->provider != nullptr)
    return failed(call.env, NBUF_ERR_RELEASED);
  Request request(raw, call.integer(2), call.argv[3], call.argc > 3);
  uint32_t epoch;
  nbuf_status status = core::acquire(record->array, &request.request, &slot->provider,
                                     &epoch, &call.env->error);
  if (status != NBUF_OK) return failed(call.env, status);
  join_block(slot, record);
  return number(raw, static_cast<int32_t>(epoch & 0x3fffffff));
}

int32_t gone(EnvData* env) {
  return -nbuf_fail(&env->error, NBUF_ERR_RELEASED, "the provider was released");
}

// words: array, slot, flags; 3 becomes the epoch or a negative status
napi_value acquire_array_fast(napi_env raw, napi_callback_info info) {
  EnvData* env = env_of(raw, info);
  int32_t* words = env->words;
  const int32_t array = words[0], index = words[1];
  const auto flags = static_cast<uint32_t>(words[2]);
  drain(env);
  ArrayRecord* record = env->arrays.at(array);
  Slot* slot = env->slots.at(index);
  if (record == nullptr || slot == nullptr || slot->provider != nullptr) {
    words[3] = gone(env);
    return nullptr;
  }
  nbuf_request request;  // not zeroed first: `label` would be read across two stores
  request.struct_size = sizeof request;
  request.flags = flags;
  request.label = nullptr;
  uint32_t epoch;
  nbuf_status status =
      core::acquire(record->array, &request, &slot->provider, &epoch, &env->error);
  if (status == NBUF_OK) join_block(slot, record);
  words[3] = status == NBUF_OK ? static_cast<int32_t>(epoch & 0x3fffffff) : -status;
  return nullptr;
}

// parent, slot, flags, format, 1 for a readonly view, label; the layout in the scratch
// array
napi_value acquire_view(napi_env raw, napi_callback_info info) {
  Call<6> call(raw, info);
  ScratchLayout layout;
  nbuf_status status = layout.read(call.env, 0);
  drain(call.env);
  Slot *parent = call.slot(0), *slot = call.slot(1);
  if (parent == nullptr || parent->provider == nullptr || slot == nullptr ||
      slot->provider != nullptr)
    return failed(call.env, NBUF_ERR_RELEASED);
  std::vector<char> format;
  string_of(raw, call.argv[3], &format);
  layout.spec.format = format.data();
  const int32_t flags = call.integer(2);
  Request request(raw, flags, call.argv[5], call.argc > 5);
  const uint32_t extra = call.integer(4) == 1 ? NBUF_READONLY : 0;
  if (status == NBUF_OK)
    status = core::reexport(parent->provider, layout.spec, extra, &request.request,
                            &slot->provider, &call.env->error);
  if (status != NBUF_OK) return failed(call.env, status);
  join_block(slot, nullptr);
  if (parent->js_memory != nullptr) {
    napi_value memory;
    napi_get_reference_value(raw, parent->js_memory, &memory);
    napi_create_reference(raw, memory, 1, &slot->js_memory);
  }
  return number(raw, 0);
}

// value, slot, flags, the JavaScript buffer behind the value or undefined, label
napi_value acquire_value(napi_env raw, napi_callback_info info) {
  Call<5> call(raw, info);
  drain(call.env);
  const uint32_t index = static_cast<uint32_t>(call.integer(1));
  Request request(raw, call.integer(2), call.argv[4], call.argc > 4);
  nbuf_provider* foreign = nullptr;
  nbuf_status status =
      ask_value(raw, call.argv[0], &request.request, &foreign, &call.env->error);
  if (status != NBUF_OK && nbuf_status_code(status)[0] == '\0')
    status = nbuf_fail(&call.env->error, NBUF_ERR_ABI,
                       "the exporter failed with the unknown status %ld",
                       static_cast<long>(status));
  if (status != NBUF_OK) return failed(call.env, status);
  Slot* slot = call.env->slots.at(index);  // user code ran: look only now
  if (slot == nullptr || slot->provider != nullptr) {
    foreign->ops->release(foreign);
    return failed(call.env, NBUF_ERR_RELEASED);
  }
  core::Provider* provider = core::as_own(foreign);
  if (provider == nullptr)
    status =
        core::import_provider(foreign, &request.request, &provider, &call.env->error);
  if (status != NBUF_OK) return failed(call.env, status);
  slot->provider = provider;
  join_block(slot, nullptr);
  napi_value memory = js_memory_of(call.env, provider, call.argv[3]);
  if (memory != nullptr) napi_create_reference(raw, memory, 1, &slot->js_memory);
  return number(raw, 0);
}

// The provider's fields as granted, and how to address its elements.
napi_value describe(napi_env raw, napi_callback_info info) {
  Call<1> call(raw, info);
  Slot* slot = call.slot(0);
  if (slot == nullptr || slot->provider == nullptr)
    return failed(call.env, NBUF_ERR_RELEASED);
  const nbuf_provider& pub = slot->provider->pub;
  const nbuf_block& block = slot->provider->memory->block;
  napi_value out, address;
  napi_create_object(raw, &out);
  const bool has_shape = pub.shape != nullptr || pub.ndim == 0;
  const int64_t offset =
      pub.buf == nullptr ? 0
                         : static_cast<char*>(pub.buf) - static_cast<char*>(block.base);
  napi_create_bigint_uint64(raw, reinterpret_cast<uintptr_t>(block.base), &address);
  set(raw, out, "shape", has_shape ? number_array(raw, pub.shape, pub.ndim) : null(raw));
  set(raw, out, "strides",
      pub.strides != nullptr || pub.ndim == 0
          ? number_array(raw, pub.strides, pub.strides != nullptr ? pub.ndim : 0)
          : null(raw));
  set(raw, out, "format", pub.format != nullptr ? text(raw, pub.format) : null(raw));
  set(raw, out, "itemsize", number64(raw, pub.itemsize));
  // What the layout has, if it was granted as levels or as suboffsets.
  const core::Layout& layout = *slot->provider->layout;
  const bool is_indirect = pub.level_count > 1 || pub.suboffsets != nullptr;
  set(raw, out, "levels",
      is_indirect ? levels_object(raw, layout.levels, layout.ndim) : null(raw));
  set(raw, out, "suboffsets",
      is_indirect && layout.suboffsets != nullptr
          ? number_array(raw, layout.suboffsets, layout.ndim)
          : null(raw));
  set(raw, out, "blocks", number(raw, slot->provider->memory->block_count));
  set(raw, out, "byteLength", number64(raw, pub.len));
  set(raw, out, "ndim", number(raw, pub.ndim));
  set(raw, out, "flags", number(raw, static_cast<int32_t>(pub.flags)));
  set(raw, out, "offset", number64(raw, offset));
  set(raw, out, "blockSize", number64(raw, block.size));
  set(raw, out, "blockAddress", address);
  return out;
}

// slot, expose. An ArrayBuffer or a negative status.
napi_value buffer(napi_env raw, napi_callback_info info) {
  Call<2> call(raw, info);
  drain(call.env);
  Slot* slot = call.slot(0);
  if (slot == nullptr || slot->provider == nullptr)
    return failed(call.env, NBUF_ERR_RELEASED);
  napi_value out = nullptr;
  nbuf_status status = block_buffer(slot, call.integer(1) == 1, &out);
  return status == NBUF_OK ? out : failed(call.env, status);
}

// words: slot, 1 to free the bytes at once; 3 becomes 1 when more bytes than the limit
// allows wait for the collection of ArrayBuffers.
napi_value release_provider(napi_env raw, napi_callback_info info) {
  EnvData* env = env_of(raw, info);
  int32_t* words = env->words;
  Slot* slot = env->slots.at(words[0]);
  if (slot == nullptr || slot->provider == nullptr) {
    words[3] = gone(env);
    return nullptr;
  }
  release_slot(slot, words[1] == 1);
  drain(env);
  words[3] = env->waiting > env->waiting_limit ? 1 : 0;
  return nullptr;
}

napi_value unlock_layout(napi_env raw, napi_callback_info info) {
  Call<1> call(raw, info);
  Slot* slot = call.slot(0);
  if (slot == nullptr || slot->provider == nullptr)
    return failed(call.env, NBUF_ERR_RELEASED);
  core::unlock_layout(slot->provider);
  return number(raw, 0);
}

napi_value holds_layout(napi_env raw, napi_callback_info info) {
  Call<1> call(raw, info);
  Slot* slot = call.slot(0);
  const bool holds =
      slot != nullptr && slot->provider != nullptr && core::holds_layout(slot->provider);
  return boolean(raw, holds);
}

}  // namespace

nbuf_status ask_value(napi_env env, napi_value value, const nbuf_request* request,
                      nbuf_provider** out, nbuf_error* error) {
  return nbuf_acquire_value(env, value, request, out, error);
}

const Function kProviderFunctions[] = {
    {"newSlot", new_slot},           {"slotIndex", slot_index},
    {"acquireArray", acquire_array}, {"acquireArrayFast", acquire_array_fast},
    {"acquireView", acquire_view},   {"acquireValue", acquire_value},
    {"describe", describe},          {"buffer", buffer},
    {"release", release_provider},   {"unlockLayout", unlock_layout},
    {"holdsLayout", holds_layout},   {nullptr, nullptr},
};

}  // namespace nbuf::binding
