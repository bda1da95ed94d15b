/* old_exporter.c - knows today's nbuf.h only. Its structs have nothing behind them. */
#include "canary.h"
#include "nbuf/nbuf.h"

static int16_t memory[6];
static const int64_t shape[] = {2, 3}, strides[] = {6, 2};
static nbuf_block block = {memory, sizeof memory, 1, 0, 0};
static nbuf_provider_ops* provider_ops;
static int references; /* to the one provider at a time */

static void retain(nbuf_provider* p) { (void)p, references++; }
static void release(nbuf_provider* p) {
  if (--references == 0) canary_delete(p);
}
static void unlock_layout(nbuf_provider* p) { (void)p; }

static nbuf_status give(nbuf_exporter* exporter, const nbuf_request* request,
                        nbuf_provider** out, nbuf_error* error) {
  nbuf_provider* p;
  nbuf_status status;
  (void)exporter;
  *out = NULL;
  if (!NBUF_HAS(request, label)) return nbuf_fail(error, NBUF_ERR_ABI, "short request");
  p = canary_new(sizeof *p);
  p->struct_size = (uint32_t)sizeof *p;
  p->ops = provider_ops;
  p->buf = memory;
  p->len = sizeof memory;
  p->itemsize = 2;
  p->ndim = 2;
  p->format = "h";
  p->shape = shape;
  p->strides = strides;
  p->blocks = &block;
  p->block_count = 1;
  status = nbuf_negotiate(p, request->flags, NBUF_IS_C_, error);
  if (status != NBUF_OK) {
    canary_delete(p);
    return status;
  }
  references++;
  *out = p;
  return NBUF_OK;
}

static void keep(nbuf_exporter* exporter) { (void)exporter; }

nbuf_exporter* make_exporter(void) {
  nbuf_exporter_ops* ops = canary_new(sizeof *ops);
  nbuf_exporter* exporter = canary_new(sizeof *exporter);
  ops->struct_size = (uint32_t)sizeof *ops;
  ops->retain = ops->release = keep;
  ops->acquire = give;
  exporter->ops = ops;
  provider_ops = canary_new(sizeof *provider_ops);
  provider_ops->struct_size = (uint32_t)sizeof *provider_ops;
  provider_ops->retain = retain;
  provider_ops->release = release;
  provider_ops->unlock_layout = unlock_layout;
  return exporter;
}

void delete_exporter(nbuf_exporter* exporter) {
  canary_check(references == 0, "every reference was released");
  canary_delete((void*)exporter->ops);
  canary_delete(exporter);
  canary_delete(provider_ops);
}
