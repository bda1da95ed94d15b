/* test_pointer_bounds.c - which layouts nbuf_export_pointer takes and which it refuses.
 */
#include "pointer_fixture.h"

static char memory[4096];
static char text[248]; /* of the last refusal */

/* Exports at memory + at in a block of 64 bytes from memory + 1024, and validates. */
static nbuf_status try_layout(int64_t at, int64_t itemsize, int32_t ndim,
                              const int64_t* shape, const int64_t* strides) {
  nbuf_pointer_export from = describe(memory + 1024 + at, ndim, shape, strides);
  nbuf_error error = no_error();
  nbuf_exporter* exporter;
  nbuf_provider* p;
  nbuf_status status;
  from.itemsize = itemsize;
  from.base = memory + 1024;
  from.size = 64;
  status = nbuf_export_pointer(&from, &exporter, &error);
  CHECK((status == NBUF_OK) == (exporter != NULL));
  CHECK(status == error.status);
  strcpy(text, error.message);
  if (status != NBUF_OK) return status;
  CHECK(acquire(exporter, NBUF_FULL, NULL, &p, NULL) == NBUF_OK);
  CHECK(nbuf_validate(p, &error) == NBUF_OK);
  p->ops->release(p);
  exporter->ops->release(exporter);
  return status;
}

static nbuf_status try_1d(int64_t at, int64_t itemsize, int64_t extent, int64_t stride) {
  return try_layout(at, itemsize, 1, &extent, &stride);
}

static void one_axis(void) {
  CHECK(try_1d(0, 8, 8, 8) == NBUF_OK);
  CHECK(try_1d(0, 8, 9, 8) == NBUF_ERR_BOUNDS);
  CHECK_TEXT(text, "[0, 72) of a block of 64");
  CHECK(try_1d(1, 8, 8, 8) == NBUF_ERR_BOUNDS);
  CHECK(try_1d(-1, 1, 1, 1) == NBUF_ERR_BOUNDS);
  CHECK_TEXT(text, "[-1, 0)");
  CHECK(try_1d(63, 1, 64, -1) == NBUF_OK);
  CHECK(try_1d(63, 1, 65, -1) == NBUF_ERR_BOUNDS);
  CHECK(try_1d(62, 1, 64, -1) == NBUF_ERR_BOUNDS);
  CHECK(try_1d(3, 1, 21, 3) == NBUF_OK); /* 3, 6, ..., 63 */
  CHECK(try_1d(4, 1, 21, 3) == NBUF_ERR_BOUNDS);
  CHECK(try_1d(63, 1, INT64_MAX, 0) == NBUF_OK); /* one byte, over and over */
  CHECK(try_1d(56, 8, 1, INT64_MIN) == NBUF_OK); /* never stepped */
}

