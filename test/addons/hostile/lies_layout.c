/* Lies about shape, strides, sizes and format. */
#include "hostile.h"

static void len_short(liar_provider* m) { m->p.len = 11; }
static void len_long(liar_provider* m) { m->p.len = 13; }
static void len_negative(liar_provider* m) { m->p.len = -12; }
static void len_huge(liar_provider* m) { m->p.len = INT64_MAX; }
static void shape_negative(liar_provider* m) { m->shape[0] = -2; }
static void shape_zero(liar_provider* m) { m->shape[0] = 0; }
static void shape_overflow(liar_provider* m) {
  m->shape[0] = m->shape[1] = (int64_t)1 << 40;
}
static void shape_wraps(liar_provider* m) {
  /* product(shape) * itemsize is 12 modulo 2^64 */
  m->shape[0] = ((int64_t)1 << 62) + 1;
  m->shape[1] = 6;
}
static void shape_null(liar_provider* m) { m->p.shape = NULL; }
static void shape_null_with_format(liar_provider* m) {
  m->p.shape = m->p.strides = NULL;
  m->p.ndim = 1;
}
static void itemsize_zero(liar_provider* m) { m->p.itemsize = 0; }
static void itemsize_negative(liar_provider* m) { m->p.itemsize = -2; }
static void itemsize_huge(liar_provider* m) { m->p.itemsize = (int64_t)1 << 62; }
static void ndim_65(liar_provider* m) {
  int32_t i;
  m->p.ndim = 65;
  for (i = 0; i < 65; i++) m->shape[i] = m->strides[i] = 1;
}
static void ndim_negative(liar_provider* m) { m->p.ndim = -1; }
static void ndim_huge(liar_provider* m) { m->p.ndim = INT32_MAX; }
static void strides_huge(liar_provider* m) { m->strides[0] = INT64_MAX; }
static void strides_lowest(liar_provider* m) { m->strides[0] = INT64_MIN; }
static void strides_sum_overflows(liar_provider* m) {
  m->strides[0] = INT64_MAX - 100;
  m->strides[1] = INT64_MAX / 4;
}
static void strides_above(liar_provider* m) { m->strides[0] = 44; }
static void strides_below(liar_provider* m) { m->strides[0] = -17; }
static void strides_unused(liar_provider* m) {
  /* No lie: an axis of one element is never stepped along. */
  m->shape[0] = 1;
  m->strides[0] = INT64_MIN;
  m->p.len = 6;
}
static void format_null(liar_provider* m) { m->p.format = NULL; }
static void format_empty(liar_provider* m) { m->p.format = ""; }
static void format_too_large(liar_provider* m) { m->p.format = "d"; }
static void format_no_utf8(liar_provider* m) { m->p.format = "\xff\xfe\xc0h"; }
static void format_record(liar_provider* m) { m->p.format = "T{b:a:b:b:}"; }
static void format_padded(liar_provider* m) { m->p.format = "b"; }
static void format_long(liar_provider* m) {
  static char text[1 << 20];
  memset(text, 'x', sizeof text - 1);
  m->p.format = text;
}
static void format_count(liar_provider* m) { m->p.format = "99999999999999999999s"; }

const lie layout_lies[] = {
    {"len_short", len_short, NULL},
    {"len_long", len_long, NULL},
    {"len_negative", len_negative, NULL},
    {"len_huge", len_huge, NULL},
    {"shape_negative", shape_negative, NULL},
    {"shape_zero", shape_zero, NULL},
    {"shape_overflow", shape_overflow, NULL},
    {"shape_wraps", shape_wraps, NULL},
    {"shape_null", shape_null, NULL},
    {"shape_null_with_format", shape_null_with_format, NULL},
    {"itemsize_zero", itemsize_zero, NULL},
    {"itemsize_negative", itemsize_negative, NULL},
    {"itemsize_huge", itemsize_huge, NULL},
    {"ndim_65", ndim_65, NULL},
    {"ndim_negative", ndim_negative, NULL},
    {"ndim_huge", ndim_huge, NULL},
    {"strides_huge", strides_huge, NULL},
    {"strides_lowest", strides_lowest, NULL},
    {"strides_sum_overflows", strides_sum_overflows, NULL},
    {"strides_above", strides_above, NULL},
    {"strides_below", strides_below, NULL},
    {"strides_unused", strides_unused, NULL},
    {"format_null", format_null, NULL},
    {"format_empty", format_empty, NULL},
    {"format_too_large", format_too_large, NULL},
    {"format_no_utf8", format_no_utf8, NULL},
    {"format_record", format_record, NULL},
    {"format_padded", format_padded, NULL},
    {"format_long", format_long, NULL},
    {"format_count", format_count, NULL},
    {NULL, NULL, NULL},
};
