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

// destination slot (layout 0), source slot (layout 1), bytes of the groups to reverse
napi_value copy(napi_env raw, napi_callback_info info) {
  Call<3> call(raw, info);
  Side to, from;
  nbuf_status status = to.read(call.slot(0), call.env, 0, true);
  if (status == NBUF_OK) status = from.read(call.slot(1), call.env, 1, false);
  if (status == NBUF_OK && !same_shape(*to.checked, *from.checked))
    status =
        nbuf_fail(&call.env->error, NBUF_ERR_OUT_OF_RANGE, "shape or itemsize differ");
  if (status == NBUF_OK)
    status = core::copy_elements(to.checked->ndim, to.checked->shape,
                                 to.checked->itemsize, to.core_side(), from.core_side(),
                                 {call.integer(2)}, &call.env->error);
  return answer(call.env, status);
}

// Shared by pack and unpack: the view's layout is 0, that of the plain bytes 1.
napi_value transfer(napi_env raw, napi_callback_info info, bool packs) {
  Call<2> call(raw, info);
  Side view;
  Bytes bytes;
  ScratchLayout plain;
  core::Layout* checked = nullptr;
  nbuf_status status = view.read(call.slot(0), call.env, 0, !packs);
  if (status == NBUF_OK && !bytes_of(raw, call.argv[1], &bytes))
    status = nbuf_fail(&call.env->error, NBUF_ERR_INVALID_ARG_TYPE, "not a Uint8Array");
  if (status == NBUF_OK) status = plain.read(call.env, 1);
  if (status == NBUF_OK)
    status = core::make_layout(plain.spec, static_cast<int64_t>(bytes.size), &checked,
                               &call.env->error);
  if (status == NBUF_OK && !same_shape(*view.checked, *checked))
    status =
        nbuf_fail(&call.env->error, NBUF_ERR_OUT_OF_RANGE, "shape or itemsize differ");
  if (status == NBUF_OK) {
    const core::Side memory = view.core_side(),
                     other = {bytes.data, checked->strides, {}};
    status = core::copy_elements(checked->ndim, checked->shape, checked->itemsize,
                                 packs ? other : memory, packs ? memory : other, {},
                                 &call.env->error);
  }
  if (checked != nullptr) core::free_layout(checked);
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
  if (status == NBUF_OK && (!bytes_of(raw, call.argv[1], &item) ||
                            static_cast<int64_t>(item.size) != view.checked->itemsize))
    status = nbuf_fail(&call.env->error, NBUF_ERR_OUT_OF_RANGE, "not one item");
  if (status == NBUF_OK)
    status = core::fill_elements(view.checked->ndim, view.checked->shape,
                                 view.checked->itemsize, view.core_side(), item.data,
                                 &call.env->error);
  return answer(call.env, status);
}

// Two slots (layouts 0 and 1), a core::Compare, whether NaN equals NaN, bytes of the
// groups to reverse of each side: 1 equal, 0 not.
napi_value equal(napi_env raw, napi_callback_info info) {
  Call<6> call(raw, info);
  Side a, b;
  nbuf_status status = a.read(call.slot(0), call.env, 0, false);
  if (status == NBUF_OK) status = b.read(call.slot(1), call.env, 1, false);
  const int32_t how = call.integer(2);
  if (status == NBUF_OK && (!same_shape(*a.checked, *b.checked) || how < 0 || how > 3))
    status = nbuf_fail(&call.env->error, NBUF_ERR_OUT_OF_RANGE,
                       "shape, itemsize or comparison differ");
  bool is_equal = false;
  const core::EqualOptions options = {static_cast<core::Compare>(how),
                                      call.integer(3) == 1, call.integer(4),
                                      call.integer(5)};
  if (status == NBUF_OK)
    status = core::equal_elements(a.checked->ndim, a.checked->shape, a.checked->itemsize,
                                  a.core_side(), b.core_side(), options, &is_equal,
                                  &call.env->error);
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
