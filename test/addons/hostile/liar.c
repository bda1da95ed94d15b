/* An exporter whose providers are true but for one lie. */
#include "hostile.h"

liar_counts counts;

typedef struct {
  nbuf_exporter pub; /* first */
  long refs;
  const lie* which;
  uint64_t id;
} liar_exporter;

static void retain_provider(nbuf_provider* provider) {
  ((liar_provider*)(void*)provider)->refs++;
}

static void release_provider(nbuf_provider* provider) {
  long left = --((liar_provider*)(void*)provider)->refs;
  if (left == 0) counts.ended++;
  if (left < 0) counts.released_too_often++;
}

static void unlock_provider(nbuf_provider* provider) { (void)provider; }

void fill_truth(liar_provider* made, uint64_t id) {
  nbuf_provider* p = &made->p;
  made->blocks[0].base = made->memory;
  made->blocks[0].size = MEMORY_SIZE;
  made->blocks[0].id = id;
  p->struct_size = (uint32_t)sizeof *p;
  p->blocks = made->blocks;
  p->block_count = 1;
  p->buf = made->memory + 16;
  made->shape[0] = 2;
  made->shape[1] = 3;
  made->strides[0] = 6;
  made->strides[1] = 2;
  p->len = 12;
  p->itemsize = 2;
  p->ndim = 2;
  p->format = "h";
  p->shape = made->shape;
  p->strides = made->strides;
}

/* Like the provider, never freed. */
static int give_memory(liar_provider* made) {
  size_t i;
  made->memory = (char*)calloc(1, MEMORY_SIZE);
  made->table = (char**)calloc(MEMORY_TABLE, sizeof *made->table);
  if (made->memory == NULL || made->table == NULL) return 0;
  for (i = 0; i < MEMORY_SIZE; i++) made->memory[i] = (char)i;
  return 1;
}

static nbuf_status acquire(nbuf_exporter* exporter, const nbuf_request* request,
                           nbuf_provider** out, nbuf_error* error) {
  liar_exporter* self = (liar_exporter*)(void*)exporter;
  liar_provider* made = (liar_provider*)calloc(1, sizeof *made);
  (void)request;
  *out = NULL;
  if (made == NULL || !give_memory(made))
    return nbuf_fail(error, NBUF_ERR_NOMEM, "out of memory");
  made->refs = 1;
  made->ops.struct_size = (uint32_t)sizeof made->ops;
  made->ops.retain = retain_provider;
  made->ops.release = release_provider;
  made->ops.unlock_layout = unlock_provider;
  made->p.ops = &made->ops;
  fill_truth(made, self->id);
  if (self->which->make != NULL) self->which->make(made);
  counts.acquired++;
  if (self->which->acquire != NULL) return self->which->acquire(made, out);
  *out = &made->p;
  return NBUF_OK;
}

static void retain_exporter(nbuf_exporter* exporter) {
  ((liar_exporter*)(void*)exporter)->refs++;
}

static void release_exporter(nbuf_exporter* exporter) {
  liar_exporter* self = (liar_exporter*)(void*)exporter;
  if (--self->refs > 0) return;
  counts.exporters--;
  free(self);
}

nbuf_exporter* make_liar(const lie* which, uint64_t id) {
  static const nbuf_exporter_ops ops = {(uint32_t)sizeof(nbuf_exporter_ops), 0,
                                        retain_exporter, release_exporter, acquire};
  liar_exporter* made = (liar_exporter*)calloc(1, sizeof *made);
  if (made == NULL) return NULL;
  made->pub.ops = &ops;
  made->refs = 1;
  made->which = which;
  made->id = id;
  counts.exporters++;
  return &made->pub;
}

const lie* find_lie(const char* name) {
  const lie* const tables[] = {layout_lies, memory_lies, ops_lies};
  size_t i;
  for (i = 0; i < sizeof tables / sizeof tables[0]; i++) {
    const lie* entry = tables[i];
    for (; entry->name != NULL; entry++)
      if (strcmp(entry->name, name) == 0) return entry;
  }
  return NULL;
}
