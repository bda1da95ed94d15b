// Functions over indirect layouts: making them, the blocks of elements behind them.
#include <memory>

#include "arrays.h"
#include "block.h"
#include "convert.h"
#include "core/assembly.h"
#include "core/pieces.h"
#include "functions.h"
#include "js_memory.h"
#include "part_memory.h"

namespace nbuf::binding {
namespace {

// The parts of a new array, acquired again so that its locks are its own.
struct Parts {
  std::vector<core::Provider*> providers;

  Parts() = default;
  Parts(const Parts&) = delete;
  ~Parts() {
    for (core::Provider* provider : providers) core::release(provider);
  }
  nbuf_status acquire(EnvData* env, napi_value slots) {
    uint32_t count = 0;
    if (napi_get_array_length(env->env, slots, &count) != napi_ok)
      return nbuf_fail(&env->error, NBUF_ERR_INVALID_ARG_TYPE, "no array of slots");
    for (uint32_t i = 0; i < count; i++) {
      napi_value value;
      int32_t index = -1;
      // Fails, and sets nothing, as soon as another thread terminates this one.
      if (napi_get_element(env->env, slots, i, &value) == napi_ok)
        napi_get_value_int32(env->env, value, &index);
      const nbuf_status status = add(env, env->slots.at(index));
      if (status != NBUF_OK) return status;
    }
    return NBUF_OK;
  }

