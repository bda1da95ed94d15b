/* test_pointer_dispose.c - other memory for an exporter, and its end before its time. */
#include <stdlib.h>

#include "pointer_fixture.h"

static int free_calls;
static void* freed;

static void free_and_count(void* context) {
  free_calls++;
  freed = context;
  free(context);
}

static nbuf_pointer_export bytes(int64_t size, const int64_t* shape) {
  void* memory = calloc(1, (size_t)size);
  nbuf_pointer_export from = describe(memory, 1, shape, NULL);
  from.base = from.context = memory;
  from.size = size;
  from.free = free_and_count;
  return from;
}

static nbuf_exporter* make_exporter(void) {
  static const int64_t shape[] = {24};
  nbuf_pointer_export from = bytes(24, shape);
  nbuf_exporter* exporter = NULL;
  free_calls = 0;
  CHECK(nbuf_export_pointer(&from, &exporter, NULL) == NBUF_OK);
  return exporter;
}

static nbuf_status refused(nbuf_exporter* exporter) {
  nbuf_provider* p;
  nbuf_status status = acquire(exporter, NBUF_FULL, NULL, &p, NULL);
  CHECK(p == NULL);
  return status;
}

static void dispose_without_providers_frees_at_once(void) {
  nbuf_exporter* exporter = make_exporter();
  nbuf_provider* p;
  nbuf_error error = no_error();
  CHECK(acquire(exporter, NBUF_FULL, NULL, &p, NULL) == NBUF_OK);
  p->ops->release(p); /* waits in a spare place, and is no provider */
  CHECK(free_calls == 0);
  nbuf_pointer_dispose(exporter);
  CHECK(free_calls == 1 && locks_of(exporter) == 0);
  nbuf_pointer_dispose(exporter);
  CHECK(acquire(exporter, NBUF_FULL, "late", &p, &error) == NBUF_ERR_RELEASED);
  CHECK_TEXT(error.message, "disposed");
  CHECK(refused(exporter) == NBUF_ERR_RELEASED);
  exporter->ops->release(exporter);
  CHECK(free_calls == 1);
}

static void dispose_waits_for_the_last_provider(void) {
  nbuf_exporter* exporter = make_exporter();
  nbuf_provider *p, *q;
  CHECK(acquire(exporter, NBUF_FULL, "a", &p, NULL) == NBUF_OK);
  CHECK(acquire(exporter, NBUF_FULL, NULL, &q, NULL) == NBUF_OK);
  nbuf_pointer_dispose(exporter);
  CHECK(free_calls == 0 && refused(exporter) == NBUF_ERR_RELEASED);
  p->ops->release(p);
  memset(q->buf, 1, 24);
  CHECK(free_calls == 0 && locks_of(exporter) == 101);
  q->ops->release(q); /* must not wait in a spare place */
  CHECK(free_calls == 1);
  exporter->ops->release(exporter);
  CHECK(free_calls == 1);
}

static void dispose_then_the_exporter_goes_first(void) {
  nbuf_exporter* exporter = make_exporter();
  nbuf_provider* p;
  CHECK(acquire(exporter, NBUF_FULL, NULL, &p, NULL) == NBUF_OK);
  nbuf_pointer_dispose(exporter);
  exporter->ops->release(exporter);
  CHECK(free_calls == 0);
  p->ops->release(p);
  CHECK(free_calls == 1);
}

static void a_disposed_exporter_cannot_be_changed(void) {
  static const int64_t shape[] = {4}, empty[] = {0};
  nbuf_exporter* exporter = make_exporter();
  nbuf_pointer_export from = bytes(4, shape), none = describe(NULL, 1, empty, NULL);
  nbuf_pointer_dispose(exporter);
  CHECK(nbuf_pointer_set_layout(exporter, &none, NULL) == NBUF_ERR_RELEASED);
  CHECK(nbuf_pointer_set_memory(exporter, &from, NULL) == NBUF_ERR_RELEASED);
  CHECK(free_calls == 1);
  free(from.context); /* still the caller's */
  exporter->ops->release(exporter);
}

static void other_memory(void) {
  static const int64_t shape[] = {8, 10};
  nbuf_exporter* exporter = make_exporter();
  nbuf_pointer_export from = bytes(80, shape);
  nbuf_error error = no_error();
  nbuf_provider* p;
  void* old;
  from.ndim = 2;
  from.flags = NBUF_READONLY;
  CHECK(acquire(exporter, NBUF_FULL | NBUF_LAYOUT_SNAPSHOT, "tiler", &p, NULL) ==
        NBUF_OK);
  old = p->buf;
  CHECK(nbuf_pointer_set_memory(exporter, &from, &error) == NBUF_ERR_LOCKED);
  CHECK_TEXT(error.message, "the memory is locked by 1 provider ('tiler', ");
  CHECK(free_calls == 0 && p->len == 24);
  p->ops->release(p);
  CHECK(nbuf_pointer_set_memory(exporter, &from, &error) == NBUF_OK);
  CHECK(free_calls == 1 && freed == old);
  CHECK(refused(exporter) == NBUF_ERR_READONLY);
  CHECK(acquire(exporter, NBUF_FULL_RO, NULL, &p, NULL) == NBUF_OK);
  CHECK(p->buf == from.buf && p->len == 80 && p->ndim == 2 && p->shape[1] == 10);
  CHECK(p->blocks[0].base == from.buf && p->blocks[0].size == 80);
  CHECK(p->flags == NBUF_READONLY && nbuf_validate(p, NULL) == NBUF_OK);
  p->ops->release(p);
  exporter->ops->release(exporter);
  CHECK(free_calls == 2 && freed == from.context);
}

static void refused_memory_changes_nothing(void) {
  static const int64_t shape[] = {81};
  nbuf_exporter* exporter = make_exporter();
  nbuf_pointer_export from = bytes(80, shape);
  nbuf_provider* p;
  CHECK(nbuf_pointer_set_memory(exporter, &from, NULL) == NBUF_ERR_BOUNDS);
  CHECK(nbuf_pointer_set_memory(exporter, NULL, NULL) == NBUF_ERR_ABI);
  from.flags = 0x100;
  CHECK(nbuf_pointer_set_memory(exporter, &from, NULL) == NBUF_ERR_UNSUPPORTED);
  free(from.context);
  CHECK(acquire(exporter, NBUF_FULL, NULL, &p, NULL) == NBUF_OK && p->len == 24);
  p->ops->release(p);
  CHECK(free_calls == 0);
  exporter->ops->release(exporter);
}

int main(void) {
  dispose_without_providers_frees_at_once();
  dispose_waits_for_the_last_provider();
  dispose_then_the_exporter_goes_first();
  a_disposed_exporter_cannot_be_changed();
  other_memory();
  refused_memory_changes_nothing();
  return check_result("pointer_dispose");
}
