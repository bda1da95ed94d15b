#include "compute.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef double (*load_function)(const char* at);

/* memcpy, since elements may stand at any address. */
static double load_h(const char* at) {
  int16_t value;
  memcpy(&value, at, sizeof value);
  return value;
}
static double load_H(const char* at) {
  uint16_t value;
  memcpy(&value, at, sizeof value);
  return value;
}
static double load_i(const char* at) {
  int32_t value;
  memcpy(&value, at, sizeof value);
  return value;
}
static double load_I(const char* at) {
  uint32_t value;
  memcpy(&value, at, sizeof value);
  return value;
}
/* 64-bit integers beyond 2^53 are rounded to the nearest double. */
static double load_q(const char* at) {
  int64_t value;
  memcpy(&value, at, sizeof value);
  return (double)value;
}
static double load_Q(const char* at) {
  uint64_t value;
  memcpy(&value, at, sizeof value);
  return (double)value;
}
static double load_f(const char* at) {
  float value;
  memcpy(&value, at, sizeof value);
  return (double)value;
}
static double load_d(const char* at) {
  double value;
  memcpy(&value, at, sizeof value);
  return value;
}

typedef struct {
  char code;
  int64_t itemsize;
  load_function load; /* NULL: single bytes */
} kind;

/* The kind of a native single-character format; NULL for every other. */
static const kind* kind_of(const char* format, int64_t itemsize) {
  static const kind kinds[] = {{'b', 1, NULL},   {'B', 1, NULL},   {'h', 2, load_h},
                               {'H', 2, load_H}, {'i', 4, load_i}, {'I', 4, load_I},
                               {'l', 4, load_i}, {'L', 4, load_I}, {'l', 8, load_q},
                               {'L', 8, load_Q}, {'q', 8, load_q}, {'Q', 8, load_Q},
                               {'f', 4, load_f}, {'d', 8, load_d}};
  const uint16_t one = 1;
  const char order = *(const unsigned char*)&one == 1 ? '<' : '>';
  size_t i;
  if (*format == '@' || *format == '=' || *format == order ||
      (*format == '!' && order == '>'))
    format++;
  if (format[0] == '\0' || format[1] != '\0') return NULL;
  for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    if (kinds[i].code == format[0] && kinds[i].itemsize == itemsize) return &kinds[i];
  return NULL;
}

/* The elements of one channel: the axes that are walked. */
typedef struct {
  const char* start;
  int32_t ndim;
  const int64_t *shape, *strides;
} walk;

typedef void (*visit_function)(void* state, const char* at, int64_t count,
                               int64_t stride);

/* Every element, in runs along the last axis: a stride is all one needs to know. */
static void each(const walk* w, int32_t axis, const char* at, visit_function visit,
                 void* state) {
  int64_t i;
  if (w->ndim == 0) {
    visit(state, at, 1, 0);
    return;
  }
  if (axis == w->ndim - 1) {
    visit(state, at, w->shape[axis], w->strides[axis]);
    return;
  }
  for (i = 0; i < w->shape[axis]; i++)
    each(w, axis + 1, at + i * w->strides[axis], visit, state);
}

/* ---- single bytes: count them, then everything follows from 256 numbers ---- */

static void count_bytes(void* state, const char* at, int64_t count, int64_t stride) {
  int64_t* counts = (int64_t*)state;
  int64_t i;
  for (i = 0; i < count; i++) counts[*(const unsigned char*)(at + i * stride)]++;
}

static void compute_bytes(const walk* w, int is_signed, int32_t bins,
                          stats_channel* channel) {
  int64_t counts[256] = {0}, total = 0;
  int low = is_signed ? -128 : 0, value;
  double sum = 0;
  each(w, 0, w->start, count_bytes, counts);
  for (value = low; value < low + 256; value++) {
    int64_t count = counts[(unsigned char)value];
    if (count == 0) continue;
    if (total == 0) channel->min = value;
    channel->max = value;
    total += count;
    sum += (double)value * (double)count;
    channel->histogram[(int64_t)(value - low) * bins / 256] += count;
  }
  if (total > 0) channel->mean = sum / (double)total;
}

