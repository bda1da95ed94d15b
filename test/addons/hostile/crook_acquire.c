/* What the crook says when it is asked. */
#include "crook.h"

static void run_javascript(nbuf_status* status) {
  napi_value text, result;
  if (napi_create_string_utf8(crook_env, "1 + 1", NAPI_AUTO_LENGTH, &text) != napi_ok ||
      napi_run_script(crook_env, text, &result) != napi_ok)
    *status = NBUF_ERR_NOT_EXPORTER;
}

/* What the layout is to be asked for: the truth, or a lie that is none. */
static uint32_t contiguity(const nbuf_provider* p) {
  if (p->suboffsets != NULL || p->level_count > 1) return 0;
  return nbuf_layout_contiguity_(p->ndim, p->shape, p->strides, p->itemsize);
}

static uint32_t flags_for(const crook* self, uint32_t flags) {
  if (self->trick == grants_all) return NBUF_FULL_RO;
  if (self->trick == grants_unknown) return flags & NBUF_REQUEST_MASK;
  if (self->trick == grants_0x2) return flags & ~0x2u;
  if (self->trick == takes_lone_bits && (flags & 0x10) != 0) return flags | NBUF_STRIDES;
  return flags;
}

static nbuf_status refusal(const crook* self, uint32_t flags, const nbuf_provider* p) {
  if (self->trick == refuses_simple && flags == 0) return NBUF_ERR_STRIDES;
  if (self->trick == refuses_snapshots && (flags & NBUF_LAYOUT_SNAPSHOT) != 0)
    return NBUF_ERR_UNSUPPORTED;
  if (self->trick == refuses_levels && (flags & NBUF_LEVELS) != 0 &&
      (flags & NBUF_FORMAT) == 0)
    return NBUF_ERR_UNSUPPORTED;
  if (self->trick == refuses_pinned && (flags & NBUF_REQUIRE_PINNED) != 0)
    return NBUF_ERR_UNSUPPORTED;
  (void)p;
  return NBUF_OK;
}

static nbuf_status negotiate(crook* self, nbuf_provider* p, uint32_t asked,
                             nbuf_error* error) {
  uint32_t flags = flags_for(self, asked);
  nbuf_status status = refusal(self, flags, p);
  if (self->trick == runs_javascript) run_javascript(&status);
  if (status != NBUF_OK) return nbuf_fail(error, status, "not today");
  if (self->trick == lends_pinned) flags &= ~NBUF_REQUIRE_PINNED;
  if (self->trick == volunteers_strides && (flags & NBUF_ND) != 0) flags |= NBUF_STRIDES;
  if (self->trick == volunteers_format && (flags & NBUF_ND) != 0) flags |= NBUF_FORMAT;
  if (self->trick == readonly_unless_asked && (flags & NBUF_WRITABLE) == 0)
    p->flags |= NBUF_READONLY;
  status = nbuf_negotiate(p, flags, contiguity(p), error);
  if (self->trick == wrong_status && status == NBUF_ERR_CONTIGUITY)
    status = nbuf_fail(error, NBUF_ERR_READONLY, "this is not why");
  if (self->trick == itemsize_of_bytes && p->format == NULL) p->itemsize = 1;
  return status;
}

/* What is wrong before anything was asked. */
static void misbehave(crook* self, const nbuf_request* request, nbuf_error* error) {
  volatile int forever = 1;
  int64_t start;
  switch ((int)self->trick) {
    case acquire_hangs:
      while (forever) {
      }
      break;
    case acquire_crashes:
      *(volatile char*)(uintptr_t)(forever * 16) = 0;
      break;
    case acquire_aborts:
      abort();
    case needs_an_error:
      error->status = NBUF_OK;
      break;
    case writes_long_errors:
      if (error != NULL) memset(error->message, 'x', sizeof error->message - 1);
      break;
    case takes_long:
      for (start = nbuf_now_ms_(); nbuf_now_ms_() < start + 2;) {
      }
      break;
    case reads_beyond_requests:
      if (request->label != NULL && request->label[0] == '\0') self->id = 0;
      break;
    default:
      break;
  }
}

/* Most that may hold it at once; a slot is taken. */
static nbuf_status take_place(crook* self, nbuf_error* error) {
  const long most = self->trick == lends_few ? FEW : 1;
  if (self->trick != lends_one && self->trick != lends_few &&
      self->trick != never_gives_back)
    return NBUF_OK;
  if (NBUF_ATOMIC_ADD(&self->holders, 1) < most + 1) return NBUF_OK;
  NBUF_ATOMIC_ADD(&self->holders, -1);
  return nbuf_fail(error, most == 1 ? NBUF_LOCKED : NBUF_ERR_NOMEM, "all of it is lent");
}

