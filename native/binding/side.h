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
  core::Layout* checked = nullptr;
  char* first = nullptr;

  ~Side() {
    if (checked != nullptr) core::free_layout(checked);
  }
  nbuf_status read(Slot* slot, EnvData* env, int which, bool writes) {
    if (slot == nullptr || slot->provider == nullptr)
      return nbuf_fail(&env->error, NBUF_ERR_RELEASED, "the provider was released");
    if (writes && (slot->provider->pub.flags & NBUF_READONLY) != 0)
      return nbuf_fail(&env->error, NBUF_ERR_READONLY, "the memory is not writable");
    nbuf_status status = check_js_memory(slot);
    const core::Memory& memory = *slot->provider->memory;
    if (status == NBUF_OK) status = layout.read(env, which);
    if (status == NBUF_OK)
      status = core::make_layout(layout.spec, memory, &checked, &env->error);
    if (status == NBUF_OK)
      first = static_cast<char*>(memory.block.base) + checked->offset;
    return status;
  }
  core::Side core_side() const { return {first, checked->strides, checked->levels}; }
};

inline bool same_shape(const core::Layout& a, const core::Layout& b) {
  return a.ndim == b.ndim && a.itemsize == b.itemsize &&
         std::memcmp(a.shape, b.shape, static_cast<size_t>(a.ndim) * sizeof(int64_t)) ==
             0;
}

}  // namespace nbuf::binding

#endif  // NBUF_BINDING_SIDE_H
