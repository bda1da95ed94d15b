/* test_validate_indirect.c - nbuf_validate follows suboffsets and levels. */
#include <stdlib.h>

#include "indirect_fixture.h"

static nbuf_status judge(const nbuf_provider* p, const char* text) {
  nbuf_error error = NBUF_ERROR_INIT;
  nbuf_status status = nbuf_validate(p, &error);
  CHECK(status == nbuf_validate(p, NULL) && status == error.status);
  CHECK_TEXT(error.message, text);
  return status;
}

/* Each lie is told in both languages: suboffsets and levels. */
static nbuf_status judge_both(image* it, const char* text) {
  nbuf_status status;
  it->suboffsets[0] = it->post[0];
  status = judge(&it->provider, text);
  image_use_levels(it);
  CHECK(judge(&it->provider, text) == status);
  return status;
}

static void truths(void) {
  image it;
  nbuf_provider* p = image_init(&it);
  CHECK(judge_both(&it, "") == NBUF_OK);
  image_init(&it), it.strides[0] = 0; /* one row, three times */
  CHECK(judge_both(&it, "") == NBUF_OK);
  it.shape[0] = INT64_C(1) << 50, p->len = 8 * it.shape[0]; /* or as often as you like */
  CHECK(judge_both(&it, "") == NBUF_OK);
  image_init(&it), it.table[1] = it.table[0];
  CHECK(judge_both(&it, "") == NBUF_OK);
  image_init(&it), p->buf = it.table + 2, it.strides[0] = -(int64_t)sizeof(void*);
  CHECK(judge_both(&it, "") == NBUF_OK);
  image_init(&it), it.suboffsets[0] = it.suboffsets[1] = -1; /* no pointer after all */
  it.blocks[kRows].flags = 0, it.strides[1] = 2, it.shape[1] = 4;
  CHECK(judge(p, "") == NBUF_OK);
  image_init(&it), it.shape[0] = 0, p->len = 0, p->buf = NULL;
  CHECK(judge_both(&it, "") == NBUF_OK);
}

static void lies(void) {
  image it;
  nbuf_provider* p = image_init(&it);
  it.table[1] = NULL;
  CHECK(judge_both(&it, "a null pointer in level 0") == NBUF_ERR_BOUNDS);
  image_init(&it), it.table[2] = it.rows[2] + 1;
  CHECK(judge_both(&it, "elements of level 1 outside") == NBUF_ERR_BOUNDS);
  image_init(&it), it.table[0] = (void*)UINTPTR_MAX;
  CHECK(judge_both(&it, "elements of level 1 outside") == NBUF_ERR_BOUNDS);
  image_init(&it), it.table[0] = it.table; /* elements may not lie in a table */
  CHECK(judge_both(&it, "elements of level 1 outside") == NBUF_ERR_BOUNDS);
  image_init(&it), it.post[0] = 4;
  CHECK(judge_both(&it, "elements of level 1 outside") == NBUF_ERR_BOUNDS);
  image_init(&it), it.post[0] = INT64_MAX;
  CHECK(judge_both(&it, "elements of level 1 outside") == NBUF_ERR_BOUNDS);
  image_init(&it), it.strides[1] = 3;
  CHECK(judge_both(&it, "elements of level 1 outside") == NBUF_ERR_BOUNDS);
  image_init(&it), it.strides[0]++;
  CHECK(judge_both(&it, "pointers of level 0 outside every table") == NBUF_ERR_BOUNDS);
  image_init(&it), it.blocks[kRows].size--;
  CHECK(judge_both(&it, "pointers of level 0 outside every table") == NBUF_ERR_BOUNDS);
  image_init(&it), it.blocks[kRows].flags = 0;
  CHECK(judge_both(&it, "pointers of level 0 outside every table") == NBUF_ERR_BOUNDS);
  image_init(&it), it.blocks[1].flags = NBUF_TABLE;
  CHECK(judge_both(&it, "elements of level 1 outside") == NBUF_ERR_BOUNDS);
  image_init(&it), p->block_count = kRows;
  CHECK(judge_both(&it, "pointers of level 0 outside every table") == NBUF_ERR_BOUNDS);
  image_init(&it), it.blocks[0].base = it.table + 1; /* elements over pointers */
  CHECK(judge_both(&it, "blocks[0] overlaps the table blocks[3]") == NBUF_ERR_ABI);
}

