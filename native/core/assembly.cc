#include "assembly.h"

#include <algorithm>
#include <cstring>

#include "assembly_build.h"

namespace nbuf::core {
namespace {

constexpr uint32_t kPassedOn = NBUF_READONLY | NBUF_BORROWED | NBUF_ENV_BOUND;

// Its tables are copied and its parts taken over; a peer's has none.
const Assembly* inner_of(const Provider* provider) {
  return as_assembly(provider->memory);
}

// What one given part becomes: where its own table starts in the new one.
struct Given {
  int32_t first;     // the first given part with the same memory: that one is used
  int64_t table_at;  // bytes, of an indirect one
};

struct Totals {
  int64_t table, blocks = 0, parts = 0;
};

// Builds in the order: measure, allocate, parts and blocks, entries.
struct Builder {
  Provider* const* given;
  int32_t count;
  Array<Given> places;
  AssemblyPointer made;
  uint32_t flags;

  bool find_equals();
  Status measure(Totals* totals, Error* error);
  void take_part(int32_t i, PartGuard* guard);
  Status copy_table(int32_t i, Error* error);
  Status write_entries(const TableEntry* entries, int64_t entry_count, Error* error);
};

// Rows of one image come as many providers of one memory.
bool Builder::find_equals() {
  places = make_array<Given>(count);
  const Array<int32_t> order = make_array<int32_t>(count);
  if (places == nullptr || order == nullptr) return false;
  for (int32_t i = 0; i < count; i++) order[i] = i;
  const auto key = [this](int32_t i) {
    return reinterpret_cast<uintptr_t>(given[i]->memory);
  };
  std::sort(order.get(), order.get() + count, [&key](int32_t a, int32_t b) {
    return key(a) != key(b) ? key(a) < key(b) : a < b;
  });
  for (int32_t i = 0; i < count; i++) {
    const bool is_new = i == 0 || key(order[i]) != key(order[i - 1]);
    places[order[i]].first = is_new ? order[i] : places[order[i - 1]].first;
  }
  return true;
}

Status Builder::measure(Totals* totals, Error* error) {
  for (int32_t i = 0; i < count; i++) {
    flags |= (given[i]->memory->provider_flags | given[i]->pub.flags) & kPassedOn;
    if (places[i].first != i) continue;
    const Assembly* inner = inner_of(given[i]);
    totals->blocks += inner != nullptr ? inner->block_count - 1 : 1;
    totals->parts +=
        inner != nullptr && inner->foreign == nullptr ? inner->part_count : 1;
    if (inner == nullptr) continue;
    places[i].table_at = totals->table;
    if (!nbuf_add_(totals->table, round_up(inner->block.size), &totals->table))
      return out_of_memory(error);
  }
  return NBUF_OK;
}

void Builder::take_part(int32_t i, PartGuard* guard) {
  const Assembly* inner = inner_of(given[i]);
  const int32_t base = made->part_count;
  if (inner == nullptr || inner->foreign != nullptr) {
    retain(given[i]);
    retain(guard);
    made->parts[made->part_count++] = {given[i], guard, i};
    if (inner == nullptr) add_block(made.get(), given[i]->memory->block, base, 0);
    for (int32_t k = 1; inner != nullptr && k < inner->block_count; k++)
      add_block(made.get(), inner->blocks[k], base, k);
    return;
  }
  for (int32_t k = 0; k < inner->part_count; k++) {
    const Part& part = inner->parts[k];
    retain(part.provider);
    retain(part.guard);
    made->parts[made->part_count++] = part;
  }
  for (int32_t k = 1; k < inner->block_count; k++)
    add_block(made.get(), inner->blocks[k], base + inner->sources[k].part,
              inner->sources[k].block);
}

// A pointer that stays right when it moves along with the table it points into.
void write_pointer(Assembly* assembly, int64_t at, uint64_t value) {
  const auto pointer = static_cast<uintptr_t>(value);
  std::memcpy(static_cast<char*>(assembly->block.base) + at, &pointer, sizeof pointer);
}

Status Builder::copy_table(int32_t i, Error* error) {
  const Assembly& inner = *inner_of(given[i]);
  const int64_t to = places[i].table_at, size = inner.block.size;
  char* base = static_cast<char*>(made->block.base);
  if (size > 0) std::memcpy(base + to, inner.block.base, static_cast<size_t>(size));
  const uint64_t shift = static_cast<uint64_t>(address_of(base + to)) -
                         static_cast<uint64_t>(address_of(inner.block.base));
  for (int64_t at = 0; inner.inner != nullptr && at + kPointerBytes <= size; at++) {
    if (inner.inner[at / 8] == 0) {
      at += 7 - at % 8;
      continue;
    }
    if (!is_inner(inner, at)) continue;
    uintptr_t pointer;
    std::memcpy(&pointer, static_cast<const char*>(inner.block.base) + at,
                sizeof pointer);
    if (!mark_inner(made.get(), to + at)) return out_of_memory(error);
    write_pointer(made.get(), to + at, pointer + shift);
  }
  return NBUF_OK;
}

Status Builder::write_entries(const TableEntry* entries, int64_t entry_count,
                              Error* error) {
  const auto own = static_cast<uint64_t>(address_of(made->block.base));
  for (int64_t k = 0; k < entry_count; k++) {
    const TableEntry& entry = entries[k];
    if (entry.part == kNullPointer) continue;
    if (entry.part < kThisTable || entry.part >= count)
      return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE, "entry %lld: part %ld of %ld",
                       static_cast<long long>(k), static_cast<long>(entry.part),
                       static_cast<long>(count));
    uint64_t base = own;
    bool is_inside_table = true;
    if (entry.part >= 0) {
      const Provider* part = given[entry.part];
      is_inside_table = inner_of(part) != nullptr;
      base = is_inside_table
                 ? own + static_cast<uint64_t>(places[places[entry.part].first].table_at)
                 : static_cast<uint64_t>(address_of(part->memory->block.base));
    }
    if (is_inside_table && !mark_inner(made.get(), k * kPointerBytes))
      return out_of_memory(error);
    write_pointer(made.get(), k * kPointerBytes,
                  base + static_cast<uint64_t>(entry.offset));
  }
  return NBUF_OK;
}

Status build(Builder* builder, const TableEntry* entries, int64_t entry_count,
             PartGuard* guard, Error* error) {
  Totals totals;
  if (builder->count < 0 || entry_count < 0 ||
      !nbuf_mul_(entry_count, kPointerBytes, &totals.table))
    return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE, "%ld parts, %lld entries",
                     static_cast<long>(builder->count),
                     static_cast<long long>(entry_count));
  totals.table = round_up(totals.table);
  if (!builder->find_equals()) return out_of_memory(error);
  Status status = builder->measure(&totals, error);
  if (status != NBUF_OK) return status;
  status =
      allocate_assembly(totals.table, totals.blocks, totals.parts, &builder->made, error);
  for (int32_t i = 0; i < builder->count && status == NBUF_OK; i++) {
    if (builder->places[i].first != i) continue;
    builder->take_part(i, guard);
    if (inner_of(builder->given[i]) != nullptr) status = builder->copy_table(i, error);
  }
  return status == NBUF_OK ? builder->write_entries(entries, entry_count, error) : status;
}

}  // namespace

