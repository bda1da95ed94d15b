/* test_negotiate.c - all 256 flag words of PEP 3118 against CPython's answers, from
 * test/corpus/negotiation.txt (see write_text in negotiation.py, which makes it).
 * Direct layouts go through nbuf_export_pointer, indirect ones through nbuf_negotiate. */
#include <stdlib.h>

#include "pointer_fixture.h"

typedef struct {
  char name[64], format[16];
  int itemsize, readonly, memory, offset, indirect, ndim;
  int64_t shape[64], strides[64], suboffsets[64];
} layout;

typedef struct {
  nbuf_status status;
  int format, shape, strides, suboffsets, ndim, itemsize, len, readonly;
} answer;

static char memory[512];
static int words_tried, refusals;
static char granted[512]; /* by flag word, as CPython has it: 0 not asked, 1 yes, 2 no */

static void need(int ok, const char* what) {
  if (ok) return;
  fprintf(stderr, "negotiation.txt: expected %s; make it anew with negotiation.py\n",
          what);
  exit(1);
}

static void read_axes(FILE* file, int count, int64_t* axes) {
  int i;
  for (i = 0; i < count; i++) {
    long value = 0;
    need(fscanf(file, "%ld", &value) == 1, "an extent or a stride");
    axes[i] = value;
  }
}

static void read_layout(FILE* file, layout* it) {
  need(fscanf(file, "%63s %15s %d %d %d %d %d %d", it->name, it->format, &it->itemsize,
              &it->readonly, &it->memory, &it->offset, &it->indirect, &it->ndim) == 8,
       "a layout");
  need(it->ndim >= 0 && it->ndim <= 64 && it->memory <= (int)sizeof memory, "64 axes");
  read_axes(file, it->ndim, it->shape);
  read_axes(file, it->ndim, it->strides);
  if (it->indirect) read_axes(file, it->ndim, it->suboffsets);
}

