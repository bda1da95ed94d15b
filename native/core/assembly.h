// Assembly: memory of several blocks of elements behind one table of pointers.
//
// Ownership rules
//   Immutable. It owns its table, and keeps what it was made of: providers, each with the
//   memory lock of its exporter, or a peer's provider. Of an assembly among the parts it
//   takes over the parts and a copy of the table: chains of them do not get longer.
#ifndef NBUF_CORE_ASSEMBLY_H
#define NBUF_CORE_ASSEMBLY_H

#include "pointer_walk.h"
#include "provider.h"

namespace nbuf::core {

// Asked at each acquire whether memory of JavaScript's is still there. Refcounted,
// since assemblies of assemblies share it.
struct PartGuard {
  std::atomic<long> refs{1};
  Status (*check)(PartGuard*, int32_t part, Error*);  // is it still there?
  void (*destroy)(PartGuard*);                        // on any thread
};

inline void retain(PartGuard* guard) {
  // Relaxed: whoever retains holds a reference already.
  if (guard != nullptr) guard->refs.fetch_add(1, std::memory_order_relaxed);
}

inline void release(PartGuard* guard) {
  // Acquire-release: the thread that destroys sees every other thread's last use.
  if (guard != nullptr && guard->refs.fetch_sub(1, std::memory_order_acq_rel) == 1)
    guard->destroy(guard);
}

// One provider that blocks come from, and who watches over it (or NULL) by what number.
struct Part {
  Provider* provider;
  PartGuard* guard;
  int32_t number;
};

struct Assembly : Memory {
  Part* parts = nullptr;
  int32_t part_count = 0;
  nbuf_provider* foreign = nullptr;  // instead of parts, of an import
  // Of block k: which part it is of, and its number there.
  struct Source {
    int32_t part, block;
  };
  Source* sources = nullptr;
  // Blocks 1 ... in order of their bases, and the highest end so far in that order.
  int32_t* by_base = nullptr;
  int64_t* ends = nullptr;
  // A bit for each byte of the table: there starts a pointer into this table itself,
  // which a copy elsewhere has to mend. NULL: there are none.
  unsigned char* inner = nullptr;
};

// NULL for other memory.
const Assembly* as_assembly(const Memory* memory);

// Entry k of a table of pointers.
struct TableEntry {
  int32_t part;    // index of a part, or one of the below
  int64_t offset;  // bytes from the base of that part's block 0, or of this table
};
constexpr int32_t kThisTable = -1, kNullPointer = -2;

// The table has the entries, and behind them copies of the parts' own tables. Retains the
// parts on success; takes over a reference of `guard`, which watches over those of them
// that are BORROWED, in any case. Entries are checked by the layouts that use them.
Status make_assembly(Provider* const* parts, int32_t part_count,
                     const TableEntry* entries, int64_t entry_count, uint32_t extra_flags,
                     Memory** out, Error* error, PartGuard* guard = nullptr);

// Of a peer's provider that nbuf_validate accepts, with pointers: its tables are copied
// once, and only the copy is used from then on. *spec gets the place in that copy where
// `buf` points; its levels' arrays must be those of `p`. Takes over a reference of `p` on
// success.
Status make_foreign_assembly(nbuf_provider* p, LayoutSpec* spec, Memory** out,
                             Error* error);

// A provider of all bytes of block `block` (1 ...) of a provider over an assembly, with a
// memory lock of its own where the block comes from. Its memory has the key that other
// providers of that block have.
Status provide_part(Provider* parent, int32_t block, const nbuf_request* request,
                    Provider** out, Error* error);

// Which part block `block` comes from; NULL: a peer's, or no such block.
const Part* part_of(const Memory& memory, int32_t block);

}  // namespace nbuf::core

#endif  // NBUF_CORE_ASSEMBLY_H
