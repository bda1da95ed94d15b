/* Lies about blocks, pointers, suboffsets and levels. */
#include "hostile.h"

static void buf_null(liar_provider* m) { m->p.buf = NULL; }
static void buf_before(liar_provider* m) { m->p.buf = m->memory - 2; }
static void buf_behind(liar_provider* m) { m->p.buf = m->memory + 53; }
static void buf_highest(liar_provider* m) { m->p.buf = (void*)(UINTPTR_MAX - 3); }
static void buf_odd(liar_provider* m) {
  m->p.buf = m->memory + 17; /* no lie: any alignment is good */
}
static void blocks_null(liar_provider* m) { m->p.blocks = NULL; }
static void blocks_none(liar_provider* m) { m->p.block_count = 0; }
static void blocks_negative(liar_provider* m) { m->p.block_count = -1; }
static void block_size_negative(liar_provider* m) { m->blocks[0].size = -1; }
static void block_size_short(liar_provider* m) { m->blocks[0].size = 27; }
static void block_size_overflows(liar_provider* m) { m->blocks[0].size = INT64_MAX; }
static void block_base_null(liar_provider* m) { m->blocks[0].base = NULL; }
static void block_flags(liar_provider* m) { m->blocks[0].flags = 0x80; }
static void block_table(liar_provider* m) { m->blocks[0].flags = NBUF_TABLE; }

/* Elements from the first into the second: no one allocation has them all. */
static void block_split(liar_provider* m) {
  m->blocks[0].size = 20;
  m->blocks[1].base = m->memory + 20;
  m->blocks[1].size = 44;
  m->p.block_count = 2;
}
static void flags_unknown(liar_provider* m) { m->p.flags = 0x40; }
static void flags_readonly(liar_provider* m) { m->p.flags = NBUF_READONLY; }
static void flags_borrowed(liar_provider* m) { m->p.flags = NBUF_BORROWED; }

/* Two rows of three behind pointers: a PIL-like image that is in order. */
static void rows(liar_provider* m) {
  m->table[0] = m->memory + 8;
  m->table[1] = m->memory + 40;
  m->blocks[1].base = (void*)m->table;
  m->blocks[1].size = 2 * (int64_t)sizeof(char*);
  m->blocks[1].flags = NBUF_TABLE;
  m->p.block_count = 2;
  m->p.buf = (void*)m->table;
  m->strides[0] = (int64_t)sizeof(char*);
  m->suboffsets[0] = 4;
  m->suboffsets[1] = -1;
  m->p.suboffsets = m->suboffsets;
}
static void rows_outside(liar_provider* m) {
  rows(m);
  m->table[1] = m->memory + 60;
}
static void rows_null(liar_provider* m) {
  rows(m);
  m->table[1] = NULL;
}
static void rows_without_table(liar_provider* m) {
  rows(m);
  m->p.block_count = 1;
}
static void rows_table_short(liar_provider* m) {
  rows(m);
  m->blocks[1].size--;
}
static void rows_table_overlaps(liar_provider* m) {
  rows(m);
  m->blocks[1].base = m->memory;
}
static void suboffsets_negative(liar_provider* m) {
  m->suboffsets[0] = m->suboffsets[1] = -1;
  m->p.suboffsets = m->suboffsets;
}
static void suboffsets_alone(liar_provider* m) {
  rows(m);
  m->p.strides = NULL;
}
static void levels(liar_provider* m) {
  rows(m);
  m->p.suboffsets = NULL;
  m->p.level_count = 2;
  m->axis_level[1] = 1;
  m->post[0] = 4;
  m->p.axis_level = m->axis_level;
  m->p.post_offsets = m->post;
}
static void levels_one(liar_provider* m) {
  levels(m);
  m->p.level_count = 1;
}
static void levels_negative(liar_provider* m) {
  levels(m);
  m->p.level_count = -2;
}
static void levels_65(liar_provider* m) {
  levels(m);
  m->p.level_count = 65;
}
static void levels_null(liar_provider* m) {
  levels(m);
  m->p.axis_level = NULL;
}
static void levels_outside(liar_provider* m) {
  levels(m);
  m->axis_level[1] = 2;
}
static void levels_and_suboffsets(liar_provider* m) {
  levels(m);
  m->p.suboffsets = m->suboffsets;
}

const lie memory_lies[] = {
    {"buf_null", buf_null, NULL},
    {"buf_before", buf_before, NULL},
    {"buf_behind", buf_behind, NULL},
    {"buf_highest", buf_highest, NULL},
    {"buf_odd", buf_odd, NULL},
    {"blocks_null", blocks_null, NULL},
    {"blocks_none", blocks_none, NULL},
    {"blocks_negative", blocks_negative, NULL},
    {"block_size_negative", block_size_negative, NULL},
    {"block_size_short", block_size_short, NULL},
    {"block_size_overflows", block_size_overflows, NULL},
    {"block_base_null", block_base_null, NULL},
    {"block_flags", block_flags, NULL},
    {"block_table", block_table, NULL},
    {"block_split", block_split, NULL},
    {"flags_unknown", flags_unknown, NULL},
    {"flags_readonly", flags_readonly, NULL},
    {"flags_borrowed", flags_borrowed, NULL},
    {"rows", rows, NULL},
    {"rows_outside", rows_outside, NULL},
    {"rows_null", rows_null, NULL},
    {"rows_without_table", rows_without_table, NULL},
    {"rows_table_short", rows_table_short, NULL},
    {"rows_table_overlaps", rows_table_overlaps, NULL},
    {"suboffsets_negative", suboffsets_negative, NULL},
    {"suboffsets_alone", suboffsets_alone, NULL},
    {"levels", levels, NULL},
    {"levels_one", levels_one, NULL},
    {"levels_negative", levels_negative, NULL},
    {"levels_65", levels_65, NULL},
    {"levels_null", levels_null, NULL},
    {"levels_outside", levels_outside, NULL},
    {"levels_and_suboffsets", levels_and_suboffsets, NULL},
    {NULL, NULL, NULL},
};
