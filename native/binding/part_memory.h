// Memory of JavaScript's among the parts of an indirect array.
#ifndef NBUF_BINDING_PART_MEMORY_H
#define NBUF_BINDING_PART_MEMORY_H

#include "core/assembly.h"
#include "env_data.h"

namespace nbuf::binding {

// Watches over the BORROWED ones of `count` providers. `memories`: for each of them
// {jsBuffer, ...} or null, an array that stays; any other value: there are none, and *out
// becomes NULL. UNSUPPORTED for a borrowed provider without its buffer.
nbuf_status make_guard(EnvData* env, napi_value memories,
                       core::Provider* const* providers, int32_t count,
                       core::PartGuard** out);

// Its entry of that array; NULL: none.
napi_value part_memory(EnvData* env, const core::Part* part);

// JavaScript's own buffer behind it; NULL where it is pinned.
napi_value part_buffer(EnvData* env, const core::Part* part);

// Is somebody watching over all borrowed parts of an indirect provider?
bool is_guarded(const core::Provider* provider);

}  // namespace nbuf::binding

#endif  // NBUF_BINDING_PART_MEMORY_H
