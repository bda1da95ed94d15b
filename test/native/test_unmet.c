/* test_unmet.c - nbuf_error.unmet and grantable: by brute force over all request words
 * and all that nbuf_negotiate looks at; in texts; in errors of other sizes. */
#include "pointer_fixture.h"

/* All bits that a request may have, and one that it may not. */
static const uint32_t kBits[] = {0x1,  0x4,   0x8,     0x10,    0x20,    0x40,
                                 0x80, 0x100, 0x10000, 0x20000, 0x40000, 0x2};
enum { kBitCount = 12, kWords = 1 << kBitCount };

static uint32_t word_of(int index) {
  uint32_t word = 0;
  int i;
  for (i = 0; i < kBitCount; i++)
    if ((index >> i & 1) != 0) word |= kBits[i];
  return word;
}

static int bits_of(uint32_t word) {
  int n = 0;
  for (; word != 0; word &= word - 1) n++;
  return n;
}

typedef struct {
  uint32_t flags, contiguity;
  int is_indirect, is_levels; /* can be said by suboffsets, by levels */
} state;

static const int64_t numbers[2] = {0, -1};
static const int32_t axes[2] = {0, 1};

static nbuf_status ask(const state* it, uint32_t flags, nbuf_error* error) {
  nbuf_provider full;
  memset(&full, 0, sizeof full);
  full.flags = it->flags;
  full.ndim = 2;
  full.format = "B";
  full.shape = full.strides = numbers;
  if (it->is_indirect) full.suboffsets = numbers;
  if (it->is_levels) full.level_count = 2, full.axis_level = axes;
  return nbuf_negotiate(&full, flags, it->contiguity, error);
}

/* What each bit of unmet claims: asked for and refused alone, or missing. */
static void check_unmet(const state* it, uint32_t flags, uint32_t unmet) {
  const uint32_t lacking = 0x8 | 0x10 | 0x100 | 0x20000;
  int i;
  for (i = 0; i < kBitCount; i++) {
    const uint32_t bit = kBits[i];
    if ((unmet & bit) == 0) continue;
    /* Never both: something asked for that is also missing, unless it is a lone bit. */
    if ((bit & lacking) == 0) CHECK((flags & bit) != 0);
    if (bit == 0x1) CHECK((it->flags & NBUF_READONLY) != 0);
    if (bit == 0x20) CHECK((it->contiguity & NBUF_IS_C_) == 0);
    if (bit == 0x40) CHECK((it->contiguity & NBUF_IS_F_) == 0);
    if (bit == 0x80) CHECK(it->contiguity == 0);
    if (bit == 0x100) CHECK(it->is_indirect || it->is_levels);
    if (bit == 0x10000) CHECK(0);
    if (bit == 0x20000) CHECK(it->is_levels && !it->is_indirect);
    if (bit == 0x40000) CHECK((it->flags & NBUF_BORROWED) != 0);
  }
}

static long try_state(const state* it) {
  static char is_granted[kWords], bits[kWords];
  static int granted[kWords];
  long refused = 0;
  int i, k, count = 0;
  for (i = 0; i < kWords; i++) {
    bits[i] = (char)bits_of((uint32_t)i);
    is_granted[i] = ask(it, word_of(i), NULL) == NBUF_OK;
    if (is_granted[i]) granted[count++] = i;
  }
  for (i = 0; i < kWords; i++) {
    nbuf_error error = no_error();
    const uint32_t flags = word_of(i);
    const nbuf_status status = ask(it, flags, &error);
    int best = 99;
    CHECK((status == NBUF_OK) == is_granted[i] && (error.unmet != 0) == !is_granted[i]);
    if (status == NBUF_OK) continue;
    for (k = 0; k < count; k++) /* as many bits differ in the numbers of the words */
      if (bits[i ^ granted[k]] < best) best = bits[i ^ granted[k]];
    if (!CHECK(bits_of(flags ^ error.grantable) == best))
      fprintf(stderr, "  0x%x of 0x%x,0x%x,%d,%d: 0x%x\n", (unsigned)flags,
              (unsigned)it->flags, (unsigned)it->contiguity, it->is_indirect,
              it->is_levels, (unsigned)error.grantable);
    CHECK(ask(it, error.grantable, NULL) == NBUF_OK);
    CHECK(strlen(error.message) <= 247);
    check_unmet(it, flags, error.unmet);
    refused++;
  }
  return refused;
}

static void all_states(void) {
  long refused = 0;
  uint32_t flags, contiguity;
  int kind;
  for (flags = 0; flags < 4; flags++) {
    for (contiguity = 0; contiguity < 4; contiguity++) {
      const state it = {flags, contiguity, 0, 0};
      refused += try_state(&it);
    }
    for (kind = 1; kind < 4; kind++) {
      const state it = {flags, 0, kind & 1, kind >> 1};
      refused += try_state(&it);
    }
  }
  printf("%ld refusals\n", refused);
  CHECK(refused > 50000);
}