static nbuf_status status_named(const char* name) {
#define SAME(status, value, code, text) \
  if (strcmp(name, #status) == 0) return value;
  NBUF_STATUS_LIST(SAME)
#undef SAME
  need(0, name);
  return -1;
}

static void read_answer(FILE* file, answer* it) {
  char status[32];
  memset(it, 0, sizeof *it);
  need(fscanf(file, "%31s", status) == 1, "a status");
  if (strcmp(status, "ok") != 0) {
    it->status = status_named(status);
    return;
  }
  need(fscanf(file, "%d %d %d %d %d %d %d %d", &it->format, &it->shape, &it->strides,
              &it->suboffsets, &it->ndim, &it->itemsize, &it->len, &it->readonly) == 8,
       "an answer");
}

static nbuf_exporter* export_layout(const layout* it) {
  nbuf_pointer_export from =
      describe(memory + it->offset, it->ndim, it->shape, it->strides);
  nbuf_exporter* exporter = NULL;
  nbuf_error error = no_error();
  from.itemsize = it->itemsize;
  from.format = it->format;
  from.flags = it->readonly ? NBUF_READONLY : 0;
  from.base = memory;
  from.size = it->memory;
  need(nbuf_export_pointer(&from, &exporter, &error) == NBUF_OK, error.message);
  return exporter;
}

/* An indirect layout's provider is filled by hand; nothing follows its pointers. */
static nbuf_status negotiate(const layout* it, uint32_t flags, nbuf_provider* p,
                             nbuf_error* error) {
  memset(p, 0, sizeof *p);
  p->flags = it->readonly ? NBUF_READONLY : 0;
  p->buf = memory;
  p->itemsize = it->itemsize;
  p->ndim = it->ndim;
  p->format = it->format;
  p->shape = it->shape;
  p->strides = it->strides;
  p->suboffsets = it->suboffsets;
  need(nbuf_layout_bytes_(it->ndim, it->shape, it->itemsize, &p->len), "a shape");
  return nbuf_negotiate(p, flags, 0, error);
}

static int same(const answer* expected, nbuf_status status, const nbuf_provider* p) {
  if (status != expected->status) return 0;
  if (status != NBUF_OK) return 1;
  return (p->format != NULL) == expected->format &&
         (p->shape != NULL) == expected->shape &&
         (p->strides != NULL) == expected->strides &&
         (p->suboffsets != NULL) == expected->suboffsets && p->ndim == expected->ndim &&
         p->itemsize == expected->itemsize && p->len == expected->len &&
         (p->flags & NBUF_READONLY) == (uint32_t)expected->readonly;
}

static int bits_of(uint32_t word) {
  int n = 0;
  for (; word != 0; word &= word - 1) n++;
  return n;
}

/* What the error says of a refused word, against CPython's answers to all words: that
 * word is granted, and none that is granted is nearer. The flags of nbuf's own stay. */
static void check_grantable(const layout* it, uint32_t flags, const nbuf_error* error) {
  const uint32_t grantable = error->grantable, ours = ~0x1ffu & NBUF_REQUEST_MASK;
  const int distance = bits_of(flags ^ grantable);
  uint32_t word;
  int ok = error->unmet != 0 && (grantable & ours) == (flags & ours) &&
           (grantable & ~NBUF_REQUEST_MASK) == 0 && granted[grantable & 0x1ff] == 1;
  for (word = 0; word < 512; word++)
    if (granted[word] == 1 && bits_of(flags ^ (word | (flags & ours))) < distance) ok = 0;
  if (!CHECK(ok))
    fprintf(stderr, "  %s, flags 0x%x: unmet 0x%x, grantable 0x%x\n", it->name,
            (unsigned)flags, (unsigned)error->unmet, (unsigned)grantable);
  refusals++;
}

static void try_word(const layout* it, nbuf_exporter* exporter, uint32_t flags,
                     const answer* expected) {
  nbuf_error error = no_error();
  nbuf_provider by_hand, *p = &by_hand;
  nbuf_status status = it->indirect ? negotiate(it, flags, p, &error)
                                    : acquire(exporter, flags, NULL, &p, &error);
  if (!CHECK(same(expected, status, p)))
    fprintf(stderr, "  %s, flags 0x%x: expected status %d, found %d '%s'\n", it->name,
            (unsigned)flags, (int)expected->status, (int)status, error.message);
  words_tried++;
  if (status != NBUF_OK) check_grantable(it, flags, &error);
  CHECK((error.unmet != 0) == (status != NBUF_OK));
  if (it->indirect || status != NBUF_OK) return;
  CHECK(nbuf_validate(p, NULL) == NBUF_OK);
  p->ops->release(p);
}

/* 0x2 and every unknown bit are refused, whatever else was asked. */
static void try_unknown_bits(const layout* it, nbuf_exporter* exporter, uint32_t flags) {
  const answer refused = {NBUF_ERR_UNSUPPORTED, 0, 0, 0, 0, 0, 0, 0, 0};
  int bit;
  for (bit = 0; bit < 32; bit++)
    if ((NBUF_REQUEST_MASK >> bit & 1u) == 0)
      try_word(it, exporter, flags | 1u << bit, &refused);
}

static void read_granted(FILE* file) {
  const long start = ftell(file);
  char word[8];
  memset(granted, 0, sizeof granted);
  while (fscanf(file, "%7s", word) == 1 && strcmp(word, "answer") == 0) {
    answer expected;
    unsigned count, i, flags = 0;
    read_answer(file, &expected);
    need(fscanf(file, "%u", &count) == 1, "a number of flag words");
    for (i = 0; i < count; i++) {
      need(fscanf(file, "%x", &flags) == 1 && flags < 512, "a flag word");
      granted[flags] = expected.status == NBUF_OK ? 1 : 2;
    }
  }
  need(fseek(file, start, SEEK_SET) == 0, "a file");
}

static void try_answers(FILE* file, const layout* it, nbuf_exporter* exporter) {
  char word[8];
  read_granted(file);
  while (fscanf(file, "%7s", word) == 1 && strcmp(word, "answer") == 0) {
    answer expected;
    unsigned count, i, flags = 0;
    read_answer(file, &expected);
    need(fscanf(file, "%u", &count) == 1, "a number of flag words");
    for (i = 0; i < count; i++) {
      need(fscanf(file, "%x", &flags) == 1, "a flag word");
      try_word(it, exporter, flags, &expected);
    }
    try_unknown_bits(it, exporter, flags);
  }
}

/* Where CPython's own parts disagree, PyBuffer_IsContiguous holds: empty is contiguous.
 */
static void empty_with_an_odd_stride(void) {
  const int64_t shape[] = {0}, strides[] = {-7};
  nbuf_pointer_export from = describe(memory, 1, shape, strides);
  nbuf_exporter* exporter;
  nbuf_provider* p;
  CHECK(nbuf_export_pointer(&from, &exporter, NULL) == NBUF_OK);
  CHECK(acquire(exporter, NBUF_SIMPLE, NULL, &p, NULL) == NBUF_OK);
  p->ops->release(p);
  CHECK(acquire(exporter, NBUF_C_CONTIGUOUS | NBUF_F_CONTIGUOUS, NULL, &p, NULL) ==
        NBUF_OK);
  p->ops->release(p);
  exporter->ops->release(exporter);
}

/* Levels: both languages offered, or levels only. */
static void levels(void) {
  const int64_t suboffsets[] = {0, -1};
  const int32_t axis_level[] = {0, 1};
  nbuf_provider full, p;
  memset(&full, 0, sizeof full);
  full.suboffsets = suboffsets, full.level_count = 2, full.axis_level = axis_level;
  full.post_offsets = suboffsets;
  p = full;
  CHECK(nbuf_negotiate(&p, NBUF_FULL_RO, 0, NULL) == NBUF_OK);
  CHECK(p.suboffsets != NULL && p.level_count == 0 && !p.axis_level && !p.post_offsets);
  p = full;
  CHECK(nbuf_negotiate(&p, NBUF_FULL_RO | NBUF_LEVELS, 0, NULL) == NBUF_OK);
  CHECK(p.suboffsets == NULL && p.level_count == 2 && p.axis_level == axis_level);
  p = full, p.suboffsets = NULL;
  CHECK(nbuf_negotiate(&p, NBUF_FULL_RO | NBUF_LEVELS, 0, NULL) == NBUF_OK);
  p = full, p.suboffsets = NULL;
  CHECK(nbuf_negotiate(&p, NBUF_FULL_RO, 0, NULL) == NBUF_ERR_SUBOFFSETS);
  p = full, p.suboffsets = NULL;
  CHECK(nbuf_negotiate(&p, NBUF_STRIDES | NBUF_LEVELS, 0, NULL) == NBUF_ERR_SUBOFFSETS);
}

/* In the folder of the corpora: the program's argument, or else beside this file's. */
static FILE* open_corpus(const char* folder) {
  static const char here[] = __FILE__, default_folder[] = "../corpus";
  char path[1024];
  const char* slash = strrchr(here, '/');
  int length = slash != NULL ? (int)(slash - here) + 1 : 0;
  if (folder != NULL)
    snprintf(path, sizeof path, "%s/negotiation.txt", folder);
  else
    snprintf(path, sizeof path, "%.*s%s/negotiation.txt", length, here, default_folder);
  return fopen(path, "r");
}

int main(int argc, char** argv) {
  FILE* file = open_corpus(argc > 1 ? argv[1] : NULL);
  int layouts = 0;
  char word[8];
  need(file != NULL && fscanf(file, "%7s", word) == 1, "a file of layouts");
  while (!feof(file)) {
    layout it;
    nbuf_exporter* exporter;
    memset(&it, 0, sizeof it);
    read_layout(file, &it);
    exporter = it.indirect ? NULL : export_layout(&it);
    try_answers(file, &it, exporter);
    if (exporter != NULL) exporter->ops->release(exporter);
    layouts++;
  }
  fclose(file);
  empty_with_an_odd_stride();
  levels();
  printf("%d layouts, %d requests, %d refused\n", layouts, words_tried, refusals);
  CHECK(layouts >= 40 && words_tried >= 256 * layouts && refusals > 10000);
  return check_result("negotiate");
}
