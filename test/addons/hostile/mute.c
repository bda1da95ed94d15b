/* Exporters that refuse without saying what is unmet, as those with an older header do:
 * each stands before another exporter, whose providers it gives away. */
#include "hostile.h"

/* What nbuf_error was at first. */
typedef struct {
  uint32_t struct_size;
  nbuf_status status;
  char message[248];
} old_error;

enum { kOld, kWordless, kForgetful, kGrudging, kBoastful, kBroken, kEndless };

typedef struct {
  nbuf_exporter exporter; /* first */
  nbuf_exporter* inner;
  nbuf_atomic refs;
  int32_t kind;
} mute_exporter;

static nbuf_atomic asked;

static void retain(nbuf_exporter* exporter) {
  NBUF_ATOMIC_ADD(&((mute_exporter*)(void*)exporter)->refs, 1);
}

static void release(nbuf_exporter* exporter) {
  mute_exporter* self = (mute_exporter*)(void*)exporter;
  if (NBUF_ATOMIC_ADD(&self->refs, -1) != 0) return;
  self->inner->ops->release(self->inner);
  free(self);
}

static nbuf_status give(nbuf_exporter* exporter, const nbuf_request* request,
                        nbuf_provider** out, nbuf_error* error) {
  mute_exporter* self = (mute_exporter*)(void*)exporter;
  const uint32_t everything = NBUF_FULL_RO | NBUF_LAYOUT_SNAPSHOT;
  const int is_everything = (request->flags & everything) == everything;
  old_error mine;
  char* mark;
  nbuf_status status;
  NBUF_ATOMIC_ADD(&asked, 1);
  *out = NULL;
  if (self->kind == kBroken && is_everything) return NBUF_OK;
  if (self->kind == kEndless) { /* as strncpy leaves a text, and nothing behind it is 0 */
    memset(error->message, 'x', error->struct_size - offsetof(nbuf_error, message));
    error->status = NBUF_ERR_READONLY;
    return NBUF_ERR_READONLY;
  }
  if (self->kind == kForgetful && is_everything) return NBUF_ERR_UNSUPPORTED;
  if (self->kind == kGrudging && !is_everything) return NBUF_ERR_STRIDES;
  memset(&mine, 0, sizeof mine);
  mine.struct_size = (uint32_t)sizeof mine;
  status =
      self->inner->ops->acquire(self->inner, request, out, (nbuf_error*)(void*)&mine);
  if (status == NBUF_OK || self->kind == kWordless) return status;
  if ((mark = strstr(mine.message, "; unmet: ")) != NULL) *mark = '\0';
  error->status = status;
  memcpy(error->message, mine.message, sizeof mine.message);
  if (self->kind == kBoastful && NBUF_HAS(error, grantable)) error->grantable = 7;
  return status;
}

/* mute(kind, exporter) -> an exporter of the same, which says less */
napi_value mute(napi_env env, napi_callback_info info) {
  static const nbuf_exporter_ops ops = {(uint32_t)sizeof ops, 0, retain, release, give};
  nbuf_error error = NBUF_ERROR_INIT;
  size_t count = 2;
  napi_value arguments_[2], object;
  nbuf_status status;
  mute_exporter* self = (mute_exporter*)calloc(1, sizeof *self);
  if (self == NULL) return throw_status(env, NBUF_ERR_NOMEM, NULL);
  napi_get_cb_info(env, info, &count, arguments_, NULL, NULL);
  napi_get_value_int32(env, arguments_[0], &self->kind);
  status = nbuf_get_exporter(env, arguments_[1], &self->inner, &error);
  if (status != NBUF_OK) {
    free(self);
    return throw_status(env, status, &error);
  }
  self->exporter.ops = &ops;
  self->refs = 1;
  status = nbuf_publish(env, &self->exporter, &object);
  release(&self->exporter);
  return status == NBUF_OK ? object : throw_status(env, status, NULL);
}

/* asked() -> how often such exporters were asked so far */
napi_value mute_asked(napi_env env, napi_callback_info info) {
  napi_value result;
  (void)info;
  napi_create_int64(env, NBUF_ATOMIC_LOAD(&asked), &result);
  return result;
}