static void leave_place(crook* self) {
  if (self->trick == lends_one || self->trick == lends_few ||
      self->trick == never_gives_back)
    NBUF_ATOMIC_ADD(&self->holders, -1);
}

/* What a refusal leaves behind, or takes along. */
static void regret(crook* self) {
  static char* volatile lost;
  leave_place(self);
  if (self->trick == refusals_leak && (lost = (char*)malloc(4096)) != NULL)
    memset(lost, 1, 4096);
  if (self->trick == refusals_release) release_crook(&self->pub);
}

static void move_memory(crook* self) {
  char* next = (char*)malloc(MEMORY_SIZE);
  if (next == NULL) return;
  memcpy(next, self->memory, MEMORY_SIZE);
  memset(self->memory, RETIRED, MEMORY_SIZE); /* leaked: others still look there */
  self->memory = next;
}

/* Once somebody was granted something. */
static void grow_worse(crook* self, crook_provider* made, nbuf_error* error) {
  static uint64_t fresh = 1000;
  static nbuf_block blocks[4];
  if (self->trick == shares_blocks) {
    memcpy(blocks, made->made.blocks, sizeof blocks[0]);
    made->made.p.blocks = blocks;
  }
  if (self->trick == memory_changes) self->memory[17]++;
  if (self->trick == shape_changes && self->last != NULL) self->last->made.shape[0]++;
  if (self->trick == ids_change) made->made.blocks[0].id = ++fresh;
  if (self->trick == ids_shared) made->made.blocks[0].id = 7;
  if (self->trick == block_too_long) made->made.blocks[0].size = (int64_t)1 << 40;
  if (self->trick == exporter_ops_change) self->ops.reserved++;
  if (self->trick == writes_errors_on_success) nbuf_fail(error, NBUF_OK, "all is well");
  self->last = made;
}

/* Lies that are none are negotiated like the truth; real ones come afterwards. */
static int is_true(const lie* told) {
  static const char* const names[] = {"strides_unused", "buf_odd",       "rows",
                                      "levels",         "format_record", "format_padded",
                                      "format_empty",   "flags_borrowed"};
  size_t i;
  for (i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strcmp(told->name, names[i]) == 0) return 1;
  return 0;
}

static nbuf_status grant(crook* self, crook_provider* made, uint32_t flags,
                         nbuf_provider** out, nbuf_error* error) {
  const lie* told = self->lie;
  liar_provider* m = &made->made;
  nbuf_status status;
  if (told != NULL && is_true(told)) {
    told->make(m);
    if (m->p.level_count > 1) m->p.suboffsets = m->suboffsets;
    told = NULL;
  }
  status = negotiate(self, &m->p, flags, error);
  if (status != NBUF_OK && told != NULL && told->acquire != NULL)
    return told->acquire(m, out);
  if (status != NBUF_OK) {
    if (self->trick == leaves_out_set) *out = &m->p;
    return status;
  }
  *out = &m->p;
  if (told != NULL && told->make != NULL) told->make(m);
  if (told != NULL && strcmp(told->name, "ok_with_null") == 0) *out = NULL;
  return NBUF_OK;
}

nbuf_status crook_acquire(nbuf_exporter* exporter, const nbuf_request* request,
                          nbuf_provider** out, nbuf_error* error) {
  crook* self = (crook*)(void*)exporter;
  crook_provider* made;
  nbuf_status status;
  *out = NULL;
  misbehave(self, request, error);
  if (self->trick != ignores_request_size && !NBUF_HAS(request, label))
    return nbuf_fail(error, NBUF_ERR_ABI, "the request is too small");
  if (self->trick == memory_moves) move_memory(self);
  if (self->trick == shares_a_provider && self->shared != NULL) {
    *out = &self->shared->made.p;
    (*out)->ops->retain(*out);
    return NBUF_OK;
  }
  if ((status = take_place(self, error)) != NBUF_OK) return status;
  made = make_crook_provider(self, request);
  if (made == NULL) return nbuf_fail(error, NBUF_ERR_NOMEM, "out of memory");
  status = grant(self, made, request->flags, out, error);
  if (status != NBUF_OK) {
    if (*out == NULL) free(made);
    regret(self);
    return self->trick == says_no_word && error != NULL ? (error->message[0] = 0, status)
                                                        : status;
  }
  grow_worse(self, made, error);
  if (self->trick == shares_a_provider) self->shared = made;
  if (self->trick == races_in_acquire) racy_add(&self->holders, 1);
  if (self->trick != frees_with_exporter) exporter->ops->retain(exporter);
  return NBUF_OK;
}
