/* test_pointer_locks.c - the two locks, set_layout, and what lock errors say. */
#include "pointer_fixture.h"

static char memory[24];

static nbuf_exporter* make_exporter(void) {
  static const int64_t shape[] = {4, 6};
  nbuf_pointer_export from = describe(memory, 2, shape, NULL);
  nbuf_exporter* exporter = NULL;
  CHECK(nbuf_export_pointer(&from, &exporter, NULL) == NBUF_OK);
  return exporter;
}

static nbuf_status set_rows(nbuf_exporter* exporter, int64_t rows, nbuf_error* error) {
  const int64_t shape[] = {rows, 24 / rows};
  nbuf_pointer_export from = describe(memory, 2, shape, NULL);
  return nbuf_pointer_set_layout(exporter, &from, error);
}

static void layout_lock_refuses_and_names_the_holder(void) {
  nbuf_exporter* exporter = make_exporter();
  nbuf_error error = no_error();
  nbuf_provider *p, *q;
  CHECK(acquire(exporter, NBUF_FULL, "encoder", &p, &error) == NBUF_OK);
  CHECK(locks_of(exporter) == 101);
  CHECK(set_rows(exporter, 8, &error) == NBUF_ERR_LOCKED);
  CHECK_TEXT(error.message, "the layout is locked by 1 provider ('encoder', ");
  CHECK(set_rows(exporter, 8, NULL) == NBUF_ERR_LOCKED);
  CHECK(error.message[strlen(error.message) - 1] == ')');
  p->ops->unlock_layout(p);
  CHECK(locks_of(exporter) == 100);
  p->ops->unlock_layout(p);
  CHECK(locks_of(exporter) == 100);
  CHECK(set_rows(exporter, 8, &error) == NBUF_OK);
  CHECK(p->shape[0] == 4 && p->strides[0] == 6); /* the old provider, its layout */
  CHECK(acquire(exporter, NBUF_FULL, NULL, &q, &error) == NBUF_OK);
  CHECK(q->shape[0] == 8 && q->strides[0] == 3 && q->buf == p->buf);
  CHECK(q->blocks[0].id == p->blocks[0].id);
  p->ops->release(p);
  CHECK(locks_of(exporter) == 101);
  CHECK(set_rows(exporter, 2, &error) == NBUF_ERR_LOCKED);
  CHECK(strcmp(error.message, "the layout is locked by 1 provider") == 0);
  q->ops->release(q);
  exporter->ops->release(exporter);
}

static void snapshots_do_not_lock_the_layout(void) {
  nbuf_exporter* exporter = make_exporter();
  nbuf_provider *p, *again;
  CHECK(acquire(exporter, NBUF_FULL | NBUF_LAYOUT_SNAPSHOT, "s", &p, NULL) == NBUF_OK);
  CHECK(locks_of(exporter) == 100);
  CHECK(set_rows(exporter, 3, NULL) == NBUF_OK);
  CHECK(set_rows(exporter, 6, NULL) == NBUF_OK);
  CHECK(p->shape[0] == 4 && p->strides[0] == 6);
  p->ops->unlock_layout(p);
  CHECK(locks_of(exporter) == 100);
  CHECK(acquire(exporter, NBUF_FULL, NULL, &again, NULL) == NBUF_OK);
  CHECK(again->shape[0] == 6);
  again->ops->release(again);
  exporter->ops->release(exporter);
  CHECK(p->shape[0] == 4);
  p->ops->release(p);
}

/* Both locks belong to the provider: references come and go without changing them. */
static void references_share_the_locks(void) {
  nbuf_exporter* exporter = make_exporter();
  nbuf_provider* p;
  CHECK(acquire(exporter, NBUF_FULL, NULL, &p, NULL) == NBUF_OK);
  p->ops->retain(p);
  CHECK(locks_of(exporter) == 101);
  p->ops->release(p);
  CHECK(locks_of(exporter) == 101);
  p->ops->release(p);
  CHECK(locks_of(exporter) == 0);
  exporter->ops->release(exporter);
}

