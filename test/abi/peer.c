/* peer.c - an addon that exports and consumes, built against headers of several ages.
 * Every struct that a peer of another age gets to see lies at the end of a page, before
 * one that cannot be touched: who reads or writes a member that is not there ends the
 * process. LATER: the headers are those of test/abi/later.ts. */
#include <nbuf/nbuf_node.h>
#include <sys/mman.h>

enum { kPage = 65536 /* the largest */, kSlots = 64, kEpoch = 40 };

static void* guarded(size_t size) {
  char* pages = (char*)mmap(NULL, 2 * kPage, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED || mprotect(pages + kPage, kPage, PROT_NONE) != 0) abort();
  return pages + kPage - size;
}

static void unguard(void* p, size_t size) { munmap((char*)p + size - kPage, 2 * kPage); }

static napi_value number(napi_env env, double value) {
  napi_value out = NULL;
  napi_create_double(env, value, &out);
  return out;
}

/* ---- an exporter by nbuf_export_pointer ---- */

static int freed;

static void gone(void* memory) {
  free(memory);
  freed++;
}

/* 2 x 3 of 'h', rows 8 bytes apart: 0 to 5. flags: of the provider. */
static nbuf_exporter* make_exporter(uint32_t flags) {
  const int64_t shape[] = {2, 3}, strides[] = {8, 2};
  nbuf_pointer_export* from = (nbuf_pointer_export*)guarded(sizeof *from);
  int16_t* memory = (int16_t*)calloc(8, 2);
  nbuf_exporter* made = NULL;
  int i;
  for (i = 0; i < 6; i++) memory[i / 3 * 4 + i % 3] = (int16_t)i;
  from->struct_size = (uint32_t)sizeof *from;
  from->flags = flags;
  from->buf = from->base = from->context = memory;
  from->size = 16;
  from->itemsize = 2;
  from->ndim = 2;
  from->format = "h";
  from->shape = shape;
  from->strides = strides;
  from->free = gone;
  if (nbuf_export_pointer(from, &made, NULL) != NBUF_OK) free(memory);
  unguard(from, sizeof *from);
  return made;
}

/* ---- an exporter by hand ---- */

typedef struct {
  nbuf_exporter pub;
  nbuf_provider_ops* provider_ops;
  uint32_t short_by; /* bytes that its providers leave out at their end */
  nbuf_atomic refs, providers;
  int16_t memory[6];
  nbuf_block block;
  int64_t shape[2], strides[2];
} hand_exporter;

/* In front of the page's end, where nobody else looks. */
typedef struct {
  hand_exporter* exporter;
  nbuf_atomic refs;
  uint32_t size;
} hand_head;

static hand_head* head_of(nbuf_provider* p) { return (hand_head*)(void*)p - 1; }

static void hand_retain(nbuf_exporter* e) {
  NBUF_ATOMIC_ADD(&((hand_exporter*)e)->refs, 1);
}

static void hand_release(nbuf_exporter* e) {
  hand_exporter* self = (hand_exporter*)e;
  if (NBUF_ATOMIC_ADD(&self->refs, -1) != 0) return;
  unguard(self->provider_ops, sizeof *self->provider_ops);
  unguard((void*)(uintptr_t)self->pub.ops, sizeof *self->pub.ops);
  gone(self);
}

static void provider_retain(nbuf_provider* p) { NBUF_ATOMIC_ADD(&head_of(p)->refs, 1); }

static void provider_release(nbuf_provider* p) {
  hand_head* head = head_of(p);
  hand_exporter* exporter = head->exporter;
  if (NBUF_ATOMIC_ADD(&head->refs, -1) != 0) return;
  unguard(p, head->size);
  NBUF_ATOMIC_ADD(&exporter->providers, -1);
  hand_release(&exporter->pub);
}

static void provider_unlock(nbuf_provider* p) { (void)p; }

static void hand_describe(hand_exporter* self, nbuf_provider* full) {
  memset(full, 0, sizeof *full);
  full->ops = self->provider_ops;
  full->buf = self->memory;
  full->len = sizeof self->memory;
  full->itemsize = 2;
  full->ndim = 2;
  full->format = "h";
  full->shape = self->shape;
  full->strides = self->strides;
  full->blocks = &self->block;
  full->block_count = 1;
#ifdef LATER
  full->later_epoch = kEpoch;
#endif
}

static nbuf_status hand_acquire(nbuf_exporter* e, const nbuf_request* request,
                                nbuf_provider** out, nbuf_error* error) {
  hand_exporter* self = (hand_exporter*)e;
  const uint32_t size = (uint32_t)sizeof(nbuf_provider) - self->short_by;
  nbuf_provider full;
  nbuf_status status;
  hand_head* head;
  *out = NULL;
  if (request == NULL || !NBUF_HAS(request, label))
    return nbuf_fail(error, NBUF_ERR_ABI, "short request");
#ifdef LATER
  if (NBUF_HAS(request, later_purpose) && request->later_purpose > 7) {
    status = nbuf_fail(error, NBUF_ERR_UNSUPPORTED, "unknown purpose");
    if (error != NULL && NBUF_HAS(error, later_detail))
      error->later_detail = (int64_t)request->later_purpose;
    return status;
  }
#endif
  hand_describe(self, &full);
  status = nbuf_negotiate(&full, request->flags, NBUF_IS_C_, error);
  if (status != NBUF_OK) return status;
  full.struct_size = size;
  *out = (nbuf_provider*)guarded(size);
  memcpy(*out, &full, size);
  head = head_of(*out);
  head->exporter = self;
  head->refs = 1;
  head->size = size;
  NBUF_ATOMIC_ADD(&self->providers, 1);
  hand_retain(e);
  return NBUF_OK;
}

