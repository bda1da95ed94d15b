// What block.cc (blocks and their ArrayBuffers begin) and block_release.cc (they end)
// share.
#ifndef NBUF_BINDING_BLOCK_PARTS_H
#define NBUF_BINDING_BLOCK_PARTS_H

#include "block.h"

namespace nbuf::binding {

void free_if_unused(EnvData* env, Block* block);

// Ends the block's relation to its ArrayBuffer; the hold lives on with its finalizers.
// `may_call`: Node-API may be called.
void disconnect(EnvData* env, Block* block, bool may_call);

void forget_collected_buffer(EnvData* env, Block* block);

// NULL when there is none, or it was collected.
napi_value buffer_of(EnvData* env, Block* block);

bool is_detached(EnvData* env, napi_value buffer);

}  // namespace nbuf::binding

#endif  // NBUF_BINDING_BLOCK_PARTS_H
