// Functions that tell who holds what: for errors, and for report().
#include <memory>
#include <new>
#include <unordered_map>

#include "block_parts.h"
#include "convert.h"
#include "core/holders.h"
#include "functions.h"

namespace nbuf::binding {
namespace {

constexpr int64_t kMostHolders = 1000;  // of one array; lib/ documents it

using HolderList = std::unique_ptr<core::Holder[]>;
HolderList new_list() {
  return HolderList(new (std::nothrow) core::Holder[kMostHolders]);
}

// This environment's providers of one array, or of all arrays (NULL).
struct OwnSlots {
  std::vector<const Slot*> all;
  std::unordered_map<const core::Provider*, const Slot*> by_provider;

  void add(const Slot* slot) {
    all.push_back(slot);
    by_provider.emplace(slot->provider, slot);
  }
  const Slot* find(const core::Provider* provider) const {
    const auto found = by_provider.find(provider);
    return found != by_provider.end() ? found->second : nullptr;
  }
};

OwnSlots slots_of(const EnvData* env, const core::HostArray* array) {
  OwnSlots found;
  for (const Slot* slot : env->slots.items())
    if (slot != nullptr && slot->provider != nullptr && slot->provider->host != nullptr &&
        (array == nullptr || slot->provider->host == array))
      found.add(slot);
  return found;
}

// An array of JavaScript's that grows.
struct Output {
  napi_env raw;
  napi_value array = nullptr;
  uint32_t count = 0, most;

