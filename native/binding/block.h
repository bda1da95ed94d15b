// One block of memory in one environment, and its one ArrayBuffer (DESIGN 6.1-6.3).
//
// Life of the ArrayBuffer
//   unexposed  serves get/set only; we hold it strongly. The last release frees the bytes
//   at
//              once and drops it: nobody else has ever seen it.
//   exposed    user code has it; we hold it weakly. The last explicit release detaches
//   it; the
//              bytes stay until the object is collected, because a pending call (fs,
//              zlib) took the raw pointer and keeps the object alive, detached or not.
//   kept       a provider was collected unreleased, or detaching failed (marked or
//   immutable):
//              it stays attached as long as it is reachable, over memory it keeps.
//   moved      .transfer() took the memory elsewhere: the bytes stay until V8 drops them.
#ifndef NBUF_BINDING_BLOCK_H
#define NBUF_BINDING_BLOCK_H

#include "env_data.h"

namespace nbuf::binding {

// What finalizers touch: any thread, also after everything else of the environment is
// gone. No Node-API in here except where a comment says why it is safe.
struct BufferHold {
  std::atomic<long> refs{2};  // the struct: its block, and its finalizers together
  std::atomic<long> waits{
      1};          // the bytes: the backing store, and once exposed the object
  EnvData* env;    // counted while there are waits
  uint64_t block;  // the block's key
  int64_t size;
  std::mutex mutex;      // memory, keeper and lease change hands on two threads
  core::Memory* memory;  // counted; NULL once the bytes were given back
  core::Provider* keeper = nullptr;  // a collected provider's lock, taken over
  core::Lease* lease = nullptr;      // re-acquiring the ArrayBuffer
  BufferHold *previous = nullptr, *next = nullptr;  // once exposed, in env->holds
  std::atomic<bool> exposed{false};
  std::atomic<bool> object_gone{false};
  std::atomic<bool> is_waiting{false};  // its bytes are in env->waiting
  std::atomic<bool> unmoved{false};     // seen attached when it last mattered
  std::atomic<bool> leak{false};        // may be in use elsewhere: never free the bytes
};

struct Block {
  uint64_t key;  // of its memory, as are base and size
  void* base;
  int64_t size;
  Slot* users = nullptr;  // live providers in this environment, newest first
  // Counted: our own memory, when only peers' windows of it are left of its users.
  core::Memory* own = nullptr;
  long pins = 0;  // array records that remember it
  BufferHold* hold = nullptr;
  napi_ref buffer = nullptr;
  bool exposed = false;
  bool kept = false;
};

// Registers the slot's provider under its block (made if new); none where the elements
// are behind pointers.
void join_block(Slot* slot, ArrayRecord* record);

// Takes the slot off its block, which may end the block and its ArrayBuffer. `provider`
// is still alive. With free_now the bytes are freed although the ArrayBuffer's object
// lives.
void leave_block(Slot* slot, bool free_now);

// The same from the slot's finalizer: Node-API only on Node, which calls finalizers on
// the environment's thread where it may be used. True: the provider now belongs to the
// ArrayBuffer, which keeps the memory locked.
bool abandon_block(Slot* slot);

void unpin_block(ArrayRecord* record);

// The block's ArrayBuffer, made if there is none; `expose` when user code will see it.
// A failure leaves its reason in env->error.
nbuf_status block_buffer(Slot* slot, bool expose, napi_value* out);

// Drain's part: the block's ArrayBuffer may be gone for good.
void tidy_block(EnvData* env, uint64_t key);

// When the environment ends: deletes all references. When nothing uses it any more: frees
// the blocks that are left.
void drop_references(EnvData* env);
void free_blocks(EnvData* env);

// An exporter of the whole exposed buffer, as bytes.
nbuf_status export_buffer(EnvData* env, uint64_t key, napi_value buffer,
                          nbuf_exporter** out);

// A worker's JavaScript is about to end: notes which buffers are still where we put them,
// and detaches those, so that they stay there.
void note_unmoved(EnvData* env);

}  // namespace nbuf::binding

#endif  // NBUF_BINDING_BLOCK_H
