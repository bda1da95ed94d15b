/* test_pointer_life.c - nbuf_export_pointer: what it copies, when `free` is called. */
#include <stdlib.h>

#include "pointer_fixture.h"

static int free_calls;

/* Frees for good, so that a later access by the exporter is one after free. */
static void free_and_count(void* context) {
  free_calls++;
  free(context);
}

static nbuf_exporter* make_exporter(int64_t size, uint32_t flags) {
  int64_t shape[] = {size}, strides[] = {1};
  char format[] = "B";
  nbuf_exporter* exporter = NULL;
  void* memory = calloc(1, (size_t)size);
  nbuf_pointer_export from = describe(memory, 1, shape, strides);
  nbuf_error error = no_error();
  from.flags = flags;
  from.format = format;
  from.free = free_and_count;
  from.context = memory;
  free_calls = 0;
  if (!CHECK(nbuf_export_pointer(&from, &exporter, &error) == NBUF_OK)) exit(1);
  /* All of it is copied: */
  shape[0] = -1;
  strides[0] = INT64_MIN;
  format[0] = '!';
  memset(&from, 0xa5, sizeof from);
  return exporter;
}

static void fields_and_free_after_last_provider(void) {
  nbuf_exporter* exporter = make_exporter(24, 0);
  nbuf_provider *a, *b;
  CHECK(acquire(exporter, NBUF_FULL, NULL, &a, NULL) == NBUF_OK);
  CHECK(acquire(exporter, NBUF_FULL_RO, "b", &b, NULL) == NBUF_OK);
  CHECK(a != b && a->buf == b->buf && a->blocks[0].id == b->blocks[0].id);
  CHECK(a->struct_size == sizeof *a && a->flags == 0 && a->len == 24 && a->itemsize == 1);
  CHECK(a->ndim == 1 && a->shape[0] == 24 && a->strides[0] == 1);
  CHECK(strcmp(a->format, "B") == 0 && a->suboffsets == NULL);
  CHECK(a->block_count == 1 && a->blocks[0].base == a->buf && a->blocks[0].size == 24);
  CHECK(a->blocks[0].id != 0 && a->blocks[0].flags == 0 && a->level_count == 0);
  CHECK(nbuf_validate(a, NULL) == NBUF_OK);
  exporter->ops->retain(exporter);
  exporter->ops->release(exporter);
  exporter->ops->release(exporter); /* the exporter goes, the memory stays */
  CHECK(free_calls == 0);
  a->ops->retain(a);
  a->ops->release(a);
  memset(a->buf, 1, 24);
  a->ops->release(a);
  CHECK(free_calls == 0 && ((char*)b->buf)[23] == 1);
  b->ops->unlock_layout(b);
  b->ops->unlock_layout(b);
  b->ops->release(b);
  CHECK(free_calls == 1);
}

static void readonly_and_flags_pass_through(void) {
  nbuf_exporter* exporter = make_exporter(8, NBUF_READONLY | NBUF_BORROWED);
  nbuf_error error = no_error();
  nbuf_provider* p = (nbuf_provider*)&error;
  CHECK(acquire(exporter, NBUF_FULL, "w", &p, &error) == NBUF_ERR_READONLY);
  CHECK(p == NULL && error.status == NBUF_ERR_READONLY);
  CHECK(acquire(exporter, NBUF_REQUIRE_PINNED, "x", &p, &error) == NBUF_ERR_UNSUPPORTED);
  CHECK(acquire(exporter, 0x2u, "x", &p, &error) == NBUF_ERR_UNSUPPORTED);
  CHECK_TEXT(error.message, "0x2");
  CHECK(acquire(exporter, 0x80000000u, "x", &p, &error) == NBUF_ERR_UNSUPPORTED);
  CHECK(locks_of(exporter) == 0);
  CHECK(acquire(exporter, NBUF_SIMPLE, NULL, &p, &error) == NBUF_OK);
  CHECK(p->flags == (NBUF_READONLY | NBUF_BORROWED) && p->shape == NULL && p->ndim == 1);
  p->ops->release(p);
  exporter->ops->release(exporter);
  CHECK(free_calls == 1);
}

static void no_free_function_is_fine(void) {
  char memory[4];
  const int64_t shape[] = {4};
  nbuf_pointer_export from = describe(memory, 1, shape, NULL);
  nbuf_exporter* exporter;
  CHECK(nbuf_export_pointer(&from, &exporter, NULL) == NBUF_OK);
  exporter->ops->release(exporter);
}

static void failure_does_not_free(void) {
  char memory[4];
  const int64_t shape[] = {5};
  nbuf_pointer_export from = describe(memory, 1, shape, NULL);
  nbuf_exporter* exporter = (nbuf_exporter*)&from;
  nbuf_error error = no_error();
  from.base = memory;
  from.size = sizeof memory;
  from.free = free_and_count;
  free_calls = 0;
  CHECK(nbuf_export_pointer(&from, &exporter, &error) == NBUF_ERR_BOUNDS);
  CHECK(exporter == NULL && free_calls == 0);
  CHECK_TEXT(error.message, "[0, 5) of a block of 4");
}

static void short_requests_are_refused(void) {
  nbuf_exporter* exporter = make_exporter(8, 0);
  nbuf_request request = {sizeof request, 0, NULL};
  nbuf_provider* p;
  request.struct_size = (uint32_t)offsetof(nbuf_request, label);
  CHECK(exporter->ops->acquire(exporter, &request, &p, NULL) == NBUF_ERR_ABI);
  CHECK(exporter->ops->acquire(exporter, NULL, &p, NULL) == NBUF_ERR_ABI && p == NULL);
  exporter->ops->release(exporter);
  CHECK(free_calls == 1);
}

static void foreign_block_ids_are_kept(void) {
  char memory[16];
  const int64_t shape[] = {4};
  nbuf_pointer_export from = describe(memory + 4, 1, shape, NULL);
  nbuf_exporter *exporter, *other;
  nbuf_provider *p, *q;
  from.base = memory;
  from.size = sizeof memory;
  from.block = 42;
  CHECK(nbuf_export_pointer(&from, &exporter, NULL) == NBUF_OK);
  from.block = 0;
  CHECK(nbuf_export_pointer(&from, &other, NULL) == NBUF_OK);
  CHECK(acquire(exporter, NBUF_FULL, NULL, &p, NULL) == NBUF_OK);
  CHECK(acquire(other, NBUF_FULL, NULL, &q, NULL) == NBUF_OK);
  CHECK(p->blocks[0].id == 42 && p->blocks[0].base == memory && p->blocks[0].size == 16);
  CHECK(q->blocks[0].id != 0 && q->blocks[0].id != 42);
  p->ops->release(p);
  q->ops->release(q);
  exporter->ops->release(exporter);
  other->ops->release(other);
}

int main(void) {
  fields_and_free_after_last_provider();
  readonly_and_flags_pass_through();
  no_free_function_is_fine();
  failure_does_not_free();
  short_requests_are_refused();
  foreign_block_ids_are_kept();
  return check_result("pointer_life");
}