  explicit Output(napi_env env, uint32_t limit = UINT32_MAX) : raw(env), most(limit) {
    napi_create_array(env, &array);
  }
  bool has_room() const { return count < most; }
  napi_value add() {
    napi_value object = nullptr;
    napi_create_object(raw, &object);
    napi_set_element(raw, array, count++, object);
    return object;
  }
};

// age < 0, label NULL: not known
napi_value add_holder(Output* out, const char* label, int64_t age, bool layout,
                      const Slot* slot) {
  napi_env raw = out->raw;
  napi_value object = out->add();
  set(raw, object, "label", label != nullptr ? text(raw, label) : null(raw));
  set(raw, object, "age", age >= 0 ? number64(raw, age) : null(raw));
  set(raw, object, "layout", boolean(raw, layout));
  set(raw, object, "slot",
      number(raw, slot != nullptr ? static_cast<int32_t>(slot->index) : -1));
  return object;
}

// Holders without a label that are not in the list: `mine` are known by their slots, the
// others by their number only.
struct Unlabelled {
  int64_t memory, layout;
};

// Adds those of this environment's own; returns how many are left for others.
Unlabelled add_own(Output* out, const OwnSlots& slots, const core::HolderCounts& counts,
                   bool layout_only) {
  Unlabelled rest = {counts.memory - counts.listed, counts.layout - counts.listed_layout};
  for (const Slot* slot : slots.all) {
    if (slot->provider->label() != nullptr) continue;
    const bool layout = core::holds_layout(slot->provider);
    rest.memory--;
    rest.layout -= layout ? 1 : 0;
    if (out != nullptr && out->has_room() && (layout || !layout_only))
      add_holder(out, nullptr, -1, layout, slot);
  }
  return counts.is_complete ? rest : Unlabelled{0, 0};
}

void add_unknown(Output* out, const Unlabelled& rest, bool layout_only) {
  const int64_t count = layout_only ? rest.layout : rest.memory;
  for (int64_t i = 0; i < count && i < kMostHolders && out->has_room(); i++)
    add_holder(out, nullptr, -1, i < rest.layout, nullptr);
}

// array, 1 for those alone that hold the layout lock: who holds it
napi_value holders(napi_env raw, napi_callback_info info) {
  Call<2> call(raw, info);
  ArrayRecord* record = call.array(0);
  const HolderList list = new_list();
  if (record == nullptr || list == nullptr) return failed(call.env, NBUF_ERR_NOMEM);
  const bool layout_only = call.integer(1) == 1;
  const core::HolderCounts counts =
      core::list_holders(record->array, list.get(), kMostHolders);
  const OwnSlots slots = slots_of(call.env, record->array);
  Output out(raw, kMostHolders);
  for (int64_t i = 0; i < counts.listed; i++) {
    const core::Holder& holder = list[static_cast<size_t>(i)];
    if (holder.layout || !layout_only)
      add_holder(&out, holder.label, holder.age, holder.layout,
                 slots.find(holder.provider));
  }
  add_unknown(&out, add_own(&out, slots, counts, layout_only), layout_only);
  return out.array;
}

napi_value shape_of(napi_env raw, bool has_shape, const int64_t* shape, int32_t ndim) {
  return has_shape ? number_array(raw, shape, ndim) : null(raw);
}

// The providers of this environment.
napi_value live_providers(napi_env raw, napi_callback_info info) {
  Call<1> call(raw, info);
  Output out(raw);
  const int64_t now = nbuf_now_ms_();
  for (const Slot* slot : call.env->slots.items()) {
    if (slot == nullptr || slot->provider == nullptr || slot->is_part) continue;
    core::Provider* provider = slot->provider;
    const nbuf_provider& pub = provider->pub;
    const bool has_age = provider->host != nullptr && provider->label() != nullptr;
    const int64_t age = now > provider->holder.since ? now - provider->holder.since : 0;
    napi_value one = add_holder(&out, provider->label(), has_age ? age : -1,
                                core::holds_layout(provider), slot);
    set(raw, one, "shape",
        shape_of(raw, pub.shape != nullptr || pub.ndim == 0, pub.shape, pub.ndim));
    set(raw, one, "format", pub.format != nullptr ? text(raw, pub.format) : null(raw));
    set(raw, one, "byteLength", number64(raw, pub.len));
    set(raw, one, "readonly", boolean(raw, (pub.flags & NBUF_READONLY) != 0));
    set(raw, one, "copied", boolean(raw, slot->is_copy));
  }
  return out.array;
}

void add_elsewhere(Output* out, const core::Holder& holder) {
  napi_env raw = out->raw;
  napi_value one = add_holder(out, holder.label, holder.age, holder.layout, nullptr);
  set(raw, one, "shape", shape_of(raw, holder.has_shape, holder.shape, holder.ndim));
  set(raw, one, "format", holder.has_format ? text(raw, holder.format) : null(raw));
  set(raw, one, "byteLength", number64(raw, holder.bytes));
  set(raw, one, "readonly", boolean(raw, holder.readonly));
}

// What others hold of all arrays of the process: native code, other environments, and
// what an array of this one keeps for its own use. Of unlabelled ones only that they are.
napi_value held_elsewhere(napi_env raw, napi_callback_info info) {
  Call<1> call(raw, info);
  const HolderList list = new_list();
  if (list == nullptr) return failed(call.env, NBUF_ERR_NOMEM);
  std::unordered_map<const core::HostArray*, OwnSlots> slots;
  for (const Slot* slot : slots_of(call.env, nullptr).all)
    slots[slot->provider->host].add(slot);
  Output out(raw);
  core::HostArray* array = nullptr;
  while ((array = core::next_array(array)) != nullptr) {
    const core::HolderCounts counts = core::list_holders(array, list.get(), kMostHolders);
    const OwnSlots& mine = slots[array];
    for (int64_t i = 0; i < counts.listed; i++) {
      const core::Holder& holder = list[static_cast<size_t>(i)];
      if (mine.find(holder.provider) == nullptr) add_elsewhere(&out, holder);
    }
    add_unknown(&out, add_own(nullptr, mine, counts, false), false);
  }
  return out.array;
}

// ---- exposed buffers ----

struct Exposed {
  const BufferHold* hold;  // which one it is; it may be gone by now
  int64_t size;
  bool is_waiting, unmoved, has_bytes;
};

std::vector<Exposed> list_exposed(EnvData* env) {
  std::vector<Exposed> list;
  size_t count = 0;
  {
    std::lock_guard<std::mutex> guard(env->holds_mutex);
    for (const BufferHold* hold = env->holds; hold != nullptr; hold = hold->next) count++;
  }
  list.reserve(count);  // only this thread adds: there can only be fewer by now
  std::lock_guard<std::mutex> guard(env->holds_mutex);
  for (BufferHold* hold = env->holds; hold != nullptr && list.size() < count;
       hold = hold->next) {
    std::lock_guard<std::mutex> inner(hold->mutex);
    // Relaxed: flags for an account.
    list.push_back({hold, hold->size, hold->is_waiting.load(std::memory_order_relaxed),
                    hold->unmoved.load(std::memory_order_relaxed),
                    hold->memory != nullptr});
  }
  return list;
}

const char* state_of(EnvData* env, const Exposed& exposed, Block* block) {
  if (block == nullptr) return exposed.unmoved ? "waiting" : "moved";
  napi_value buffer = buffer_of(env, block);
  if (buffer == nullptr) return "waiting";  // collected; its finalizer is on its way
  if (is_detached(env, buffer)) return "moved";
  return block->kept ? "kept" : "attached";
}

napi_value live_buffers(napi_env raw, napi_callback_info info) {
  Call<1> call(raw, info);
  EnvData* env = call.env;
  drain(env);
  std::unordered_map<const BufferHold*, Block*> blocks;
  for (const auto& [key, block] : env->blocks)
    if (block->hold != nullptr) blocks.emplace(block->hold, block);
  Output out(raw);
  for (const Exposed& exposed : list_exposed(env)) {
    if (!exposed.has_bytes) continue;
    const auto found = blocks.find(exposed.hold);
    Block* block = found != blocks.end() ? found->second : nullptr;
    int64_t users = 0;
    for (const Slot* slot = block != nullptr ? block->users : nullptr; slot != nullptr;
         slot = slot->next)
      users++;
    napi_value one = out.add();
    set(raw, one, "byteLength", number64(raw, exposed.size));
    set(raw, one, "providers", number64(raw, users));
    set(raw, one, "state", text(raw, state_of(env, exposed, block)));
  }
  return out.array;
}

// slot: its provider is a packed copy
napi_value note_copy(napi_env raw, napi_callback_info info) {
  Call<1> call(raw, info);
  Slot* slot = call.slot(0);
  if (slot != nullptr) slot->is_copy = true;
  return nullptr;
}

}  // namespace

const Function kReportFunctions[] = {
    {"holders", holders},
    {"liveProviders", live_providers},
    {"heldElsewhere", held_elsewhere},
    {"liveBuffers", live_buffers},
    {"noteCopy", note_copy},
    {nullptr, nullptr},
};

}  // namespace nbuf::binding