static void lies_about_levels(void) {
  image it;
  nbuf_provider* p = &it.provider;
  image_init(&it), image_use_levels(&it), p->axis_level = NULL;
  CHECK(judge(p, "level_count 2 needs") == NBUF_ERR_ABI);
  image_init(&it), image_use_levels(&it), p->post_offsets = NULL;
  CHECK(judge(p, "level_count 2 needs") == NBUF_ERR_ABI);
  image_init(&it), image_use_levels(&it), p->suboffsets = it.suboffsets;
  CHECK(judge(p, "level_count 2 needs") == NBUF_ERR_ABI);
  image_init(&it), image_use_levels(&it), p->strides = NULL;
  CHECK(judge(p, "level_count 2 needs") == NBUF_ERR_ABI);
  image_init(&it), image_use_levels(&it), it.axis_level[0] = 2;
  CHECK(judge(p, "axis_level[0] is 2, but levels are 2") == NBUF_ERR_ABI);
  image_init(&it), image_use_levels(&it), it.axis_level[1] = -1;
  CHECK(judge(p, "axis_level[1] is -1") == NBUF_ERR_ABI);
  image_init(&it), image_use_levels(&it), it.axis_level[1] = 0;
  CHECK(judge(p, "outside") == NBUF_ERR_BOUNDS);
  image_init(&it), image_use_levels(&it);
  p->shape = p->strides = NULL, p->format = NULL, p->ndim = 1;
  CHECK(judge(p, "level_count 2 needs") == NBUF_ERR_ABI);
}

/* What suboffsets cannot say: columns first, and a negative offset behind the pointer. */
static void levels_only(void) {
  image it;
  nbuf_provider* p = image_init(&it);
  int i;
  image_use_levels(&it);
  it.shape[0] = kColumns, it.shape[1] = kRows;
  it.strides[0] = 2, it.strides[1] = (int64_t)sizeof(void*);
  it.axis_level[0] = 1, it.axis_level[1] = 0;
  CHECK(judge(p, "") == NBUF_OK);
  for (i = 0; i < kRows; i++) it.table[i] = it.rows[i] + kColumns;
  it.post[0] = 0, it.strides[0] = -2;
  CHECK(judge(p, "") == NBUF_OK);
  it.post[0] = -2, it.shape[0] = 3, p->len = kRows * 3 * 2; /* without the last column */
  CHECK(judge(p, "") == NBUF_OK);
  it.post[0] = -4; /* one step too far */
  it.strides[0] = -3;
  CHECK(judge(p, "outside") == NBUF_ERR_BOUNDS);
}

/* The sign trap: PEP 3118 slices the first column off a flipped image by adding -2 to the
 * suboffset 0, which then says "no pointer": the table would be read as pixels. */
static void sign_trap(void) {
  image it;
  nbuf_provider* p = image_init(&it);
  it.suboffsets[0] = -2, it.strides[1] = -2, it.shape[1] = 3, p->len = 18;
  CHECK(judge(p, "elements of level 0 outside every block") == NBUF_ERR_BOUNDS);
}