static void refused_requests_hold_nothing(void) {
  static const int64_t shape[] = {4, 3}, strides[] = {6, 2};
  nbuf_pointer_export from = describe(memory, 2, shape, strides);
  nbuf_exporter* exporter;
  nbuf_provider* p;
  from.base = memory;
  from.size = sizeof memory;
  CHECK(nbuf_export_pointer(&from, &exporter, NULL) == NBUF_OK);
  CHECK(acquire(exporter, NBUF_ND, "a", &p, NULL) == NBUF_ERR_STRIDES && p == NULL);
  CHECK(acquire(exporter, NBUF_C_CONTIGUOUS, "b", &p, NULL) == NBUF_ERR_CONTIGUITY);
  CHECK(locks_of(exporter) == 0);
  CHECK(set_rows(exporter, 4, NULL) == NBUF_OK);
  exporter->ops->release(exporter);
}

static void failed_changes_change_nothing(void) {
  static const int64_t out_of_it[] = {25};
  nbuf_exporter* exporter = make_exporter();
  nbuf_pointer_export from = describe(memory, 1, out_of_it, NULL);
  nbuf_provider* p;
  CHECK(nbuf_pointer_set_layout(exporter, &from, NULL) == NBUF_ERR_BOUNDS);
  CHECK(nbuf_pointer_set_layout(exporter, NULL, NULL) == NBUF_ERR_ABI);
  from.base = memory; /* the block stays the exporter's, whatever `from` claims */
  from.size = 4096;
  CHECK(nbuf_pointer_set_layout(exporter, &from, NULL) == NBUF_ERR_BOUNDS);
  CHECK(acquire(exporter, NBUF_FULL, NULL, &p, NULL) == NBUF_OK);
  CHECK(p->ndim == 2 && p->shape[0] == 4);
  p->ops->release(p);
  exporter->ops->release(exporter);
}

static void no_memory_no_elements(void) {
  static const int64_t empty[] = {0}, one[] = {1};
  nbuf_pointer_export from = describe(NULL, 1, empty, NULL);
  nbuf_exporter* exporter;
  CHECK(nbuf_export_pointer(&from, &exporter, NULL) == NBUF_OK);
  CHECK(nbuf_pointer_set_layout(exporter, &from, NULL) == NBUF_OK);
  from = describe(memory, 1, one, NULL);
  CHECK(nbuf_pointer_set_layout(exporter, &from, NULL) == NBUF_ERR_BOUNDS);
  exporter->ops->release(exporter);
}

static void holders_are_counted_and_those_with_labels_listed(void) {
  nbuf_exporter* exporter = make_exporter();
  nbuf_error error = no_error();
  nbuf_provider* p[40];
  int i;
  for (i = 0; i < 40; i++)
    CHECK(acquire(exporter, NBUF_FULL, i % 2 ? "a label of some length" : NULL, &p[i],
                  NULL) == NBUF_OK);
  CHECK(set_rows(exporter, 3, &error) == NBUF_ERR_LOCKED);
  CHECK_TEXT(error.message, "by 40 providers ('a label of some length', ");
  CHECK_TEXT(error.message, "; ...)"); /* as many as fit */
  for (i = 0; i < 40; i += 2) p[i]->ops->release(p[i]);
  for (i = 39; i > 1; i -= 2) p[i]->ops->release(p[i]);
  CHECK(set_rows(exporter, 3, &error) == NBUF_ERR_LOCKED);
  CHECK_TEXT(error.message, "by 1 provider ('a label of some length', ");
  CHECK(strstr(error.message, "...") == NULL);
  p[1]->ops->release(p[1]);
  CHECK(set_rows(exporter, 3, &error) == NBUF_OK);
  exporter->ops->release(exporter);
}

int main(void) {
  layout_lock_refuses_and_names_the_holder();
  snapshots_do_not_lock_the_layout();
  references_share_the_locks();
  refused_requests_hold_nothing();
  failed_changes_change_nothing();
  no_memory_no_elements();
  holders_are_counted_and_those_with_labels_listed();
  return check_result("pointer_locks");
}
