#include "memory.h"

#include <cstdlib>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace nbuf::core {
namespace {

Status finish(Memory* made, const MemoryOps* ops, void* base, int64_t size,
              uint32_t flags, Memory** out) {
  made->ops = ops;
  made->key = reinterpret_cast<uint64_t>(made);
  made->block = {base, size, made->key, 0, 0};
  made->provider_flags = flags;
  made->is_heap = false;
  *out = made;
  return NBUF_OK;
}

// ===== heap =====

struct HeapMemory : Memory {
  void* allocation;
};

void destroy_heap(Memory* memory) {
  auto* self = static_cast<HeapMemory*>(memory);
  std::free(self->allocation);
  delete self;
}

// Strides of some KiB touch a page for each element: with pages of 2 MiB the processor
// finds them all without a walk. NumPy asks for them from the same size on. What is not
// touched costs nothing still; where the system has none to give, nothing changes.
constexpr int64_t kHugePage = int64_t{1} << 21, kHugeFrom = int64_t{1} << 22;

void ask_for_huge_pages([[maybe_unused]] void* base, [[maybe_unused]] int64_t size) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  if (size < kHugeFrom) return;
  const auto begin = reinterpret_cast<uintptr_t>(base);
  const auto mask = static_cast<uintptr_t>(kHugePage) - 1;
  const uintptr_t first = (begin + mask) & ~mask;
  const uintptr_t last = (begin + static_cast<uintptr_t>(size)) & ~mask;
  // Only whole ones inside the block: its ends share pages with the allocator.
  if (first < last) madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
#endif
}

constexpr MemoryOps kHeapOps = {destroy_heap, nullptr, nullptr};

// ===== adopted =====

struct AdoptedMemory : Memory {
  void (*free_bytes)(void*);
  void* context;
};

void destroy_adopted(Memory* memory) {
  auto* self = static_cast<AdoptedMemory*>(memory);
  if (self->free_bytes != nullptr) self->free_bytes(self->context);
  delete self;
}

constexpr MemoryOps kAdoptedOps = {destroy_adopted, nullptr, nullptr};

// ===== foreign =====

struct ForeignMemory : Memory {
  nbuf_provider* provider;
};

void destroy_foreign(Memory* memory) {
  auto* self = static_cast<ForeignMemory*>(memory);
  self->provider->ops->release(self->provider);
  delete self;
}

constexpr MemoryOps kForeignOps = {destroy_foreign, nullptr, nullptr};

}  // namespace

Status make_heap_memory(int64_t size, int64_t align, Memory** out, Error* error) {
  *out = nullptr;
  const int64_t alignment = align < 64 ? 64 : align;
  // calloc, not aligned_alloc + memset: fresh pages of a large block stay untouched.
  if (size < 0 || size > PTRDIFF_MAX - alignment)
    return nbuf_fail(error, NBUF_ERR_NOMEM, "%lld bytes cannot be allocated",
                     static_cast<long long>(size));
  auto* made = new (std::nothrow) HeapMemory;
  if (made == nullptr) return out_of_memory(error);
  made->allocation = std::calloc(1, static_cast<size_t>(size + alignment));
  if (made->allocation == nullptr) {
    delete made;
    return nbuf_fail(error, NBUF_ERR_NOMEM, "%lld bytes cannot be allocated",
                     static_cast<long long>(size));
  }
  const auto mask = static_cast<uintptr_t>(alignment) - 1;
  const auto aligned = (reinterpret_cast<uintptr_t>(made->allocation) + mask) & ~mask;
  ask_for_huge_pages(reinterpret_cast<void*>(aligned), size);
  Status status = finish(made, &kHeapOps, reinterpret_cast<void*>(aligned), size, 0, out);
  made->is_heap = true;
  made->align = alignment;
  return status;
}

Status make_adopted_memory(void* base, int64_t size, uint32_t provider_flags,
                           void (*free_bytes)(void*), void* context, Memory** out,
                           Error* error) {
  *out = nullptr;
  int64_t end;
  if (size < 0 || (base == nullptr && size > 0) ||
      !nbuf_add_(reinterpret_cast<intptr_t>(base), size, &end))
    return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE, "no memory: %lld bytes at %p",
                     static_cast<long long>(size), base);
  auto* made = new (std::nothrow) AdoptedMemory;
  if (made == nullptr) return out_of_memory(error);
  made->free_bytes = free_bytes;
  made->context = context;
  return finish(made, &kAdoptedOps, base, size, provider_flags, out);
}

Status make_foreign_memory(nbuf_provider* provider, const nbuf_block& block, Memory** out,
                           Error* error) {
  *out = nullptr;
  auto* made = new (std::nothrow) ForeignMemory;
  if (made == nullptr) return out_of_memory(error);
  made->provider = provider;
  made->is_foreign = true;
  finish(made, &kForeignOps, block.base, block.size, provider->flags, out);
  // A peer's unknown id stays unknown to others: an invented one would be a lie. Here its
  // providers go by a key of ours, so that two of them do not share a buffer.
  made->block.id = block.id;
  if (block.id != 0) made->key = block.id;
  return NBUF_OK;
}

}  // namespace nbuf::core