static void expect(const state* it, uint32_t flags, uint32_t unmet, uint32_t grantable,
                   const char* message) {
  nbuf_error error = no_error();
  ask(it, flags, &error);
  if (!CHECK(error.unmet == unmet && error.grantable == grantable &&
             strcmp(error.message, message) == 0))
    fprintf(stderr, "  0x%x: unmet 0x%x, grantable 0x%x, %s\n", (unsigned)flags,
            (unsigned)error.unmet, (unsigned)error.grantable, error.message);
}

static void texts(void) {
  const state strided = {NBUF_READONLY, 0, 0, 0}, c_order = {0, NBUF_IS_C_, 0, 0};
  const state levels = {NBUF_READONLY | NBUF_BORROWED, 0, 0, 1};
  expect(&strided, NBUF_C_CONTIGUOUS | NBUF_WRITABLE | NBUF_FORMAT, 0x21, NBUF_RECORDS_RO,
         "the underlying memory is not writable; unmet: WRITABLE, C_CONTIGUOUS; would be "
         "granted: RECORDS_RO (0x1c)");
  expect(&strided, NBUF_SIMPLE, 0x18, NBUF_STRIDES,
         "the layout is not C-contiguous, but STRIDES was not requested; unmet: ND, "
         "STRIDES; would be granted: STRIDES (0x18)");
  expect(&c_order, NBUF_FORMAT, 0xc, NBUF_ND | NBUF_FORMAT,
         "FORMAT was requested without ND: bytes have no format; unmet: FORMAT, ND; "
         "would be granted: ND|FORMAT (0xc)");
  expect(&c_order, NBUF_FULL_RO | 0x80000002u | NBUF_F_CONTIGUOUS, 0x80000042u,
         NBUF_FULL_RO,
         "unknown request flags 0x80000002; unmet: F_CONTIGUOUS, 0x80000002; would be "
         "granted: FULL_RO (0x11c)");
  expect(&c_order, 0x2u, 0x2, 0,
         "unknown request flags 0x2; unmet: 0x2; would be granted: SIMPLE (0x0)");
  expect(&c_order, 0x54u, 0xc, 0x50,
         "FORMAT was requested without ND: bytes have no format; unmet: FORMAT, ND; "
         "would be granted: 0x50 (0x50)");
  expect(&levels, NBUF_FULL, 0x20001, NBUF_FULL_RO | NBUF_LEVELS,
         "the underlying memory is not writable; unmet: WRITABLE, LEVELS; would be "
         "granted: FULL_RO|LEVELS (0x2011c)");
  /* The names of the request do not fit behind this text; nothing is cut. */
  expect(&levels, NBUF_RECORDS_RO | 0xe0u | NBUF_LAYOUT_SNAPSHOT | NBUF_REQUIRE_PINNED,
         0x601e0u, NBUF_FULL_RO | NBUF_LAYOUT_SNAPSHOT | NBUF_LEVELS,
         "JavaScript owns this memory and can free it, so it cannot be pinned: copy it "
         "into host memory or a SharedArrayBuffer first; unmet: C_CONTIGUOUS, "
         "F_CONTIGUOUS, ANY_CONTIGUOUS, INDIRECT, LEVELS, REQUIRE_PINNED");
}

/* Consumers with today's struct, without the new members, without a message. */
static void sizes(void) {
  const state strided = {NBUF_READONLY, 0, 0, 0};
  nbuf_error error = no_error();
  error.unmet = error.grantable = 0xdeadbeef;
  CHECK(nbuf_fail(&error, NBUF_ERR_IO, "x") == NBUF_ERR_IO);
  CHECK(error.unmet == 0 && error.grantable == 0);
  error.struct_size = 256;
  error.unmet = error.grantable = 0xdeadbeef;
  CHECK(ask(&strided, NBUF_WRITABLE, &error) == NBUF_ERR_READONLY);
  CHECK(error.unmet == 0xdeadbeef && error.grantable == 0xdeadbeef);
  CHECK_TEXT(error.message, "unmet: WRITABLE, ND, STRIDES; would be granted: STRIDES");
  error.struct_size = 260; /* no size that there ever was */
  CHECK(ask(&strided, NBUF_WRITABLE, &error) == NBUF_ERR_READONLY);
  CHECK(error.unmet == 0xdeadbeef && error.grantable == 0xdeadbeef);
  error.struct_size = 8;
  error.message[0] = 'x';
  CHECK(ask(&strided, NBUF_WRITABLE, &error) == NBUF_ERR_READONLY);
  CHECK(error.message[0] == 'x');
  CHECK(ask(&strided, NBUF_WRITABLE, NULL) == NBUF_ERR_READONLY);
}

int main(void) {
  all_states();
  texts();
  sizes();
  return check_result("unmet");
}
