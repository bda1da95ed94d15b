/* new_consumer.c - a consumer of the future: it asks for more, and lives with less. */
#include <string.h>

#include "canary.h"
#include "future.h"

static nbuf_provider* get(nbuf_exporter* exporter, uint32_t flags, uint64_t purpose,
                          nbuf_status expected, int64_t detail) {
  future_request* request = canary_new(sizeof *request);
  future_error* error = canary_new(sizeof *error);
  nbuf_provider* p = NULL;
  request->now.struct_size = (uint32_t)sizeof *request;
  request->now.flags = flags;
  request->now.label = "new";
  request->purpose = purpose;
  request->tag = "tag";
  error->now.struct_size = (uint32_t)sizeof *error;
  canary_check(
      exporter->ops->acquire(exporter, &request->now, &p, &error->now) == expected,
      "acquire answers as expected");
  canary_check(error->now.status == expected, "the error says so, too");
  canary_check(error->detail == detail, "an old exporter leaves the detail at zero");
  canary_delete(request);
  canary_delete(error);
  return p;
}

/* 0 where the exporter has never heard of it. */
static int64_t epoch_of(const nbuf_provider* p) {
  const future_provider* wide = (const future_provider*)(const void*)p;
  return FUTURE_HAS(wide, epoch) ? wide->epoch : 0;
}

static int64_t refresh(nbuf_provider* p) {
  const future_provider_ops* wide = (const future_provider_ops*)(const void*)p->ops;
  return FUTURE_HAS(wide, refresh) ? wide->refresh(p) : 0;
}

static int64_t count(nbuf_exporter* exporter) {
  const future_exporter_ops* wide =
      (const future_exporter_ops*)(const void*)exporter->ops;
  return FUTURE_HAS(wide, count) ? wide->count(exporter) : -1;
}

void consume(nbuf_exporter* exporter) {
  const int is_new = count(exporter) >= 0;
  nbuf_provider* p = get(exporter, NBUF_FULL | FUTURE_EXCLUSIVE, 3,
                         is_new ? NBUF_OK : NBUF_ERR_UNSUPPORTED, 0);
  canary_check((p != NULL) == is_new, "an unknown flag is refused");
  if (p == NULL) p = get(exporter, NBUF_FULL, 3, NBUF_OK, 0);
  canary_check(nbuf_validate(p, NULL) == NBUF_OK, "the provider is valid");
  canary_check(p->shape[1] == 3 && strcmp(p->format, "h") == 0, "its members are right");
  canary_check(epoch_of(p) == (is_new ? 40 : 0), "the epoch");
  canary_check(refresh(p) == (is_new ? 41 : 0), "an operation of the future");
  canary_check(count(exporter) == (is_new ? 1 : -1), "another one");
  p->ops->unlock_layout(p);
  p->ops->release(p);
  p = get(exporter, NBUF_SIMPLE, 9, is_new ? NBUF_ERR_UNSUPPORTED : NBUF_OK,
          is_new ? 9 : 0);
  if (p != NULL) p->ops->release(p);
}
