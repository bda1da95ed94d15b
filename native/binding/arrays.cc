// Functions over HostArrays: heap, adopted and mapped memory, their changes.
#include <cstdlib>
#include <cstring>
#include <new>

#include "arrays.h"
#include "block.h"
#include "convert.h"
#include "functions.h"

namespace nbuf::binding {
namespace {

// A collector that sees only a small object would let large arrays pile up. Small ones
// are not worth the call.
void report(ArrayRecord* record, int64_t size) {
  constexpr int64_t kWorthIt = 1 << 16;
  const int64_t wanted = size >= kWorthIt ? size : 0;
  int64_t total;
  if (wanted != record->reported)
    napi_adjust_external_memory(record->env->env, wanted - record->reported, &total);
  record->reported = wanted;
}

void finalize_array(napi_env, void* data, void*) {
  auto* record = static_cast<ArrayRecord*>(data);
  EnvData* env = record->env;
  if (!env->ended) unpin_block(record);
  core::release_owner(record->array);
  env->arrays.remove(record->index);
  if (record->reported > 0) {
    env->unowned.fetch_add(record->reported, std::memory_order_relaxed);  // a counter
    env->has_deferred.store(true, std::memory_order_release);
  }
  delete record;
  release(env);
}

}  // namespace

napi_value wrap_array(EnvData* env, core::Memory* memory, const core::LayoutSpec& spec,
                      bool readonly) {
  core::HostArray* array;
  nbuf_status status = core::make_host_array(memory, spec, readonly, &array, &env->error);
  if (status != NBUF_OK) {
    core::release(memory);
    return failed(env, status);
  }
  auto* record = new (std::nothrow) ArrayRecord{env, array};
  napi_value external = nullptr;
  if (record == nullptr || napi_create_external(env->env, record, finalize_array, nullptr,
                                                &external) != napi_ok) {
    delete record;
    core::release_owner(array);
    return failed(env, NBUF_ERR_NOMEM);
  }
  retain(env);
  record->index = env->arrays.add(record);
  if (memory->is_heap) report(record, memory->block.size);
  return tag_external(env->env, external, Kind::array) ? external
                                                       : failed(env, NBUF_ERR_NOMEM);
}

namespace {

napi_value array_index(napi_env raw, napi_callback_info info) {
  Call<1> call(raw, info);
  const auto* record =
      static_cast<ArrayRecord*>(tagged_data(raw, call.argv[0], Kind::array));
  return record != nullptr ? number(raw, static_cast<int32_t>(record->index))
                           : failed(call.env, NBUF_ERR_INVALID_ARG_TYPE);
}

// format, bytes to allocate, alignment; the layout in the scratch array.
napi_value allocate(napi_env raw, napi_callback_info info) {
  Call<3> call(raw, info);
  ScratchLayout layout;
  std::vector<char> format;
  nbuf_status status = layout.read(call.env, 0);
  drain(call.env);
  string_of(raw, call.argv[0], &format);
  layout.spec.format = format.data();
  int64_t bytes = -1;
  napi_get_value_int64(raw, call.argv[1], &bytes);
  core::Memory* memory;
  if (status == NBUF_OK)
    status = core::make_heap_memory(bytes, call.integer(2), &memory, &call.env->error);
  return status == NBUF_OK ? wrap_array(call.env, memory, layout.spec, false)
                           : failed(call.env, status);
}

// format, bytes to copy, readonly; the layout in the scratch array.
napi_value allocate_from(napi_env raw, napi_callback_info info) {
  Call<3> call(raw, info);
  ScratchLayout layout;
  std::vector<char> format;
  Bytes bytes;
  nbuf_status status = layout.read(call.env, 0);
  drain(call.env);
  string_of(raw, call.argv[0], &format);
  layout.spec.format = format.data();
  if (status == NBUF_OK && !bytes_of(raw, call.argv[1], &bytes))
    status = nbuf_fail(&call.env->error, NBUF_ERR_INVALID_ARG_TYPE, "not a Uint8Array");
  core::Memory* memory;
  if (status == NBUF_OK)
    status = core::make_heap_memory(static_cast<int64_t>(bytes.size), 64, &memory,
                                    &call.env->error);
  if (status != NBUF_OK) return failed(call.env, status);
  if (bytes.size > 0) std::memcpy(memory->block.base, bytes.data, bytes.size);
  return wrap_array(call.env, memory, layout.spec, call.integer(2) == 1);
}

// JavaScript's part of adopted memory: an owner to keep, a function to call.
struct Adopted {
  EnvData* env;  // counted
  Deferred held;
};

void free_adopted(void* context) {
  auto* adopted = static_cast<Adopted*>(context);
  defer(adopted->env, adopted->held);
  release(adopted->env);
  delete adopted;
}

napi_ref reference(napi_env raw, napi_value value) {
  napi_valuetype type = napi_undefined;
  napi_ref out = nullptr;
  napi_typeof(raw, value, &type);
  if (type == napi_object || type == napi_function)
    napi_create_reference(raw, value, 1, &out);
  return out;
}

// format, address (bigint), bytes, readonly, owner, free; the layout in the scratch
// array.
napi_value adopt(napi_env raw, napi_callback_info info) {
  Call<6> call(raw, info);
  ScratchLayout layout;
  std::vector<char> format;
  nbuf_status status = layout.read(call.env, 0);
  drain(call.env);
  string_of(raw, call.argv[0], &format);
  layout.spec.format = format.data();
  uint64_t address = 0;
  bool lossless = false;
  int64_t bytes = -1;
  napi_get_value_bigint_uint64(raw, call.argv[1], &address, &lossless);
  napi_get_value_int64(raw, call.argv[2], &bytes);
  if (status == NBUF_OK && (!lossless || address > UINTPTR_MAX))
    status =
        nbuf_fail(&call.env->error, NBUF_ERR_OUT_OF_RANGE, "the address is no pointer");
  if (status != NBUF_OK) return failed(call.env, status);
  auto* adopted = new (std::nothrow)
      Adopted{call.env, {reference(raw, call.argv[4]), reference(raw, call.argv[5])}};
  if (adopted == nullptr) return failed(call.env, NBUF_ERR_NOMEM);
  retain(call.env);
  core::Memory* memory;
  const bool readonly = call.integer(3) == 1;
  // Check the layout before the memory is ours: after a failure `free` must not be
  // called.
  core::Layout* checked = nullptr;
  status = core::make_layout(layout.spec, bytes, &checked, &call.env->error);
  if (checked != nullptr) core::free_layout(checked);
  if (status == NBUF_OK)
    status = core::make_adopted_memory(reinterpret_cast<void*>(address), bytes,
                                       readonly ? NBUF_READONLY : 0, free_adopted,
                                       adopted, &memory, &call.env->error);
  if (status == NBUF_OK) return wrap_array(call.env, memory, layout.spec, readonly);
  defer(call.env, {adopted->held.ref});
  defer(call.env, {adopted->held.callback, nullptr});
  release(call.env);
  delete adopted;
  return failed(call.env, status);
}

// path, mode (0 copy-on-write, 1 read-write, 2 read-only), offset, bytes or -1. Memory
// alone: lib/ lays it out afterwards, when it knows the length.
napi_value map_file(napi_env raw, napi_callback_info info) {
  Call<4> call(raw, info);
  drain(call.env);
  std::vector<char> path;
  string_of(raw, call.argv[0], &path);
  int64_t offset = -1, length = -1;
  napi_get_value_int64(raw, call.argv[2], &offset);
  napi_get_value_int64(raw, call.argv[3], &length);
  core::Memory* memory;
  nbuf_status status =
      core::make_mapped_memory(path.data(), static_cast<core::MapMode>(call.integer(1)),
                               offset, length, &memory, &call.env->error);
  if (status != NBUF_OK) return failed(call.env, status);
  core::LayoutSpec spec;
  spec.ndim = 1;
  spec.shape = &memory->block.size;
  return wrap_array(call.env, memory, spec,
                    (memory->provider_flags & NBUF_READONLY) != 0);
}

// array, what is given: 1 shape, 2 strides, 4 format, 8 levels; format; layout in the
// scratch array.
napi_value set_layout(napi_env raw, napi_callback_info info) {
  Call<3> call(raw, info);
  ArrayRecord* record = call.array(0);
  if (record == nullptr) return failed(call.env, NBUF_ERR_RELEASED);
  ScratchLayout layout;
  nbuf_status status = layout.read(call.env, 0);
  if (status != NBUF_OK) return failed(call.env, status);
  const int32_t given = call.integer(1);
  std::vector<char> format;
  core::LayoutChange change;
  change.offset = layout.spec.offset;
  if ((given & 1) != 0) {
    change.ndim = &layout.spec.ndim;
    change.shape = layout.shape;
  }
  if ((given & 2) != 0) change.strides = layout.strides;
  if ((given & 4) != 0 && string_of(raw, call.argv[2], &format)) {
    change.format = format.data();
    change.itemsize = layout.spec.itemsize;
  }
  if ((given & 8) != 0) change.levels = layout.spec.levels;
  status = core::set_layout(record->array, change, &call.env->error);
  return status == NBUF_OK ? number(raw, 0) : failed(call.env, status);
}

napi_value resize(napi_env raw, napi_callback_info info) {
  Call<1> call(raw, info);
  ArrayRecord* record = call.array(0);
  if (record == nullptr) return failed(call.env, NBUF_ERR_RELEASED);
  ScratchLayout layout;
  nbuf_status status = layout.read(call.env, 0);
  if (status == NBUF_OK)
    status =
        core::resize(record->array, layout.spec.ndim, layout.shape, &call.env->error);
  if (status != NBUF_OK) return failed(call.env, status);
  unpin_block(record);
  report(record, core::heap_bytes(record->array));
  return number(raw, 0);
}

napi_value dispose(napi_env raw, napi_callback_info info) {
  Call<1> call(raw, info);
  ArrayRecord* record = call.array(0);
  if (record != nullptr) {
    core::dispose(record->array);
    report(record, 0);
  }
  drain(call.env);
  return number(raw, 0);
}

napi_value flush(napi_env raw, napi_callback_info info) {
  Call<1> call(raw, info);
  ArrayRecord* record = call.array(0);
  if (record == nullptr) return failed(call.env, NBUF_ERR_RELEASED);
  nbuf_status status = core::flush(record->array, &call.env->error);
  return status == NBUF_OK ? number(raw, 0) : failed(call.env, status);
}

napi_value array_state(napi_env raw, napi_callback_info info) {
  Call<1> call(raw, info);
  ArrayRecord* record = call.array(0);
  if (record == nullptr) return failed(call.env, NBUF_ERR_RELEASED);
  core::ArrayState state;
  core::Layout* layout;
  nbuf_status status = core::inspect(record->array, &state, &layout, &call.env->error);
  if (status != NBUF_OK) return failed(call.env, status);
  napi_value out;
  napi_create_object(raw, &out);
  set(raw, out, "shape", number_array(raw, layout->shape, layout->ndim));
  set(raw, out, "strides", number_array(raw, layout->strides, layout->ndim));
  set(raw, out, "format", text(raw, layout->format));
  set(raw, out, "itemsize", number64(raw, layout->itemsize));
  set(raw, out, "byteLength", number64(raw, layout->bytes));
  set(raw, out, "offset", number64(raw, layout->offset));
  set(raw, out, "levels", levels_object(raw, layout->levels, layout->ndim));
  set(raw, out, "suboffsets",
      layout->suboffsets != nullptr ? number_array(raw, layout->suboffsets, layout->ndim)
                                    : null(raw));
  set(raw, out, "capacity", number64(raw, state.capacity));
  set(raw, out, "memoryLocks", number64(raw, state.memory_locks));
  set(raw, out, "layoutLocks", number64(raw, state.layout_locks));
  set(raw, out, "disposed", boolean(raw, state.disposed));
  set(raw, out, "readonly", boolean(raw, state.readonly));
  core::free_layout(layout);
  return out;
}

}  // namespace

const Function kArrayFunctions[] = {
    {"arrayIndex", array_index},
    {"allocate", allocate},
    {"allocateFrom", allocate_from},
    {"adopt", adopt},
    {"mapFile", map_file},
    {"setLayout", set_layout},
    {"resize", resize},
    {"dispose", dispose},
    {"flush", flush},
    {"arrayState", array_state},
    {nullptr, nullptr},
};

}  // namespace nbuf::binding