/* ---- everything else: one pass for the range, one for the histogram ---- */

typedef struct {
  load_function load;
  double min, max, sum;
  int64_t count;
  double low, width; /* of the histogram */
  int32_t bins;
  int64_t* histogram;
} tally;

static void take_range(void* state, const char* at, int64_t count, int64_t stride) {
  tally* t = (tally*)state;
  int64_t i;
  for (i = 0; i < count; i++) {
    double value = t->load(at + i * stride);
    if (!isfinite(value)) continue;
    if (value < t->min) t->min = value;
    if (value > t->max) t->max = value;
    t->sum += value;
    t->count++;
  }
}

/* JavaScript may write between the two passes, so a value can lie outside of the range.
 */
static void take_bins(void* state, const char* at, int64_t count, int64_t stride) {
  tally* t = (tally*)state;
  int64_t i;
  for (i = 0; i < count; i++) {
    double value = t->load(at + i * stride);
    double bin = (value - t->low) / t->width * t->bins;
    if (!isfinite(value)) continue;
    if (!(bin > 0)) bin = 0;
    t->histogram[bin < t->bins ? (int32_t)bin : t->bins - 1]++;
  }
}

static void compute_values(const walk* w, const kind* k, int32_t bins,
                           stats_channel* channel) {
  tally t;
  memset(&t, 0, sizeof t);
  t.load = k->load;
  t.min = HUGE_VAL;
  t.max = -HUGE_VAL;
  each(w, 0, w->start, take_range, &t);
  if (t.count == 0) return;
  channel->min = t.min;
  channel->max = t.max;
  channel->mean = t.sum / (double)t.count;
  t.low = t.min;
  t.width = t.max > t.min ? t.max - t.min : 1; /* all the same: the first bin */
  t.bins = bins;
  t.histogram = channel->histogram;
  each(w, 0, w->start, take_bins, &t);
}

static void compute_channel(const walk* w, const kind* k, int32_t bins,
                            stats_channel* channel) {
  channel->min = channel->max = channel->mean = NAN;
  if (k->load == NULL)
    compute_bytes(w, k->code == 'b', bins, channel);
  else
    compute_values(w, k, bins, channel);
}

/* Channels and their histograms in one block. */
static stats_channel* allocate(int32_t channels, int32_t bins) {
  size_t bytes = sizeof(stats_channel) + (size_t)bins * sizeof(int64_t);
  size_t count = channels > 0 ? (size_t)channels : 1;
  stats_channel* channel = (stats_channel*)calloc(count, bytes);
  int64_t* histogram;
  int32_t i;
  if (channel == NULL) return NULL;
  histogram = (int64_t*)(void*)(channel + count);
  for (i = 0; i < channels; i++) channel[i].histogram = histogram + (int64_t)i * bins;
  return channel;
}

nbuf_status stats_compute(const nbuf_provider* provider, int32_t bins,
                          stats_result* result, nbuf_error* error) {
  const nbuf_provider* p = provider;
  const kind* k = kind_of(p->format, p->itemsize);
  int64_t channels = p->ndim == 3 ? p->shape[2] : 1, step = 0;
  walk w;
  int32_t c;
  if (k == NULL)
    return nbuf_fail(error, NBUF_ERR_FORMAT,
                     "expected one of the formats b B h H i I l L q Q f d, found '%s'",
                     p->format);
  if (channels > STATS_MAX_CHANNELS)
    return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE,
                     "expected up to %d channels on the third axis, found %lld: reshape",
                     STATS_MAX_CHANNELS, (long long)channels);
  result->channels = (int32_t)channels;
  result->bins = bins;
  result->channel = allocate(result->channels, bins);
  if (result->channel == NULL) return nbuf_fail(error, NBUF_ERR_NOMEM, "out of memory");
  w.ndim = p->ndim == 3 ? 2 : p->ndim;
  w.shape = p->shape;
  w.strides = p->strides;
  if (p->ndim == 3) step = p->strides[2];
  for (c = 0; c < result->channels; c++) {
    w.start = (const char*)p->buf + c * step;
    compute_channel(&w, k, bins, &result->channel[c]);
  }
  return NBUF_OK;
}
