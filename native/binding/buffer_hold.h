// BufferHold: the part of an ArrayBuffer's life that finalizers share with the
// environment.
#ifndef NBUF_BINDING_BUFFER_HOLD_H
#define NBUF_BINDING_BUFFER_HOLD_H

#include "block.h"

namespace nbuf::binding {

// Wraps the memory in an external ArrayBuffer with a hold of its own.
nbuf_status create_buffer(EnvData* env, core::Memory* memory, BufferHold** hold,
                          napi_value* buffer);

// The block lets go of it; its finalizers may still need it.
void drop_hold(BufferHold* hold);

// From now on the bytes also wait for the collection of the ArrayBuffer object.
nbuf_status watch_object(EnvData* env, BufferHold* hold, napi_value buffer);

// Frees the bytes (or a peer's provider) now, whatever finalizers are still to come.
void give_back_bytes(BufferHold* hold);

// A provider leaves: what depended on it goes to another user of the block, if there is
// one.
void hand_over(BufferHold* hold, core::Provider* from, Slot* others);

// The block lets go of the hold: nobody leaving will be handed over any more, so that
// from here on only the keeper may serve who re-acquires the buffer.
void part_lease(BufferHold* hold);

// Takes a collected provider over as the holder "ArrayBuffer"; false when there is one
// already.
bool keep_locked(BufferHold* hold, core::Provider* provider);

// An exporter over the whole block that ends with its last provider.
nbuf_status lease_buffer(EnvData* env, BufferHold* hold, Slot* users,
                         nbuf_exporter** out);

}  // namespace nbuf::binding

#endif  // NBUF_BINDING_BUFFER_HOLD_H
