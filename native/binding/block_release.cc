// How blocks end: users leave, ArrayBuffers are detached or outlive them.
#include "block_parts.h"
#include "buffer_hold.h"
#include "convert.h"

namespace nbuf::binding {

void free_if_unused(EnvData* env, Block* block) {
  if (block->users != nullptr || block->pins > 0 || block->hold != nullptr) return;
  auto [at, end] = env->blocks.equal_range(block->key);
  while (at != end && at->second != block) ++at;
  if (at != end) env->blocks.erase(at);
  delete block;
}

void disconnect(EnvData* env, Block* block, bool may_call) {
  if (block->hold != nullptr) part_lease(block->hold);
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

namespace {

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
  // Detached so that V8 drops its accounting now. Nobody else has seen it, unless through
  // builtins that were replaced: if it was moved, the bytes stay until V8 drops them.
  if (buffer != nullptr && !is_detached(env, buffer)) {
    napi_detach_arraybuffer(env->env, buffer);
    give_back_bytes(hold);
  }
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

// A peer's window of our memory may outlive our own providers, and then need an
// ArrayBuffer.
void keep_own(Block* block, core::Memory* memory) {
  if (block->users == nullptr) {
    core::release(block->own);
    block->own = nullptr;
  } else if (block->own == nullptr && !memory->is_foreign) {
    core::retain(memory);
    block->own = memory;
  }
}

}  // namespace

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
  keep_own(block, slot->provider->memory);
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
      if (env->is_node) {
        drop_unexposed(env, block);
      } else {
        give_back_bytes(hold);
        disconnect(env, block, false);
      }
    }
  }
  keep_own(block, slot->provider->memory);
  // At the end of the environment records still point at blocks: they go with `env`.
  if (!env->ended) free_if_unused(env, block);
  return taken_over;
}

void tidy_block(EnvData* env, uint64_t key) {
  auto [at, end] = env->blocks.equal_range(key);
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
