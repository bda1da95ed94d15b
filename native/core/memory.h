// Memory: refcounted host bytes behind exporters and providers, one vtable per kind.
#ifndef NBUF_CORE_MEMORY_H
#define NBUF_CORE_MEMORY_H

#include <atomic>

#include "status.h"

namespace nbuf::core {

struct Memory;

struct MemoryOps {
  void (*destroy)(Memory*);                // frees bytes and struct; any thread
  Status (*check)(const Memory*, Error*);  // still all there? NULL = always
  Status (*flush)(const Memory*, Error*);  // write back to the file; NULL = nothing to do
};

struct Memory {
  std::atomic<long> refs{1};
  const MemoryOps* ops;
  nbuf_block block;  // its id is this object's address unless the block is a peer's
  // Block 0 is `block`. An assembly's is its table of pointers, the others have elements.
  const nbuf_block* blocks = &block;
  int32_t block_count = 1;
  // What tells it from other memory here: the id, unless a peer's block has none.
  uint64_t key;
  int64_t align = 0;        // of heap memory, kept when that is resized
  uint32_t provider_flags;  // NBUF_READONLY, NBUF_BORROWED, NBUF_ENV_BOUND
  bool is_heap;             // ours to re-allocate
  bool is_foreign = false;  // a peer's provider: keeping it keeps the peer's lock
  std::atomic<bool> is_waiting{false};  // reported as waiting for an ArrayBuffer's end

  // Bytes that elements can lie in.
  int64_t capacity() const {
    uint64_t sum = 0;  // modulo 2^64: a peer's blocks may overlap, or lie
    for (int32_t i = 0; i < block_count; i++)
      if ((blocks[i].flags & NBUF_TABLE) == 0)
        sum += static_cast<uint64_t>(blocks[i].size);
    return static_cast<int64_t>(sum);
  }
};

// Are there elements behind pointers? Only then is block 0 a table.
inline bool is_indirect(const Memory& memory) {
  return (memory.block.flags & NBUF_TABLE) != 0;
}

inline void retain(Memory* memory) {
  // Relaxed: whoever retains holds a reference already, so nothing is published by it.
  memory->refs.fetch_add(1, std::memory_order_relaxed);
}

inline void release(Memory* memory) {
  // Acquire-release: the thread that frees must see every other thread's last use.
  if (memory != nullptr && memory->refs.fetch_sub(1, std::memory_order_acq_rel) == 1)
    memory->ops->destroy(memory);
}

// `size` zeroed bytes at an address divisible by `align` (a power of two >= 64 is used).
Status make_heap_memory(int64_t size, int64_t align, Memory** out, Error* error);

// Somebody's pointer; `free_bytes` (may be NULL) is called once, on any thread. On
// failure it is not called.
Status make_adopted_memory(void* base, int64_t size, uint32_t provider_flags,
                           void (*free_bytes)(void*), void* context, Memory** out,
                           Error* error);

// Keeps one reference of a peer's provider, whose block this is; takes that reference
// over.
Status make_foreign_memory(nbuf_provider* provider, const nbuf_block& block, Memory** out,
                           Error* error);

enum class MapMode { copy_on_write, read_write, read_only };

// Maps bytes [offset, offset + length) of a file; length < 0 = to its end. IO with the
// system's reason on failure. Memory::check fails once the file has become shorter.
Status make_mapped_memory(const char* path, MapMode mode, int64_t offset, int64_t length,
                          Memory** out, Error* error);

}  // namespace nbuf::core

#endif  // NBUF_CORE_MEMORY_H
