#include "assembly_build.h"

#include <algorithm>
#include <new>

namespace nbuf::core {
namespace {

void destroy(Memory* memory) {
  auto* self = static_cast<Assembly*>(memory);
  for (int32_t i = 0; i < self->part_count; i++) {
    release(self->parts[i].guard);
    release(self->parts[i].provider);
  }
  if (self->foreign != nullptr) self->foreign->ops->release(self->foreign);
  std::free(self->block.base);
  std::free(const_cast<nbuf_block*>(self->blocks));
  std::free(self->parts);
  std::free(self->sources);
  std::free(self->by_base);
  std::free(self->ends);
  std::free(self->inner);
  delete self;
}

Status check_parts(const Memory* memory, Error* error) {
  const auto* self = static_cast<const Assembly*>(memory);
  Status status = NBUF_OK;
  for (int32_t i = 0; i < self->part_count && status == NBUF_OK; i++) {
    const Part& part = self->parts[i];
    const Memory* own = part.provider->memory;
    if (own->ops->check != nullptr) status = own->ops->check(own, error);
    if (status == NBUF_OK && part.guard != nullptr)
      status = part.guard->check(part.guard, part.number, error);
  }
  return status;
}

constexpr MemoryOps kOps = {destroy, nullptr, nullptr};
constexpr MemoryOps kCheckedOps = {destroy, check_parts, nullptr};

bool needs_check(const Assembly& assembly) {
  for (int32_t i = 0; i < assembly.part_count; i++)
    if (assembly.parts[i].guard != nullptr ||
        assembly.parts[i].provider->memory->ops->check != nullptr)
      return true;
  return false;
}

int64_t end_of(const nbuf_block& block) { return address_of(block.base) + block.size; }

void sort_blocks(Assembly* assembly) {
  const int32_t count = assembly->block_count - 1;
  const nbuf_block* blocks = assembly->blocks;
  for (int32_t i = 0; i < count; i++) assembly->by_base[i] = i + 1;
  std::sort(assembly->by_base, assembly->by_base + count, [blocks](int32_t a, int32_t b) {
    return address_of(blocks[a].base) < address_of(blocks[b].base);
  });
  for (int32_t i = 0; i < count; i++) {
    const int64_t end = end_of(blocks[assembly->by_base[i]]);
    assembly->ends[i] = i > 0 ? std::max(assembly->ends[i - 1], end) : end;
  }
}

}  // namespace

const Assembly* as_assembly(const Memory* memory) {
  return memory->ops == &kOps || memory->ops == &kCheckedOps
             ? static_cast<const Assembly*>(memory)
             : nullptr;
}

Status allocate_assembly(int64_t table_size, int64_t blocks, int64_t parts,
                         AssemblyPointer* out, Error* error) {
  if (blocks >= INT32_MAX || parts > INT32_MAX)
    return nbuf_fail(error, NBUF_ERR_UNSUPPORTED, "%lld blocks: too many",
                     static_cast<long long>(blocks));
  auto* made = new (std::nothrow) Assembly;
  if (made == nullptr) return out_of_memory(error);
  made->ops = &kOps;
  out->reset(made);
  made->key = reinterpret_cast<uint64_t>(made);
  made->provider_flags = 0;
  made->is_heap = false;
  made->block = {make_array<char>(table_size).release(), table_size, made->key,
                 NBUF_TABLE, 0};
  auto* list = make_array<nbuf_block>(blocks + 1).release();
  made->blocks = list;
  made->parts = make_array<Part>(parts).release();
  made->sources = make_array<Assembly::Source>(blocks + 1).release();
  made->by_base = make_array<int32_t>(blocks).release();
  made->ends = make_array<int64_t>(blocks).release();
  if (made->block.base == nullptr || list == nullptr || made->parts == nullptr ||
      made->sources == nullptr || made->by_base == nullptr || made->ends == nullptr)
    return out_of_memory(error);
  list[0] = made->block;
  return NBUF_OK;
}

void add_block(Assembly* assembly, const nbuf_block& block, int32_t part,
               int32_t number) {
  const int32_t k = assembly->block_count++;
  const_cast<nbuf_block*>(assembly->blocks)[k] = block;
  assembly->sources[k] = {part, number};
}

bool mark_inner(Assembly* assembly, int64_t at) {
  if (assembly->inner == nullptr)
    assembly->inner = make_array<unsigned char>(assembly->block.size / 8 + 1).release();
  if (assembly->inner == nullptr) return false;
  assembly->inner[at / 8] |= static_cast<unsigned char>(1u << (at % 8));
  return true;
}

Status finish_assembly(AssemblyPointer assembly, uint32_t flags, Memory** out,
                       Error* error) {
  sort_blocks(assembly.get());
  for (int32_t i = 1; i < assembly->block_count; i++)
    if (nbuf_overlaps_(&assembly->block, &assembly->blocks[i]))
      return nbuf_fail(error, NBUF_ERR_ABI,
                       "a block of elements claims the memory of the table");
  if (needs_check(*assembly)) assembly->ops = &kCheckedOps;
  assembly->provider_flags = flags;
  *out = assembly.release();
  return NBUF_OK;
}

int32_t find_block(const Memory& memory, int64_t at, Reach reach, int32_t* hint) {
  const auto& self = static_cast<const Assembly&>(memory);
  const auto holds = [&](int32_t k) {
    const nbuf_block& block = self.blocks[k];
    return is_inside(at, reach, address_of(block.base), block.size);
  };
  if (*hint > 0 && *hint < self.block_count && holds(*hint)) return *hint;
  int64_t low, high;
  if (!nbuf_add_(at, reach.low, &low) || !nbuf_add_(at, reach.high, &high)) return -1;
  const int32_t* end =
      std::upper_bound(self.by_base, self.by_base + self.block_count - 1, low,
                       [&self](int64_t address, int32_t k) {
                         return address < address_of(self.blocks[k].base);
                       });
  for (auto i = end - self.by_base; i-- > 0 && self.ends[i] >= high;) {
    if (!holds(self.by_base[i])) continue;
    *hint = self.by_base[i];
    return *hint;
  }
  return -1;
}

}  // namespace nbuf::core
