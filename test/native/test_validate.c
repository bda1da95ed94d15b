/* test_validate.c - nbuf_validate on direct layouts: the truth, then one lie at a time.
 */
#include "check.h"
#include "nbuf/nbuf.h"

static char memory[64];
static const int64_t shape[] = {4, 5}, strides[] = {12, 2};
static nbuf_block block = {memory + 2, 46, 1, 0, 0}; /* 4 rows of 10, 2 apart */

static void ignore(nbuf_provider* p) { (void)p; }
static const nbuf_provider_ops ops = {sizeof ops, 0, ignore, ignore, ignore};

/* Shorts at memory + 2 in a block that holds exactly them. */
static nbuf_provider truth(void) {
  nbuf_provider p;
  memset(&p, 0, sizeof p);
  p.struct_size = (uint32_t)sizeof p;
  p.ops = &ops;
  p.buf = memory + 2;
  p.len = 40;
  p.itemsize = 2;
  p.ndim = 2;
  p.format = "h";
  p.shape = shape;
  p.strides = strides;
  p.blocks = &block;
  p.block_count = 1;
  return p;
}

static nbuf_status judge(const nbuf_provider* p, const char* text) {
  nbuf_error error = NBUF_ERROR_INIT;
  nbuf_status status = nbuf_validate(p, &error);
  CHECK(status == nbuf_validate(p, NULL) && status == error.status);
  CHECK_TEXT(error.message, text);
  return status;
}

static void truths(void) {
  nbuf_provider p = truth();
  int64_t flat[] = {46}, byte[] = {1};
  CHECK(judge(&p, "") == NBUF_OK);
  p.format = NULL;
  p.flags = NBUF_READONLY | NBUF_BORROWED | NBUF_ENV_BOUND;
  CHECK(judge(&p, "") == NBUF_OK);
  p.struct_size = (uint32_t)offsetof(nbuf_provider, level_count); /* an older peer */
  p.level_count = -77;
  CHECK(judge(&p, "") == NBUF_OK);
  p = truth(), p.struct_size += 64; /* a newer one */
  CHECK(judge(&p, "") == NBUF_OK);
  p = truth(), p.shape = flat, p.strides = byte, p.ndim = 1, p.itemsize = 1, p.len = 46;
  CHECK(judge(&p, "") == NBUF_OK);
  p.strides = NULL;
  CHECK(judge(&p, "") == NBUF_OK);
  p.shape = NULL, p.format = NULL, p.itemsize = 2; /* SIMPLE keeps the itemsize */
  CHECK(judge(&p, "") == NBUF_OK);
  p = truth(), p.ndim = 0, p.shape = p.strides = NULL, p.len = 2;
  CHECK(judge(&p, "") == NBUF_OK);
}

static void empty_truths(void) {
  nbuf_provider p = truth();
  const int64_t empty[] = {0, 5};
  p.shape = empty, p.len = 0;
  CHECK(judge(&p, "") == NBUF_OK);
  p.buf = NULL, p.blocks = NULL, p.block_count = 0;
  CHECK(judge(&p, "") == NBUF_OK);
  p.shape = p.strides = NULL, p.format = NULL, p.ndim = 1;
  CHECK(judge(&p, "") == NBUF_OK);
}

static void lies_about_ops_and_sizes(void) {
  nbuf_provider p = truth();
  nbuf_provider_ops bad = ops;
  CHECK(judge(NULL, "incomplete") == NBUF_ERR_ABI);
  p.ops = NULL;
  CHECK(judge(&p, "incomplete") == NBUF_ERR_ABI);
  p = truth(), p.struct_size = (uint32_t)offsetof(nbuf_provider, blocks);
  CHECK(judge(&p, "incomplete") == NBUF_ERR_ABI);
  p = truth(), p.struct_size = 0;
  CHECK(judge(&p, "incomplete") == NBUF_ERR_ABI);
  p = truth(), p.ops = &bad;
  bad.struct_size = (uint32_t)offsetof(nbuf_provider_ops, unlock_layout);
  CHECK(judge(&p, "incomplete") == NBUF_ERR_ABI);
  bad = ops, bad.retain = NULL;
  CHECK(judge(&p, "incomplete") == NBUF_ERR_ABI);
  bad = ops, bad.release = NULL;
  CHECK(judge(&p, "incomplete") == NBUF_ERR_ABI);
  bad = ops, bad.unlock_layout = NULL;
  CHECK(judge(&p, "incomplete") == NBUF_ERR_ABI);
}

static void lies_about_numbers(void) {
  nbuf_provider p = truth();
  p.flags = 0x8u;
  CHECK(judge(&p, "unknown provider flags 0x8") == NBUF_ERR_ABI);
  p = truth(), p.ndim = -1;
  CHECK(judge(&p, "ndim -1") == NBUF_ERR_ABI);
  p = truth(), p.ndim = 65;
  CHECK(judge(&p, "ndim 65") == NBUF_ERR_ABI);
  p = truth(), p.itemsize = 0;
  CHECK(judge(&p, "itemsize 0") == NBUF_ERR_ABI);
  p = truth(), p.itemsize = -2;
  CHECK(judge(&p, "itemsize -2") == NBUF_ERR_ABI);
  p = truth(), p.len = -40;
  CHECK(judge(&p, "len -40") == NBUF_ERR_ABI);
  p = truth(), p.len = 42;
  CHECK(judge(&p, "len 42 is not") == NBUF_ERR_ABI);
  p = truth(), p.len = 0; /* as if empty */
  CHECK(judge(&p, "len 0 is not") == NBUF_ERR_ABI);
  p = truth(), p.level_count = 1;
  CHECK(judge(&p, "level_count 1") == NBUF_ERR_ABI);
  p = truth(), p.level_count = -1;
  CHECK(judge(&p, "level_count -1") == NBUF_ERR_ABI);
  p = truth(), p.level_count = 65;
  CHECK(judge(&p, "level_count 65") == NBUF_ERR_ABI);
}

