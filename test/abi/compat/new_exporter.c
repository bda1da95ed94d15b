/* new_exporter.c - an exporter of the future: it fills and reads the appended members
 * where its peer has them. */
#include "canary.h"
#include "future.h"

static int16_t memory[6];
static const int64_t shape[] = {2, 3}, strides[] = {6, 2};
static nbuf_block block = {memory, sizeof memory, 1, 0, 0};
static future_provider_ops* provider_ops;
static int references; /* to the one provider at a time */

static void retain(nbuf_provider* p) { (void)p, references++; }
static void release(nbuf_provider* p) {
  if (--references == 0) canary_delete(p);
}
static void unlock_layout(nbuf_provider* p) { (void)p; }
static int64_t refresh(nbuf_provider* p) { return ++((future_provider*)(void*)p)->epoch; }
static int64_t count(nbuf_exporter* exporter) {
  return exporter != NULL ? references : -1;
}

/* A detail for those who can take it. */
static nbuf_status with_detail(nbuf_status status, int64_t detail, nbuf_error* error) {
  future_error* wide = (future_error*)(void*)error;
  if (error != NULL && FUTURE_HAS(wide, detail)) wide->detail = detail;
  return status;
}

static nbuf_status give(nbuf_exporter* exporter, const nbuf_request* request,
                        nbuf_provider** out, nbuf_error* error) {
  const future_request* wide = (const future_request*)(const void*)request;
  future_provider* p;
  nbuf_status status;
  (void)exporter;
  *out = NULL;
  if (!NBUF_HAS(request, label)) return nbuf_fail(error, NBUF_ERR_ABI, "short request");
  if (FUTURE_HAS(wide, purpose) && wide->purpose > 7)
    return with_detail(nbuf_fail(error, NBUF_ERR_UNSUPPORTED, "unknown purpose"),
                       (int64_t)wide->purpose, error);
  p = canary_new(sizeof *p);
  p->now.struct_size = (uint32_t)sizeof *p;
  p->now.ops = &provider_ops->now;
  p->now.buf = memory;
  p->now.len = sizeof memory;
  p->now.itemsize = 2;
  p->now.ndim = 2;
  p->now.format = "h";
  p->now.shape = shape;
  p->now.strides = strides;
  p->now.blocks = &block;
  p->now.block_count = 1;
  p->device = 0;
  p->epoch = 40;
  status = nbuf_negotiate(&p->now, request->flags & ~FUTURE_EXCLUSIVE, NBUF_IS_C_, error);
  if (status != NBUF_OK) {
    canary_delete(p);
    return with_detail(status, status, error);
  }
  references++;
  *out = &p->now;
  return NBUF_OK;
}

static void keep(nbuf_exporter* exporter) { (void)exporter; }

nbuf_exporter* make_exporter(void) {
  future_exporter_ops* ops = canary_new(sizeof *ops);
  nbuf_exporter* exporter = canary_new(sizeof *exporter);
  ops->now.struct_size = (uint32_t)sizeof *ops;
  ops->now.retain = ops->now.release = keep;
  ops->now.acquire = give;
  ops->count = count;
  exporter->ops = &ops->now;
  provider_ops = canary_new(sizeof *provider_ops);
  provider_ops->now.struct_size = (uint32_t)sizeof *provider_ops;
  provider_ops->now.retain = retain;
  provider_ops->now.release = release;
  provider_ops->now.unlock_layout = unlock_layout;
  provider_ops->refresh = refresh;
  return exporter;
}

void delete_exporter(nbuf_exporter* exporter) {
  canary_check(references == 0, "every reference was released");
  canary_delete((void*)exporter->ops);
  canary_delete(exporter);
  canary_delete(provider_ops);
}
