/* old_consumer.c - knows today's nbuf.h only; and, with its second kind of error, that of
 * the first days. */
#include <string.h>

#include "canary.h"
#include "nbuf/nbuf.h"

/* nbuf_error of the first headers: it ended with the message. */
enum { kFirstError = offsetof(nbuf_error, unmet) };

static nbuf_provider* ask(nbuf_exporter* exporter, uint32_t flags, nbuf_status expected,
                          size_t error_size) {
  nbuf_request* request = canary_new(sizeof *request);
  nbuf_error* error = canary_new(error_size);
  nbuf_provider* p = NULL;
  request->struct_size = (uint32_t)sizeof *request;
  request->flags = flags;
  request->label = "old";
  error->struct_size = (uint32_t)error_size;
  canary_check(exporter->ops->acquire(exporter, request, &p, error) == expected,
               "acquire answers as expected");
  canary_check(error->status == expected, "the error says so, too");
  canary_check((p != NULL) == (expected == NBUF_OK), "failure gives no provider");
  if (error_size > kFirstError)
    canary_check((error->unmet != 0) == (p == NULL), "a refusal says what is unmet");
  canary_delete(request);
  canary_delete(error);
  return p;
}

static nbuf_provider* get(nbuf_exporter* exporter, uint32_t flags, nbuf_status expected) {
  nbuf_provider* p = ask(exporter, flags, expected, kFirstError);
  if (p != NULL) p->ops->release(p);
  return ask(exporter, flags, expected, sizeof(nbuf_error));
}

void consume(nbuf_exporter* exporter) {
  nbuf_provider* p = get(exporter, NBUF_FULL, NBUF_OK);
  exporter->ops->retain(exporter);
  canary_check(nbuf_validate(p, NULL) == NBUF_OK, "the provider is valid");
  canary_check(p->shape[1] == 3 && strcmp(p->format, "h") == 0, "its members are right");
  canary_check(((int16_t*)p->buf)[5] == 0, "its memory can be read");
  p->ops->retain(p);
  p->ops->unlock_layout(p);
  p->ops->release(p);
  p->ops->release(p);
  get(exporter, 0x2u, NBUF_ERR_UNSUPPORTED);
  get(exporter, NBUF_F_CONTIGUOUS, NBUF_ERR_CONTIGUITY);
  exporter->ops->release(exporter);
}
