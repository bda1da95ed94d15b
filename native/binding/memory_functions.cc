// Functions that move bytes: copies between views and to and from plain bytes, single
// items.
#include <cstring>

#include "convert.h"
#include "core/copy.h"
#include "core/format.h"
#include "functions.h"
#include "side.h"

namespace nbuf::binding {
namespace {

// Drains only after success and last: user code that runs then may write the scratch
// array, or an error's text.
napi_value answer(EnvData* env, nbuf_status status, int32_t value = 0) {
  if (status != NBUF_OK) return failed(env, status);
  drain(env);
  return number(env->env, value);
}

// words: destination slot (layout 0), source slot (layout 1), bytes of the groups to
// reverse; 3 becomes 0 or a negative status
napi_value copy(napi_env raw, napi_callback_info info) {
  EnvData* env = env_of(raw, info);
  int32_t* words = env->words;
  const int32_t to = words[0], from = words[1], swap = words[2];
  env->error.message[0] = '\0';
  Sides sides;
  nbuf_status status = sides.read(env, env->slots.at(to), env->slots.at(from), true);
  const core::LayoutSpec& spec = sides.to.spec();
  if (status == NBUF_OK)
    status =
        core::copy_elements(spec.ndim, spec.shape, spec.itemsize, sides.to.core_side(),
                            sides.from.core_side(), {swap}, &env->error);
  if (status == NBUF_OK) drain(env);  // as in answer; nested calls write words, too
  words[3] = -status;
  return nullptr;
}

// Shared by pack and unpack: the view's layout is 0, that of the plain bytes 1.
napi_value transfer(napi_env raw, napi_callback_info info, bool packs) {
  Call<2> call(raw, info);
  Bytes bytes;
  Side view;
  ScratchLayout other_layout;
  const core::LayoutSpec& plain = other_layout.spec;
  nbuf_status status = view.read(call.slot(0), call.env, 0, !packs);
  if (status == NBUF_OK && !bytes_of(raw, call.argv[1], &bytes))
    status = nbuf_fail(&call.env->error, NBUF_ERR_INVALID_ARG_TYPE, "not a Uint8Array");
  if (status == NBUF_OK) status = other_layout.read(call.env, 1);
  if (status == NBUF_OK)
    status =
        core::check_layout(plain, static_cast<int64_t>(bytes.size), &call.env->error);
  if (status == NBUF_OK) status = check_same_shape(view.spec(), plain, call.env);
  if (status == NBUF_OK) {
    const core::Side memory = view.core_side(),
                     other = {bytes.data + plain.offset, plain.strides, {}};
    status = core::copy_elements(plain.ndim, plain.shape, plain.itemsize,
                                 packs ? other : memory, packs ? memory : other, {},
                                 &call.env->error);
  }
  return answer(call.env, status);
}

napi_value pack(napi_env raw, napi_callback_info info) {
  return transfer(raw, info, true);
}
napi_value unpack(napi_env raw, napi_callback_info info) {
  return transfer(raw, info, false);
}

// slot (layout 0), one item as a Uint8Array
napi_value fill(napi_env raw, napi_callback_info info) {
  Call<2> call(raw, info);
  Side view;
  Bytes item;
  nbuf_status status = view.read(call.slot(0), call.env, 0, true);
  const core::LayoutSpec& spec = view.spec();
  if (status == NBUF_OK && (!bytes_of(raw, call.argv[1], &item) ||
                            static_cast<int64_t>(item.size) != spec.itemsize))
    status = nbuf_fail(&call.env->error, NBUF_ERR_OUT_OF_RANGE, "not one item");
  if (status == NBUF_OK)
    status = core::fill_elements(spec.ndim, spec.shape, spec.itemsize, view.core_side(),
                                 item.data, &call.env->error);
  return answer(call.env, status);
}

// Two slots (layouts 0 and 1), a core::Compare, whether NaN equals NaN, bytes of the
// groups to reverse of each side: 1 equal, 0 not.
napi_value equal(napi_env raw, napi_callback_info info) {
  Call<6> call(raw, info);
  Sides sides;
  nbuf_status status = sides.read(call.env, call.slot(0), call.slot(1), false);
  const int32_t how = call.integer(2);
  if (status == NBUF_OK && (how < 0 || how > 3))
    status = nbuf_fail(&call.env->error, NBUF_ERR_OUT_OF_RANGE, "no such comparison");
  bool is_equal = false;
  const core::EqualOptions options = {static_cast<core::Compare>(how),
                                      call.integer(3) == 1, call.integer(4),
                                      call.integer(5)};
  const core::LayoutSpec& spec = sides.to.spec();
  if (status == NBUF_OK)
    status = core::equal_elements(spec.ndim, spec.shape, spec.itemsize,
                                  sides.to.core_side(), sides.from.core_side(), options,
                                  &is_equal, &call.env->error);
  return answer(call.env, status, is_equal ? 1 : 0);
}

// slot, byte offset in the block, a Uint8Array to fill (or, poke, to write from)
napi_value move_item(napi_env raw, napi_callback_info info, bool writes) {
  Call<3> call(raw, info);
  Slot* slot = call.slot(0);
  int64_t offset = -1;
  Bytes item;
  napi_get_value_int64(raw, call.argv[1], &offset);
  if (slot == nullptr || slot->provider == nullptr)
    return failed(call.env, NBUF_ERR_RELEASED);
  nbuf_status status = check_js_memory(slot);
  if (status != NBUF_OK) return failed(call.env, status);
  if (core::is_indirect(*slot->provider->memory))
    return failed(call.env, NBUF_ERR_SUBOFFSETS);  // nobody reads or writes pointers
  const nbuf_block& block = slot->provider->memory->block;
  if (!bytes_of(raw, call.argv[2], &item) || offset < 0 || offset > block.size ||
      static_cast<int64_t>(item.size) > block.size - offset)
    return failed(call.env, NBUF_ERR_BOUNDS);
  if (writes && (slot->provider->pub.flags & NBUF_READONLY) != 0)
    return failed(call.env, NBUF_ERR_READONLY);
  char* at = static_cast<char*>(block.base) + offset;
  if (item.size > 0)
    std::memcpy(writes ? at : item.data, writes ? item.data : at, item.size);
  return number(raw, 0);
}

napi_value peek(napi_env raw, napi_callback_info info) {
  return move_item(raw, info, false);
}
napi_value poke(napi_env raw, napi_callback_info info) {
  return move_item(raw, info, true);
}

}  // namespace

const Function kMemoryFunctions[] = {
    {"copy", copy},   {"pack", pack}, {"unpack", unpack}, {"fill", fill},
    {"equal", equal}, {"peek", peek}, {"poke", poke},     {nullptr, nullptr},
};

}  // namespace nbuf::binding