static nbuf_exporter* make_by_hand(uint32_t short_by) {
  hand_exporter* self = (hand_exporter*)calloc(1, sizeof *self);
  nbuf_exporter_ops* ops = (nbuf_exporter_ops*)guarded(sizeof *ops);
  int i;
  for (i = 0; i < 6; i++) self->memory[i] = (int16_t)i;
  ops->struct_size = (uint32_t)sizeof *ops;
  ops->retain = hand_retain;
  ops->release = hand_release;
  ops->acquire = hand_acquire;
  self->provider_ops = (nbuf_provider_ops*)guarded(sizeof *self->provider_ops);
  self->provider_ops->struct_size = (uint32_t)sizeof *self->provider_ops;
  self->provider_ops->retain = provider_retain;
  self->provider_ops->release = provider_release;
  self->provider_ops->unlock_layout = provider_unlock;
  self->pub.ops = ops;
  self->refs = 1;
  self->short_by = short_by;
  self->block.base = self->memory;
  self->block.size = sizeof self->memory;
  self->block.id = (uint64_t)(uintptr_t)self;
  self->shape[0] = 2;
  self->shape[1] = 3;
  self->strides[0] = 6;
  self->strides[1] = 2;
  return &self->pub;
}

/* ---- functions for JavaScript ---- */

static nbuf_exporter* arrays[kSlots]; /* kept, to ask for their locks */
static nbuf_provider* taken[kSlots];

static int32_t argument(napi_env env, napi_value value) {
  int32_t out = 0;
  napi_get_value_int32(env, value, &out);
  return out;
}

#define ARGUMENTS(count)  \
  napi_value argv[count]; \
  size_t argc = count;    \
  napi_get_cb_info(env, info, &argc, argv, NULL, NULL)

/* kind (0 pointer, 1 by hand, 2 by hand and short), slot, flags, an object to attach to
 */
static napi_value make(napi_env env, napi_callback_info info) {
  ARGUMENTS(4);
  const int32_t kind = argument(env, argv[0]), slot = argument(env, argv[1]);
  const uint32_t flags = (uint32_t)argument(env, argv[2]);
  const uint32_t levels =
      (uint32_t)(sizeof(nbuf_provider) - offsetof(nbuf_provider, level_count));
  nbuf_exporter* made =
      kind == 0 ? make_exporter(flags) : make_by_hand(kind == 2 ? levels : 0);
  napi_value object = argv[3];
  napi_valuetype type = napi_undefined;
  napi_typeof(env, object, &type);
  if (type == napi_object ? nbuf_attach(env, object, made) != NBUF_OK
                          : nbuf_publish(env, made, &object) != NBUF_OK)
    return NULL;
  arrays[slot] = made;
  return object;
}

/* slot: how many providers live; of kind 0 by its locks */
static napi_value count(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  nbuf_exporter* of = arrays[argument(env, argv[0])];
  int64_t memory = 0, layout = 0;
  if (of->ops->acquire == hand_acquire)
    return number(env, (double)NBUF_ATOMIC_LOAD(&((hand_exporter*)of)->providers));
  nbuf_pointer_locks(of, &memory, &layout);
  return number(env, (double)(memory * 100 + layout));
}

/* slot: the message with which a change of layout is refused, or '' */
static napi_value reshape(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  const int64_t shape[] = {8};
  nbuf_pointer_export from;
  nbuf_error* error = (nbuf_error*)guarded(sizeof *error);
  napi_value text = NULL;
  memset(&from, 0, sizeof from);
  error->struct_size = (uint32_t)sizeof *error;
  from.struct_size = (uint32_t)sizeof from;
  from.itemsize = 2;
  from.ndim = 1;
  from.shape = shape;
  from.buf = ((nbuf_pointer_exporter_*)(void*)arrays[argument(env, argv[0])])->block.base;
  nbuf_pointer_set_layout(arrays[argument(env, argv[0])], &from, error);
  napi_create_string_utf8(env, error->message, NAPI_AUTO_LENGTH, &text);
  unguard(error, sizeof *error);
  return text;
}

/* slot: gives up the own reference */
static napi_value drop(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  nbuf_exporter** of = &arrays[argument(env, argv[0])];
  (*of)->ops->release(*of);
  *of = NULL;
  return number(env, freed);
}

static void set(napi_env env, napi_value object, const char* name, double value) {
  napi_set_named_property(env, object, name, number(env, value));
}