static void many_axes(void) {
  const int64_t shape[] = {4, 4, 4}, mixed[] = {16, -4, 1}, out[] = {16, -4, 2};
  int64_t ones[64], strides[64];
  int i;
  CHECK(try_layout(12, 1, 3, shape, mixed) == NBUF_OK);
  CHECK(try_layout(11, 1, 3, shape, mixed) == NBUF_ERR_BOUNDS);
  CHECK(try_layout(12, 1, 3, shape, out) == NBUF_ERR_BOUNDS);
  CHECK(try_layout(0, 1, 3, shape, NULL) == NBUF_OK);
  CHECK(try_layout(1, 1, 3, shape, NULL) == NBUF_ERR_BOUNDS);
  CHECK(try_layout(60, 4, 0, NULL, NULL) == NBUF_OK);
  CHECK(try_layout(61, 4, 0, NULL, NULL) == NBUF_ERR_BOUNDS);
  for (i = 0; i < 64; i++) ones[i] = 1, strides[i] = INT64_MAX;
  ones[0] = 64;
  strides[0] = 1;
  CHECK(try_layout(0, 1, 64, ones, strides) == NBUF_OK);
  CHECK(try_layout(0, 1, 64, ones, NULL) == NBUF_OK);
  CHECK(try_layout(0, 1, 65, ones, NULL) == NBUF_ERR_OUT_OF_RANGE);
  CHECK_TEXT(text, "ndim 65 must be 0 to 64");
  CHECK(try_layout(0, 1, -1, ones, NULL) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(try_layout(0, 0, 1, ones, NULL) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(try_layout(0, INT64_MIN, 0, NULL, NULL) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(try_layout(0, 1, 1, NULL, NULL) == NBUF_ERR_OUT_OF_RANGE);
  CHECK_TEXT(text, "shape is NULL, but ndim is 1");
}

static void overflows(void) {
  const int64_t big = INT64_C(1) << 62;
  const int64_t five[] = {5, 5}, wrap[] = {big, big}, minimum[] = {INT64_MIN, 1};
  const int64_t negative[] = {4, -1}, huge[] = {INT64_MAX, 2};
  const int64_t empty_huge[] = {0, INT64_MAX, 2}, square[] = {big, big};
  const int64_t opposite[] = {INT64_MAX / 4, -(INT64_MAX / 4)};
  CHECK(try_1d(0, 4, 5, big) == NBUF_ERR_BOUNDS); /* NumPy: big * 4 wraps to 0 */
  CHECK(try_1d(0, 1, 2, big) == NBUF_ERR_BOUNDS);
  CHECK(try_1d(0, 1, 3, INT64_MAX) == NBUF_ERR_BOUNDS);
  CHECK(try_1d(0, 1, 2, INT64_MIN) == NBUF_ERR_BOUNDS);
  CHECK(try_1d(0, 1, 3, INT64_MIN) == NBUF_ERR_BOUNDS);
  CHECK(try_1d(0, INT64_MAX, 1, 1) == NBUF_ERR_BOUNDS);
  CHECK(try_1d(0, INT64_MAX, 2, 0) == NBUF_ERR_BOUNDS);
  CHECK(try_layout(0, 1, 2, five, wrap) == NBUF_ERR_BOUNDS);
  CHECK(try_layout(0, 1, 2, five, minimum) == NBUF_ERR_BOUNDS);
  CHECK(try_layout(0, 1, 2, five, opposite) == NBUF_ERR_BOUNDS);
  CHECK(try_layout(0, 1, 2, negative, NULL) == NBUF_ERR_BOUNDS);
  CHECK_TEXT(text, "negative extent");
  CHECK(try_layout(0, 1, 2, huge, NULL) == NBUF_ERR_BOUNDS);
  CHECK(try_layout(0, 1, 2, square, wrap) == NBUF_ERR_BOUNDS);
  CHECK(try_layout(0, 1, 3, empty_huge, NULL) == NBUF_ERR_BOUNDS);
}

static void empty_arrays_need_no_memory(void) {
  const int64_t shape[] = {3, 0, 2}, strides[] = {INT64_MIN, 7, INT64_MAX};
  nbuf_pointer_export from = describe(NULL, 3, shape, strides);
  nbuf_exporter* exporter;
  nbuf_provider* p;
  CHECK(try_layout(-9, 8, 3, shape, strides) == NBUF_OK);
  CHECK(nbuf_export_pointer(&from, &exporter, NULL) == NBUF_OK);
  CHECK(acquire(exporter, NBUF_C_CONTIGUOUS, NULL, &p, NULL) == NBUF_OK);
  CHECK(p->buf == NULL && p->len == 0 && p->block_count == 0 && p->blocks == NULL);
  CHECK(nbuf_validate(p, NULL) == NBUF_OK);
  p->ops->release(p);
  exporter->ops->release(exporter);
}

/* What is not said about the block is taken from the elements. */
static void unknown_block_is_the_elements(void) {
  const int64_t shape[] = {4, 2}, strides[] = {-16, 4};
  nbuf_pointer_export from = describe(memory + 100, 2, shape, strides);
  nbuf_exporter* exporter;
  nbuf_provider* p;
  from.itemsize = 4;
  from.size = -1; /* without base it means nothing */
  CHECK(nbuf_export_pointer(&from, &exporter, NULL) == NBUF_OK);
  CHECK(acquire(exporter, NBUF_FULL, NULL, &p, NULL) == NBUF_OK);
  CHECK(p->blocks[0].base == memory + 52 && p->blocks[0].size == 56);
  p->ops->release(p);
  exporter->ops->release(exporter);
}

static void bad_descriptions(void) {
  const int64_t shape[] = {4};
  nbuf_pointer_export good = describe(memory, 1, shape, NULL), bad;
  nbuf_exporter* exporter;
  CHECK(nbuf_export_pointer(NULL, &exporter, NULL) == NBUF_ERR_ABI);
  bad = good, bad.struct_size--;
  CHECK(nbuf_export_pointer(&bad, &exporter, NULL) == NBUF_ERR_ABI);
  bad = good, bad.flags = 0x8u;
  CHECK(nbuf_export_pointer(&bad, &exporter, NULL) == NBUF_ERR_UNSUPPORTED);
  bad = good, bad.block = 7;
  CHECK(nbuf_export_pointer(&bad, &exporter, NULL) == NBUF_ERR_OUT_OF_RANGE);
  bad = good, bad.base = memory, bad.size = -1;
  CHECK(nbuf_export_pointer(&bad, &exporter, NULL) == NBUF_ERR_OUT_OF_RANGE);
  bad = good, bad.base = memory, bad.size = INT64_MAX;
  CHECK(nbuf_export_pointer(&bad, &exporter, NULL) == NBUF_ERR_OUT_OF_RANGE);
  bad = good, bad.buf = NULL;
  CHECK(nbuf_export_pointer(&bad, &exporter, NULL) == NBUF_ERR_BOUNDS);
  CHECK(exporter == NULL);
}

int main(void) {
  one_axis();
  many_axes();
  overflows();
  empty_arrays_need_no_memory();
  unknown_block_is_the_elements();
  bad_descriptions();
  return check_result("pointer_bounds");
}
