// A peer's pointer tables become one of ours.
#include <cstring>

#include "assembly_build.h"

namespace nbuf::core {
namespace {

// One of the peer's tables, and where it is copied to.
struct Table {
  int64_t base, size, at;
};

struct Tables {
  Array<Table> list;
  int32_t count = 0;
  int64_t bytes = 0;
  int32_t hint = 0;

  // The byte of our table that the peer's address is; -1: the reach around it leaves
  // every table.
  int64_t find(int64_t address, Reach reach) {
    for (int32_t tried = 0; tried < count; tried++) {
      const Table& table = list[hint];
      if (is_inside(address, reach, table.base, table.size))
        return address - table.base + table.at;
      hint = hint + 1 < count ? hint + 1 : 0;
    }
    return -1;
  }
};

bool is_table(const nbuf_block& block) { return (block.flags & NBUF_TABLE) != 0; }

Status list_tables(const nbuf_provider& p, Tables* tables, int64_t* blocks,
                   Error* error) {
  tables->list = make_array<Table>(p.block_count);
  if (tables->list == nullptr) return out_of_memory(error);
  for (int32_t i = 0; i < p.block_count; i++) {
    const nbuf_block& block = p.blocks[i];
    if (!is_table(block)) {
      ++*blocks;
      continue;
    }
    // Room for rounding up; nothing near it can be allocated.
    if (block.size > INT64_MAX / 4 ||
        !nbuf_add_(tables->bytes, round_up(block.size), &tables->bytes))
      return out_of_memory(error);
    tables->list[tables->count++] = {address_of(block.base), block.size,
                                     tables->bytes - round_up(block.size)};
  }
  return NBUF_OK;
}

// The copied pointers from table to table lead to the peer's tables. A second copy keeps
// them while those in the first are led to our table: a word may be met more than once.
struct Mender {
  const LayoutSpec& spec;
  const PointerWalk& walk;
  Tables* tables;
  Assembly* assembly;
  const char* verbatim;
};

Status mend_pointer(void* context, int32_t level, int64_t at, int64_t* next,
                    Error* error) {
  auto* self = static_cast<Mender*>(context);
  // Pointers to elements stay as they are: whoever makes the layout checks them.
  if (level + 1 == self->walk.last_level()) return NBUF_OK;
  uintptr_t pointer;
  std::memcpy(&pointer, self->verbatim + at, sizeof pointer);
  const auto post = static_cast<uintptr_t>(self->spec.levels.post[level]);
  const auto target = static_cast<int64_t>(pointer + post);
  *next = pointer == 0 ? -1 : self->tables->find(target, self->walk.reach(level + 1));
  if (*next < 0)
    return nbuf_fail(error, NBUF_ERR_BOUNDS, "pointers of level %ld outside every table",
                     static_cast<long>(level + 1));
  char* base = static_cast<char*>(self->assembly->block.base);
  const uintptr_t mended =
      reinterpret_cast<uintptr_t>(base) + static_cast<uintptr_t>(*next) - post;
  std::memcpy(base + at, &mended, sizeof mended);
  return mark_inner(self->assembly, at) ? NBUF_OK : out_of_memory(error);
}

// By the walk whose reach was checked: the peer's arrays are not read twice.
Status mend_table(const LayoutSpec& spec, PointerWalk* walk, Tables* tables,
                  Assembly* assembly, Error* error) {
  const Array<char> verbatim = make_array<char>(tables->bytes);
  if (verbatim == nullptr) return out_of_memory(error);
  std::memcpy(verbatim.get(), assembly->block.base, static_cast<size_t>(tables->bytes));
  Mender mender{spec, *walk, tables, assembly, verbatim.get()};
  return walk->run(spec.offset, tables->bytes, mend_pointer, &mender, error);
}

bool is_empty(const LayoutSpec& spec) {
  for (int32_t i = 0; i < spec.ndim; i++)
    if (spec.shape[i] == 0) return true;
  return false;
}

// Where `buf` is in our table, and the pointers in that made right.
Status place(const nbuf_provider& p, LayoutSpec* spec, Tables* tables, Assembly* assembly,
             Error* error) {
  spec->offset = 0;
  if (is_empty(*spec)) return NBUF_OK;
  PointerWalk walk;
  Status status = walk.prepare(*spec, error);
  if (status != NBUF_OK) return status;
  spec->offset = tables->find(address_of(p.buf), walk.reach(0));
  if (spec->offset < 0)
    return nbuf_fail(error, NBUF_ERR_BOUNDS, "pointers of level 0 outside every table");
  return spec->levels.count > 2 ? mend_table(*spec, &walk, tables, assembly, error)
                                : NBUF_OK;
}

}  // namespace

Status make_foreign_assembly(nbuf_provider* p, LayoutSpec* spec, Memory** out,
                             Error* error) {
  *out = nullptr;
  Tables tables;
  int64_t blocks = 0;
  Status status = list_tables(*p, &tables, &blocks, error);
  AssemblyPointer made;
  if (status == NBUF_OK)
    status = allocate_assembly(tables.bytes, blocks, 0, &made, error);
  if (status != NBUF_OK) return status;
  for (int32_t i = 0, k = 0; i < p->block_count; i++) {
    const nbuf_block& block = p->blocks[i];
    if (!is_table(block)) {
      add_block(made.get(), block, -1, i);
    } else if (block.size > 0) {
      std::memcpy(static_cast<char*>(made->block.base) + tables.list[k].at, block.base,
                  static_cast<size_t>(block.size));
    }
    k += is_table(block);
  }
  status = place(*p, spec, &tables, made.get(), error);
  if (status == NBUF_OK) status = finish_assembly(std::move(made), p->flags, out, error);
  if (status != NBUF_OK) return status;
  auto* assembly = static_cast<Assembly*>(*out);
  assembly->foreign = p;
  assembly->is_foreign = true;
  return NBUF_OK;
}

}  // namespace nbuf::core