static void lies_about_arrays(void) {
  nbuf_provider p = truth();
  const int64_t negative[] = {-4, -5}, huge[] = {INT64_MAX, INT64_MAX};
  p.shape = negative;
  CHECK(judge(&p, "product(shape)") == NBUF_ERR_ABI);
  p.shape = huge;
  CHECK(judge(&p, "product(shape)") == NBUF_ERR_ABI);
  p = truth(), p.shape = NULL;
  CHECK(judge(&p, "no shape, but ndim 2") == NBUF_ERR_ABI);
  p = truth(), p.shape = NULL, p.ndim = 1, p.format = NULL;
  CHECK(judge(&p, "no shape") == NBUF_ERR_ABI);
  p.strides = NULL, p.ndim = 2;
  CHECK(judge(&p, "no shape, but ndim 2") == NBUF_ERR_ABI);
  p.ndim = 1, p.format = "B";
  CHECK(judge(&p, "format") == NBUF_ERR_ABI);
  p = truth(), p.strides = NULL, p.suboffsets = shape;
  CHECK(judge(&p, "suboffsets without strides") == NBUF_ERR_ABI);
}

static void lies_about_blocks(void) {
  nbuf_provider p = truth();
  nbuf_block bad = block;
  p.block_count = 0;
  CHECK(judge(&p, "without buf or blocks") == NBUF_ERR_ABI);
  p.block_count = -1;
  CHECK(judge(&p, "without buf or blocks") == NBUF_ERR_ABI);
  p.len = 0;
  CHECK(judge(&p, "block_count -1") == NBUF_ERR_ABI);
  p = truth(), p.blocks = NULL;
  CHECK(judge(&p, "block_count 1 without blocks") == NBUF_ERR_ABI);
  p = truth(), p.buf = NULL;
  CHECK(judge(&p, "without buf") == NBUF_ERR_ABI);
  p = truth(), p.blocks = &bad;
  bad.size = -1;
  CHECK(judge(&p, "no memory: size -1") == NBUF_ERR_ABI);
  bad.size = INT64_MAX;
  CHECK(judge(&p, "no memory") == NBUF_ERR_ABI);
  bad = block, bad.base = NULL;
  CHECK(judge(&p, "no memory") == NBUF_ERR_ABI);
  bad = block, bad.flags = NBUF_TABLE;
  CHECK(judge(&p, "outside every block") == NBUF_ERR_BOUNDS);
  bad.flags = 0x2u;
  CHECK(judge(&p, "unknown flags 0x2") == NBUF_ERR_ABI);
  bad = block, bad.size--;
  CHECK(judge(&p, "outside every block") == NBUF_ERR_BOUNDS);
  bad = block, bad.base = memory + 3;
  CHECK(judge(&p, "outside every block") == NBUF_ERR_BOUNDS);
}

static void lies_about_places(void) {
  nbuf_provider p = truth();
  const int64_t low[] = {-12, 2}, high[] = {13, 2}, wrap[] = {INT64_MAX, 2},
                minimum[] = {INT64_MIN, INT64_MIN};
  p.buf = memory + 1;
  CHECK(judge(&p, "outside every block") == NBUF_ERR_BOUNDS);
  p.buf = memory + 3;
  CHECK(judge(&p, "outside every block") == NBUF_ERR_BOUNDS);
  p.buf = (void*)UINTPTR_MAX;
  CHECK(judge(&p, "outside every block") == NBUF_ERR_BOUNDS);
  p = truth(), p.strides = low;
  CHECK(judge(&p, "outside every block") == NBUF_ERR_BOUNDS);
  p.strides = high;
  CHECK(judge(&p, "outside every block") == NBUF_ERR_BOUNDS);
  p.strides = wrap;
  CHECK(judge(&p, "outside every block") == NBUF_ERR_BOUNDS);
  p.strides = minimum;
  CHECK(judge(&p, "outside every block") == NBUF_ERR_BOUNDS);
  p = truth(), p.shape = p.strides = NULL, p.format = NULL, p.ndim = 1, p.len = 47;
  CHECK(judge(&p, "47 bytes leave the blocks") == NBUF_ERR_BOUNDS);
}

/* An element array lies in one block; two neighbours do not make one. */
static void neighbouring_blocks_are_not_one(void) {
  nbuf_provider p = truth();
  nbuf_block two[] = {{memory + 2, 20, 1, 0, 0}, {memory + 22, 26, 2, 0, 0}};
  p.blocks = two, p.block_count = 2;
  CHECK(judge(&p, "outside every block") == NBUF_ERR_BOUNDS);
  two[0].size = 46; /* overlapping ones are fine: views of one allocation */
  CHECK(judge(&p, "") == NBUF_OK);
}

int main(void) {
  truths();
  empty_truths();
  lies_about_ops_and_sizes();
  lies_about_numbers();
  lies_about_arrays();
  lies_about_blocks();
  lies_about_places();
  neighbouring_blocks_are_not_one();
  return check_result("validate");
}
