#include "block.h"

#include <new>

#include "buffer_hold.h"
#include "convert.h"

namespace nbuf::binding {
namespace {

void free_if_unused(EnvData* env, Block* block) {
  if (block->users != nullptr || block->pins > 0 || block->hold != nullptr) return;
  auto [at, end] = env->blocks.equal_range(block->of.id);
  while (at != end && at->second != block) ++at;
  if (at != end) env->blocks.erase(at);
  delete block;
}

// Ends the block's relation to its ArrayBuffer; the hold lives on with its finalizers.
void disconnect(EnvData* env, Block* block, bool may_call) {
  drop_hold(block->hold);
  if (block->buffer != nullptr) {
    if (may_call)
      napi_delete_reference(env->env, block->buffer);
    else
      defer(env, {block->buffer});
  }
  block->buffer = nullptr;
  block->hold = nullptr;
  block->exposed = block->kept = false;
}

void forget_collected_buffer(EnvData* env, Block* block) {
  if (block->hold != nullptr && block->hold->object_gone.load(std::memory_order_acquire))
    disconnect(env, block, true);
}

napi_value buffer_of(EnvData* env, Block* block) {
  napi_value value = nullptr;
  if (block->buffer == nullptr ||
      napi_get_reference_value(env->env, block->buffer, &value) != napi_ok)
    return nullptr;
  return value;
}

bool is_detached(EnvData* env, napi_value buffer) {
  bool detached = true;
  return napi_is_detached_arraybuffer(env->env, buffer, &detached) != napi_ok || detached;
}

// Never napi_detach_arraybuffer on a buffer that user code may have marked untransferable
// or made immutable: Node >= 24.15 aborts. transfer() refuses those with a catchable
// TypeError, and what it returns is new, so nobody can have marked it.
bool detach_safely(EnvData* env, napi_value buffer) {
  napi_value target = buffer;
  if (env->transfer != nullptr) {
    napi_value function;
    if (napi_get_reference_value(env->env, env->transfer, &function) != napi_ok)
      return false;
    if (napi_call_function(env->env, buffer, function, 0, nullptr, &target) != napi_ok) {
      napi_value ignored;
      napi_get_and_clear_last_exception(env->env, &ignored);
      return false;
    }
  }
  // A replaced transfer() may have copied instead.
  return napi_detach_arraybuffer(env->env, target) == napi_ok && is_detached(env, buffer);
}

void drop_unexposed(EnvData* env, Block* block) {
  BufferHold* hold = block->hold;
  napi_value buffer = buffer_of(env, block);
  // Detached so that V8 drops its accounting now; nobody else has seen it.
  if (buffer != nullptr) napi_detach_arraybuffer(env->env, buffer);
  give_back_bytes(hold);
  disconnect(env, block, true);
}

void start_waiting(EnvData* env, BufferHold* hold) {
  // Once a block: an array that is exposed a thousand times has its bytes only once, and
  // reporting more makes V8 collect all the time. (Relaxed: only an account.)
  if (hold->memory->is_waiting.exchange(true, std::memory_order_relaxed)) return;
  hold->is_waiting.store(true,
                         std::memory_order_relaxed);  // read after object_gone's order
  env->waiting += hold->size;
  int64_t total;
  napi_adjust_external_memory(env->env, hold->size, &total);
}

// The last provider was released explicitly: stale JavaScript shall see length 0.
void revoke(EnvData* env, Block* block, bool free_now) {
  BufferHold* hold = block->hold;
  napi_value buffer = buffer_of(env, block);
  if (buffer == nullptr || is_detached(env, buffer)) {  // collected, or moved by the user
    disconnect(env, block, true);
    return;
  }
  if (!detach_safely(env, buffer)) {
    block->kept = true;
    return;
  }
  hold->unmoved.store(true, std::memory_order_release);
  if (free_now)
    give_back_bytes(hold);
  else
    start_waiting(env, hold);
  disconnect(env, block, true);
}

void unlink(Slot* slot) {
  Block* block = slot->block;
  if (slot->prev != nullptr)
    slot->prev->next = slot->next;
  else
    block->users = slot->next;
  if (slot->next != nullptr) slot->next->prev = slot->prev;
  slot->prev = slot->next = nullptr;
  slot->block = nullptr;
}

}  // namespace

namespace {

bool is_same(const nbuf_block& a, const nbuf_block& b) {
  return a.id == b.id && a.base == b.base && a.size == b.size;
}

// Made if new. Several blocks may have one id: a peer may claim another's, and an array
// may still pin the block of memory that is gone, whose id serves again. Only with the
// same extent it is the same block.
Block* find_block(EnvData* env, const nbuf_block& of) {
  auto [at, end] = env->blocks.equal_range(of.id);
  while (at != end && !is_same(at->second->of, of)) ++at;
  if (at == end) at = env->blocks.emplace(of.id, new Block{of});
  return at->second;
}

}  // namespace

void join_block(Slot* slot, ArrayRecord* record) {
  EnvData* env = slot->env;
  const nbuf_block& of = slot->provider->memory->block;
  Block* block = record != nullptr ? record->block : nullptr;
  if (block == nullptr || !is_same(block->of, of)) {
    block = find_block(env, of);
    if (record != nullptr) {
      block->pins++;
      unpin_block(record);
      record->block = block;
    }
  }
  slot->block = block;
  slot->next = block->users;
  if (block->users != nullptr) block->users->prev = slot;
  block->users = slot;
}

void unpin_block(ArrayRecord* record) {
  Block* block = record->block;
  record->block = nullptr;
  if (block == nullptr) return;
  block->pins--;
  free_if_unused(record->env, block);
}

void leave_block(Slot* slot, bool free_now) {
  EnvData* env = slot->env;
  Block* block = slot->block;
  if (block == nullptr) return;
  unlink(slot);
  if (block->hold != nullptr) {
    forget_collected_buffer(env, block);
    if (block->hold != nullptr) hand_over(block->hold, slot->provider, block->users);
    if (block->hold != nullptr && block->users == nullptr) {
      if (!block->exposed)
        drop_unexposed(env, block);
      else if (!block->kept)
        revoke(env, block, free_now);
    }
  }
  free_if_unused(env, block);
}

bool abandon_block(Slot* slot) {
  EnvData* env = slot->env;
  Block* block = slot->block;
  bool taken_over = false;
  if (block == nullptr) return false;
  unlink(slot);
  BufferHold* hold = block->hold;
  if (hold != nullptr && block->exposed && !env->ended &&
      !hold->object_gone.load(std::memory_order_acquire)) {
    block->kept = true;
    taken_over = keep_locked(hold, slot->provider);
    hand_over(hold, slot->provider, block->users);
  } else if (hold != nullptr) {
    hand_over(hold, slot->provider, block->users);
    if (block->users == nullptr && !block->exposed && !env->ended) {
      give_back_bytes(hold);
      disconnect(env, block, false);
    }
  }
  // At the end of the environment records still point at blocks: they go with `env`.
  if (!env->ended) free_if_unused(env, block);
  return taken_over;
}

nbuf_status block_buffer(Slot* slot, bool expose, napi_value* out) {
  EnvData* env = slot->env;
  Block* block = slot->block;
  forget_collected_buffer(env, block);
  napi_value buffer = buffer_of(env, block);
  if (buffer == nullptr) {
    if (block->hold != nullptr)
      disconnect(env, block, true);  // collected, finalizer pending
    nbuf_status status = create_buffer(env, slot->provider, &block->hold, &buffer);
    if (status != NBUF_OK) return status;
    block->hold->block = block->of.id;
    napi_create_reference(env->env, buffer, 1, &block->buffer);
  } else if (is_detached(env, buffer)) {
    return nbuf_fail(&env->error, NBUF_ERR_DETACHED,
                     "the ArrayBuffer was transferred or detached by its user");
  }
  if (expose && !block->exposed) {
    nbuf_status status = watch_object(env, block->hold, buffer);
    if (status != NBUF_OK) return status;
    uint32_t count;
    napi_reference_unref(env->env, block->buffer, &count);  // weak from now on
    block->exposed = true;
  }
  *out = buffer;
  return NBUF_OK;
}

void tidy_block(EnvData* env, uint64_t id) {
  auto [at, end] = env->blocks.equal_range(id);
  while (at != end) {
    Block* block = (at++)->second;
    forget_collected_buffer(env, block);
    free_if_unused(env, block);
  }
}

void drop_references(EnvData* env) {
  for (auto& [id, block] : env->blocks) {
    if (block->buffer != nullptr) napi_delete_reference(env->env, block->buffer);
    block->buffer = nullptr;
  }
  for (Slot* slot : env->slots.items()) {
    if (slot == nullptr || slot->js_memory == nullptr) continue;
    napi_delete_reference(env->env, slot->js_memory);
    slot->js_memory = nullptr;
  }
  for (napi_ref ref : {env->scratch_ref, env->transfer, env->queue_microtask})
    if (ref != nullptr) napi_delete_reference(env->env, ref);
  std::lock_guard<std::mutex> guard(env->deferred_mutex);
  for (const Deferred& what : env->deferred) {
    if (what.ref != nullptr) napi_delete_reference(env->env, what.ref);
    if (what.callback != nullptr) napi_delete_reference(env->env, what.callback);
  }
  env->deferred.clear();
}

void free_blocks(EnvData* env) {
  for (auto& [id, block] : env->blocks) {
    drop_hold(block->hold);
    delete block;
  }
}

namespace {

Block* block_of_buffer(EnvData* env, uint64_t id, napi_value buffer) {
  auto [at, end] = env->blocks.equal_range(id);
  for (; at != end; ++at) {
    bool is_its = false;
    napi_value current = buffer_of(env, at->second);
    if (current != nullptr) napi_strict_equals(env->env, current, buffer, &is_its);
    if (is_its) return at->second;
  }
  return nullptr;
}

}  // namespace

nbuf_status export_buffer(EnvData* env, uint64_t id, napi_value buffer,
                          nbuf_exporter** out) {
  Block* block = block_of_buffer(env, id, buffer);
  if (block == nullptr || is_detached(env, buffer))
    return nbuf_fail(&env->error, NBUF_ERR_DETACHED, "the ArrayBuffer was detached");
  return lease_buffer(env, block->hold,
                      block->users != nullptr ? block->users->provider : nullptr, out);
}

void note_unmoved(EnvData* env) {
  env->exiting = true;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env->env, &scope) != napi_ok) return;
  for (auto& [id, block] : env->blocks) {
    napi_value buffer = buffer_of(env, block);
    if (buffer == nullptr || is_detached(env, buffer)) continue;
    // Microtasks still run after the 'exit' event: from here on nobody can move it. What
    // cannot be detached cannot be moved either.
    if (block->exposed) detach_safely(env, buffer);
    block->hold->unmoved.store(true, std::memory_order_release);
  }
  napi_close_handle_scope(env->env, scope);
}

}  // namespace nbuf::binding