static napi_value outcome(napi_env env, nbuf_status status, const nbuf_error* error) {
  napi_value out, text;
  napi_create_object(env, &out);
  set(env, out, "status", status);
  set(env, out, "told", error->status);
  napi_create_string_utf8(env, error->message, NAPI_AUTO_LENGTH, &text);
  napi_set_named_property(env, out, "message", text);
#if defined(GROWN)
  set(env, out, "unmet", error->unmet);
  set(env, out, "grantable", error->grantable);
#endif
#ifdef LATER
  set(env, out, "detail", (double)error->later_detail);
#endif
  return out;
}

/* value, slot, flags, purpose; the label is this age's name */
static napi_value acquire(napi_env env, napi_callback_info info) {
  ARGUMENTS(4);
  nbuf_request* request = (nbuf_request*)guarded(sizeof *request);
  nbuf_error* error = (nbuf_error*)guarded(sizeof *error);
  nbuf_provider** slot = &taken[argument(env, argv[1])];
  nbuf_status status;
  napi_value out;
  request->struct_size = (uint32_t)sizeof *request;
  request->flags = (uint32_t)argument(env, argv[2]);
  request->label = AGE;
#ifdef LATER
  request->later_purpose = (uint64_t)argument(env, argv[3]);
#endif
  error->struct_size = (uint32_t)sizeof *error;
  status = nbuf_acquire_value(env, argv[0], request, slot, error);
  if (status == NBUF_OK) status = nbuf_validate(*slot, error);
  out = outcome(env, status, error);
  unguard(request, sizeof *request);
  unguard(error, sizeof *error);
  return out;
}

/* slot: the sum of all elements of 'h', with what the provider says */
static napi_value look(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  const nbuf_provider* p = taken[argument(env, argv[0])];
  int64_t i, j, sum = 0;
  napi_value out;
  for (i = 0; i < p->shape[0]; i++)
    for (j = 0; j < p->shape[1]; j++)
      sum += *(int16_t*)(void*)((char*)p->buf + i * p->strides[0] + j * p->strides[1]);
  napi_create_object(env, &out);
  set(env, out, "sum", (double)sum);
  set(env, out, "levels", NBUF_HAS(p, post_offsets) ? p->level_count : -1);
#ifdef LATER
  set(env, out, "epoch", NBUF_HAS(p, later_epoch) ? (double)p->later_epoch : -1);
#endif
  return out;
}

/* slot, value: writes the first element */
static napi_value write_first(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  *(int16_t*)taken[argument(env, argv[0])]->buf = (int16_t)argument(env, argv[1]);
  return NULL;
}

/* slot, 0 to release, 1 to unlock, 2 to retain */
static napi_value give(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  nbuf_provider* p = taken[argument(env, argv[0])];
  const int32_t what = argument(env, argv[1]);
  if (what == 0) p->ops->release(p);
  if (what == 1) p->ops->unlock_layout(p);
  if (what == 2) p->ops->retain(p);
  return NULL;
}

/* slot = slot by the table of functions, with options of this age */
static napi_value copy(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  nbuf_copy_options* options = (nbuf_copy_options*)guarded(sizeof *options);
  nbuf_equal_options* how = (nbuf_equal_options*)guarded(sizeof *how);
  nbuf_error* error = (nbuf_error*)guarded(sizeof *error);
  nbuf_provider *to = taken[argument(env, argv[0])],
                *from = taken[argument(env, argv[1])];
  const nbuf_api* api = NULL;
  nbuf_status status;
  napi_value out;
  int is_equal = 0;
  options->struct_size = (uint32_t)sizeof *options;
  how->struct_size = (uint32_t)sizeof *how;
  error->struct_size = (uint32_t)sizeof *error;
  status = nbuf_get_api(env, &api, error);
  if (status == NBUF_OK) status = api->copy(to, from, options, error);
  if (status == NBUF_OK) status = api->equal(to, from, how, &is_equal, error);
  out = outcome(env, status, error);
  set(env, out, "equal", is_equal);
#ifdef LATER
  set(env, out, "later", api != NULL && NBUF_HAS(api, later_function));
#endif
  unguard(options, sizeof *options);
  unguard(how, sizeof *how);
  unguard(error, sizeof *error);
  return out;
}

NAPI_MODULE_INIT() {
  static const struct {
    const char* name;
    napi_callback call;
  } functions[] = {{"make", make}, {"count", count},     {"reshape", reshape},
                   {"drop", drop}, {"acquire", acquire}, {"look", look},
                   {"give", give}, {"copy", copy},       {"writeFirst", write_first}};
  napi_value function;
  size_t i;
  if (nbuf_env_init(env, exports) != NBUF_OK) return NULL;
  for (i = 0; i < sizeof functions / sizeof functions[0]; i++) {
    napi_create_function(env, functions[i].name, NAPI_AUTO_LENGTH, functions[i].call,
                         NULL, &function);
    napi_set_named_property(env, exports, functions[i].name, function);
  }
  set(env, exports, "errorSize", sizeof(nbuf_error));
  set(env, exports, "providerSize", sizeof(nbuf_provider));
  return exports;
}
