// One side of a copy that JavaScript asked for.
#ifndef NBUF_BINDING_SIDE_H
#define NBUF_BINDING_SIDE_H

#include <cstring>

#include "convert.h"
#include "core/copy.h"
#include "js_memory.h"

namespace nbuf::binding {

// A slot and the layout that lib/ computed, checked again.
struct Side {
  ScratchLayout layout;
  char* first = nullptr;

  // No Node-API call that runs user code may come between this and the last use of the
  // elements: it could write into the scratch array, release the slot, detach its memory.
  nbuf_status read(Slot* slot, EnvData* env, int which, bool writes) {
    if (slot == nullptr || slot->provider == nullptr)
      return nbuf_fail(&env->error, NBUF_ERR_RELEASED, "the provider was released");
    if (writes && (slot->provider->pub.flags & NBUF_READONLY) != 0)
      return nbuf_fail(&env->error, NBUF_ERR_READONLY, "the memory is not writable");
    nbuf_status status = check_js_memory(slot);
    const core::Memory& memory = *slot->provider->memory;
    if (status == NBUF_OK) status = layout.read(env, which);
    if (status == NBUF_OK) status = core::check_layout(layout.spec, memory, &env->error);
    if (status == NBUF_OK)
      first = static_cast<char*>(memory.block.base) + layout.spec.offset;
    return status;
  }
  const core::LayoutSpec& spec() const { return layout.spec; }
  core::Side core_side() const { return {first, spec().strides, spec().levels}; }
};

inline bool same_shape(const core::LayoutSpec& a, const core::LayoutSpec& b) {
  return a.ndim == b.ndim && a.itemsize == b.itemsize &&
         std::memcmp(a.shape, b.shape, static_cast<size_t>(a.ndim) * sizeof(int64_t)) ==
             0;
}

inline nbuf_status check_same_shape(const core::LayoutSpec& a, const core::LayoutSpec& b,
                                    EnvData* env) {
  return same_shape(a, b)
             ? NBUF_OK
             : nbuf_fail(&env->error, NBUF_ERR_OUT_OF_RANGE, "shape or itemsize differ");
}

// Both sides of the next call: layout 0 is the first one's, 1 the second one's.
struct Sides {
  Side to, from;

  nbuf_status read(EnvData* env, Slot* to_slot, Slot* from_slot, bool writes) {
    nbuf_status status = to.read(to_slot, env, 0, writes);
    if (status == NBUF_OK) status = from.read(from_slot, env, 1, false);
    return status == NBUF_OK ? check_same_shape(to.spec(), from.spec(), env) : status;
  }
};

}  // namespace nbuf::binding

#endif  // NBUF_BINDING_SIDE_H
