/* indirect_fixture.h - an image of separate rows, as suboffsets or as levels. */
#ifndef NBUF_TEST_INDIRECT_FIXTURE_H
#define NBUF_TEST_INDIRECT_FIXTURE_H

#include "check.h"
#include "nbuf/nbuf.h"

enum { kRows = 3, kColumns = 4 };

/* Three rows of four shorts, each in a block of its own, 2 bytes behind its pointer. */
typedef struct {
  int16_t rows[kRows][kColumns + 1];
  void* table[kRows];
  int64_t shape[2], strides[2], suboffsets[2], post[1];
  int32_t axis_level[2];
  nbuf_block blocks[kRows + 1];
  nbuf_provider provider;
} image;

static inline void image_ignore(nbuf_provider* p) { (void)p; }

static inline nbuf_provider* image_init(image* it) {
  static const nbuf_provider_ops ops = {(uint32_t)sizeof(nbuf_provider_ops), 0,
                                        image_ignore, image_ignore, image_ignore};
  nbuf_provider* p = &it->provider;
  int i, j;
  memset(it, 0, sizeof *it);
  for (i = 0; i < kRows; i++) {
    for (j = 0; j < kColumns; j++) it->rows[i][j + 1] = (int16_t)(10 * i + j);
    it->table[i] = it->rows[i];
    it->blocks[i].base = it->rows[i];
    it->blocks[i].size = (int64_t)sizeof it->rows[i];
  }
  it->blocks[kRows].base = it->table;
  it->blocks[kRows].size = (int64_t)sizeof it->table;
  it->blocks[kRows].flags = NBUF_TABLE;
  it->shape[0] = kRows, it->shape[1] = kColumns;
  it->strides[0] = (int64_t)sizeof(void*), it->strides[1] = 2;
  it->suboffsets[0] = 2, it->suboffsets[1] = -1;
  it->axis_level[1] = 1, it->post[0] = 2;
  p->struct_size = (uint32_t)sizeof *p;
  p->ops = &ops;
  p->buf = it->table;
  p->len = kRows * kColumns * 2;
  p->itemsize = 2;
  p->ndim = 2;
  p->format = "h";
  p->shape = it->shape;
  p->strides = it->strides;
  p->suboffsets = it->suboffsets;
  p->blocks = it->blocks;
  p->block_count = kRows + 1;
  return p;
}

/* The same image, said with levels. */
static inline nbuf_provider* image_use_levels(image* it) {
  it->provider.suboffsets = NULL;
  it->provider.level_count = 2;
  it->provider.axis_level = it->axis_level;
  it->provider.post_offsets = it->post;
  return &it->provider;
}

#endif /* NBUF_TEST_INDIRECT_FIXTURE_H */