 private:
  nbuf_status add(EnvData* env, Slot* slot) {
    if (slot == nullptr || slot->provider == nullptr)
      return nbuf_fail(&env->error, NBUF_ERR_RELEASED, "the provider was released");
    nbuf_status status = check_js_memory(slot);
    if (status != NBUF_OK) return status;
    const nbuf_request request = {sizeof request,
                                  NBUF_FULL_RO | NBUF_LEVELS | NBUF_LAYOUT_SNAPSHOT,
                                  "IndirectArray"};
    core::Provider* made;
    status = core::reexport(slot->provider, slot->provider->layout->spec(), 0, &request,
                            &made, &env->error);
    if (status == NBUF_OK) providers.push_back(made);
    return status;
  }
};

nbuf_status read_entries(EnvData* env, napi_value pairs,
                         std::vector<core::TableEntry>* out) {
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  if (napi_get_typedarray_info(env->env, pairs, &type, &length, &data, nullptr,
                               nullptr) != napi_ok ||
      type != napi_float64_array || length % 2 != 0)
    return nbuf_fail(&env->error, NBUF_ERR_INVALID_ARG_TYPE, "no pairs of numbers");
  const auto* numbers = static_cast<const double*>(data);
  out->reserve(length / 2);
  for (size_t i = 0; i < length; i += 2) {
    int64_t part, offset;
    if (!integer_of(numbers[i], &part) || !integer_of(numbers[i + 1], &offset) ||
        part < INT32_MIN || part > INT32_MAX)
      return nbuf_fail(&env->error, NBUF_ERR_OUT_OF_RANGE,
                       "the entries hold no safe integers");
    out->push_back({static_cast<int32_t>(part), offset});
  }
  return NBUF_OK;
}

// slots, [part, offset] pairs, format, readonly, memories of JavaScript's; the layout in
// the scratch array.
napi_value make_indirect(napi_env raw, napi_callback_info info) {
  Call<5> call(raw, info);
  EnvData* env = call.env;
  ScratchLayout layout;
  std::vector<char> format;
  std::vector<core::TableEntry> entries;
  nbuf_status status = layout.read(env, 0);
  drain(env);
  string_of(raw, call.argv[2], &format);
  layout.spec.format = format.data();
  Parts parts;
  core::PartGuard* guard = nullptr;
  core::Memory* memory;
  if (status == NBUF_OK) status = read_entries(env, call.argv[1], &entries);
  if (status == NBUF_OK) status = parts.acquire(env, call.argv[0]);
  const auto count = static_cast<int32_t>(parts.providers.size());
  if (status == NBUF_OK)
    status = make_guard(env, call.argv[4], parts.providers.data(), count, &guard);
  if (status == NBUF_OK)
    status = core::make_assembly(parts.providers.data(), count, entries.data(),
                                 static_cast<int64_t>(entries.size()), 0, &memory,
                                 &env->error, guard);
  if (status != NBUF_OK) return failed(env, status);
  return wrap_array(env, memory, layout.spec, call.integer(3) == 1);
}

Slot* live_slot(const Call<3>& call, size_t i) {
  Slot* slot = call.slot(i);
  return slot != nullptr && slot->provider != nullptr ? slot : nullptr;
}

// parent slot, slot, block
napi_value acquire_part(napi_env raw, napi_callback_info info) {
  Call<3> call(raw, info);
  EnvData* env = call.env;
  drain(env);
  Slot *parent = live_slot(call, 0), *slot = call.slot(1);
  if (parent == nullptr || slot == nullptr || slot->provider != nullptr)
    return failed(env, NBUF_ERR_RELEASED);
  const int32_t block = call.integer(2);
  const nbuf_request request = {sizeof request, NBUF_FULL_RO | NBUF_LAYOUT_SNAPSHOT,
                                parent->provider->label()};
  const nbuf_status status =
      core::provide_part(parent->provider, block, &request, &slot->provider, &env->error);
  if (status != NBUF_OK) return failed(env, status);
  slot->is_part = true;
  join_block(slot, nullptr);
  napi_value buffer = part_buffer(env, core::part_of(*parent->provider->memory, block));
  if (buffer != nullptr) napi_create_reference(raw, buffer, 1, &slot->js_memory);
  return number(raw, 0);
}

// slot, block: what JavaScript said of that part's memory, or null
napi_value memory_of_part(napi_env raw, napi_callback_info info) {
  Call<3> call(raw, info);
  Slot* slot = live_slot(call, 0);
  if (slot == nullptr) return failed(call.env, NBUF_ERR_RELEASED);
  napi_value found =
      part_memory(call.env, core::part_of(*slot->provider->memory, call.integer(1)));
  return found != nullptr ? found : null(raw);
}

struct FreeLayout {
  void operator()(core::Layout* layout) const { core::free_layout(layout); }
};
using LayoutPointer = std::unique_ptr<core::Layout, FreeLayout>;

// A typed array of its own.
template <typename T>
bool new_array(napi_env raw, napi_typedarray_type type, size_t count, T** data,
               napi_value* out) {
  napi_value buffer;
  void* bytes = nullptr;
  if (napi_create_arraybuffer(raw, count * sizeof(T), &bytes, &buffer) != napi_ok ||
      napi_create_typedarray(raw, type, count, buffer, 0, out) != napi_ok)
    return false;
  *data = static_cast<T*>(bytes);
  return true;
}

// Block and offset of each piece of a checked layout.
void list_pieces(const core::Layout& layout, const core::Memory& memory,
                 core::Reach reach, uint64_t axes, int32_t* blocks, double* offsets) {
  core::Pieces pieces(layout.ndim, layout.shape, layout.strides, layout.levels,
                      static_cast<char*>(memory.block.base) + layout.offset, axes);
  int32_t hint = 1;
  do {
    const int64_t at = core::address_of(pieces.at());
    const int32_t block = core::find_block(memory, at, reach, &hint);
    *blocks++ = block;
    *offsets++ = static_cast<double>(at - core::address_of(memory.blocks[block].base));
  } while (pieces.next());
}

// slot; the layout in the scratch array
napi_value resolve(napi_env raw, napi_callback_info info) {
  Call<3> call(raw, info);
  EnvData* env = call.env;
  Slot* slot = live_slot(call, 0);
  if (slot == nullptr) return failed(env, NBUF_ERR_RELEASED);
  ScratchLayout given;
  core::Layout* made = nullptr;
  core::PointerWalk walk;
  const core::Memory& memory = *slot->provider->memory;
  nbuf_status status = given.read(env, 0);
  if (status == NBUF_OK && given.spec.levels.count < 2)
    status = nbuf_fail(&env->error, NBUF_ERR_SUBOFFSETS, "the layout has no pointers");
  if (status == NBUF_OK)
    status = core::make_layout(given.spec, memory, &made, &env->error);
  const LayoutPointer layout(made);
  const bool is_empty = made != nullptr && made->bytes == 0;
  if (status == NBUF_OK && !is_empty) status = walk.prepare(made->spec(), &env->error);
  if (status != NBUF_OK) return failed(env, status);
  const uint64_t axes =
      core::pointer_axes(made->ndim, made->shape, made->strides, made->levels);
  const int64_t count = is_empty ? 0 : core::piece_count(made->ndim, made->shape, axes);
  int32_t* blocks;
  double* offsets;
  napi_value out, block_array, offset_array;
  if (napi_create_object(raw, &out) != napi_ok ||
      !new_array(raw, napi_int32_array, static_cast<size_t>(count), &blocks,
                 &block_array) ||
      !new_array(raw, napi_float64_array, static_cast<size_t>(count), &offsets,
                 &offset_array))
    return failed(env, NBUF_ERR_NOMEM);
  if (count > 0)
    list_pieces(*made, memory, walk.reach(walk.last_level()), axes, blocks, offsets);
  set(raw, out, "blocks", block_array);
  set(raw, out, "offsets", offset_array);
  return out;
}

// The block; the offset goes to the start of the scratch array.
napi_value answer(EnvData* env, nbuf_status status, const core::Place& place) {
  if (status != NBUF_OK) return failed(env, status);
  env->scratch[0] = static_cast<double>(place.offset);
  return number(env->env, place.block);
}

// slot; the layout and the index in the scratch array
napi_value locate(napi_env raw, napi_callback_info info) {
  Call<3> call(raw, info);
  Slot* slot = live_slot(call, 0);
  if (slot == nullptr) return failed(call.env, NBUF_ERR_RELEASED);
  ScratchLayout layout;
  int64_t index[NBUF_MAX_NDIM];
  core::Place place{};
  nbuf_status status = layout.read(call.env, 0);
  if (status == NBUF_OK) status = read_index(call.env, layout.spec.ndim, index);
  if (status == NBUF_OK)
    status = core::find_element(layout.spec, *slot->provider->memory, index, &place,
                                &call.env->error);
  return answer(call.env, status, place);
}

// slot; the layout in the scratch array
napi_value follow(napi_env raw, napi_callback_info info) {
  Call<3> call(raw, info);
  Slot* slot = live_slot(call, 0);
  if (slot == nullptr) return failed(call.env, NBUF_ERR_RELEASED);
  ScratchLayout layout;
  core::Place place{};
  nbuf_status status = layout.read(call.env, 0);
  if (status == NBUF_OK)
    status = core::find_next_level(layout.spec, *slot->provider->memory, &place,
                                   &call.env->error);
  return answer(call.env, status, place);
}

}  // namespace

const Function kIndirectFunctions[] = {
    {"makeIndirect", make_indirect},
    {"acquirePart", acquire_part},
    {"partMemory", memory_of_part},
    {"resolve", resolve},
    {"locate", locate},
    {"follow", follow},
    {nullptr, nullptr},
};

}  // namespace nbuf::binding
