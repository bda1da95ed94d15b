/* Lies about ops, sizes of structs, and what acquire returns. */
#include "hostile.h"

static void nothing(liar_provider* m) { (void)m; }

static void ops_null(liar_provider* m) { m->p.ops = NULL; }
static void ops_short(liar_provider* m) { m->ops.struct_size = 8; }
static void ops_without_unlock(liar_provider* m) {
  m->ops.struct_size = (uint32_t)offsetof(nbuf_provider_ops, unlock_layout);
}
static void release_null(liar_provider* m) { m->ops.release = NULL; }
static void retain_null(liar_provider* m) { m->ops.retain = NULL; }
static void unlock_null(liar_provider* m) { m->ops.unlock_layout = NULL; }
static void struct_zero(liar_provider* m) { m->p.struct_size = 0; }
static void struct_without_ops(liar_provider* m) {
  m->p.struct_size = (uint32_t)offsetof(nbuf_provider, ops);
}
static void struct_without_blocks(liar_provider* m) {
  m->p.struct_size = (uint32_t)offsetof(nbuf_provider, blocks);
}

/* No lies: what an older, and a newer, peer would send. */
static void struct_without_levels(liar_provider* m) {
  m->p.struct_size = (uint32_t)offsetof(nbuf_provider, level_count);
  m->p.level_count = 99; /* beyond struct_size: whatever lies there */
}
static void struct_longer(liar_provider* m) {
  m->p.struct_size = (uint32_t)sizeof(liar_provider);
}

static nbuf_status ok_with_null(liar_provider* m, nbuf_provider** out) {
  counts.ended++; /* nobody was given it */
  (void)m;
  *out = NULL;
  return NBUF_OK;
}
static nbuf_status refuse(liar_provider* m, nbuf_provider** out, nbuf_status status) {
  counts.ended++;
  *out = &m->p; /* the lie: failure sets it to NULL */
  return status;
}
static nbuf_status error_with_provider(liar_provider* m, nbuf_provider** out) {
  return refuse(m, out, NBUF_ERR_READONLY);
}
static nbuf_status status_unknown(liar_provider* m, nbuf_provider** out) {
  return refuse(m, out, 9999);
}
static nbuf_status status_negative(liar_provider* m, nbuf_provider** out) {
  return refuse(m, out, -3);
}
static nbuf_status status_lowest(liar_provider* m, nbuf_provider** out) {
  return refuse(m, out, INT32_MIN);
}

const lie ops_lies[] = {
    {"none", nothing, NULL},
    {"ops_null", ops_null, NULL},
    {"ops_short", ops_short, NULL},
    {"ops_without_unlock", ops_without_unlock, NULL},
    {"release_null", release_null, NULL},
    {"retain_null", retain_null, NULL},
    {"unlock_null", unlock_null, NULL},
    {"struct_zero", struct_zero, NULL},
    {"struct_without_ops", struct_without_ops, NULL},
    {"struct_without_blocks", struct_without_blocks, NULL},
    {"struct_without_levels", struct_without_levels, NULL},
    {"struct_longer", struct_longer, NULL},
    {"ok_with_null", NULL, ok_with_null},
    {"error_with_provider", NULL, error_with_provider},
    {"status_unknown", NULL, status_unknown},
    {"status_negative", NULL, status_negative},
    {"status_lowest", NULL, status_lowest},
    {NULL, NULL, NULL},
};