Status make_assembly(Provider* const* parts, int32_t part_count,
                     const TableEntry* entries, int64_t entry_count, uint32_t extra_flags,
                     Memory** out, Error* error, PartGuard* guard) {
  *out = nullptr;
  Builder builder{parts, part_count, nullptr, nullptr, extra_flags};
  Status status = build(&builder, entries, entry_count, guard, error);
  if (status == NBUF_OK)
    status = finish_assembly(std::move(builder.made), builder.flags, out, error);
  release(guard);
  return status;
}

const Part* part_of(const Memory& memory, int32_t block) {
  const Assembly* self = as_assembly(&memory);
  if (self == nullptr || block < 1 || block >= self->block_count ||
      self->foreign != nullptr)
    return nullptr;
  return &self->parts[self->sources[block].part];
}

namespace {

// Over the peer's block itself. Blocks without an id go by the place of their record: no
// other memory has that address and that extent while this one lives.
Status provide_foreign_part(const Assembly& assembly, int32_t block,
                            const LayoutSpec& spec, uint32_t flags,
                            const nbuf_request* request, const char* label,
                            Provider** out, Error* error) {
  const nbuf_block& its = assembly.blocks[block];
  Memory* memory;
  Status status = make_foreign_memory(assembly.foreign, its, &memory, error);
  if (status != NBUF_OK) return status;
  if (its.id == 0) memory->key = reinterpret_cast<uint64_t>(&its);
  assembly.foreign->ops->retain(assembly.foreign);
  status = provide_memory(memory, spec, flags, request, label, out, error);
  if (status != NBUF_OK) release(memory);
  return status;
}

}  // namespace

Status provide_part(Provider* parent, int32_t block, const nbuf_request* request,
                    Provider** out, Error* error) {
  *out = nullptr;
  const Assembly* self = as_assembly(parent->memory);
  if (self == nullptr || block < 1 || block >= self->block_count)
    return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE, "block %ld: no block of elements",
                     static_cast<long>(block));
  LayoutSpec spec;
  spec.ndim = 1;
  spec.shape = &self->blocks[block].size;
  const uint32_t flags = parent->pub.flags & NBUF_READONLY;
  if (self->foreign != nullptr)
    return provide_foreign_part(*self, block, spec, flags, request, parent->label(), out,
                                error);
  const Assembly::Source source = self->sources[block];
  const Part& part = self->parts[source.part];
  if (part.guard != nullptr) {
    Status status = part.guard->check(part.guard, part.number, error);
    if (status != NBUF_OK) return status;
  }
  // A part that is an assembly is a peer's: the others were taken apart.
  if (inner_of(part.provider) == nullptr)
    return reexport(part.provider, spec, flags, request, out, error);
  return provide_foreign_part(*inner_of(part.provider), source.block, spec, flags,
                              request, part.provider->label(), out, error);
}

}  // namespace nbuf::core
