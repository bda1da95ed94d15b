/* What crook.c does wrong, by name. Everything else it does right. */
#ifndef CROOK_H
#define CROOK_H
#include "hostile.h"

#define TRICK_LIST(X)         \
  X(no_trick)                 \
  X(acquire_hangs)            \
  X(acquire_crashes)          \
  X(acquire_aborts)           \
  X(runs_javascript)          \
  X(needs_an_error)           \
  X(writes_long_errors)       \
  X(writes_errors_on_success) \
  X(says_no_word)             \
  X(leaves_out_set)           \
  X(reads_beyond_requests)    \
  X(ignores_request_size)     \
  X(keeps_labels)             \
  X(grants_all)               \
  X(grants_unknown)           \
  X(grants_0x2)               \
  X(refuses_simple)           \
  X(refuses_snapshots)        \
  X(refuses_levels)           \
  X(refuses_pinned)           \
  X(lends_pinned)             \
  X(takes_lone_bits)          \
  X(wrong_status)             \
  X(volunteers_strides)       \
  X(volunteers_format)        \
  X(readonly_unless_asked)    \
  X(itemsize_of_bytes)        \
  X(memory_moves)             \
  X(memory_changes)           \
  X(shape_changes)            \
  X(unlock_changes)           \
  X(shares_a_provider)        \
  X(ignores_retain)           \
  X(unlock_ends)              \
  X(ends_late)                \
  X(races_in_retain)          \
  X(races_in_exporter)        \
  X(races_in_acquire)         \
  X(frees_with_exporter)      \
  X(frees_with_environment)   \
  X(never_frees)              \
  X(aborts_at_exit)           \
  X(ids_shared)               \
  X(ids_change)               \
  X(block_too_long)           \
  X(not_writable)             \
  X(provider_ops_change)      \
  X(exporter_ops_change)      \
  X(refusals_leak)            \
  X(refusals_release)         \
  X(shares_blocks)            \
  X(never_gives_back)         \
  X(lends_one)                \
  X(lends_few)                \
  X(takes_long)               \
  X(external_without_retain)  \
  X(external_without_tag)     \
  X(method_gives_number)      \
  X(method_throws)

typedef enum {
#define TRICK_ENUM(name) name,
  TRICK_LIST(TRICK_ENUM)
#undef TRICK_ENUM
      TRICK_COUNT
} trick_kind;

typedef struct crook_provider crook_provider;

typedef struct {
  nbuf_exporter pub; /* first */
  nbuf_exporter_ops ops;
  long refs, holders;
  const lie* lie;
  trick_kind trick;
  char* memory;
  char* table[MEMORY_TABLE];
  uint64_t id;
  crook_provider *shared, *last;
} crook;

struct crook_provider {
  liar_provider made; /* first; its refs count references */
  crook* from;
  const char* label;
};

/* A load, an addition and a store that another thread may come between. */
long racy_add(long* count, long by);
void release_crook(nbuf_exporter* exporter);
nbuf_status crook_acquire(nbuf_exporter* exporter, const nbuf_request* request,
                          nbuf_provider** out, nbuf_error* error);
crook_provider* make_crook_provider(crook* self, const nbuf_request* request);
enum { LARGE = 1 << 20, RETIRED = 0x5a, FEW = 8 };

#endif