/* image -> rows -> pixels: pointers to pointers. */
static void two_levels(void) {
  image it;
  nbuf_provider* p = image_init(&it);
  void** outer[2];
  int64_t shape[] = {2, kRows, kColumns}, strides[] = {sizeof(void*), sizeof(void*), 2};
  int64_t suboffsets[] = {0, 2, -1}, post[] = {0, 2};
  int32_t axis_level[] = {0, 1, 2};
  nbuf_block blocks[kRows + 2];
  memcpy(blocks, it.blocks, sizeof it.blocks);
  memset(&blocks[kRows + 1], 0, sizeof blocks[0]);
  blocks[kRows + 1].base = outer;
  blocks[kRows + 1].size = sizeof outer;
  blocks[kRows + 1].flags = NBUF_TABLE;
  outer[0] = outer[1] = it.table;
  p->buf = outer, p->ndim = 3, p->len = 2 * kRows * kColumns * 2;
  p->shape = shape, p->strides = strides, p->suboffsets = suboffsets;
  p->blocks = blocks, p->block_count = kRows + 2;
  CHECK(judge(p, "") == NBUF_OK);
  outer[1] = it.table + 1;
  CHECK(judge(p, "pointers of level 1 outside every table") == NBUF_ERR_BOUNDS);
  outer[1] = NULL;
  CHECK(judge(p, "a null pointer in level 0") == NBUF_ERR_BOUNDS);
  outer[1] = it.table, it.table[1] = NULL;
  CHECK(judge(p, "a null pointer in level 1") == NBUF_ERR_BOUNDS);
  it.table[1] = it.table[0];
  image_use_levels(&it), p->level_count = 3, p->axis_level = axis_level;
  p->post_offsets = post;
  CHECK(judge(p, "") == NBUF_OK);
  suboffsets[2] = 0, p->level_count = 0, p->suboffsets = suboffsets, strides[2] = 1;
  CHECK(judge(p, "level 2 outside every table") == NBUF_ERR_BOUNDS);
}

/* Each of 64 entries of a table leads to the whole next table: 64^depth good paths. */
static nbuf_status try_depth(int32_t depth, const char* text) {
  enum { kEntries = 64, kDepth = 8 };
  static void* tables[kDepth][kEntries];
  image it;
  nbuf_provider* p = image_init(&it);
  int64_t shape[kDepth], strides[kDepth], suboffsets[kDepth];
  int i, j;
  p->len = 2;
  for (i = 0; i < depth; i++) {
    for (j = 0; j < kEntries; j++)
      tables[i][j] = i + 1 < depth ? (void*)tables[i + 1] : (void*)it.rows[0];
    shape[i] = kEntries;
    strides[i] = (int64_t)sizeof(void*);
    suboffsets[i] = 0;
    p->len *= kEntries;
  }
  it.blocks[kRows].base = tables;
  it.blocks[kRows].size = (int64_t)sizeof tables;
  p->buf = tables, p->ndim = depth;
  p->shape = shape, p->strides = strides, p->suboffsets = suboffsets;
  return judge(p, text);
}

static void work_is_limited(void) {
  CHECK(try_depth(3, "") == NBUF_OK);
  CHECK(try_depth(4, "more pointers than are checked") == NBUF_ERR_UNSUPPORTED);
  CHECK(try_depth(8, "more pointers than are checked") == NBUF_ERR_UNSUPPORTED);
}

/* A window that slides over the rows visits pointers more than once: legal, and cheap. */
static void sliding_windows(void) {
  enum { kWindows = 1000, kHeight = 25, kLines = kWindows + kHeight - 1 };
  static void* table[kLines];
  image it;
  nbuf_provider* p = image_init(&it);
  int64_t shape[] = {kWindows, kHeight, kColumns}, suboffsets[] = {-1, 2, -1};
  int64_t strides[] = {sizeof(void*), sizeof(void*), 2};
  int i;
  for (i = 0; i < kLines; i++) table[i] = it.rows[i % kRows];
  it.blocks[kRows].base = table, it.blocks[kRows].size = (int64_t)sizeof table;
  p->buf = table, p->ndim = 3, p->len = kWindows * kHeight * kColumns * 2;
  p->shape = shape, p->strides = strides, p->suboffsets = suboffsets;
  CHECK(judge(p, "") == NBUF_OK);
  table[kLines - 1] = NULL;
  CHECK(judge(p, "null pointer") == NBUF_ERR_BOUNDS);
}

int main(void) {
  truths();
  lies();
  lies_about_levels();
  levels_only();
  sign_trap();
  two_levels();
  work_is_limited();
  sliding_windows();
  return check_result("validate_indirect");
}
