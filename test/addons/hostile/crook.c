/* An exporter written by hand that keeps all promises but one. */
#include "crook.h"

const char* const tricks[] = {
#define TRICK_NAME(name) #name,
    TRICK_LIST(TRICK_NAME)
#undef TRICK_NAME
        NULL};

napi_env crook_env;

static crook* of(nbuf_exporter* exporter) { return (crook*)(void*)exporter; }
static crook_provider* held(nbuf_provider* p) { return (crook_provider*)(void*)p; }

/* A load, an addition and a store that another thread may come between. */
long racy_add(long* count, long by) {
  volatile long* plain = count;
  long before = *plain;
  volatile int wait = 200; /* for the test's sake: it shall not take long */
  while (wait > 0) wait--;
  *plain = before + by;
  return before + by;
}

static void end_exporter(crook* self) {
  if (self->trick != never_frees && self->trick != not_writable) free(self->memory);
  free(self);
}

static void retain_exporter(nbuf_exporter* exporter) {
  crook* self = of(exporter);
  if (self->trick == races_in_exporter)
    racy_add(&self->refs, 1);
  else
    NBUF_ATOMIC_ADD(&self->refs, 1);
}

void release_crook(nbuf_exporter* exporter) {
  crook* self = of(exporter);
  long left = self->trick == races_in_exporter ? racy_add(&self->refs, -1)
                                               : NBUF_ATOMIC_ADD(&self->refs, -1);
  if (self->trick == races_in_exporter || self->trick == external_without_retain) {
    /* The exporter stays, so that the test does not depend on what free() leaves. */
    if (left <= 0) self->ops.acquire = NULL;
    return;
  }
  if (left > 0) return;
  if (self->trick == refusals_release) { /* as above */
    self->pub.ops = NULL;
    return;
  }
  if (self->trick == frees_with_exporter) {
    memset(self->memory, RETIRED, MEMORY_SIZE);
    return;
  }
  end_exporter(self);
}

static void retain_provider(nbuf_provider* p) {
  crook_provider* self = held(p);
  if (self->from->trick == ignores_retain) return;
  if (self->from->trick == races_in_retain)
    racy_add(&self->made.refs, 1);
  else
    NBUF_ATOMIC_ADD(&self->made.refs, 1);
  if (self->from->trick == provider_ops_change) self->made.ops.reserved++;
}

/* Whoever uses it after this finds nothing of it. */
static void end_provider(crook_provider* self) {
  crook* from = self->from;
  trick_kind trick = from->trick;
  if (trick == keeps_labels && self->label != NULL && self->label[0] == '\0') return;
  if (trick == races_in_acquire && racy_add(&from->holders, -1) < 0)
    memset(from->memory, RETIRED, MEMORY_SIZE);
  if (trick == ignores_retain || trick == races_in_retain || trick == unlock_ends) {
    self->made.p.buf = NULL;
    return; /* as above */
  }
  if (from->last == self) from->last = NULL;
  if (trick == shares_a_provider) from->shared = NULL;
  if (trick == lends_one || trick == lends_few) NBUF_ATOMIC_ADD(&from->holders, -1);
  free(self);
  if (trick != frees_with_exporter) release_crook(&from->pub);
}

static void release_provider(nbuf_provider* p) {
  crook_provider* self = held(p);
  long left = self->from->trick == races_in_retain
                  ? racy_add(&self->made.refs, -1)
                  : NBUF_ATOMIC_ADD(&self->made.refs, -1);
  if (self->from->trick == races_in_retain ? left <= 0 : left == 0) end_provider(self);
}

static void unlock_provider(nbuf_provider* p) {
  crook_provider* self = held(p);
  if (self->from->trick == unlock_changes) self->made.shape[0] = 1;
  if (self->from->trick == unlock_ends) release_provider(p);
}

crook_provider* make_crook_provider(crook* self, const nbuf_request* request) {
  crook_provider* made = (crook_provider*)calloc(1, sizeof *made);
  if (made == NULL) return NULL;
  made->from = self;
  made->label = NBUF_HAS(request, label) ? request->label : NULL;
  made->made.refs = self->trick == ends_late ? 2 : 1;
  made->made.ops.struct_size = (uint32_t)sizeof made->made.ops;
  made->made.ops.retain = retain_provider;
  made->made.ops.release = release_provider;
  made->made.ops.unlock_layout = unlock_provider;
  made->made.p.ops = &made->made.ops;
  made->made.memory = self->memory;
  made->made.table = self->table;
  fill_truth(&made->made, self->id);
  if (self->trick == never_frees) made->made.blocks[0].size = LARGE;
  if (self->trick == lends_pinned) made->made.p.flags = NBUF_BORROWED;
  return made;
}

static char* memory_of(trick_kind trick) {
  static const char constant[MEMORY_SIZE] = {1, 2, 3};
  char* memory;
  size_t i;
  if (trick == not_writable) return (char*)(uintptr_t)constant;
  memory = (char*)malloc(trick == never_frees ? LARGE : MEMORY_SIZE);
  if (memory == NULL) return NULL;
  if (trick == never_frees) memset(memory, 1, LARGE);
  for (i = 0; i < MEMORY_SIZE; i++) memory[i] = (char)i;
  return memory;
}

static void on_environment_end(void* memory) { memset(memory, RETIRED, MEMORY_SIZE); }

nbuf_exporter* make_crook(const lie* told, int trick) {
  crook* made = (crook*)calloc(1, sizeof *made);
  if (made == NULL) return NULL;
  made->ops.struct_size = (uint32_t)sizeof made->ops;
  made->ops.retain = retain_exporter;
  made->ops.release = release_crook;
  made->ops.acquire = crook_acquire;
  made->pub.ops = &made->ops;
  made->refs = 1;
  made->lie = told;
  made->trick = (trick_kind)trick;
  made->memory = memory_of(made->trick);
  made->id = (uint64_t)(uintptr_t)made;
  if (trick == frees_with_environment)
    napi_add_env_cleanup_hook(crook_env, on_environment_end, made->memory);
  if (made->memory != NULL) return &made->pub;
  free(made);
  return NULL;
}
