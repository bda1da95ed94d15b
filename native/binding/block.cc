#include "block.h"

#include <new>

#include "block_parts.h"
#include "buffer_hold.h"
#include "convert.h"

namespace nbuf::binding {
namespace {

bool is_over(const Block* block, const core::Memory* memory) {
  return block->key == memory->key && block->base == memory->block.base &&
         block->size == memory->block.size;
}

// Made if new. Several blocks may have one key: a peer may claim another's, and an array
// may still pin the block of memory that is gone, whose key serves again. Only with the
// same extent it is the same block.
Block* find_block(EnvData* env, const core::Memory* memory) {
  auto [at, end] = env->blocks.equal_range(memory->key);
  while (at != end && !is_over(at->second, memory)) ++at;
  if (at == end) {
    auto* made = new Block{memory->key, memory->block.base, memory->block.size};
    at = env->blocks.emplace(memory->key, made);
  }
  return at->second;
}

}  // namespace

void join_block(Slot* slot, ArrayRecord* record) {
  EnvData* env = slot->env;
  const core::Memory* memory = slot->provider->memory;
  if (core::is_indirect(*memory)) return;  // only its parts have ArrayBuffers
  Block* block = record != nullptr ? record->block : nullptr;
  if (block == nullptr || !is_over(block, memory)) {
    block = find_block(env, memory);
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

namespace {

// Whose bytes a new ArrayBuffer keeps. Memory of our own locks nothing while the buffer
// waits for its collection; a peer's does, even when it is a window of our own.
core::Memory* memory_to_wrap(const Slot* slot) {
  for (const Slot* user = slot->block->users; user != nullptr; user = user->next)
    if (!user->provider->memory->is_foreign) return user->provider->memory;
  core::Memory* own = slot->block->own;
  return own != nullptr ? own : slot->provider->memory;
}

}  // namespace

nbuf_status block_buffer(Slot* slot, bool expose, napi_value* out) {
  EnvData* env = slot->env;
  Block* block = slot->block;
  if (block == nullptr)
    return nbuf_fail(&env->error, NBUF_ERR_SUBOFFSETS,
                     "elements behind pointers are in more than one buffer");
  forget_collected_buffer(env, block);
  napi_value buffer = buffer_of(env, block);
  if (buffer == nullptr) {
    if (block->hold != nullptr)
      disconnect(env, block, true);  // collected, finalizer pending
    nbuf_status status = create_buffer(env, memory_to_wrap(slot), &block->hold, &buffer);
    if (status != NBUF_OK) return status;
    block->hold->block = block->key;
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

namespace {

Block* block_of_buffer(EnvData* env, uint64_t key, napi_value buffer) {
  auto [at, end] = env->blocks.equal_range(key);
  for (; at != end; ++at) {
    bool is_its = false;
    napi_value current = buffer_of(env, at->second);
    if (current != nullptr) napi_strict_equals(env->env, current, buffer, &is_its);
    if (is_its) return at->second;
  }
  return nullptr;
}

}  // namespace

nbuf_status export_buffer(EnvData* env, uint64_t key, napi_value buffer,
                          nbuf_exporter** out) {
  Block* block = block_of_buffer(env, key, buffer);
  if (block == nullptr || is_detached(env, buffer))
    return nbuf_fail(&env->error, NBUF_ERR_DETACHED, "the ArrayBuffer was detached");
  return lease_buffer(env, block->hold, block->users, out);
}

}  // namespace nbuf::binding
