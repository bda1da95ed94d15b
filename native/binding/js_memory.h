// Memory that belongs to JavaScript: it can be transferred away at any time.
#ifndef NBUF_BINDING_JS_MEMORY_H
#define NBUF_BINDING_JS_MEMORY_H

#include "env_data.h"

namespace nbuf::binding {

// Does the buffer (or NULL) still have the block? DETACHED.
nbuf_status check_buffer(EnvData* env, napi_value buffer, const nbuf_block& block,
                         nbuf_error* error);

// The buffer behind borrowed memory: the given one, or that of the provider of ours that
// a view's exporter came from. NULL where it is pinned, or a stranger's.
napi_value js_memory_of(EnvData* env, const core::Provider* provider, napi_value given);

// Is the memory of a slot's provider still where it was?
nbuf_status check_js_memory(Slot* slot);

// For an exporter of such a slot, which user code may keep: the same question at each
// acquire. An empty guard where the memory is pinned.
nbuf_status guard_js_memory(Slot* slot, core::ExportGuard* out);

}  // namespace nbuf::binding

#endif  // NBUF_BINDING_JS_MEMORY_H
